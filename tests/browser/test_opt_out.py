"""The opt-out page, as the owner of a domain walks through it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from dev.stack import Stack
from lib.identification.search import companies_of_domain
from tests.builders import World
from tests.deployments import deployment
from tests.name_server import NameServer, running_name_server
from tests.opt_outs import Owner

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
DOMAIN = "bosch.com"
NAME, KEY = companies_of_domain(DOMAIN)[0].name, companies_of_domain(DOMAIN)[0].key


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with running_name_server() as server:
        yield server


@pytest.fixture(scope="module")
def app(stack: Stack, names: NameServer) -> Iterator[httpx.Client]:
    with deployment(stack, DNS_RESOLVERS=names.place) as client:
        yield client


@pytest.fixture
def owner(stack: Stack, world: World, app: httpx.Client, names: NameServer) -> Iterator[Owner]:
    owner = Owner(app, stack.mail_url, names, world.database)
    owner.forget()
    yield owner
    owner.forget()


def url_of(owner: Owner) -> str:
    return f"{owner.app.base_url}".rstrip("/") + "/opt-out"


def ask_by_mail(page: Page, owner: Owner, wish: str = "Never identify us") -> None:
    page.get_by_label("Your company’s domain").fill(f"https://www.{DOMAIN}/en/")
    page.get_by_label(wish).check()
    page.get_by_label("Your e-mail address at this domain").fill(f"it@{DOMAIN}")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_focused()


def ask_by_dns(page: Page, owner: Owner) -> None:
    page.get_by_label("Your company’s domain").fill(DOMAIN)
    page.get_by_label("A DNS record").check()
    expect(page.get_by_label("Your e-mail address")).to_be_hidden()
    page.get_by_role("button", name="Show the record").click()
    expect(page.get_by_role("heading", name="Set this DNS record")).to_be_focused()


def test_out_and_back_again_by_mail(page: Page, owner: Owner, stack: Stack) -> None:
    page.goto(stack.app_url)
    assert page.get_by_role("link", name="Opt out").get_attribute("href") == "/opt-out"
    page.goto(url_of(owner))
    ask_by_mail(page, owner)
    page.goto(owner.mailed_link(DOMAIN))
    button = page.get_by_role("button", name=f"Never identify {NAME}")
    expect(button).to_be_visible()
    assert owner.opted_out() == set()  # opening the link changed nothing
    button.click()
    expect(page.get_by_role("heading", name=f"{NAME}: opted out")).to_be_focused()
    assert (KEY, "mail") in owner.opted_out()
    assert "#" not in page.url
    page.get_by_role("button", name="Ask for something else").click()
    ask_by_mail(page, owner, "Identify us again")
    page.goto(owner.mailed_link(DOMAIN))
    page.get_by_role("button", name=f"Identify {NAME} again").click()
    expect(page.get_by_role("heading", name=f"{NAME}: identified again")).to_be_visible()
    assert owner.opted_out() == set()


def test_out_by_dns_with_a_pause_in_between(
    page: Page, owner: Owner, open_page: Callable[[], Page], complaints: list[str]
) -> None:
    page.goto(url_of(owner))
    ask_by_dns(page, owner)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("There is no TXT record")
    complaints.clear()  # the refusal is reported by the browser itself
    page.reload()
    bookmark = page.url
    page.close()
    later = open_page()
    later.goto(bookmark)
    name, value = later.locator("[data-record-name]"), later.locator("[data-record-value]")
    expect(name).to_have_text(f"_leadsment-opt-out.{DOMAIN}")
    owner.names.texts[name.inner_text()] = [value.inner_text()]
    later.get_by_role("button", name="Check now").click()
    expect(later.get_by_role("heading", name=f"{NAME}: opted out")).to_be_visible()
    assert (KEY, "dns") in owner.opted_out()


def test_what_is_copied_is_what_is_shown(page: Page, owner: Owner) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(url_of(owner))
    ask_by_dns(page, owner)
    for what in ("name", "value"):
        page.get_by_role("button", name=f"Copy the {what}").click()
        expect(page.get_by_role("status")).to_have_text("Copied.")
        assert page.evaluate("navigator.clipboard.readText()") == page.locator(f"[data-record-{what}]").inner_text()


def test_going_back_from_the_record_leads_to_the_form(page: Page, owner: Owner) -> None:
    page.goto(url_of(owner))
    ask_by_dns(page, owner)
    page.go_back()
    expect(page.get_by_label("Your company’s domain")).to_have_value(DOMAIN)
    page.go_forward()
    expect(page.locator("[data-record-name]")).to_have_text(f"_leadsment-opt-out.{DOMAIN}")


@pytest.mark.parametrize(
    ("domain", "email", "words", "field"),
    [
        ("unheard-of.com", "it@unheard-of.com", "We name no company with the domain unheard-of.com", "domain"),
        ("not a domain", "it@acme.com", "Enter the domain of your company’s website", "domain"),
        (DOMAIN, "somebody@gmail.com", "Anybody can have a mailbox at gmail.com", "email"),
        (DOMAIN, "it@basf.com", f"The address must end in @{DOMAIN}", "email"),
        (DOMAIN, "", "Enter one e-mail address", "email"),
    ],
)
def test_a_refusal_is_said_beside_the_field_it_is_about(
    page: Page, owner: Owner, complaints: list[str], domain: str, email: str, words: str, field: str
) -> None:
    page.goto(url_of(owner))
    page.get_by_label("Your company’s domain").fill(domain)
    page.get_by_label("Your e-mail address").fill(email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text(words.replace("’", "'"))
    expect(page.locator(f"#{field}")).to_be_focused()
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    assert len(complaints) == 1 and "the server responded with a status of 4" in complaints.pop()


def test_a_spent_an_old_and_a_broken_link_each_have_words_of_their_own(page: Page, owner: Owner, complaints: list[str]) -> None:
    token = owner.mailed_token(DOMAIN)
    link = f"{url_of(owner)}#confirm={token}"
    page.goto(link)
    expect(page.get_by_role("button", name=f"Never identify {NAME}")).to_be_visible()
    owner.prove(token)  # in another window
    page.get_by_role("button", name=f"Never identify {NAME}").click()
    failure = page.locator("#failed")
    expect(failure).to_contain_text("This was done already")
    owner.database.execute("update private.opt_out_requests set used_at = null, expires_at = now()")
    page.reload()
    expect(failure).to_contain_text("This request is too old")
    page.goto(f"{url_of(owner)}#confirm={'A' * 43}")
    expect(failure).to_contain_text("We do not know this link")
    page.goto(f"{url_of(owner)}#confirm=cut")
    expect(failure).to_contain_text("The link is not complete")
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("heading", name="Opt out", exact=True)).to_be_focused()
    complaints.clear()


def test_a_lost_connection_can_be_tried_again(page: Page, owner: Owner, complaints: list[str]) -> None:
    token = owner.mailed_token(DOMAIN)
    page.goto(url_of(owner))
    page.context.set_offline(True)
    page.evaluate("token => { location.hash = `confirm=${token}` }", token)
    expect(page.locator("#failed")).to_contain_text("We could not be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name=f"Never identify {NAME}")).to_be_visible()
    complaints.clear()


@pytest.mark.parametrize("width", [320, 1280])
def test_every_state_is_accessible_and_fits(screen: Callable[[int], Page], owner: Owner, width: int) -> None:
    page = screen(width)
    page.goto(url_of(owner))
    assert_sound(page)
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("#ask-problem")).not_to_be_empty()
    assert_sound(page)
    ask_by_mail(page, owner)
    assert_sound(page)
    page.goto(owner.mailed_link(DOMAIN))
    button = page.get_by_role("button", name=f"Never identify {NAME}")
    expect(button).to_be_visible()
    assert_sound(page)
    button.click()
    expect(page.locator("#done")).to_be_visible()
    assert_sound(page)
    page.get_by_role("button", name="Ask for something else").click()
    ask_by_dns(page, owner)
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#record-problem")).not_to_be_empty()
    assert_sound(page)
    page.goto(f"{url_of(owner)}#confirm=cut")
    expect(page.locator("#failed")).to_be_visible()
    assert_sound(page)


def assert_sound(page: Page) -> None:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(violation["id"], [node["target"] for node in violation["nodes"]]) for violation in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_alone_is_enough(page: Page, owner: Owner) -> None:
    page.goto(url_of(owner))
    page.get_by_label("Your company’s domain").focus()
    page.keyboard.type(DOMAIN)
    page.keyboard.press("Tab")  # what is asked for
    page.keyboard.press("Tab")  # the proof
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Show the record")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set this DNS record")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check now")).to_be_focused()
