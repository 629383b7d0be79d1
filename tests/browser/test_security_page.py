"""The page a data-protection officer reads first."""

from pathlib import Path

from playwright.sync_api import Page, expect

from dev.stack import Stack
from tests.browser.soundness import assert_sound


def test_it_is_sound_on_any_screen_and_leads_on(any_screen: Page, stack: Stack, tmp_path: Path) -> None:
    any_screen.goto(stack.app_url)
    any_screen.get_by_role("link", name="Security and data protection").click()
    expect(any_screen.get_by_role("heading", name="What we promise about data")).to_be_visible()
    expect(any_screen.get_by_text("processed in memory for one look-up and never stored")).to_be_visible()
    assert_sound(any_screen, "the promises")
    any_screen.screenshot(path=tmp_path / "security.png", full_page=True)
    any_screen.get_by_role("link", name="The nightly proof").click()
    expect(any_screen.get_by_role("heading", name="Is an address kept?")).to_be_visible()
