"""Alerts, segments, chat channels, follows and the score in the dashboard."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.alerts import announce, messages, rule, segment
from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World
from tests.database.test_chat_destinations import SLACK, connected


@pytest.fixture
def customer(person: Person) -> Customer:
    customer = person.with_account()
    for path in ("/", "/pricing"):
        customer.world.record(customer.beacon(page={"host": "example.com", "path": path}))
    customer.world.record(customer.beacon("other"))
    return customer


def open_page(page: Page, person: Person, customer: Customer, path: str) -> None:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/{path}")


def test_a_company_is_followed_marked_in_the_list_and_its_score_explained(page: Page, person: Person, customer: Customer) -> None:
    open_page(page, person, customer, f"companies/{customer.company_id('acme')}")
    follow = page.get_by_role("button", name="Follow", exact=True)
    follow.click()
    expect(page.get_by_role("button", name="Following")).to_have_attribute("aria-pressed", "true")
    score = page.get_by_role("region", name="Score")
    expect(score).to_contain_text("22 of 100")
    score.get_by_text("How it comes about").click()
    expect(score.get_by_role("row", name="today, 2 pages 14.1")).to_be_visible()
    expect(score.get_by_role("row", name="Score: 14.1 ÷ (14.1 + 50) 22")).to_be_visible()
    page.get_by_role("link", name="All companies").click()
    followed = page.get_by_role("row").filter(has=page.get_by_role("img", name="You follow it"))
    expect(followed).to_have_count(1)
    expect(followed).to_contain_text("Acme")
    followed.get_by_role("link").click()
    page.get_by_role("button", name="Following").click()
    expect(follow).to_have_attribute("aria-pressed", "false")


def test_an_alert_with_a_new_segment_is_created_tested_muted_and_deleted(page: Page, person: Person, customer: Customer) -> None:
    open_page(page, person, customer, "notifications")
    section = page.get_by_role("region", name="Alerts")
    section.get_by_role("button", name="New alert").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Buyers come")
    dialog.get_by_label("Companies in a segment").check()
    dialog.get_by_role("button", name="Create alert").click()
    dialog.get_by_label("Name of the segment").fill("Buyers")
    dialog.get_by_role("button", name="Create alert").click()
    expect(dialog.get_by_text("at least one thing").last).to_be_visible()
    dialog.get_by_label("Country").select_option(label="Germany")
    dialog.get_by_label("Looked at a page under").fill("pricing")
    expect(dialog.get_by_text("2 companies so far")).to_be_visible()
    dialog.get_by_label("Visits, at least").fill("1")
    dialog.get_by_label("Only when a company comes").check()
    dialog.get_by_role("button", name="Create alert").click()
    expect(dialog).to_have_count(0)
    expect(section.get_by_text("When a company comes to be in “Buyers”, by e-mail")).to_be_visible()
    [kept] = customer.owner.rows("segments", account_id=f"eq.{customer.account_id}")
    assert kept["filter"]["conditions"] == [
        {"field": "country", "is": ["DE"]},
        {"field": "page", "starts_with": ["/pricing"]},
        {"field": "visits", "at_least": 1, "within_days": 7},
    ]
    section.get_by_role("button", name="Send a test").click()
    expect(section.get_by_text("on its way")).to_be_visible()
    assert messages(customer)[0]["content"]["is_test"] is True
    section.get_by_role("button", name="Mute").click()
    expect(section.get_by_text("Muted", exact=True)).to_be_visible()
    section.get_by_text("Segments of your account").click()
    segments = section.get_by_role("list", name="Segments")
    expect(segments).to_contain_text("country: Germany; looked at /pricing; at least 1 visit within 7 days")
    segments.get_by_role("button", name="Change").click()
    dialog.get_by_label("Score, at least").fill("20")
    dialog.get_by_role("button", name="Save").click()
    expect(segments).to_contain_text("score of at least 20")
    section.get_by_role("list", name="Alerts").get_by_role("button", name="Delete").click()
    expect(section.get_by_text("There is no alert yet.")).to_be_visible()


def test_the_link_of_an_alert_mutes_its_rule_by_a_button(page: Page, person: Person, customer: Customer) -> None:
    rule_id = rule(customer, name="Everything")
    open_page(page, person, customer, f"notifications?mute={rule_id}")
    section = page.get_by_role("region", name="Alerts")
    expect(section.get_by_text("Mute Everything?")).to_be_visible()
    [kept] = customer.owner.rows("alert_rules", id=f"eq.{rule_id}")
    assert kept["enabled"] is True
    section.get_by_role("button", name="Mute this rule").click()
    expect(section.get_by_text("“Everything” is muted.")).to_be_visible()


def test_quiet_hours_are_kept(page: Page, person: Person, customer: Customer) -> None:
    open_page(page, person, customer, "notifications")
    section = page.get_by_role("region", name="Alerts")
    section.get_by_label("Alerts a day").fill("5")
    section.get_by_label("Quiet hours").check()
    section.get_by_label("Until", exact=True).fill("06:30")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_text("Saved.")).to_be_visible()
    [kept] = customer.owner.rows("notification_settings")
    assert (kept["alerts_per_day"], kept["quiet_from"], kept["quiet_until"]) == (5, "20:00:00", "06:30:00")


def test_a_chat_channel_is_connected_tested_and_used_by_an_alert(
    page: Page, person: Person, customer: Customer, complaints: list[str]
) -> None:
    open_page(page, person, customer, "integrations")
    section = page.get_by_role("region", name="Chat")
    section.get_by_label("Name").fill("#sales")
    section.get_by_label("Webhook address").fill("https://example.com/hook")
    section.get_by_role("button", name="Connect").click()
    expect(section.get_by_text("not the address of a Slack incoming webhook")).to_be_visible()
    assert [complaint for complaint in complaints if "422" not in complaint] == []
    complaints.clear()  # the browser's own word about the refusal
    section.get_by_label("Webhook address").fill(SLACK)
    section.get_by_role("button", name="Connect").click()
    channels = section.get_by_role("list", name="Chat channels")
    expect(channels).to_contain_text("Slack, address ending in wxyz")
    assert SLACK not in page.content()
    channels.get_by_role("button", name="Send a test").click()
    expect(channels.get_by_text("on its way")).to_be_visible()
    page.get_by_role("link", name="Notifications").click()
    page.get_by_role("button", name="New alert").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("All of them")
    dialog.get_by_label("Where").select_option(label="Slack: #sales")
    dialog.get_by_role("button", name="Create alert").click()
    expect(page.get_by_text("Of every company: each visit, in Slack, #sales")).to_be_visible()
    customer.world.record(customer.beacon("third"))
    announce(customer.world)
    assert [message["channel"] for message in messages(customer)] == ["slack"]


def test_a_viewer_writes_alerts_for_themselves_alone(page: Page, person: Person, customer: Customer, world: World) -> None:
    connected(customer)
    world.database.execute("update public.memberships set role = 'viewer' where account_id = %s", [customer.account_id])
    open_page(page, person, customer, "notifications")
    page.get_by_role("button", name="New alert").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Where").get_by_role("option")).to_have_count(1)
    expect(dialog.get_by_label("Companies in a segment")).to_have_count(0)
    dialog.get_by_label("Name", exact=True).fill("Mine")
    dialog.get_by_role("button", name="Create alert").click()
    expect(page.get_by_text(re.compile("Of every company"))).to_be_visible()
    page.get_by_role("link", name="Integrations").click()
    chat = page.get_by_role("region", name="Chat")
    expect(chat.get_by_text("#sales")).to_be_visible()
    expect(chat.get_by_role("button")).to_have_count(0)


def test_the_sections_are_sound_on_any_screen(any_screen: Page, person: Person, customer: Customer, tmp_path: Path) -> None:
    channel = connected(customer)
    customer.world.database.execute(
        "update public.chat_destinations set broken_at = now(), broken_reason = 'The Slack channel is archived.' where id = %s",
        [channel],
    )
    segment_id = segment(customer)
    rule(customer, name="Germans on the website", about="segment", segment_id=segment_id)
    muted = rule(customer, name="Everything", channel="slack", chat_destination_id=channel, enabled=False)
    open_page(any_screen, person, customer, f"notifications?mute={muted}")
    section = any_screen.get_by_role("region", name="Alerts")
    expect(section.get_by_text("Everything").first).to_be_visible()
    section.get_by_text("Segments of your account").click()
    section.get_by_label("Quiet hours").check()
    assert_sound(any_screen, "alerts")
    any_screen.screenshot(path=tmp_path / "alerts.png", full_page=True)
    section.get_by_role("button", name="New alert").click()
    dialog = any_screen.get_by_role("dialog")
    dialog.get_by_label("Companies in a segment").check()
    dialog.get_by_label("Segment", exact=True).select_option("new")
    dialog.get_by_label("Country").select_option(label="Germany")
    expect(dialog.get_by_text("so far")).to_be_visible()
    assert_sound(any_screen, "new alert")
    any_screen.screenshot(path=tmp_path / "new-alert.png")
    dialog.get_by_role("button", name="Cancel").click()
    any_screen.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/integrations")
    expect(any_screen.get_by_text("is archived")).to_be_visible()
    assert_sound(any_screen, "chat")
    any_screen.screenshot(path=tmp_path / "chat.png", full_page=True)
    any_screen.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/companies/{customer.company_id('acme')}")
    any_screen.get_by_text("How it comes about").click()
    assert_sound(any_screen, "score")
    any_screen.screenshot(path=tmp_path / "company.png", full_page=True)
