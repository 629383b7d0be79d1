"""Digests in the dashboard, and the page that a mail's link opens, as their readers go through them."""

import hashlib
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer


@pytest.fixture
def customer(person: Person) -> Customer:
    customer = person.with_account()
    customer.world.record(customer.beacon("acme"), customer.beacon("globex"))
    return customer


def section(page: Page, person: Person, customer: Customer) -> Locator:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/notifications")
    shown = page.get_by_role("region", name="Digests")
    expect(shown.get_by_role("button", name="New digest")).to_be_visible()
    return shown


def subscriptions(customer: Customer) -> list[dict[str, Any]]:
    return customer.owner.rows("digest_subscriptions", order="created_at")


def test_one_click_asks_for_a_digest_each_morning(page: Page, person: Person, customer: Customer) -> None:
    digests = section(page, person, customer)
    assert subscriptions(customer) == []
    digests.get_by_role("button", name="Send me one each morning").click()
    expect(digests.get_by_text(re.compile("Every day at 08:00"))).to_be_visible()
    [kept] = subscriptions(customer)
    assert (kept["hour"], kept["site_id"]) == (8, customer.site_id)
    assert_sound(page, "digests")


def test_a_digest_is_made_previewed_paused_changed_and_deleted(page: Page, person: Person, customer: Customer) -> None:
    digests = section(page, person, customer)
    digests.get_by_role("button", name="New digest").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How often").select_option("weekly")
    dialog.get_by_label("On", exact=True).select_option("Friday")
    dialog.get_by_label("At", exact=True).select_option("17:00")
    dialog.get_by_label("In the time zone").select_option("Europe/Lisbon")
    dialog.get_by_label("Also tell me").check()
    assert_sound(page, "a new digest")
    dialog.get_by_role("button", name="Create digest").click()
    expect(digests.get_by_text("Every Friday at 17:00, Europe/Lisbon")).to_be_visible()

    digests.get_by_role("button", name="Preview").click()
    letter = page.frame_locator("iframe[title='The letter']")
    expect(letter.get_by_role("heading", name=re.compile("2 new companies"))).to_be_visible()
    expect(letter.get_by_text("Globex", exact=True)).to_have_css("text-decoration-line", "underline")
    assert letter.locator("a[href]").count() == 0
    page.get_by_role("dialog").get_by_role("button", name="Close").click()

    digests.get_by_role("button", name="Pause").click()
    expect(digests.get_by_text("Paused")).to_be_visible()
    digests.get_by_role("button", name="Send again").click()
    expect(digests.get_by_text("Paused")).to_have_count(0)
    digests.get_by_role("button", name="Change").click()
    dialog.get_by_label("At", exact=True).select_option("06:00")
    dialog.get_by_role("button", name="Save").click()
    expect(digests.get_by_text("Every Friday at 06:00, Europe/Lisbon")).to_be_visible()
    digests.get_by_role("button", name="Delete").click()
    expect(digests.get_by_text("You get no digest yet")).to_be_visible()


def test_the_same_digest_twice_is_refused_in_words(page: Page, person: Person, customer: Customer, complaints: list[str]) -> None:
    digests = section(page, person, customer)
    digests.get_by_role("button", name="Send me one each morning").click()
    expect(digests.get_by_text(re.compile("Every day at 08:00"))).to_be_visible()
    digests.get_by_role("button", name="New digest").click()
    page.get_by_role("dialog").get_by_role("button", name="Create digest").click()
    expect(page.get_by_role("alert")).to_contain_text("You get this digest already")
    complaints.clear()  # of the browser, of the status


def test_a_mailbox_that_bounced_is_said_and_tried_again(page: Page, person: Person, customer: Customer) -> None:
    address = person.email.lower().encode()
    customer.world.role("postmaster").call(
        "note_mail_event",
        address_hashes=[f"\\x{hashlib.sha256(address).hexdigest()}"],
        reason="bounced",
        happened_at="2026-11-01",
    )
    section(page, person, customer)
    expect(page.get_by_text(f"A mail to {person.email} came back")).to_be_visible()
    assert_sound(page, "mails that come back")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("came back")).to_have_count(0)


def test_a_mails_link_asks_stops_and_can_be_undone(page: Page, person: Person, customer: Customer) -> None:
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "rhythm": "daily", "hour": 8, "time_zone": "UTC"}
    assert customer.owner.insert("digest_subscriptions", row).status_code == 201
    drawn = customer.world.database.execute(
        "select private.draw_mail_link(user_id, 'digests', id) from public.digest_subscriptions where user_id = %s",
        [customer.owner.user_id],
    ).fetchone()
    assert drawn is not None
    page.goto(f"{person._stack.app_url}/unsubscribe#{drawn[0]}")
    expect(page.get_by_role("heading", name="Stop the daily digest of Website?")).to_be_visible()
    assert subscriptions(customer)[0]["state"] == "on"
    assert_sound(page, "the link's page")
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_focused()
    assert subscriptions(customer)[0]["state"] == "unsubscribed"
    assert_sound(page, "unsubscribed")
    page.get_by_role("button", name="Stop all digests and alerts").click()
    expect(page.get_by_text("You get no more of our digests and alerts")).to_be_visible()
    assert customer.owner.result("own_mail")["refused"] == ["all"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Stop the daily digest of Website?")).to_be_visible()
    assert subscriptions(customer)[0]["state"] == "on" and customer.owner.result("own_mail")["refused"] == []


def test_a_link_that_is_not_known_says_what_to_do(page: Page, person: Person, complaints: list[str]) -> None:
    page.goto(f"{person._stack.app_url}/unsubscribe#nothing")
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    expect(page.get_by_text("Sign in, and choose your mails under Notifications")).to_be_visible()
    complaints.clear()  # of the browser, of the status
