"""Webhooks on the Integrations page, as owners and their teammates go through them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World
from tests.webhooks import Endpoint, add_endpoint, announce, attempts_of
from tests.website import Website, running_website


@pytest.fixture
def customer(person: Person) -> Customer:
    customer = person.with_account()
    customer.world.database.execute("delete from private.outbox")
    return customer


@pytest.fixture
def website() -> Iterator[Website]:
    with running_website() as website:
        yield website


def section(page: Page, person: Person, customer: Customer) -> Locator:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/integrations")
    shown = page.get_by_role("region", name="Webhooks")
    expect(shown.get_by_text(re.compile(r"There is no webhook|https?://")).first).to_be_visible()
    return shown


def told(endpoint: Endpoint, *outcomes: tuple[str, int | None]) -> None:
    """Let a company come, and attempts to tell of it end."""
    world = endpoint.customer.world
    world.record(endpoint.customer.beacon())
    announce(world)
    attempts_of(world, endpoint, *outcomes)


def secrets_of(world: World) -> list[str]:
    rows = world.database.execute("select secret from private.webhook_secrets order by created_at").fetchall()
    return [secret for (secret,) in rows]


def test_a_webhook_is_added_its_secret_shown_once_and_a_test_looked_at(
    page: Page, person: Person, customer: Customer, website: Website
) -> None:
    webhooks = section(page, person, customer)
    webhooks.get_by_role("button", name="Add a webhook").click()
    webhooks.get_by_label("URL").fill(f"{website.url}/in")
    webhooks.get_by_label("Description").fill("Our CRM")
    webhooks.get_by_label("A contact is found").check()
    webhooks.get_by_role("button", name="Add webhook").click()
    expect(webhooks.get_by_text("shown only this once")).to_be_visible()
    secret = webhooks.locator("pre code").inner_text()
    assert secret in secrets_of(customer.world)
    webhooks.get_by_role("button", name="I have kept it").click()
    page.reload()
    expect(webhooks.get_by_text(f"{website.url}/in")).to_be_visible()
    expect(webhooks.get_by_role("list", name="Events").get_by_role("listitem")).to_have_text(
        ["company.identified", "company.returned", "contact.enriched"]
    )
    assert secret not in page.content()
    webhooks.get_by_role("button", name="Send a test").click()
    expect(webhooks.get_by_role("list", name="Messages").get_by_role("listitem")).to_contain_text("test")


def test_a_url_that_leads_inside_is_refused_and_nothing_typed_is_lost(
    page: Page, person: Person, customer: Customer, complaints: list[str]
) -> None:
    webhooks = section(page, person, customer)
    webhooks.get_by_role("button", name="Add a webhook").click()
    webhooks.get_by_label("URL").fill("https://10.0.0.1/in")
    webhooks.get_by_label("Description").fill("Our CRM")
    with page.expect_response("**/api/v1/webhook-endpoints"):
        webhooks.get_by_role("button", name="Add webhook").click()
    expect(webhooks.get_by_role("alert")).to_contain_text("not on the public internet")
    assert "422" in complaints.pop()  # the browser itself writes a refusal on the console
    expect(webhooks.get_by_label("URL")).to_have_value("https://10.0.0.1/in")
    for event in ("for the first time", "comes back"):
        webhooks.get_by_label(event).uncheck()
    webhooks.get_by_role("button", name="Add webhook").click()
    expect(webhooks.get_by_role("alert")).to_contain_text("at least one event")


def test_the_log_shows_attempts_and_sends_again(page: Page, person: Person, customer: Customer) -> None:
    endpoint = add_endpoint(customer)
    told(endpoint, ("unavailable", 500), ("refused", 302))
    webhooks = section(page, person, customer)
    webhooks.get_by_role("button", name="Log").click()
    messages = webhooks.get_by_role("list", name="Messages")
    expect(messages).to_contain_text("Given up")
    messages.get_by_text("2 attempts").click()
    expect(messages).to_contain_text("Not taken (500)")
    messages.get_by_role("button", name=re.compile("Send again: company.identified")).click()
    expect(messages).to_contain_text("Waiting")


def test_a_secret_is_changed_and_a_webhook_switched_off_edited_and_deleted(
    page: Page, person: Person, customer: Customer, website: Website
) -> None:
    endpoint = add_endpoint(customer)
    webhooks = section(page, person, customer)
    webhooks.get_by_role("button", name="New secret").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make a new secret").click()
    expect(dialog.get_by_text("signed with both")).to_be_visible()
    secret = dialog.locator("pre code").inner_text()
    assert {endpoint.secret, secret} <= set(secrets_of(customer.world))
    dialog.get_by_role("button", name="I have kept it").click()
    webhooks.get_by_role("button", name="Switch off").click()
    expect(webhooks.get_by_text("Off", exact=True)).to_be_visible()
    webhooks.get_by_role("button", name="Switch on").click()
    webhooks.get_by_role("button", name="Edit").click()
    webhooks.get_by_label("URL").fill(f"{website.url}/other")
    webhooks.get_by_role("button", name="Save").click()
    expect(webhooks.get_by_text(f"{website.url}/other")).to_be_visible()
    webhooks.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Cancel").click()
    webhooks.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(webhooks.get_by_text("There is no webhook")).to_be_visible()


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_may_not_manage_them_sees_what_there_is(
    page: Page, person: Person, customer: Customer, world: World, role: str
) -> None:
    add_endpoint(customer)
    world.database.execute("update public.memberships set role = %s where account_id = %s", [role, customer.account_id])
    webhooks = section(page, person, customer)
    expect(webhooks.get_by_text("https://hooks.example/in")).to_be_visible()
    expect(webhooks.get_by_role("button")).to_have_count(0)


def test_the_section_is_sound_on_any_screen(any_screen: Page, person: Person, customer: Customer, tmp_path: Path) -> None:
    add_endpoint(customer, description="Our CRM")
    endpoint = add_endpoint(customer, url=f"https://hooks.example/{'a-long-path/' * 8}?token=x", description="Warehouse")
    told(endpoint, ("unavailable", 500), ("uncertain", None), ("delivered", 200))
    gone = add_endpoint(customer, url="https://gone.example/in", events=["company.returned"])
    customer.pass_time("2 hours")
    told(gone, ("refused", 410))
    webhooks = section(any_screen, person, customer)
    webhooks.get_by_role("button", name="Log").nth(1).click()
    webhooks.get_by_text("3 attempts").click()
    assert_sound(any_screen, "webhooks, a log open")
    any_screen.screenshot(path=tmp_path / "log.png", full_page=True)
    webhooks.get_by_role("button", name="Add a webhook").click()
    assert_sound(any_screen, "webhooks, adding one")
    any_screen.screenshot(path=tmp_path / "adding.png", full_page=True)
    webhooks.get_by_role("button", name="New secret").first.click()
    assert_sound(any_screen, "webhooks, before a new secret")
    any_screen.get_by_role("button", name="Make a new secret").click()
    expect(any_screen.get_by_text("shown only this once")).to_be_visible()
    assert_sound(any_screen, "webhooks, a new secret")
    any_screen.screenshot(path=tmp_path / "secret.png")
