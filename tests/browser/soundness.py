"""What holds of every screen."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def assert_sound(page: Page, path: str) -> None:
    """axe finds nothing serious, and nothing overflows sideways."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    serious = [(violation["id"], [node["target"] for node in violation["nodes"]]) for violation in found
               if violation["impact"] in ("serious", "critical")]  # fmt: skip
    assert serious == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} overflows"
