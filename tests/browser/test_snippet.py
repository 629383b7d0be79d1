"""The snippet in a real browser: what it sends, and above all what it does not."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from dev.demo.site_page import find_chromium
from dev.snippet import file_of, list_releases
from tests.browser.conftest import ARGUMENTS, USER_AGENT
from tests.browser.recorder import ATTRIBUTES, Recorder

SETTLED = 400  # milliseconds in which a beacon that is sent at all has arrived


def paths(recorder: Recorder) -> list[str]:
    return [request.body["u"].removeprefix(recorder.site) for request in recorder.requests]


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLED)


def visit(page: Page, recorder: Recorder, path: str = "/pricing") -> None:
    page.goto(recorder.site + path)
    settle(page)


def test_a_page_view_is_one_beacon(page: Page, recorder: Recorder) -> None:
    visit(page, recorder)
    [request] = recorder.requests
    assert (request.method, paths(recorder)) == ("POST", ["/pricing"])
    assert set(request.body) == {"k", "i", "u"}
    assert request.body["k"] == "site_0123456789abcdef01234567"
    assert re.fullmatch("[a-z0-9]{8,32}", request.body["i"])
    assert request.headers["content-type"].startswith("text/plain")
    assert recorder.others == []  # no preflight


def test_query_and_fragment_stay_in_the_page_but_for_the_campaign(page: Page, recorder: Recorder) -> None:
    visit(page, recorder, "/a?email=x@y.example&utm_source=news&token=abc&utm_campaign=a%20b&gclid=1#secret")
    assert paths(recorder) == ["/a?utm_source=news&utm_campaign=a%20b"]
    assert not {"token", "email", "gclid", "secret"} & set(recorder.requests[0].text.replace('"', " ").split())
    assert "secret" not in recorder.requests[0].text and "gclid" not in recorder.requests[0].text


def test_no_cookie_referrer_or_credential_is_sent(page: Page, context: BrowserContext, recorder: Recorder) -> None:
    context.add_cookies(
        [{"name": "session", "value": "1", "url": recorder.leadsment}, {"name": "s", "value": "1", "url": recorder.site}]
    )
    page.goto(recorder.site + "/from?private=1")
    page.evaluate("location.href = '/to'")
    page.wait_for_url("**/to")
    settle(page)
    for request in recorder.requests:
        assert not {"cookie", "referer", "authorization"} & set(request.headers)
        assert "private" not in request.text


def test_nothing_is_left_in_the_browser(page: Page, context: BrowserContext, recorder: Recorder) -> None:
    visit(page, recorder)
    assert context.cookies() == []
    stored = page.evaluate(
        "async () => [document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,"
        " (await caches.keys().catch(() => [])).length]"
    )
    assert stored == ["", 0, 0, 0, 0]


def test_no_global_name_is_added(page: Page, recorder: Recorder) -> None:
    recorder.page(before="window.before = Object.getOwnPropertyNames(window)")
    visit(page, recorder)
    assert page.evaluate("Object.getOwnPropertyNames(window).filter(name => !before.includes(name) && name !== 'before')") == []


@pytest.mark.parametrize("signal", ["globalPrivacyControl: {get: () => true}", "doNotTrack: {get: () => '1'}"])
def test_an_opted_out_browser_sends_nothing(page: Page, context: BrowserContext, recorder: Recorder, signal: str) -> None:
    context.add_init_script(f"Object.defineProperties(Navigator.prototype, {{{signal}}})")
    visit(page, recorder)
    page.evaluate("history.pushState({}, '', '/other')")
    settle(page)
    assert recorder.requests == []


def test_route_changes_of_a_single_page_app_are_page_views(page: Page, recorder: Recorder) -> None:
    visit(page, recorder, "/")
    for script in ("history.pushState({}, '', '/a')", "history.replaceState({}, '', '/b')", "history.pushState({}, '', '/c')"):
        page.evaluate(script)
        page.wait_for_timeout(100)
    page.go_back()
    page.go_forward()
    settle(page)
    assert paths(recorder) == ["/", "/a", "/b", "/c", "/b", "/c"]
    assert len({request.body["i"] for request in recorder.requests}) == 6


def test_browsers_without_the_navigation_api_are_served_too(page: Page, context: BrowserContext, recorder: Recorder) -> None:
    context.add_init_script("delete window.navigation; Object.defineProperty(window, 'navigation', {value: undefined})")
    visit(page, recorder, "/")
    page.evaluate("history.pushState({step: 1}, '', '/a')")
    page.evaluate("history.replaceState({step: 2}, '', '/b')")
    page.go_back()
    settle(page)
    assert paths(recorder) == ["/", "/a", "/b", "/"]
    assert page.evaluate("history.state") is None


def test_a_change_of_query_or_fragment_alone_is_none(page: Page, recorder: Recorder) -> None:
    visit(page, recorder, "/a")
    page.evaluate("history.pushState({}, '', '/a?filter=1')")
    page.evaluate("location.hash = 'section'")
    settle(page)
    assert paths(recorder) == ["/a"]


def test_a_page_from_the_back_forward_cache_is_a_page_view(browser: Browser, recorder: Recorder) -> None:
    """In a browser of its own: Playwright's has the cache switched off."""
    with browser.browser_type.launch(
        executable_path=find_chromium(), args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    ) as cached:
        page = cached.new_page(user_agent=USER_AGENT)
        visit(page, recorder, "/first")
        page.evaluate("addEventListener('pageshow', event => { window.cached = event.persisted })")
        page.goto("data:text/html,elsewhere")
        page.go_back(wait_until="commit")
        page.wait_for_timeout(SETTLED)
        assert page.evaluate("window.cached") is True
    assert paths(recorder) == ["/first", "/first"]
    assert recorder.requests[0].body["i"] != recorder.requests[1].body["i"]


def test_a_page_in_the_background_counts_when_it_is_seen(page: Page, context: BrowserContext, recorder: Recorder) -> None:
    context.add_init_script(
        "let hidden = true; Object.defineProperty(Document.prototype, 'hidden', {get: () => hidden});"
        "window.reveal = () => { hidden = false; document.dispatchEvent(new Event('visibilitychange', {bubbles: true})) }"
    )
    visit(page, recorder)
    assert recorder.requests == []
    page.evaluate("reveal()")
    settle(page)
    assert paths(recorder) == ["/pricing"]


def test_nothing_is_sent_before_consent_and_after_it_is_withdrawn(page: Page, recorder: Recorder) -> None:
    recorder.page(attributes=f"{ATTRIBUTES} data-consent")
    visit(page, recorder, "/a")
    page.evaluate("history.pushState({}, '', '/b')")
    settle(page)
    assert recorder.requests == []
    page.evaluate("dispatchEvent(new Event('leadsment:consent'))")
    settle(page)
    assert paths(recorder) == ["/b"]
    page.evaluate("dispatchEvent(new CustomEvent('leadsment:consent', {detail: false}))")
    page.evaluate("history.pushState({}, '', '/c')")
    settle(page)
    assert paths(recorder) == ["/b"]


def test_consent_given_earlier_may_stand_in_the_tag(page: Page, recorder: Recorder) -> None:
    recorder.page(attributes=f'{ATTRIBUTES} data-consent="granted"')
    visit(page, recorder, "/a")
    assert paths(recorder) == ["/a"]


def test_the_referring_host_is_sent_only_where_the_tag_asks_for_it(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.leadsment + "/elsewhere?private=1")
    recorder.requests.clear()
    for attributes, referrer in ((ATTRIBUTES, None), (f"{ATTRIBUTES} data-referrer", "127.0.0.1")):
        recorder.page(attributes=attributes)
        page.goto(recorder.leadsment + "/elsewhere?private=1")
        recorder.requests.clear()
        page.evaluate(f"location.href = '{recorder.site}/landing'")
        page.wait_for_url("**/landing")
        settle(page)
        assert recorder.requests[-1].body.get("r") == referrer
        assert "private" not in recorder.requests[-1].text


@pytest.mark.parametrize("failure", [0, 503])
def test_a_failure_is_tried_again_once_with_the_same_beacon(
    page: Page, recorder: Recorder, complaints: list[str], failure: int
) -> None:
    recorder.answers += [failure] * 5
    visit(page, recorder)
    page.wait_for_timeout(2_500)
    assert len(recorder.requests) == 2
    assert recorder.requests[0].text == recorder.requests[1].text
    page.wait_for_timeout(2_500)
    assert len(recorder.requests) == 2
    complaints.clear()  # the browser itself reports failed requests; the page has no say in that


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500])
def test_a_refusal_is_not_tried_again(page: Page, recorder: Recorder, complaints: list[str], status: int) -> None:
    recorder.answers += [status]
    visit(page, recorder)
    page.wait_for_timeout(2_500)
    assert len(recorder.requests) == 1
    complaints.clear()


def test_two_tags_are_one_beacon(page: Page, recorder: Recorder) -> None:
    recorder.html += f'<script {ATTRIBUTES} src="{recorder.leadsment}/s.js"></script>'
    visit(page, recorder)
    assert len(recorder.requests) == 1


@pytest.mark.parametrize("attributes", ["defer", 'defer data-site=""', f'{ATTRIBUTES} type="module"'])
def test_a_tag_without_a_key_says_what_is_missing_and_sends_nothing(page: Page, recorder: Recorder, attributes: str) -> None:
    """A module is told nothing of its tag."""
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    recorder.page(attributes=attributes)
    visit(page, recorder)
    assert recorder.requests == []
    assert warnings == ["Leadsment: needs one data-site"]


def test_the_outcome_is_said_in_the_console_where_the_tag_asks_for_it(page: Page, recorder: Recorder) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    visit(page, recorder, "/quiet")
    assert said == []
    recorder.page(attributes=f"{ATTRIBUTES} data-debug")
    visit(page, recorder, "/loud")
    assert said == ["Leadsment: carrier"]


@pytest.mark.parametrize(
    "hostile",
    [
        "window.fetch = () => { throw new Error('mine') }",
        "window.fetch = undefined",
        "JSON.stringify = () => { throw new Error('mine') }",
        "Object.freeze(history); delete window.navigation; Object.defineProperty(window, 'navigation', {value: undefined})",
        "URLSearchParams = null",
        "Math.random = () => 0.5",
    ],
)
def test_a_strange_page_is_never_disturbed(page: Page, recorder: Recorder, hostile: str) -> None:
    """Whatever the page has done to its browser, the snippet throws nothing into it; `complaints` would tell."""
    recorder.page(before=hostile, after="window.alive = true")
    visit(page, recorder)
    page.evaluate("history.pushState({}, '', '/next')")
    page.wait_for_timeout(SETTLED)
    assert page.evaluate("alive") is True


def test_the_tag_manager_way_of_loading_works(page: Page, recorder: Recorder) -> None:
    code = (
        f"const tag = document.createElement('script'); tag.src = '{recorder.leadsment}/s.js';"
        "tag.dataset.site = 'site_0123456789abcdef01234567'; document.head.append(tag);"
    )
    recorder.page()
    recorder.html = "<!doctype html><title>x</title><script src='/own.js?0'></script>"
    recorder.own = [code, ""]
    visit(page, recorder, "/a")
    assert paths(recorder) == ["/a"]


def test_beacons_go_where_the_script_came_from(page: Page, recorder: Recorder) -> None:
    """So a proxy on the page's own host needs no setting, and a version in the query does no harm."""
    recorder.files = {"/lm/s.js": recorder.script, "/s.js?ver=6.5": recorder.script}
    places = {f"{recorder.leadsment}/s.js": "/b", "/lm/s.js": "/lm/b", f"{recorder.leadsment}/s.js?ver=6.5": "/b"}
    for src, path in places.items():
        recorder.page(src=src)
        recorder.policy = ""
        visit(page, recorder)
        assert [request.path for request in recorder.requests] == [path]
        recorder.requests.clear()


def test_no_cookie_goes_through_a_proxy_of_the_pages_own_host(page: Page, context: BrowserContext, recorder: Recorder) -> None:
    context.add_cookies([{"name": "session", "value": "1", "url": recorder.site}])
    recorder.files = {"/lm/s.js": recorder.script}
    recorder.page(src="/lm/s.js")
    recorder.policy = ""
    visit(page, recorder)
    [request] = recorder.requests
    assert not {"cookie", "referer", "authorization"} & set(request.headers)


def test_a_pinned_version_counts_and_one_that_is_not_what_was_pinned_is_not_loaded(
    page: Page, recorder: Recorder, complaints: list[str]
) -> None:
    for release in list_releases():
        recorder.files = {f"/s.{release.version}.js": file_of(release.version)}
        src = f"{recorder.leadsment}/s.{release.version}.js"
        pinned = f'{ATTRIBUTES} integrity="{release.integrity}" crossorigin="anonymous"'
        recorder.page(attributes=pinned, src=src)
        visit(page, recorder)
        assert paths(recorder) == ["/pricing"] and complaints == []
        recorder.requests.clear()
        recorder.page(attributes=pinned.replace("sha384-", "sha384-AAAA"), src=src)
        visit(page, recorder)
        assert recorder.requests == []
        assert [complaint for complaint in complaints if "integrity" not in complaint] == []
        complaints.clear()


def test_every_open_page_sends_its_own(open_page: Callable[[], Page], recorder: Recorder) -> None:
    for path in ("/a", "/b"):
        visit(open_page(), recorder, path)
    assert paths(recorder) == ["/a", "/b"]
