"""What an owner decides about the account's data: how long it is kept, taking it along, and deleting all of it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World


@pytest.fixture
def customer(person: Person, world: World) -> Customer:
    customer = person.with_account()
    world.record(customer.beacon(), customer.beacon("globex"), customer.beacon(company=None, outcome="bot"))
    return customer


def section(page: Page, person: Person, customer: Customer) -> Locator:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/settings")
    shown = page.get_by_role("region", name="Data of the account")
    expect(shown.get_by_label("Visits, days")).to_have_value("395")
    return shown


def test_an_owner_says_for_how_long_visits_are_kept(page: Page, person: Person, customer: Customer) -> None:
    data = section(page, person, customer)
    data.get_by_label("Visits, days").fill("90")
    data.get_by_role("button", name="Save").click()
    expect(data.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(data.get_by_label("Visits, days")).to_have_value("90")
    assert customer.owner.rows("retention", account_id=f"eq.{customer.account_id}")[0]["visits_days"] == 90


def test_everything_leaves_as_a_file_and_comes_in_again(
    page: Page, person: Person, customer: Customer, world: World, tmp_path: Path, complaints: list[str]
) -> None:
    data = section(page, person, customer)
    with page.expect_download() as saved:
        data.get_by_role("button", name="Export everything").click()
    expect(data.get_by_text("is saved.")).to_be_visible()
    file = tmp_path / "account.jsonl"
    saved.value.save_as(file)
    header, *lines = map(json.loads, file.read_text().splitlines())
    assert header["format"] == "leadsment-account"
    assert {line["kind"] for line in lines} >= {"sites", "companies", "visits", "page_views", "site_days"}
    data.get_by_label("Exported file").set_input_files(file)
    expect(data.get_by_text("Create a new account")).to_be_visible()
    complaints.clear()  # the browser complains of the 422
    elsewhere = world.customer()
    world.database.execute(
        "insert into public.memberships (account_id, user_id, role) values (%s, %s, 'owner')",
        [elsewhere.account_id, customer.owner.user_id],
    )
    page.goto(f"{person._stack.app_url}/app/sites/{elsewhere.site_id}/settings")
    data.get_by_label("Exported file").set_input_files(file)
    expect(data.get_by_text(f"{len(lines)} rows are new.")).to_be_visible()
    names = {company["name"] for company in elsewhere.owner.rows("companies", account_id=f"eq.{elsewhere.account_id}")}
    assert names == {company["name"] for company in customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")}
    data.get_by_label("Exported file").set_input_files(
        {"name": "x.jsonl", "mimeType": "application/x-ndjson", "buffer": b'{"hello": 1}\n'}
    )
    expect(data.get_by_text("This is no export of an account.")).to_be_visible()


def test_an_account_is_deleted_by_who_types_its_name(
    page: Page, person: Person, customer: Customer, complaints: list[str]
) -> None:
    data = section(page, person, customer)
    [account] = customer.owner.rows("accounts", id=f"eq.{customer.account_id}")
    data.get_by_role("button", name="Delete this account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("to go on").fill("Another")
    dialog.get_by_role("button", name="Delete everything").click()
    expect(dialog.get_by_text("This is not the name of the account.")).to_be_visible()
    complaints.clear()  # the browser complains of the 422
    dialog.get_by_label("to go on").fill(account["name"])
    dialog.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", name="Data of the account")).to_have_count(0)
    assert customer.owner.rows("accounts", id=f"eq.{customer.account_id}") == []


@pytest.mark.parametrize(("role", "buttons"), [("admin", ["Save", "Export everything"]), ("viewer", [])])
def test_who_may_not_is_offered_less(
    page: Page, person: Person, customer: Customer, world: World, role: str, buttons: list[str]
) -> None:
    arguments = [role, customer.account_id, customer.owner.user_id]
    world.database.execute("update public.memberships set role = %s where account_id = %s and user_id = %s", arguments)
    data = section(page, person, customer)
    expect(data.get_by_role("button")).to_have_text(buttons)


def test_it_is_sound_on_any_screen(any_screen: Page, person: Person, customer: Customer, tmp_path: Path) -> None:
    data = section(any_screen, person, customer)
    assert_sound(any_screen, "the account's data")
    data.screenshot(path=tmp_path / "data.png")
    data.get_by_role("button", name="Delete this account").click()
    assert_sound(any_screen, "deleting an account")
    any_screen.screenshot(path=tmp_path / "delete.png")
