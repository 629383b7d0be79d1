"""Contacts on a company's page and in the settings, and the page of the person they are about."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World
from tests.contacts import ANNA, accesses, bring, visited_by

FILE = "role,work_email,linkedin\nHead of IT,info@acme.example,\nCEO,erika@gmail.com,\n"


@pytest.fixture
def customer(person: Person, world: World) -> Customer:
    customer = person.with_account()
    visited_by(customer)
    return customer


@pytest.fixture
def company_id(customer: Customer) -> str:
    return customer.company_id("acme")


def open_card(page: Page, person: Person, customer: Customer) -> Locator:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/companies/{customer.company_id('acme')}")
    card = page.get_by_role("region", name="Contacts")
    expect(card.get_by_role("heading", name="Contacts")).to_be_visible()
    return card


def with_provider(page: Page) -> None:
    """As if the operator had set one up."""
    page.route("**/api/v1/contact-providers", lambda route: route.fulfill(json={"providers": ["hunter"]}))


def test_contacts_are_shown_when_asked_for_and_that_is_recorded(
    page: Page, person: Person, customer: Customer, company_id: str
) -> None:
    bring(customer, company_id, ANNA, {"work_email": "info@acme.example"})
    card = open_card(page, person, customer)
    expect(card.get_by_role("button", name="Show 2 contacts")).to_be_visible()
    assert accesses(customer) == [("imported", 2)]
    card.get_by_role("button", name="Show 2 contacts").click()
    entries = card.get_by_role("list", name="Contacts").get_by_role("listitem")
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("Head of Purchasing")
    expect(entries.first.get_by_role("link", name="anna.berg@acme.example")).to_have_attribute(
        "href", "mailto:anna.berg@acme.example"
    )
    expect(entries.first.get_by_role("link", name="LinkedIn")).to_have_attribute("href", "https://www.linkedin.com/in/anna-berg")
    expect(entries.first).to_contain_text("imported by your team")
    expect(entries.last).to_contain_text("Shared mailbox")
    assert accesses(customer)[1:] == [("viewed", 2)]


def test_the_notice_names_source_expiry_and_the_link_by_which_the_person_objects(
    page: Page, person: Person, customer: Customer, company_id: str, complaints: list[str]
) -> None:
    bring(customer, company_id)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = open_card(page, person, customer)
    card.get_by_role("button", name="Show 1 contact").click()
    card.get_by_role("button", name="First message").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Copy the notice").click()
    expect(dialog.get_by_text("Copied")).to_be_visible()
    notice = str(page.evaluate("navigator.clipboard.readText()"))
    assert "Art. 6(1)(f)" in notice and "Customer" in notice and "object" in notice
    link = re.search(rf"{person._stack.app_url}/contact#[\w-]{{43}}", notice)
    assert link

    page.goto(link[0])
    expect(page.get_by_role("heading", name="This is kept, and nothing else")).to_be_visible()
    expect(page.get_by_text("a…@acme.example")).to_be_visible()
    assert len(customer.owner.result("list_contacts", company_id=company_id)) == 1
    page.get_by_role("button", name="Object and delete").click()
    expect(page.get_by_role("heading", name="Deleted")).to_be_focused()
    assert customer.owner.result("list_contacts", company_id=company_id) == []
    page.reload()
    expect(page.get_by_role("heading", name="Nothing is kept")).to_be_visible()
    # The browser's own line for an answer of 404.
    assert len(complaints) == 1 and "404" in complaints.pop()
    customer.world.database.execute("delete from private.contact_suppressions")


def test_a_file_is_shown_line_by_line_before_it_is_imported(
    page: Page, person: Person, customer: Customer, company_id: str
) -> None:
    card = open_card(page, person, customer)
    card.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    expect(dialog.get_by_text("1 line is good, 1 is left out. Nothing is imported yet.")).to_be_visible()
    expect(dialog.get_by_role("list", name="Lines that are left out")).to_contain_text("Line 3")
    assert accesses(customer) == []
    dialog.get_by_role("button", name="Import 1 contact").click()
    expect(dialog.get_by_text("1 contact was added")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(card.get_by_role("button", name="Show 1 contact")).to_be_visible()


def test_an_export_is_a_file_that_runs_nothing_and_is_recorded(
    page: Page, person: Person, customer: Customer, company_id: str, tmp_path: Path
) -> None:
    # Past all checks, as if a formula had come in somehow: what the file says is looked at.
    bring(customer, company_id)
    page.route("**/rpc/export_contacts", lambda route: route.fulfill(json=[hostile(customer, company_id)]))
    card = open_card(page, person, customer)
    with page.expect_download() as download:
        card.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "contacts-acme.example.csv"
    download.value.save_as(tmp_path / "contacts.csv")
    text = (tmp_path / "contacts.csv").read_bytes().decode("utf-8-sig")
    heading, cells = list(csv.reader(io.StringIO(text)))
    assert heading[:4] == ["role", "seniority", "work_email", "linkedin"]
    assert cells[0] == '\'=HYPERLINK("https://evil.example","x")' and cells[2] == "'@SUM(1)"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    page.unroute("**/rpc/export_contacts")
    with page.expect_download():
        card.get_by_role("button", name="Export").click()
    assert ("exported", 1) in accesses(customer)


def hostile(customer: Customer, company_id: str) -> dict[str, Any]:
    [contact] = customer.owner.result("list_contacts", company_id=company_id)
    return {**contact, "role": '=HYPERLINK("https://evil.example","x")', "work_email": "@SUM(1)"}


def test_contacts_are_asked_for_and_what_becomes_of_it_is_said(
    page: Page, person: Person, customer: Customer, company_id: str
) -> None:
    with_provider(page)
    card = open_card(page, person, customer)
    expect(card.get_by_text("50 credits left this month")).to_be_visible()
    card.get_by_role("button", name="Find contacts").click()
    expect(card.get_by_text("We are looking.")).to_be_visible()
    expect(card.get_by_role("button", name="Find contacts")).to_have_count(0)
    enricher = customer.world.role("enricher")
    claimed = enricher.result("claim_enrichments", most=50, lease_seconds=60, providers=["hunter"])
    for request in claimed:
        enricher.result("finish_enrichment", claim=request["claim"], contacts=[])
    page.reload()
    expect(card.get_by_text("Nobody was found who may be kept. Your credit was given back.")).to_be_visible()


def test_without_a_provider_it_says_so(page: Page, person: Person, customer: Customer) -> None:
    card = open_card(page, person, customer)
    expect(card.get_by_text("No provider of contacts is set up here")).to_be_visible()
    expect(card.get_by_role("button", name="Find contacts")).to_have_count(0)


def test_a_contact_is_deleted_after_a_question(page: Page, person: Person, customer: Customer, company_id: str) -> None:
    bring(customer, company_id)
    card = open_card(page, person, customer)
    card.get_by_role("button", name="Show 1 contact").click()
    card.get_by_role("button", name="Delete Head of Purchasing").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(card.get_by_role("listitem")).to_have_count(1)
    card.get_by_role("button", name="Delete Head of Purchasing").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(card.get_by_role("listitem")).to_have_count(0)
    assert ("deleted", 1) in accesses(customer)


@pytest.mark.parametrize(("role", "buttons"), [("viewer", ["Show 1 contact"]), ("billing", None)])
def test_who_may_not_work_with_contacts_is_offered_less(
    page: Page, person: Person, customer: Customer, company_id: str, world: World, role: str, buttons: list[str] | None
) -> None:
    bring(customer, company_id)
    world.database.execute("update public.memberships set role = %s where account_id = %s", [role, customer.account_id])
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/companies/{company_id}")
    expect(page.get_by_role("region", name="Facts")).to_be_visible()
    card = page.get_by_role("region", name="Contacts")
    if buttons is None:
        page.wait_for_load_state("networkidle")
        expect(card).to_have_count(0)
    else:
        expect(card.get_by_role("button")).to_have_text(buttons)


def section(page: Page, person: Person, customer: Customer) -> Locator:
    person.sign_in(page)
    with_provider(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/settings")
    shown = page.get_by_role("region", name="Contacts")
    expect(shown.get_by_text("50 of 50")).to_be_visible()
    return shown


def test_settings_say_whom_to_look_for(page: Page, person: Person, customer: Customer, company_id: str) -> None:
    germans = {"match": "all", "conditions": [{"field": "country", "is": ["DE"]}]}
    customer.owner.insert("segments", {"account_id": customer.account_id, "name": "Germans", "filter": germans})
    bring(customer, company_id)
    settings = section(page, person, customer)
    settings.get_by_label("Purchasing").check()
    settings.get_by_label("Executives").uncheck()
    settings.get_by_label("At most, of each company").select_option("10")
    settings.get_by_label("At which companies").select_option(label="Also those of the segment Germans, when they visit")
    settings.get_by_role("button", name="Save").click()
    expect(settings.get_by_text("Saved.")).to_be_visible()
    kept = customer.owner.result("get_enrichment_settings", account_id=customer.account_id)
    assert (kept["companies"], kept["roles"], kept["seniorities"], kept["most_contacts"]) == (
        "segment", ["management", "purchasing"], ["senior"], 10,
    )  # fmt: skip
    page.reload()
    expect(settings.get_by_label("At which companies")).to_have_value(kept["segment_id"])
    settings.get_by_text("Who used contacts").click()
    expect(settings.get_by_role("list", name="Uses of contacts")).to_contain_text("You imported 1 contact of Acme")


def test_settings_speak_of_no_credits_where_nobody_could_be_asked(page: Page, person: Person, customer: Customer) -> None:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/settings")
    settings = page.get_by_role("region", name="Contacts")
    expect(settings.get_by_text("You can import contacts you know")).to_be_visible()
    expect(settings.get_by_text("credits")).to_have_count(0)
    expect(settings.get_by_role("button", name="Save")).to_have_count(0)


def test_it_is_sound_on_any_screen(any_screen: Page, person: Person, customer: Customer, company_id: str, tmp_path: Path) -> None:
    bring(customer, company_id, ANNA, {"work_email": "info@acme.example"})
    with_provider(any_screen)
    card = open_card(any_screen, person, customer)
    card.get_by_role("button", name="Show 2 contacts").click()
    expect(card.get_by_role("listitem")).to_have_count(2)
    assert_sound(any_screen, "a company's contacts")
    any_screen.screenshot(path=tmp_path / "company.png", full_page=True)
    card.get_by_role("button", name="First message").first.click()
    assert_sound(any_screen, "the notice")
    any_screen.screenshot(path=tmp_path / "notice.png")
    any_screen.get_by_role("dialog").get_by_role("button", name="Close").click()
    card.get_by_role("button", name="Import").click()
    any_screen.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    expect(any_screen.get_by_text("Nothing is imported yet.")).to_be_visible()
    assert_sound(any_screen, "an import")
    any_screen.screenshot(path=tmp_path / "import.png")
    any_screen.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/settings")
    settings = any_screen.get_by_role("region", name="Contacts")
    expect(settings.get_by_text("50 of 50")).to_be_visible()
    assert_sound(any_screen, "the settings")
    settings.screenshot(path=tmp_path / "settings.png")
    [anna, *_] = customer.owner.result("list_contacts", company_id=company_id)
    any_screen.goto(f"{person._stack.app_url}/contact#{anna['objection_token']}")
    expect(any_screen.get_by_text("This is kept, and nothing else")).to_be_visible()
    assert_sound(any_screen, "a person's page")
    any_screen.screenshot(path=tmp_path / "person.png", full_page=True)


def test_a_person_objects_where_they_were_written_to_and_everywhere_by_the_mail(
    page: Page, person: Person, world: World, customer: Customer, company_id: str, tmp_path: Path
) -> None:
    world.database.execute("delete from private.objections")
    world.database.execute("delete from private.outbox where template = 'objection'")
    bring(customer, company_id)
    elsewhere = world.customer()
    other_id = visited_by(elsewhere)
    bring(elsewhere, other_id)
    [anna] = customer.owner.result("list_contacts", company_id=company_id)
    page.goto(f"{person._stack.app_url}/contact#{anna['objection_token']}")
    page.get_by_role("button", name="Object and delete").click()
    expect(page.get_by_text("We have sent a mail to your work address")).to_be_visible()
    assert_sound(page, "an objection")
    page.screenshot(path=tmp_path / "objected.png", full_page=True)
    query = "select content ->> 'token' from private.outbox where template = 'objection'"
    [(token,)] = world.database.execute(query).fetchall()
    page.goto(f"{person._stack.app_url}/contact#everywhere={token}")
    page.get_by_role("button", name="Object everywhere").click()
    expect(page.get_by_text("It is deleted at every customer of Leadsment")).to_be_visible()
    expect(page.get_by_text("We have sent a mail")).to_be_hidden()
    page.screenshot(path=tmp_path / "everywhere.png", full_page=True)
    assert elsewhere.owner.result("list_contacts", company_id=other_id) == []
    page.reload()
    page.get_by_role("button", name="Object everywhere").click()
    expect(page.get_by_role("heading", name="Nothing is kept")).to_be_visible()
    world.database.execute("delete from private.contact_suppressions")
