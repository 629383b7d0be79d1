"""The staff's page of data requests: what is due, and what is done about it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World
from tests.contacts import ANNA, bring, visited_by
from tests.data_requests import Asker, forget_requests


@pytest.fixture(autouse=True)
def fresh(world: World) -> Iterator[None]:
    forget_requests(world)
    yield
    forget_requests(world)


@pytest.fixture
def staff(person: Person, world: World) -> Customer:
    """Somebody of the staff, at work."""
    customer = person.with_account()
    world.database.execute("insert into private.operators (user_id) values (%s)", [customer.owner.user_id])
    customer.owner.result("open_admin_session", reason="Working on data requests")
    return customer


@pytest.fixture
def anna(world: World) -> Asker:
    customer = world.customer()
    bring(customer, visited_by(customer))
    return Asker(world, ANNA["work_email"])


def open_list(page: Page, person: Person) -> None:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/admin/data-requests")
    expect(page.get_by_role("heading", name="Data requests")).to_be_visible()


def test_a_rectification_is_carried_out_extended_and_answered(
    page: Page, person: Person, staff: Customer, anna: Asker, world: World
) -> None:
    anna.asks_and_proves("rectification", "I am the CEO.")
    open_list(page, person)
    entry = page.get_by_role("list", name="Data requests").get_by_role("listitem")
    expect(entry).to_contain_text("30 days left")
    entry.get_by_role("link").click()
    expect(page.get_by_text("I am the CEO.")).to_be_visible()
    page.get_by_role("button", name="Extend").click()
    page.get_by_label("Reason").fill("We have to ask the customer first.")
    page.get_by_role("button", name="Extend and mail the reason").click()
    expect(page.get_by_text("Extended, because")).to_be_visible()
    page.get_by_label("Role, in known words").fill("CEO")
    page.get_by_role("button", name="Put right").click()
    expect(page.get_by_text("CEO at Acme")).to_be_visible()
    page.get_by_role("button", name="Mark as done").click()
    page.get_by_label("What was done").fill("Your role says CEO now.")
    page.get_by_role("button", name="Done: mail the receipt").click()
    expect(page.get_by_text("forgotten: the request has ended")).to_be_visible()
    assert [letter["answer"] for letter in anna.letters("done")] == ["Your role says CEO now."]
    page.get_by_role("link", name="All data requests").click()
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    page.get_by_role("button", name="Ended").click()
    expect(page.get_by_role("list", name="Data requests").get_by_role("listitem")).to_have_count(1)


def test_a_letter_is_entered_and_proved_by_mail_or_by_what_was_seen(
    page: Page, person: Person, staff: Customer, anna: Asker, complaints: list[str]
) -> None:
    open_list(page, person)
    page.get_by_role("button", name="Enter a request").click()
    page.get_by_label("What is asked for").select_option("erasure")
    page.get_by_label("E-mail address of the person").fill(anna.email)
    page.get_by_label("How it came").select_option("post")
    page.get_by_role("button", name="Enter and mail the link").click()
    expect(page.get_by_text("not yet")).to_be_visible()
    assert len(anna.letters("link")) == 1
    page.get_by_role("button", name="Refuse").click()
    page.get_by_label("Reason").fill("short")
    page.get_by_role("button", name="Refuse and mail the reason").click()
    expect(page.get_by_role("alert")).to_contain_text("10 to 2000 characters")
    complaints.clear()
    page.get_by_label("Reason").fill("Withdrawn by telephone on the same day.")
    page.get_by_role("button", name="Refuse and mail the reason").click()
    expect(page.get_by_text(re.compile(": refused"))).to_be_visible()
    page.get_by_role("link", name="All data requests").click()
    page.get_by_role("button", name="Enter a request").click()
    page.get_by_label("What is asked for").select_option("erasure")
    page.get_by_label("E-mail address of the person").fill(anna.email)
    page.get_by_label("Proof you saw").fill("Called back by the company's switchboard")
    page.get_by_role("button", name="Enter and carry out").click()
    expect(page.get_by_text(re.compile(": done"))).to_be_visible()
    assert anna.suppressed()


def test_an_owner_is_erased_once_a_colleague_owns_the_account(page: Page, person: Person, staff: Customer, world: World) -> None:
    leaving = world.customer()
    colleague = world.teammate(leaving.account_id, "admin")
    world.database.execute("update auth.users set email = 'owner@acme.example' where id = %s", [leaving.owner.user_id])
    asker = Asker(world, "owner@acme.example")
    asker.asks_and_proves("erasure")
    open_list(page, person)
    page.get_by_role("list", name="Data requests").get_by_role("link").click()
    page.get_by_role("button", name="Carry out").click()
    expect(page.get_by_role("heading", name="Accounts that would be left without an owner")).to_be_visible()
    page.get_by_role("button", name="Make owner").click()
    expect(page.get_by_role("heading", name="Accounts that would be left without an owner")).to_be_hidden()
    page.get_by_role("button", name="Carry out").click()
    expect(page.get_by_text(re.compile(": done"))).to_be_visible()
    assert [member["role"] for member in colleague.rows("memberships")] == ["owner"]
    assert len(asker.letters("done")) == 1


def test_without_an_admin_session_it_asks_why_first(page: Page, person: Person, staff: Customer) -> None:
    staff.owner.call("close_admin_session")
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/admin/data-requests")
    page.get_by_label("Why").fill("Answering what people asked for")
    page.get_by_role("button", name="Open session").click()
    expect(page.get_by_role("heading", name="Data requests")).to_be_visible()


def test_it_is_sound_on_any_screen(any_screen: Page, person: Person, staff: Customer, anna: Asker, tmp_path: Path) -> None:
    anna.asks_and_proves("rectification", "I am the CEO.")
    anna.world.database.execute(
        "update private.data_requests set received_at = received_at - interval '32 days', due_at = due_at - interval '32 days'"
    )
    anna.asks_and_proves("restriction", "Please do not use it.")
    open_list(any_screen, person)
    expect(any_screen.get_by_text("2 days overdue")).to_be_visible()
    assert_sound(any_screen, "the list")
    any_screen.screenshot(path=tmp_path / "list.png", full_page=True)
    any_screen.get_by_role("link", name=re.compile("rectification")).click()
    expect(any_screen.get_by_text("I am the CEO.")).to_be_visible()
    assert_sound(any_screen, "a request")
    any_screen.screenshot(path=tmp_path / "detail.png", full_page=True)
    any_screen.get_by_role("link", name="All data requests").click()
    any_screen.get_by_role("button", name="Enter a request").click()
    assert_sound(any_screen, "entering")
    any_screen.screenshot(path=tmp_path / "enter.png")
