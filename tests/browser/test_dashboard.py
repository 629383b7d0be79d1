"""The dashboard through the whole stack, as its users go through it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.stack import Stack
from tests.browser.person import PASSWORD, Person
from tests.browser.recorder import Recorder
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World


@pytest.fixture
def visited(person: Person, world: World) -> Customer:
    """A customer with three companies in the list, one of them twice, and a funnel."""
    customer = person.with_account()
    world.record(customer.beacon("zenith"))
    customer.pass_time("10 days")
    world.record(customer.beacon("acme", page={"host": "example.com", "path": "/"}))
    customer.pass_time("1 hour")
    pages = ["/pricing", "/contact"]
    world.record(
        *(customer.beacon("acme", page={"host": "example.com", "path": path, "utm_source": "news"}) for path in pages[:1])
    )
    world.record(customer.beacon("acme", page={"host": "example.com", "path": pages[1]}))
    world.record(customer.beacon("globex"))
    world.record(*(customer.beacon(company=None, outcome=outcome) for outcome in ("carrier", "carrier", "bot", "opted_out")))
    return customer


def rows(page: Page) -> list[str]:
    expect(page.locator("table.companies tbody tr").first).to_be_visible()
    return page.locator("table.companies tbody tr strong").all_inner_texts()


def test_from_sign_up_to_the_first_beacon(page: Page, person: Person, stack: Stack, recorder: Recorder) -> None:
    page.goto(stack.app_url)
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Work e-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    page.goto(person.last_link())
    page.get_by_role("button", name="Confirm my address").click()
    page.get_by_label("Your company").fill("Northwind GmbH")
    page.get_by_label("Your website").fill("not a site!!")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("does not look like a website")
    page.get_by_label("Your website").fill("http://LOCALHOST/some/page")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Waiting for the first beacon")).to_be_visible()
    snippet = page.locator("pre code").inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == snippet
    assert snippet.startswith(f'<script defer src="{stack.app_url}/s.js" data-site="site_')

    recorder.html = f"<!doctype html><title>The customer's page</title>{snippet}"
    recorder.policy = f"default-src 'none'; script-src {stack.app_url}; connect-src {stack.app_url}"
    site = page.context.new_page()
    site.goto(f"{recorder.site}/pricing")
    expect(page.get_by_text("Installed and working")).to_be_visible()
    expect(page.get_by_text("It came from an internal address")).to_be_visible()


def test_signing_in_and_out(page: Page, person: Person, visited: Customer, complaints: list[str]) -> None:
    person.password = "not the password"
    page.goto(f"{person._stack.app_url}/app")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    complaints.clear()  # the browser itself reports the 400
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert rows(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{person._stack.app_url}/app/sites/{visited.site_id}/companies")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Acme" not in page.content()


def test_signing_in_leads_back_to_where_one_wanted_to_go(page: Page, person: Person, visited: Customer) -> None:
    wanted = f"/app/sites/{visited.site_id}/settings"
    page.goto(person._stack.app_url + wanted)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(person._stack.app_url + wanted)
    for elsewhere in ("https://evil.example/", "//evil.example/", "\\\\evil.example"):
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto(f"{person._stack.app_url}/app/sign-in?next={elsewhere}")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_label("Password").fill(person.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert page.url.startswith(person._stack.app_url)


def test_a_forgotten_password_is_replaced_by_mail(page: Page, person: Person, visited: Customer) -> None:
    page.goto(f"{person._stack.app_url}/app/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("a mail is on its way")
    page.goto(person.last_link())
    person.password = "a new and longer password"
    page.get_by_label("New password").fill(person.password)
    page.get_by_role("button", name="Save and sign in").click()
    assert rows(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    person.sign_in(page)
    assert rows(page)


def test_a_second_account_sees_nothing_of_the_first(
    page: Page, browser: Browser, person: Person, visited: Customer, world: World, stack: Stack
) -> None:
    person.sign_in(page)
    assert "Acme" in rows(page)
    stranger = Person(world, stack)
    stranger.with_account()
    with browser.new_context() as other:
        theirs = other.new_page()
        stranger.sign_in(theirs)
        expect(theirs.get_by_text("No page view yet")).to_be_visible()
        theirs.goto(f"{stack.app_url}/app/sites/{visited.site_id}/companies")
        expect(theirs.get_by_role("heading", name="This site is not yours to see")).to_be_visible()
        assert "Acme" not in theirs.content()


def test_the_list_shows_what_was_kept(page: Page, person: Person, visited: Customer) -> None:
    person.sign_in(page)
    assert sorted(rows(page)) == ["Acme", "Globex"]
    acme = page.locator("tr", has_text="Acme")
    assert acme.locator("[data-label=Visits]").inner_text() == "2"
    assert acme.locator("[data-label=Pages]").inner_text() == "3"
    assert acme.locator("[data-label=Country]").inner_text() == "Germany"
    assert acme.locator("[data-label=Employees]").inner_text() == "1,000–4,999"


def test_the_list_searches_sorts_and_keeps_that_in_the_address(page: Page, person: Person, visited: Customer) -> None:
    person.sign_in(page)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("table.companies tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Company").click()
    expect(page.locator("tbody strong").first).to_have_text("Acme")
    page.get_by_role("button", name="Company").click()
    expect(page.locator("tbody strong").first).to_have_text("Zenith")
    page.get_by_role("button", name="Visits").click()
    expect(page.locator("tbody strong").first).to_have_text("Acme")
    page.get_by_label("Search companies").fill("GLOBEX.ex")
    expect(page.locator("table.companies tbody tr")).to_have_count(1)
    assert rows(page) == ["Globex"]
    page.reload()
    assert rows(page) == ["Globex"]
    page.get_by_label("Search companies").fill("nobody of this name")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_a_company_shows_its_visits_with_pages_in_order(page: Page, person: Person, visited: Customer) -> None:
    person.sign_in(page)
    page.get_by_role("link", name="Acme").click()
    expect(page.get_by_role("heading", name="Acme")).to_be_visible()
    cards = page.locator("ol.stack > li")
    expect(cards).to_have_count(2)
    assert cards.nth(0).locator(".path").all_inner_texts() == ["/pricing", "/contact"]
    assert cards.nth(1).locator(".path").all_inner_texts() == ["/"]
    expect(cards.nth(0)).to_contain_text("news")
    expect(page.get_by_label("Why this company?")).to_contain_text("ACME AG (AS64500)")


def test_the_funnel_is_the_sum_of_the_rows(page: Page, person: Person, visited: Customer) -> None:
    person.sign_in(page)
    page.get_by_role("button", name="All", exact=True).click()
    counts = visited.funnel()
    expect(page.get_by_role("heading", name=f"{sum(counts.values())} page views measured")).to_be_visible()
    page.get_by_text("What became of them").click()
    shown = {
        step.get_attribute("data-outcome"): int(step.locator(".number").first.inner_text())
        for step in page.locator("[data-outcome]").all()
    }
    assert shown == counts == {"identified": 5, "carrier": 2, "bot": 1, "opted_out": 1}


def test_settings_change_the_site(page: Page, person: Person, visited: Customer, world: World, complaints: list[str]) -> None:
    person.sign_in(page)
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("New host").fill("https://Shop.Example/basket")
    page.get_by_role("button", name="Add host").click()
    expect(page.get_by_text("shop.example")).to_be_visible()
    assert world.record(visited.beacon(origin_host="shop.example")) == ["identified"]
    page.get_by_label("New host").fill("example.com")
    page.get_by_role("button", name="Add host").click()
    expect(page.get_by_role("alert")).to_have_text("This host is in the list already.")
    complaints.clear()  # the browser itself reports the refusal
    page.get_by_role("button", name="Remove shop.example").click()
    expect(page.get_by_text("shop.example", exact=True)).to_have_count(0)
    page.get_by_label("Keep the referring host").check()
    expect(page.get_by_label("Keep the referring host")).to_be_checked()
    page.get_by_label("Name", exact=True).fill("The shop")
    page.locator("form", has_text="Time zone").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    [site] = visited.owner.rows("sites", id=f"eq.{visited.site_id}")
    assert (site["name"], site["keeps_referrer_host"]) == ("The shop", True)
    page.get_by_role("link", name="Install").click()
    expect(page.locator("pre code")).to_contain_text("data-referrer")


def test_a_viewer_is_shown_no_button_that_would_be_refused(page: Page, person: Person, visited: Customer, world: World) -> None:
    world.database.execute("update public.memberships set role = 'viewer' where account_id = %s", [visited.account_id])
    person.sign_in(page)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_text("Only owners and admins change these settings")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.goto(f"{person._stack.app_url}/app/new-site")
    expect(page.get_by_label("Your company")).to_be_visible()  # a viewer needs an account of their own for a site
    page.go_back()
    expect(page.get_by_role("button", name="Add host")).to_have_count(0)


def test_every_view_is_accessible_fits_the_screen_and_keeps_to_its_policy(
    any_screen: Page, person: Person, visited: Customer, stack: Stack
) -> None:
    """axe finds nothing serious, nothing overflows sideways, and the console stays silent."""
    page, complaints = any_screen, list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("/", "/nothing-here", "/app/sign-up", "/app/forgot"):
        page.goto(stack.app_url + path)
        page.wait_for_load_state("networkidle")
        assert_sound(page, path)
    complaints.clear()  # the 404 is reported by the browser itself
    person.sign_in(page)
    [company, *_] = visited.owner.rows("companies", name="eq.Acme")
    site = f"/app/sites/{visited.site_id}"
    for path in (
        f"{site}/companies?period=all",
        f"{site}/companies/{company['id']}",
        f"{site}/install",
        f"{site}/settings",
        "/app/new-site",
    ):
        page.goto(stack.app_url + path)
        page.wait_for_load_state("networkidle")
        for details in page.locator("details summary").all():
            details.click()
        assert_sound(page, path)
    assert complaints == []


def test_the_keyboard_reaches_everything(page: Page, person: Person, visited: Customer) -> None:
    person.sign_in(page)
    rows(page)
    page.locator("body").press("Tab")
    reached = set()
    for _ in range(40):
        reached.add(page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''").split("\n")[0])
        page.keyboard.press("Tab")
    assert {"Companies", "Install", "Settings", "Sign out", "30 days", "Search companies", "Visits"} <= reached
    page.get_by_role("link", name="Acme").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Acme")).to_be_visible()


def test_a_failing_connection_is_said_so_and_can_be_tried_again(
    page: Page, person: Person, visited: Customer, complaints: list[str]
) -> None:
    person.sign_in(page)
    rows(page)
    page.route("**/rpc/list_companies*", lambda route: route.abort())
    page.get_by_role("button", name="90 days").click()
    expect(page.get_by_role("alert")).to_contain_text("The connection failed", timeout=15_000)
    page.unroute("**/rpc/list_companies*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert "Acme" in rows(page)
    complaints.clear()


def test_pages_may_be_open_side_by_side(open_page: Callable[[], Page], person: Person, visited: Customer) -> None:
    first, second = open_page(), open_page()
    person.sign_in(first)
    second.goto(f"{person._stack.app_url}/app")
    assert rows(second) == rows(first)


def test_a_site_that_used_up_its_quota_says_so(page: Page, person: Person, world: World) -> None:
    customer = person.with_account()
    world.record(customer.beacon())
    customer.use_up_quota()
    person.sign_in(page)
    expect(page.get_by_role("status").filter(has_text="has used up its page views for today")).to_contain_text("1 a day")
    world.database.execute("update public.site_pauses set day = day - 1 where site_id = %s", [customer.site_id])
    page.reload()
    expect(page.get_by_role("heading", name="Companies", level=1)).to_be_visible()
    expect(page.get_by_text("has used up its page views")).to_have_count(0)
