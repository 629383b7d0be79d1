"""A real Chromium, and pages in it that fail the test when they misbehave."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dev.demo.site_page import find_chromium
from dev.stack import Stack
from tests.browser.person import Person
from tests.browser.recorder import Recorder
from tests.browser.soundness import AXE
from tests.builders import World

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
# Headless Chromium calls itself a crawler; visitors' browsers do not.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    assert chromium, "The browser tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(user_agent=USER_AGENT, viewport={"width": 1280, "height": 900}, locale="en-GB") as context:
        context.set_default_timeout(10_000)
        yield context


@pytest.fixture
def complaints() -> list[str]:
    """What pages complain of: errors on the console, exceptions, violations of their policy. Must be empty at the end."""
    return []


@pytest.fixture
def open_page(context: BrowserContext, complaints: list[str]) -> Iterator[Callable[[], Page]]:
    def opened() -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        return page

    yield opened
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[[], Page]) -> Page:
    return open_page()


@pytest.fixture(scope="session")
def script(stack: Stack) -> Path:
    """The snippet as it is served."""
    return stack.public / "s.js"


@pytest.fixture
def recorder(script: Path) -> Iterator[Recorder]:
    recorder = Recorder(script)
    recorder.page()
    yield recorder
    recorder.close()


@pytest.fixture
def person(world: World, stack: Stack) -> Person:
    return Person(world, stack)


@pytest.fixture(params=[("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)], ids=lambda kind: f"{kind[0]}-{kind[1]}")
def any_screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    scheme, width = request.param
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844}, reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture(params=["light", "dark"])
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Callable[[int], Page]]:
    """The page on a screen of some width, with axe at hand although its policy forbids foreign scripts."""
    context = browser.new_context(color_scheme=request.param, bypass_csp=True, locale="en-GB")
    context.add_init_script(path=AXE)
    page = context.new_page()

    def sized(width: int) -> Page:
        page.set_viewport_size({"width": width, "height": 900})
        return page

    with context:
        yield sized
