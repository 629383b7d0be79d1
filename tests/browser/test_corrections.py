"""Members see why a company is named, say what it really is, and leave out what they do not want to see."""

import re
from collections.abc import Callable

import httpx
import psycopg.types.json
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from dev.stack import Stack
from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World, company_row
from tests.doors.page_views import COMPANY, PageViews

EVIDENCE = {
    "organisation": "ACME America Inc.",
    "asn": 64500,
    "source": "asn",
    "release": "2026.06.17",
    "rule": "two readings agree",
    "range": "155.56.0.0/17",
    "sureness": 98,
}
HIDING = {"Wrong company": "wrong_company", "This is an internet provider": "isp", "This is us": "own"}


@pytest.fixture
def visited(person: Person, world: World) -> Customer:
    """acme with two page views, globex with one, one beacon from a carrier."""
    customer = person.with_account()
    acme = {"company": {**company_row("acme"), "evidence": EVIDENCE}}
    world.record(*({**customer.beacon(page={"host": "example.com", "path": path}), **acme} for path in ("/a", "/b")))
    world.record(customer.beacon("globex"), customer.beacon(company=None, outcome="carrier"))
    return customer


@pytest.fixture
def open_company(page: Page, person: Person, visited: Customer) -> Callable[[str], None]:
    """Sign in and open a company from the list, as a member does."""

    def opened(name: str) -> None:
        person.sign_in(page)
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()

    return opened


def dialog(page: Page) -> Locator:
    page.get_by_role("button", name="Not right?").click()
    return page.get_by_role("dialog", name="Not Acme?")


def say(page: Page, choice: str, note: str = "") -> None:
    """Correct the company that is open, Acme."""
    opened = dialog(page)
    opened.get_by_label(choice).check()
    if note:
        opened.get_by_label("Who is it really?").fill(note)
    opened.get_by_role("button", name="Correct").click()
    expect(opened).to_have_count(0)


def say_same_as_globex(page: Page) -> None:
    opened = dialog(page)
    opened.get_by_label("Same as …").check()
    expect(opened.get_by_role("button", name="Correct")).to_be_disabled()
    opened.get_by_label("Search the other company").fill("GLOBEX.ex")
    opened.get_by_label("Globex").check()
    opened.get_by_role("button", name="Show as Globex").click()
    expect(opened).to_have_count(0)


def banner(page: Page) -> Locator:
    return page.locator(".correction-banner")


def undo(page: Page) -> None:
    banner(page).get_by_role("button", name="Undo").click()
    expect(banner(page)).to_have_text("Undone. Its visits show as before.")


def listed(page: Page) -> dict[str, str]:
    """The list of companies with their page views, as one comes to it from a company's page."""
    page.get_by_role("link", name="Companies", exact=True).click()
    expect(page.locator("table.companies tbody tr").first).to_be_visible()
    rows = page.locator("table.companies tbody tr").all()
    return {row.locator("strong").inner_text(): row.locator("[data-label=Pages]").inner_text() for row in rows}


def funnel(page: Page) -> dict[str, int]:
    page.get_by_text("What became of them").click()
    steps = page.locator("[data-outcome]").all()
    return {str(step.get_attribute("data-outcome")): int(step.locator(".number").first.inner_text()) for step in steps}


def hold_corrections(page: Page) -> list[Route]:
    """Let no correction reach the database before the test says so."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rpc/correct_company*", hold)
    return held


def verdicts(customer: Customer) -> list[str]:
    return [row["verdict"] for row in customer.owner.rows("corrections", undone_at="is.null")]


def settings(page: Page, person: Person, visited: Customer) -> None:
    person.sign_in(page)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Not counted")).to_be_visible()


def test_the_card_says_why_and_how_sure(page: Page, open_company: Callable[[str], None]) -> None:
    open_company("Acme")
    card = page.get_by_label("Why this company?")
    expect(card).to_contain_text("The visit came from a network registered to ACME America Inc. (AS64500).")
    expect(card).to_contain_text("98 % sure")
    assert dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True)) == {
        "Registered to": "ACME America Inc.",
        "Network": "155.56.0.0/17",
        "Source": "asn, release 2026.06.17",
        "Decided by": "two readings agree",
    }


@pytest.mark.parametrize(
    ("evidence", "network"),
    [({"rule": "legal form", "range": None}, ["narrower than /24 (IPv6: /48): not kept"]), ({"rule": "legal form"}, [])],
)
def test_evidence_of_an_older_release_shows_what_it_has(
    page: Page,
    open_company: Callable[[str], None],
    visited: Customer,
    world: World,
    evidence: dict[str, object],
    network: list[str],
) -> None:
    world.database.execute(
        "update public.companies set evidence = %s where account_id = %s",
        [psycopg.types.json.Jsonb(evidence), visited.account_id],
    )
    open_company("Acme")
    card = page.get_by_label("Why this company?")
    expect(card).to_contain_text("registered to Acme.")
    expect(card).not_to_contain_text("% sure")
    expect(card.locator("dl > div", has_text="Network").locator("dd")).to_have_text(network)


@pytest.mark.parametrize("choice", HIDING)
def test_a_corrected_company_leaves_the_list_and_comes_back(
    page: Page, open_company: Callable[[str], None], visited: Customer, choice: str
) -> None:
    open_company("Acme")
    say(page, choice)
    expect(banner(page)).to_contain_text("Its visits are left out of your lists.")
    expect(banner(page)).to_contain_text("You said so just now")
    assert listed(page) == {"Globex": "1"}
    assert funnel(page) == {"identified": 1, "corrected": 2, "carrier": 1}
    assert verdicts(visited) == [HIDING[choice]]
    page.go_back()
    undo(page)
    assert verdicts(visited) == []
    assert listed(page) == {"Acme": "2", "Globex": "1"}
    assert funnel(page) == {"identified": 3, "carrier": 1}


def test_a_note_says_who_it_really_is(page: Page, open_company: Callable[[str], None], visited: Customer) -> None:
    open_company("Acme")
    say(page, "Wrong company", note="  Acme Logistics of Hamburg ")
    expect(banner(page)).to_contain_text("“Acme Logistics of Hamburg”")
    [correction] = visited.owner.rows("corrections")
    assert correction["note"] == "Acme Logistics of Hamburg"
    say(page, "This is us")
    expect(banner(page)).to_contain_text("your own company")
    assert verdicts(visited) == ["own"]


def test_two_companies_become_one_row_with_the_visits_of_both(
    page: Page, open_company: Callable[[str], None], visited: Customer
) -> None:
    open_company("Acme")
    say_same_as_globex(page)
    expect(banner(page)).to_contain_text("Shown as Globex.")
    assert listed(page) == {"Globex": "3"}
    page.get_by_role("link", name="Globex").click()
    expect(page.get_by_text("Together with Acme")).to_be_visible()
    paths = page.locator(".path")
    expect(paths).to_have_count(3)
    assert sorted(paths.all_inner_texts()) == ["/a", "/b", "/pricing"]
    expect(page.locator("ol.stack > li", has_text="/a")).to_contain_text("came as Acme")
    page.get_by_role("link", name="Acme").click()
    expect(banner(page)).to_contain_text("Shown as Globex.")
    undo(page)
    assert listed(page) == {"Acme": "2", "Globex": "1"}


def test_the_other_company_is_one_that_is_shown(
    page: Page, open_company: Callable[[str], None], visited: Customer, world: World
) -> None:
    world.record(*(visited.beacon(key) for key in ("hooli", "initech", "100%-off", 'say "hi", (you)')))
    visited.correct("hooli", "isp")
    visited.correct("initech", "same_as", same_as_company_id=visited.company_id("globex"))
    open_company("Acme")
    opened = dialog(page)
    opened.get_by_label("Same as …").check()
    found = opened.get_by_label("The other company", exact=True).locator("strong")
    expect(found).to_have_count(3)
    assert sorted(found.all_inner_texts()) == ["100%-Off", "Globex", 'Say "Hi", (You)']
    search = opened.get_by_label("Search the other company")
    search.fill('"hi", (')
    expect(found).to_have_text(['Say "Hi", (You)'])
    for nobody in ("hooli", "acme", "_", "*", "%%", "0.-", "\\"):
        search.fill("0%-")  # something is shown again, so that what was shown before is not taken for the answer
        expect(found).to_have_text(["100%-Off"])
        search.fill(nobody)
        expect(opened.get_by_text("No other company of yours")).to_be_visible()
        expect(found).to_have_count(0)


def test_what_a_teammate_said_and_what_a_table_joined_is_told_apart(
    page: Page, open_company: Callable[[str], None], visited: Customer, world: World
) -> None:
    teammate = world.teammate(visited.account_id, "member")
    teammate.result("correct_company", company_id=visited.company_id("globex"), verdict="isp")
    visited.correct("acme", "same_as", same_as_company_id=visited.company_id("globex"))
    world.record(visited.beacon("initech"))
    open_company("Initech")
    page.goto(re.sub("[^/]+$", visited.company_id("acme"), page.url))
    expect(banner(page)).to_contain_text("Shown as Globex, which is left out: an internet provider.")
    banner(page).get_by_role("link", name="Globex").click()
    expect(banner(page)).to_contain_text("A teammate said so")
    world.record(visited.beacon("umbrella"))
    world.record({**visited.beacon(), "company": {**company_row("umbrella"), "former_keys": ["initech"]}})
    page.goto(re.sub("[^/]+$", visited.company_id("initech"), page.url))
    expect(banner(page)).to_contain_text("Shown as Umbrella.A newer company table said so")


def test_a_correction_shows_before_the_database_has_answered(
    page: Page, open_company: Callable[[str], None], visited: Customer
) -> None:
    open_company("Acme")
    held = hold_corrections(page)
    say(page, "Wrong company")
    expect(banner(page)).to_contain_text("Marked as the wrong company")
    expect(banner(page).get_by_role("button", name="Undo")).to_be_disabled()
    assert listed(page) == {"Globex": "1"}
    assert verdicts(visited) == []
    held[0].continue_()
    page.go_back()
    expect(banner(page).get_by_role("button", name="Undo")).to_be_enabled()


def test_a_correction_that_fails_is_taken_back_and_says_why(
    page: Page, open_company: Callable[[str], None], visited: Customer, complaints: list[str]
) -> None:
    open_company("Acme")
    held = hold_corrections(page)
    say(page, "Wrong company")
    assert listed(page) == {"Globex": "1"}
    held[0].abort()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The connection failed")
    assert listed(page) == {"Acme": "2", "Globex": "1"}
    page.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)
    complaints.clear()  # the browser itself reports the failed request


def test_undoing_what_was_undone_already_says_so(
    page: Page, open_company: Callable[[str], None], visited: Customer, complaints: list[str]
) -> None:
    correction = visited.correct("globex", "own")
    open_company("Acme")
    page.goto(re.sub("[^/]+$", visited.company_id("globex"), page.url))
    expect(banner(page)).to_contain_text("your own company")
    visited.owner.result("undo_correction", correction_id=correction["id"])
    banner(page).get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_contain_text("has been undone already")
    expect(banner(page)).not_to_contain_text("your own company")
    complaints.clear()  # the browser itself reports the 409


@pytest.mark.parametrize("role", ["viewer", "billing"])
def test_who_may_not_correct_sees_the_evidence_and_no_button(
    page: Page, open_company: Callable[[str], None], visited: Customer, world: World, person: Person, role: str
) -> None:
    visited.correct("globex", "isp")
    visited.exclude("155.56.0.0/16")
    world.database.execute("update public.memberships set role = %s where account_id = %s", [role, visited.account_id])
    open_company("Acme")
    expect(page.get_by_label("Why this company?")).to_contain_text("ACME America Inc.")
    expect(page.get_by_role("button", name="Not right?")).to_have_count(0)
    page.goto(re.sub("[^/]+$", visited.company_id("globex"), page.url))
    expect(banner(page)).to_contain_text("Marked as an internet provider")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_label("Not counted")).to_contain_text("155.56.0.0/16")
    expect(page.get_by_label("Corrections", exact=True)).to_contain_text("Globex: an internet provider")
    assert page.get_by_role("main").get_by_role("button").count() == 0


def test_a_member_corrects_and_leaves_the_exclusions_to_admins(
    page: Page, open_company: Callable[[str], None], visited: Customer, world: World
) -> None:
    world.database.execute("update public.memberships set role = 'member' where account_id = %s", [visited.account_id])
    open_company("Acme")
    say(page, "This is us")
    expect(banner(page)).to_contain_text("You said so")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("button", name="Undo: Acme")).to_be_visible()
    expect(page.get_by_role("button", name="Add network")).to_have_count(0)
    expect(page.get_by_role("button", name="Add country")).to_have_count(0)


def test_settings_list_what_holds_and_what_was_ended(page: Page, person: Person, visited: Customer, world: World) -> None:
    teammate = world.teammate(visited.account_id, "member")
    teammate.result("correct_company", company_id=visited.company_id("globex"), verdict="own")
    visited.correct("acme", "wrong_company", note="Acme Logistics")
    settings(page, person, visited)
    holding = page.get_by_label("Corrections that hold").get_by_role("listitem")
    expect(holding).to_have_count(2)
    expect(holding.filter(has_text="Globex: your own company")).to_contain_text("A teammate")
    expect(holding.filter(has_text="Acme: wrong company")).to_contain_text("“Acme Logistics”")
    page.get_by_role("button", name="Undo: Globex").click()
    expect(holding).to_have_count(1)
    page.get_by_text("History").click()
    ended = page.get_by_label("Corrections that were ended").get_by_role("listitem")
    expect(ended).to_have_count(1)
    expect(ended).to_contain_text(re.compile("Globex: your own company.*A teammate, .*; ended by you", re.DOTALL))
    assert verdicts(visited) == ["wrong_company"]


def test_a_member_excludes_the_network_they_are_in(page: Page, person: Person, visited: Customer, stack: Stack) -> None:
    with httpx.Client(base_url=stack.app_url, timeout=15, trust_env=False) as app:
        site = PageViews(app, visited)
        assert site.outcome() == "identified"
        page.route(
            "**/api/v1/network",
            lambda route: route.continue_(headers={**route.request.headers, "x-simulated-address": COMPANY}),
        )
        settings(page, person, visited)
        page.get_by_role("button", name="Add my current network").click()
        expect(page.get_by_label("Network or address")).to_have_value(f"{COMPANY}/32")
        expect(page.get_by_label("Network or address")).to_be_focused()
        assert visited.owner.rows("excluded_networks") == []
        page.get_by_label("Note (optional)").fill("Office in Hamburg")
        page.get_by_role("button", name="Add network").click()
        expect(page.get_by_label("Not counted")).to_contain_text(f"{COMPANY}/32")
        expect(page.get_by_label("Network or address")).to_have_value("")
        assert site.outcome() == "excluded"
        page.get_by_role("button", name=f"Remove {COMPANY}/32").click()
        expect(page.get_by_text(f"{COMPANY}/32 is counted again.")).to_be_visible()
        assert site.outcome() == "identified"
        page.get_by_role("button", name="Undo", exact=True).click()
        expect(page.get_by_role("button", name=f"Remove {COMPANY}/32")).to_be_visible()
        assert site.outcome() == "excluded"
    [rule] = visited.owner.rows("excluded_networks")
    assert rule["note"] == "Office in Hamburg"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 155.56.12.34 ", "155.56.12.34/32"),
        ("155.56.12.34/16", "155.56.0.0/16"),
        ("2A01:4F8:1:2::7/64", "2a01:4f8:1:2::/64"),
        ("2a01:4f8:1:2:3:4:5:6", "2a01:4f8:1:2:3:4:5:6/128"),
        ("2a01:4f8::/33", "2a01:4f8::/33"),
    ],
)
def test_a_network_may_be_typed_as_people_write_it(page: Page, person: Person, visited: Customer, typed: str, kept: str) -> None:
    settings(page, person, visited)
    page.get_by_label("Network or address").fill(typed)
    page.get_by_role("button", name="Add network").click()
    expect(page.get_by_role("button", name=f"Remove {kept}")).to_be_visible()
    assert [row["network"] for row in visited.owner.rows("excluded_networks")] == [kept]


def test_what_is_no_network_never_leaves_the_browser(
    page: Page, person: Person, visited: Customer, complaints: list[str]
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if "excluded_networks" in request.url else None)
    settings(page, person, visited)
    for typed in ("the office", "1.2.3", "1.2.3.256", "1.2.3.4/33", "2a01::1::2", "2a01:4f8::/129", "1.2.3.4/", "::1.2.3.4.5"):
        page.get_by_label("Network or address").fill(typed)
        page.get_by_role("button", name="Add network").click()
        expect(page.get_by_role("alert")).to_contain_text("This is not a network.")
    assert "POST" not in sent
    page.get_by_label("Network or address").fill("10.1.2.3")
    page.get_by_role("button", name="Add network").click()
    expect(page.get_by_role("alert")).to_contain_text("not on the public internet")
    complaints.clear()  # the browser itself reports the refusal


def test_companies_of_an_excluded_country_make_no_visit(page: Page, person: Person, visited: Customer, world: World) -> None:
    settings(page, person, visited)
    page.get_by_label("Country", exact=True).select_option("Germany")
    page.get_by_role("button", name="Add country").click()
    expect(page.get_by_role("button", name="Remove Germany")).to_be_visible()
    assert world.record(visited.beacon("initech")) == ["excluded"]
    expect(page.get_by_label("Country", exact=True).locator("option", has_text="Germany")).to_have_count(0)
    page.get_by_role("link", name="Companies", exact=True).click()
    page.reload()
    assert funnel(page) == {"identified": 3, "carrier": 1, "excluded": 1}
    expect(page.get_by_text("Excluded by you")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Remove Germany").click()
    expect(page.get_by_text("No country is excluded.")).to_be_visible()
    assert world.record(visited.beacon("initech")) == ["identified"]


def test_the_keyboard_alone_corrects_and_undoes(page: Page, open_company: Callable[[str], None], visited: Customer) -> None:
    open_company("Acme")
    button, keys = page.get_by_role("button", name="Not right?"), page.keyboard
    button.focus()
    keys.press("Enter")
    opened = page.get_by_role("dialog", name="Not Acme?")
    expect(opened.get_by_label("Wrong company")).to_be_focused()
    keys.press("Escape")
    expect(opened).to_have_count(0)
    expect(button).to_be_focused()
    keys.press("Enter")
    keys.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('dialog') !== null || document.activeElement === document.body")
    keys.press("Tab")
    opened.get_by_label("Wrong company").focus()
    keys.press("ArrowUp")
    expect(opened.get_by_label("Same as …")).to_be_checked()
    keys.press("Tab")
    keys.type("globex")
    expect(opened.get_by_label("The other company", exact=True).get_by_role("radio")).to_have_count(1)
    keys.press("Enter")  # ends the search, sends nothing
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    expect(opened.get_by_role("button", name="Cancel")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(banner(page)).to_contain_text("Shown as Globex.")
    expect(button).to_be_focused()
    expect(banner(page).get_by_role("button", name="Undo")).to_be_enabled()
    banner(page).get_by_role("button", name="Undo").focus()
    keys.press("Enter")
    expect(banner(page)).to_have_text("Undone. Its visits show as before.")
    expect(banner(page)).to_be_focused()
    assert verdicts(visited) == []


def test_corrections_are_accessible_and_fit_every_screen(
    any_screen: Page, person: Person, visited: Customer, stack: Stack
) -> None:
    """axe finds nothing serious in dialog, banner and settings, and the console stays silent."""
    page, complaints = any_screen, list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    visited.exclude("155.56.0.0/16")
    visited.owner.insert("excluded_countries", {"account_id": visited.account_id, "country": "VC"})
    person.sign_in(page)
    page.goto(f"{stack.app_url}/app/sites/{visited.site_id}/companies/{visited.company_id('acme')}")
    opened = dialog(page)
    for choice in ("Wrong company", "Same as …"):
        opened.get_by_label(choice).check()
        page.wait_for_load_state("networkidle")
        assert_sound(page, choice)
        assert opened.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth"), choice
    opened.get_by_label("This is us").check()
    opened.get_by_role("button", name="Correct").click()
    expect(banner(page).get_by_role("button", name="Undo")).to_be_enabled()
    assert_sound(page, "banner")
    undo(page)
    assert_sound(page, "undone")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_text("155.56.0.0/16")).to_be_visible()
    page.get_by_text("History").click()
    page.get_by_role("button", name="Remove 155.56.0.0/16").click()
    expect(page.get_by_text("is counted again")).to_be_visible()
    assert_sound(page, "settings")
    too_wide = "[...document.querySelectorAll('.card')].filter(card => card.scrollWidth > card.clientWidth).length"
    assert page.evaluate(too_wide) == 0
    assert complaints == []
