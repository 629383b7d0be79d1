"""What a page's HTML and policies say about the snippet on it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from dev.snippet import list_releases
from functions.check_install import check_install
from lib.domain.install_check import AskedCheck, CheckedSite, parse_install_check
from lib.domain.page_tags import read_tags
from lib.errors import InvalidRequest, PageUnreachable
from lib.web_page import WebPage

APP = "https://leads.example"
KEY, OTHER_KEY = "site_0123456789abcdef01234567", "site_76543210fedcba9876543210"
TAG = f'<script defer src="{APP}/s.js" data-site="{KEY}"></script>'
PAGE = "https://www.shop.example/"
SITE = CheckedSite(KEY, ["shop.example", "*.below.example"])
SCRIPT = b"the script"
INTEGRITY = "sha384-fKPc/QmeoE0VnHY73ZMCWH11/8cujUNIsEoDaZjkpEBHBU0ZiZ96CwX3FuwbuZhZ"


@dataclass
class Web:
    """Pages that are there, and what was asked for."""

    html: str = ""
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("content-type", "text/html; charset=utf-8")])
    script: bytes | None = SCRIPT
    script_type: str = "text/javascript"
    fails: PageUnreachable | None = None
    asked: list[str] = field(default_factory=list)

    def read(self, url: str, may_visit: Callable[[str], bool]) -> WebPage:
        self.asked.append(url)
        if self.fails:
            raise self.fails
        if url == PAGE:
            return WebPage(url, 200, self.headers, self.html.encode())
        if self.script is None:
            raise PageUnreachable("status", "404")
        return WebPage(url, 200, [("content-type", self.script_type)], self.script)


def check(html: str, *policies: str, page: str = PAGE, web: Web | None = None) -> dict[str, object]:
    """The findings by their codes."""
    web = web or Web()
    web.html = html
    web.headers += [("content-security-policy", policy) for policy in policies]
    checked = check_install(AskedCheck("x", page), find_site=lambda _: SITE, reader=web, app_url=APP)
    return {finding.code: finding for finding in checked.findings}


def codes(html: str, *policies: str, web: Web | None = None) -> list[str]:
    return list(check(html, *policies, web=web))


def needed(policy: str, html: str = TAG) -> list[str]:
    """What the findings about a policy tell to add."""
    return [finding.add for finding in check(html, policy).values()]  # type: ignore[attr-defined]


def test_a_page_with_the_snippet_is_fine() -> None:
    assert codes(f"<!doctype html><html><head>{TAG}</head><body>Hi</body></html>") == ["all_fine"]
    assert codes(
        f"<body>{'x' * 1000}{TAG.upper().replace(APP.upper(), APP).replace('/S.JS', '/s.js').replace(KEY.upper(), KEY)}"
    ) == ["all_fine"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ["no_tag"]),
        ("<h1>Nothing</h1>", ["no_tag"]),
        (f"<!-- {TAG} -->", ["no_tag"]),
        (f"<noscript>{TAG}</noscript>", ["no_tag"]),
        (f"<template>{TAG}</template>", ["no_tag"]),
        (f"<textarea>{TAG}</textarea>", ["no_tag"]),
        (f"<title>{TAG}</title>", ["no_tag"]),
        (f"<script>/*{TAG.replace(KEY, '')}*/</script>", ["no_tag"]),
        (f"<style>{TAG}</style>", ["no_tag"]),
        (f"<p title='{TAG}'>", ["no_tag"]),
        (f"&lt;script src={APP}/s.js data-site={KEY}&gt;", ["no_tag"]),
        (f"<script src={APP}/s.js data-site={KEY}></script>", ["all_fine"]),
        (f"<script src='{APP}/s.js'\ndata-site='{KEY}'/>", ["all_fine"]),
        (f"<script data-site=&#115;{KEY[1:]} src={APP}/s.js></script>", ["all_fine"]),
        (f"<script src={APP}/s.js></script>", ["tag_without_key"]),
        (TAG.replace(KEY, OTHER_KEY), ["tag_of_another_site"]),
        ("<script data-site=shop></script>" + TAG, ["tag_of_another_site", "tag_without_source"]),
        (TAG + TAG, ["several_tags"]),
        (TAG + TAG.replace(KEY, OTHER_KEY), ["several_tags"]),
        (TAG.replace(KEY, OTHER_KEY) + TAG, ["several_tags", "tag_of_another_site"]),
        (TAG.replace("defer", "type=module"), ["tag_is_module"]),
        (TAG.replace("defer", 'type="text/javascript"'), ["all_fine"]),
        (TAG.replace("defer", 'type="text/plain" data-category="statistics"'), ["tag_is_held_back"]),
        (TAG.replace(" src=", " data-src="), ["tag_without_source"]),
        (TAG.replace(f"{APP}/s.js", "http://[bad"), ["tag_without_source"]),
        (TAG.replace(f"{APP}/s.js", "https://x:99999999/s.js"), ["tag_without_source"]),
        (TAG.replace("defer", "data-consent"), ["waits_for_consent"]),
        (TAG.replace("defer", 'data-consent=""'), ["waits_for_consent"]),
        (TAG.replace("defer", 'data-consent="granted"'), ["all_fine"]),
        (TAG.replace(APP, "https://elsewhere.example"), ["script_from_elsewhere"]),
        (TAG.replace(f"{APP}/s.js", "/lm/s.js"), ["first_party", "all_fine"]),
        (TAG.replace(APP, "https://a.below.example/x"), ["first_party", "all_fine"]),
        (TAG.replace(APP, "http://shop.example/lm"), ["mixed_content", "first_party"]),
        (f"<script>t.src='{APP}/s.js';t.dataset.site='{KEY}'</script>", ["tag_in_code"]),
        (f'<script>self.push("{APP}\\/s.js",{{"data-site":"{KEY}"}})</script>', ["tag_in_code"]),
        ('<script>f("https://www.googletagmanager.com/gtm.js?id=GTM-X")</script>', ["only_tag_manager"]),
        ('<script async src="https://www.googletagmanager.com/gtm.js?id=GTM-X"></script>', ["only_tag_manager"]),
    ],
)
def test_what_is_wrong_with_the_tag_is_found(html: str, expected: list[str]) -> None:
    assert codes(html) == expected


def test_a_pinned_version_is_compared_with_its_script() -> None:
    pinned = TAG.replace("/s.js", "/s.1.0.0.js").replace("defer", f'integrity="{INTEGRITY}" crossorigin="anonymous"')
    assert codes(pinned) == ["all_fine"]
    assert codes(pinned, web=Web(script=b"another")) == ["integrity_differs"]
    assert codes(pinned.replace("sha384-", "sha384-A")) == ["integrity_differs"]
    assert codes(pinned.replace("sha384-", "md5-")) == ["all_fine"]  # browsers ignore what they do not know
    assert codes(pinned, web=Web(script=None)) == ["script_unreachable"]
    assert codes(pinned.replace(' crossorigin="anonymous"', "")) == ["integrity_without_crossorigin"]
    assert codes(pinned.replace("/s.1.0.0.js", "/s.js")) == ["integrity_of_current"]
    stronger = f"sha256-wrong {INTEGRITY}"
    assert codes(pinned.replace(INTEGRITY, stronger)) == ["all_fine"]


def test_a_proxy_that_answers_with_a_page_is_found() -> None:
    proxied = TAG.replace(f"{APP}/s.js", "/lm/s.js")
    assert codes(proxied, web=Web(script=b"<html>", script_type="text/html")) == ["first_party", "script_unreachable"]
    assert codes(proxied, web=Web(script=None)) == ["first_party", "script_unreachable"]


def test_the_plain_snippet_is_not_asked_for() -> None:
    web = Web()
    assert codes(TAG, web=web) == ["all_fine"] and web.asked == [PAGE]
    assert codes(TAG.replace(APP, "https://elsewhere.example"), web=web) == ["script_from_elsewhere"]
    assert [url for url in web.asked if "elsewhere" in url] == []


@pytest.mark.parametrize(
    "policy",
    [
        "",
        ";;",
        "img-src 'none'",
        f"default-src 'self' {APP}",
        f"script-src {APP}; connect-src {APP}",
        f"SCRIPT-SRC {APP}; Connect-Src {APP}",
        f"script-src-elem {APP}; script-src 'none'; connect-src *",
        "default-src *",
        "default-src https:",
        "default-src http:",
        "script-src leads.example; connect-src leads.example",
        "script-src *.example; connect-src *.example:443",
        "script-src https://leads.example/s.js; connect-src https://leads.example/",
        "script-src https://leads.example/s%2Ejs https://x.example; connect-src https://leads.example:*/b",
        f"script-src {APP}; script-src 'none'; connect-src {APP}; connect-src 'none'",
        "sandbox allow-scripts allow-same-origin",
        "frame-ancestors 'none'; upgrade-insecure-requests",
    ],
)
def test_a_policy_that_allows_the_snippet_is_none(policy: str) -> None:
    assert codes(TAG, policy) == ["all_fine"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("script-src 'self'", {"policy_blocks_script": APP}),
        ("script-src", {"policy_blocks_script": APP}),
        ("script-src 'none'", {"policy_blocks_script": APP}),
        ("script-src-elem 'self'; script-src *", {"policy_blocks_script": APP}),
        ("script-src 'unsafe-inline' 'unsafe-eval' data: blob:", {"policy_blocks_script": APP}),
        ("script-src wss:", {"policy_blocks_script": APP}),
        ("script-src *.leads.example", {"policy_blocks_script": APP}),
        ("script-src https://leads.example:8443", {"policy_blocks_script": APP}),
        ("script-src https://leads.example/other.js", {"policy_blocks_script": APP}),
        ("script-src https://leads.example/s", {"policy_blocks_script": APP}),
        ("script-src leads.example.evil", {"policy_blocks_script": APP}),
        ("script-src 'nonce-abc'", {"policy_blocks_script": APP}),
        ("script-src 'sha384-abc'", {"policy_blocks_script": APP}),
        ("connect-src 'self'", {"policy_blocks_beacon": APP}),
        ("connect-src https://leads.example/s.js", {"policy_blocks_beacon": APP}),
        (
            "default-src 'self' https://cdn.example",
            {
                "policy_blocks_script": f"script-src 'self' https://cdn.example {APP}",
                "policy_blocks_beacon": f"connect-src 'self' https://cdn.example {APP}",
            },
        ),
        ("default-src 'none'", {"policy_blocks_script": f"script-src {APP}", "policy_blocks_beacon": f"connect-src {APP}"}),
        ("default-src 'none'; script-src *", {"policy_blocks_beacon": f"connect-src {APP}"}),
        (f"script-src 'strict-dynamic' 'nonce-abc' {APP}; connect-src *", {"policy_blocks_script": ""}),
        ("sandbox allow-scripts", {"policy_sandboxes": "allow-scripts allow-same-origin"}),
        ("sandbox", {"policy_sandboxes": "allow-scripts allow-same-origin"}),
        (f"script-src {APP}, script-src 'self'", {"policy_blocks_script": APP}),
    ],
)
def test_a_policy_that_stops_the_snippet_is_told_with_the_source_to_add(policy: str, expected: dict[str, str]) -> None:
    found = check(TAG, policy)
    assert {code: finding.add for code, finding in found.items()} == expected  # type: ignore[attr-defined]
    for finding in found.values():
        assert finding.mend and finding.severity == "bad"  # type: ignore[attr-defined]


@pytest.mark.parametrize("policy", ["script-src 'self'", "default-src 'self'; connect-src *", "script-src-elem 'none'"])
def test_adding_what_is_told_mends_the_policy(policy: str) -> None:
    [add] = needed(policy)
    mended = f"{policy}; {add}" if add.startswith("script-src") else policy.replace("'none'", "") + f" {add}"
    if "connect-src *" in policy:
        mended = f"{policy}; {add}"
    assert codes(TAG, mended) == ["all_fine"]


def test_every_policy_has_to_allow_it() -> None:
    assert codes(TAG, f"default-src {APP}", "default-src 'self'") == ["policy_blocks_script", "policy_blocks_beacon"]
    in_meta = "<head><meta http-equiv=content-security-policy content=\"script-src 'self'\">"
    assert codes(in_meta + TAG, f"default-src {APP}") == ["policy_blocks_script"]
    assert codes(f"<head></head><body>{in_meta.removeprefix('<head>')}{TAG}") == ["all_fine"]  # browsers ignore it there


def test_a_policy_that_only_reports_stops_nothing() -> None:
    web = Web()
    web.headers.append(("content-security-policy-report-only", "default-src 'none'"))
    assert codes(TAG, web=web) == ["all_fine"]


def test_a_nonce_or_a_hash_lets_the_script_load() -> None:
    nonced = TAG.replace("defer", 'nonce="abc"')
    assert codes(nonced, "script-src 'strict-dynamic' 'nonce-abc'") == ["all_fine"]
    assert codes(nonced, "script-src 'nonce-abc'; connect-src 'self'") == ["policy_blocks_beacon"]
    assert codes(nonced, "script-src 'nonce-ABC'") == ["policy_blocks_script"]
    pinned = TAG.replace("/s.js", "/s.1.0.0.js").replace("defer", f'integrity="{INTEGRITY}" crossorigin')
    assert codes(pinned, f"script-src '{INTEGRITY}'") == ["all_fine"]


def test_what_a_script_adds_is_let_in_by_strict_dynamic_and_not_by_a_nonce_alone() -> None:
    manager = '<script nonce=abc>f("https://www.googletagmanager.com/gtm.js?id=GTM-X")</script>'
    assert codes(manager, "script-src 'strict-dynamic' 'nonce-abc'") == ["only_tag_manager"]
    assert codes(manager, "script-src 'nonce-abc' https://www.googletagmanager.com") == [
        "only_tag_manager",
        "policy_blocks_script",
    ]
    assert codes(manager, "connect-src 'self'") == ["only_tag_manager", "policy_blocks_beacon"]


def test_through_a_proxy_self_is_enough() -> None:
    assert codes(TAG.replace(f"{APP}/s.js", "/lm/s.js"), "default-src 'self'") == ["first_party", "all_fine"]


def test_a_page_that_cannot_be_read_is_a_finding() -> None:
    for reason in ("name", "address", "port", "scheme", "redirects", "connection", "certificate", "answer", "slow"):
        [finding] = check(TAG, web=Web(fails=PageUnreachable(reason))).values()
        assert (finding.code, finding.severity) == ("page_unreachable", "bad")  # type: ignore[attr-defined]
    [status] = check(TAG, web=Web(fails=PageUnreachable("status", "403"))).values()
    assert "403" in status.message  # type: ignore[attr-defined]
    [host] = check(TAG, web=Web(fails=PageUnreachable("other_host", "new.example"))).values()
    assert (host.code, host.add) == ("other_host", "new.example")  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "image/png"])
def test_what_is_no_page_is_said_so(kind: str) -> None:
    assert codes(TAG, web=Web(headers=[("content-type", kind)])) == ["not_html"]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", '"windows-1252"', "nonsense", "idna", "base64", "utf-16"])
def test_no_charset_breaks_the_reading(charset: str) -> None:
    found = codes(TAG, web=Web(headers=[("content-type", f"text/html;charset={charset}")]))
    assert found == (["no_tag"] if charset == "utf-16" else ["all_fine"])


def test_only_pages_of_the_callers_own_site_and_its_hosts_are_read() -> None:
    web = Web(html=TAG)
    for host in ("elsewhere.example", "shop.example.evil", "below.example", "a.shop.example", "xbelow.example"):
        with pytest.raises(InvalidRequest) as refused:
            check(TAG, page=f"https://{host}/", web=web)
        assert (refused.value.status, refused.value.code) == (422, "host_not_listed")
    with pytest.raises(InvalidRequest) as unknown:
        check_install(AskedCheck("x", PAGE), find_site=lambda _: None, reader=web, app_url=APP)
    assert (unknown.value.status, web.asked) == (404, [])


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("shop.example", "https://shop.example/"),
        (" https://Shop.Example/a?b=c#d ", "https://shop.example/a?b=c"),
        ("http://shop.example:8080/x", "http://shop.example:8080/x"),
        ("bücher.example/ä", "https://xn--bcher-kva.example/ä"),
    ],
)
def test_an_address_is_taken_as_people_write_it(typed: str, url: str) -> None:
    body = f'{{"site_id": "6F9619FF-8B86-D011-B42D-00C04FC964FF", "url": "{typed}"}}'.encode()
    assert parse_install_check(body) == AskedCheck("6f9619ff-8b86-d011-b42d-00c04fc964ff", url)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://shop.example", "file:///etc/passwd", "https://user:pass@shop.example/", "https://", "//", "javascript:alert(1)",
     "https://shop.example:99999/", "https://[::1]/", "https://shop_x.example/", "https://a b/", "https://shop.example/\\u0000",
     "https://shop.example/\\r\\nHost: x", "gopher://shop.example", "https://shop.example/" + "x" * 2001],
)  # fmt: skip
def test_what_is_no_pages_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_install_check(f'{{"site_id": "6f9619ff-8b86-d011-b42d-00c04fc964ff", "url": "{url}"}}'.encode())
    assert refused.value.code == "invalid_url"


@pytest.mark.parametrize(
    "part",
    ["<a", "<a b", '<a b="', "<a b='", "<a/", "<a =", "<a x=&", "</a", "</", "<!", "<!--", "<!---->", "<!-", "<?", "<![",
     "<![CDATA[", "<", "&#9", "<script>", "<script></s", "<title></title", "<template>",
     "<meta http-equiv=content-security-policy content=x>"],
)  # fmt: skip
def test_no_page_takes_long_to_read(part: str) -> None:
    """Each would keep html.parser busy for minutes, or make it raise."""
    read_tags(part * (300_000 // len(part)))


def test_numbers_of_thousands_of_digits_are_no_trouble() -> None:
    assert read_tags(f"<script src='&#{'9' * 9000};'>").scripts[0].attributes["src"] == ""


def test_the_releases_hash_is_what_the_check_compares_with() -> None:
    assert all(release.integrity.startswith("sha384-") for release in list_releases())


def test_a_page_that_names_an_endless_charset_is_read_at_once() -> None:
    started = time.monotonic()
    check(TAG + "-" + "ab" * 100_000, web=Web(headers=[("content-type", "text/html; charset=Punycode")]))
    assert time.monotonic() - started < 1
