"""A person's whole way: the form, the mail, the button, the data, the erasure, the receipt; and nobody brings them back."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from dev.stack import Stack
from tests.browser.soundness import assert_sound
from tests.builders import World
from tests.contacts import ANNA, bring, insert, visited_by
from tests.data_requests import Asker, forget_requests
from tests.doors.page_views import BROWSER, CARRIER, COMPANY, COMPANY_NAME

EMAIL = ANNA["work_email"]


@pytest.fixture(autouse=True)
def fresh(world: World) -> Iterator[None]:
    forget_requests(world)
    yield
    forget_requests(world)


def mails(stack: Stack, world: World) -> list[dict[str, Any]]:
    """The mails to Anna, newest first, after the job that sends them has run."""
    world.database.execute("delete from private.job_runs")
    secret = {"Authorization": f"Bearer {stack.secrets.cron_secret}"}
    httpx.get(f"{stack.app_url}/api/cron/deliver_outbox", headers=secret, trust_env=False, timeout=30).raise_for_status()
    messages: list[dict[str, Any]] = httpx.get(f"{stack.mail_url}/messages.json", trust_env=False).json()
    return [message for message in messages if message["to"] == [EMAIL]]


def link_of(mail: dict[str, Any]) -> str:
    link = re.search(r'href="([^"]+)"', mail["html"])
    assert link
    return link[1].replace("&amp;", "&")


def ask(page: Page, stack: Stack, what: str) -> None:
    page.goto(f"{stack.app_url}/data-request")
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label(what).check()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_focused()


def saved(page: Page, kind: str, folder: Path) -> str:
    """The text of the file that a button saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {kind}").click()
    download.value.save_as(folder / "saved")
    return (folder / "saved").read_bytes().decode("utf-8-sig")


def test_the_whole_way_from_the_form_to_the_receipt(
    page: Page, stack: Stack, world: World, complaints: list[str], tmp_path: Path
) -> None:
    customer = world.customer()
    company_id = visited_by(customer)
    bring(customer, company_id)
    page.goto(stack.app_url)
    page.get_by_role("link", name="Your data").click()

    # A copy: form, mail, button, data, both files.
    ask(page, stack, "A copy of my data")
    link = link_of(mails(stack, world)[0])
    page.goto(link)
    button = page.get_by_role("button", name="Show my data")
    expect(button).to_be_visible()
    button.click()
    expect(page.get_by_role("heading", name="What is kept of you")).to_be_focused()
    expect(page.get_by_text("Head of Purchasing")).to_be_visible()
    assert_sound(page, "a person's data")
    page.screenshot(path=tmp_path / "files.png", full_page=True)
    data = json.loads(saved(page, "JSON", tmp_path))["data"]
    assert [contact["work_email"] for contact in data["contacts"]] == [EMAIL]
    assert ["contacts", "1", "work_email", EMAIL] in list(csv.reader(io.StringIO(saved(page, "CSV", tmp_path))))
    # The mail leads there too, and carries no data itself.
    receipt = mails(stack, world)[0]
    assert "Head of Purchasing" not in receipt["html"] and not receipt.get("attachments")
    page.goto("about:blank")
    page.goto(link_of(receipt))
    expect(page.get_by_text("Head of Purchasing")).to_be_visible()

    # The erasure, and what is left of it.
    ask(page, stack, "Erase me")
    page.goto(link_of(mails(stack, world)[0]))
    expect(page.get_by_text("Kept under your address: 1 contact entry.")).to_be_visible()
    assert len(customer.owner.result("list_contacts", company_id=company_id)) == 1
    page.get_by_role("button", name="Erase me now").click()
    expect(page.get_by_role("heading", name="Erased")).to_be_focused()
    assert "#" not in page.url
    assert_sound(page, "erased")
    assert customer.owner.result("list_contacts", company_id=company_id) == []
    receipt = mails(stack, world)[0]
    assert "is done" in receipt["subject"]
    assert "1 contact entry about you was deleted." in receipt["text"] and "What is kept" in receipt["text"]

    # Nobody brings them back: not by a file, and not past all functions.
    assert bring(customer, company_id) == ["suppressed"]
    with pytest.raises(Exception, match="objected"):
        insert(customer, company_id, work_email=EMAIL, source="hunter")
    [(kept,)] = world.database.execute("select string_agg(request::text, ' ') from private.data_requests as request").fetchall()
    assert EMAIL not in kept
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("This link was used")).to_be_visible()
    # The browser's own line for an answer of 410.
    assert len(complaints) == 1 and "410" in complaints.pop()


def test_what_is_wrong_needs_words_and_goes_to_the_staff(page: Page, stack: Stack, world: World, complaints: list[str]) -> None:
    page.goto(f"{stack.app_url}/data-request")
    page.get_by_label("Your e-mail address").fill("not an address")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("one e-mail address")
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label("Something is wrong").check()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("Say what is wrong")
    complaints.clear()
    page.get_by_label("What shall we change?").fill("I am the CEO.")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_focused()
    page.goto(link_of(mails(stack, world)[0]))
    page.get_by_role("button", name="Confirm my request").click()
    expect(page.get_by_role("heading", name="We have your request")).to_be_focused()


@pytest.mark.parametrize(("address", "expected"), [(COMPANY, COMPANY_NAME), (CARRIER, "Nobody would be shown")])
def test_the_page_says_what_would_be_shown_of_its_reader(page: Page, stack: Stack, address: str, expected: str) -> None:
    headers = {"X-Simulated-Address": address, "User-Agent": BROWSER}
    answer = httpx.get(f"{stack.app_url}/api/public/shown", headers=headers, trust_env=False).json()
    page.route("**/api/public/shown", lambda route: route.fulfill(json=answer))
    page.goto(f"{stack.app_url}/data-request")
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("#shown-answer strong")).to_have_text(re.compile(expected))


def test_it_is_sound_on_any_screen(any_screen: Page, stack: Stack, world: World, tmp_path: Path) -> None:
    owner = world.customer()
    world.database.execute("update auth.users set email = %s where id = %s", [EMAIL, owner.owner.user_id])
    world.teammate(world.customer().account_id, "viewer")
    any_screen.goto(f"{stack.app_url}/data-request")
    any_screen.get_by_label("Something is wrong").check()
    any_screen.get_by_role("button", name="Show me").click()
    expect(any_screen.locator("#shown-answer strong")).to_be_visible()
    assert_sound(any_screen, "the form")
    any_screen.screenshot(path=tmp_path / "form.png", full_page=True)
    asker = Asker(world, EMAIL)
    asker.ask("erasure")
    any_screen.goto(f"{stack.app_url}/data-request#proof={asker.token()}&of={EMAIL}")
    any_screen.reload()
    expect(any_screen.get_by_text("You are alone in")).to_be_visible()
    assert_sound(any_screen, "one last press")
    any_screen.screenshot(path=tmp_path / "confirm.png", full_page=True)
    world.database.execute("update auth.users set email = null where id = %s", [owner.owner.user_id])
