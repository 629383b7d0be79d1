"""A CRM in the dashboard: connecting, choosing what goes there, pushing a company, and reading what became of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dev.stack import Stack
from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World
from tests.crms import running_crms
from tests.crms.hubspot import HubSpotDouble
from tests.crms.pushing import Connected, Pusher, connect


@pytest.fixture
def hubspot(stack: Stack) -> Iterator[HubSpotDouble]:
    double = HubSpotDouble()
    with running_crms(stack.ports.crm, {"hubspot": double}):
        yield double


@pytest.fixture
def pusher(stack: Stack, world: World) -> Iterator[Pusher]:
    world.database.execute("delete from private.outbox")
    pusher = Pusher(stack, world)
    yield pusher
    pusher.close()


@pytest.fixture
def customer(person: Person, world: World) -> Customer:
    customer = person.with_account()
    world.record(customer.beacon())
    return customer


def section(page: Page, person: Person, customer: Customer) -> Locator:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/integrations")
    shown = page.get_by_role("region", name="CRM")
    expect(shown.get_by_text("No CRM is connected").or_(shown.get_by_role("list", name="Connected CRMs"))).to_be_visible()
    return shown


def test_a_crm_is_connected_filled_by_a_click_and_disconnected(
    page: Page, person: Person, customer: Customer, stack: Stack, hubspot: HubSpotDouble, complaints: list[str]
) -> None:
    crm = section(page, person, customer)
    crm.get_by_role("button", name="Connect HubSpot").click()
    expect(crm.get_by_label("Access token")).to_be_focused()
    crm.get_by_label("Access token").fill("pat-eu1-not-the-token")
    crm.get_by_role("button", name="Connect", exact=True).click()
    expect(crm.get_by_role("alert")).to_contain_text("HubSpot does not take this token")
    complaints.clear()  # the browser complains of the 422
    crm.get_by_label("Access token").fill(hubspot.token)
    crm.get_by_role("button", name="Connect", exact=True).click()
    connections = crm.get_by_role("list", name="Connected CRMs")
    expect(connections.get_by_text("connected", exact=True)).to_be_visible()
    assert hubspot.token not in page.content()

    # What is shown at once is kept a moment later.
    with page.expect_response("**/rpc/change_crm_connection"):
        crm.get_by_label("Which companies go there by themselves").select_option("all")
    expect(crm.get_by_label("Which companies go there by themselves")).to_have_value("all")
    [connection] = customer.owner.rows("crm_connections")
    assert connection["pushes"] == "all"

    with page.expect_response("**/rpc/change_crm_connection"):
        crm.get_by_label("Push contacts with their company").check()
    expect(crm.get_by_label("Push contacts with their company")).to_be_checked()
    assert customer.owner.rows("crm_connections")[0]["pushes_contacts"] is True

    crm.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    crm.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(crm.get_by_text("No CRM is connected")).to_be_visible()
    assert customer.owner.rows("crm_connections") == []


def test_a_company_is_pushed_from_its_page_and_stands_in_the_log(
    page: Page, person: Person, customer: Customer, hubspot: HubSpotDouble, pusher: Pusher
) -> None:
    connected = Connected(customer, connect(customer))
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/companies/{connected.company_id}")
    card = page.get_by_role("region", name="CRM")
    expect(card.get_by_text("Not pushed yet")).to_be_visible()
    card.get_by_role("button", name="Push to HubSpot").click()
    expect(card.get_by_text("On its way")).to_be_visible()
    pusher.deliver()
    expect(card.get_by_text("Created")).to_be_visible()
    link = card.get_by_role("link", name="Open in HubSpot")
    expect(link).to_have_attribute("href", connected.link()["remote_url"])

    page.get_by_role("link", name="Integrations").click()
    crm = page.get_by_role("region", name="CRM")
    crm.get_by_role("button", name="Log").click()
    log = crm.get_by_role("list", name="Log")
    expect(log.get_by_role("link", name="Acme")).to_be_visible()
    log.get_by_role("button", name="Push again: Acme").click()
    expect(log.get_by_text("On its way")).to_be_visible()
    pusher.deliver()
    expect(log.get_by_text("Up to date")).to_be_visible()
    assert len(hubspot.records) == 1


def test_the_choice_of_fields_is_kept_and_a_wrong_one_said_to_be_wrong(
    page: Page, person: Person, customer: Customer, complaints: list[str]
) -> None:
    connected = Connected(customer, connect(customer))
    crm = section(page, person, customer)
    crm.get_by_role("button", name="Fields").click()
    crm.get_by_role("button", name="Add a field").click()
    crm.get_by_label("Fact 3").select_option("industry")
    crm.get_by_label("Field 3", exact=True).fill("no field!")
    crm.get_by_label("When 3").select_option("always")
    crm.get_by_role("button", name="Save fields").click()
    expect(crm.get_by_role("alert")).to_contain_text("The mapping does not hold together")
    complaints.clear()
    crm.get_by_label("Field 3", exact=True).fill("sector")
    crm.get_by_role("button", name="Remove field 2").click()
    crm.get_by_role("button", name="Save fields").click()
    expect(crm.get_by_text("It holds from the next push on")).to_be_visible()
    assert connected.state()["mapping"] == [
        {"fact": "name", "field": "name", "when": "empty"},
        {"fact": "industry", "field": "sector", "when": "always"},
    ]


def test_a_broken_connection_says_why_and_is_mended_with_a_new_token(
    page: Page, person: Person, customer: Customer, hubspot: HubSpotDouble, pusher: Pusher
) -> None:
    connected = Connected(customer, connect(customer, token="pat-eu1-revoked-since"))
    connected.push()
    pusher.deliver()
    crm = section(page, person, customer)
    expect(crm.get_by_text("HubSpot does not take this token")).to_be_visible()
    crm.get_by_role("button", name="Paste a new token").click()
    crm.get_by_label("Access token").fill(hubspot.token)
    crm.get_by_role("button", name="Connect", exact=True).click()
    expect(crm.get_by_text("connected", exact=True)).to_be_visible()
    crm.get_by_role("button", name="Pause HubSpot").click()
    expect(crm.get_by_text("paused", exact=True)).to_be_visible()


def test_a_member_pushes_and_changes_nothing(page: Page, person: Person, customer: Customer, world: World) -> None:
    connected = Connected(customer, connect(customer))
    connected.push()
    world.database.execute("update public.crm_links set outcome = 'failed', reason = 'HubSpot refused it' ")
    world.database.execute("update public.memberships set role = 'member' where account_id = %s", [customer.account_id])
    crm = section(page, person, customer)
    expect(crm.get_by_text("Only owners and admins connect a CRM")).to_be_visible()
    crm.get_by_role("button", name="Log").click()
    expect(crm.get_by_role("button", name="Push again: Acme")).to_be_visible()
    assert [button.inner_text() for button in crm.get_by_role("button").all()] == ["Log", "Fields", "Push again"]


def test_every_state_is_sound_on_any_screen(
    any_screen: Page, person: Person, customer: Customer, hubspot: HubSpotDouble, pusher: Pusher, tmp_path: Path
) -> None:
    connected = Connected(customer, connect(customer))
    connected.push()
    pusher.deliver()
    crm = section(any_screen, person, customer)
    crm.get_by_role("button", name="Log").click()
    expect(crm.get_by_text("Created")).to_be_visible()
    assert_sound(any_screen, "log")
    crm.screenshot(path=tmp_path / "log.png")
    crm.get_by_role("button", name="Fields").click()
    assert_sound(any_screen, "fields")
    crm.screenshot(path=tmp_path / "fields.png")
    crm.get_by_role("button", name="Connect Salesforce").click()
    assert_sound(any_screen, "connecting")
    crm.screenshot(path=tmp_path / "connecting.png")
    hubspot.token = "pat-eu1-another"
    connected.push()
    pusher.deliver()
    any_screen.reload()
    expect(crm.get_by_text("does not take this token")).to_be_visible()
    assert_sound(any_screen, "broken")
    crm.screenshot(path=tmp_path / "broken.png")
    any_screen.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/companies/{connected.company_id}")
    expect(any_screen.get_by_role("region", name="CRM").get_by_text("The connection is broken")).to_be_visible()
    assert_sound(any_screen, "company")
    any_screen.screenshot(path=tmp_path / "company.png", full_page=True)
