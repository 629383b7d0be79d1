"""A site's secrets in the settings, as owners and their teammates go through it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World


@pytest.fixture
def customer(person: Person) -> Customer:
    return person.with_account()


def section(page: Page, person: Person, customer: Customer) -> Locator:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/settings")
    shown = page.get_by_role("region", name="Secrets for proxies and servers")
    expect(shown.get_by_text(re.compile(r"There is no secret|lmsk_…")).first).to_be_visible()
    return shown


def known_to_the_door(customer: Customer) -> list[str]:
    found = customer.world.beacon_door().result("beacon_rules", site_key=customer.site["public_key"])
    secrets: list[str] = found["secrets"]
    return secrets


def test_a_secret_is_shown_once_copied_and_revoked(page: Page, person: Person, customer: Customer) -> None:
    secrets = section(page, person, customer)
    secrets.get_by_role("button", name="Create a secret").click()
    expect(secrets.get_by_text("shown only this once")).to_be_visible()
    secret = secrets.locator("pre code").inner_text()
    assert known_to_the_door(customer) == [secret]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    secrets.get_by_role("button", name="Copy the secret").click()
    expect(secrets.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    secrets.get_by_role("button", name="I have kept it").click()
    expect(secrets.locator("pre")).to_have_count(0)
    page.reload()
    expect(secrets.get_by_text(f"lmsk_…{secret[-4:]}")).to_be_visible()
    assert secret not in page.content()

    secrets.get_by_role("button", name=f"Revoke …{secret[-4:]}").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert known_to_the_door(customer) == [secret]
    secrets.get_by_role("button", name=f"Revoke …{secret[-4:]}").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(secrets.get_by_text("There is no secret")).to_be_visible()
    assert known_to_the_door(customer) == []
    secrets.get_by_text("Revoked secrets").click()
    expect(secrets.get_by_role("list", name="Revoked secrets")).to_contain_text(secret[-4:])


def test_two_secrets_are_the_most_and_it_says_so(page: Page, person: Person, customer: Customer) -> None:
    secrets = section(page, person, customer)
    for kept in (1, 2):
        secrets.get_by_role("button", name="Create a secret").click()
        secrets.get_by_role("button", name="I have kept it").click()
        expect(secrets.get_by_role("list", name="Secrets", exact=True).get_by_role("listitem")).to_have_count(kept)
    expect(secrets.get_by_role("button", name="Create a secret")).to_be_disabled()
    expect(secrets.get_by_text("Two is the most")).to_be_visible()


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_may_not_change_them_sees_their_endings(
    page: Page, person: Person, customer: Customer, world: World, role: str
) -> None:
    secret = customer.owner.result("create_site_secret", site_id=customer.site_id)
    world.database.execute("update public.memberships set role = %s where account_id = %s", [role, customer.account_id])
    secrets = section(page, person, customer)
    expect(secrets.get_by_text(f"lmsk_…{secret[-4:]}")).to_be_visible()
    expect(secrets.get_by_role("button")).to_have_count(0)


def test_the_section_is_sound_on_any_screen(any_screen: Page, person: Person, customer: Customer, tmp_path: Path) -> None:
    customer.owner.result("create_site_secret", site_id=customer.site_id)
    secrets = section(any_screen, person, customer)
    secrets.get_by_role("button", name="Create a secret").click()
    expect(secrets.get_by_text("shown only this once")).to_be_visible()
    assert_sound(any_screen, "secrets, one created")
    secrets.screenshot(path=tmp_path / "created.png")
    secrets.get_by_role("button", name="Revoke").first.click()
    assert_sound(any_screen, "secrets, before revoking")
    any_screen.screenshot(path=tmp_path / "revoking.png")
