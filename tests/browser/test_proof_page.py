"""The page of the nightly proof, in each state there is."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from dev.prove import prove
from dev.stack import Stack
from tests.browser.soundness import assert_sound

PLACES = {
    "rows": {"tables": 23, "rows": 48112, "bytes": 5_412_345, "found": 0, "control_found": True},
    "egress": {"bytes": 41_204, "found": 0, "control_found": True},
    "logs": {"bytes": 580, "found": 0, "control_found": True},
    "output": {"bytes": 38, "found": 0, "control_found": True},
    "reports": {"bytes": 6831, "found": 0, "control_found": True},
}


def proof(verdict: str = "clean", *, days_ago: float = 0, **changes: Any) -> dict[str, Any]:
    ran_at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days_ago)
    kept = {"ran_at": ran_at.isoformat(), "release": "", "canaries": 4, "beacons": 31, "places": PLACES, "found": 0}
    return {**kept, "control_found": True, "verdict": verdict, **changes}


LEAK = {**PLACES, "logs": {"bytes": 580, "found": 1, "control_found": True}}
HISTORY = [proof(days_ago=ago) for ago in range(80) if ago not in (9, 30)]
HISTORY += [
    proof("control_failed", days_ago=30, beacons=0, control_found=False),
    proof("found", days_ago=41, found=1, places=LEAK),
]
STATES = {
    "clean": (HISTORY, "Nothing found", "4 addresses of our own sent 31 beacons"),
    "found": ([proof("found", found=1, places=LEAK), *HISTORY], "An address was found", "stood in 1 place"),
    "no visits": ([proof("control_failed", beacons=0)], "The proof failed", "None of our own visits was counted"),
    "broken search": ([proof("control_failed", control_found=False)], "The proof failed", "does not work as it should"),
    "not configured": ([proof("not_configured", canaries=0, beacons=0, places={})], "Not set up", "Nothing was searched"),
    "none yet": ([], "No proof yet", "in the coming night"),
    "late": ([proof(days_ago=3)], "The proof is overdue", "It said: Nothing found"),
}


def answer_with(page: Page, proofs: list[dict[str, Any]]) -> None:
    headers = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}

    def answered(route: Route) -> None:
        route.fulfill(status=200, headers=headers, content_type="application/json", body=json.dumps(proofs))

    page.route("**/rest/v1/rpc/list_address_proofs", answered)


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_said_in_words(page: Page, stack: Stack, state: str) -> None:
    proofs, words, meaning = STATES[state]
    answer_with(page, proofs)
    page.goto(f"{stack.app_url}/proof")
    latest = page.locator("#latest")
    expect(latest).to_contain_text(words)
    expect(latest).to_contain_text(meaning)
    expect(page.locator("#searched")).to_be_visible(visible=bool(proofs and proofs[0]["places"]))
    expect(page.locator("#history")).to_be_visible(visible=bool(proofs))


def test_the_history_has_a_mark_for_each_day_and_the_worst_of_a_day_counts(page: Page, stack: Stack) -> None:
    answer_with(page, [proof(), proof("found", found=1), *[proof(days_ago=ago) for ago in (1, 2)]])
    page.goto(f"{stack.app_url}/proof")
    expect(page.locator(".strip li")).to_have_count(90)
    expect(page.locator(".strip li").last).to_contain_text("an address was found")
    expect(page.locator("[data-sum]")).to_contain_text("2 days with nothing found, 1 with an address found")
    expect(page.locator("[data-sum]")).to_contain_text("87 without one")


def test_a_lost_connection_can_be_tried_again(page: Page, stack: Stack, complaints: list[str]) -> None:
    page.route("**/rest/v1/rpc/list_address_proofs", lambda route: route.abort())
    page.goto(f"{stack.app_url}/proof")
    expect(page.locator("#latest")).to_contain_text("could not be read")
    page.unroute("**/rest/v1/rpc/list_address_proofs")
    answer_with(page, HISTORY)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#latest")).to_contain_text("Nothing found")
    complaints.clear()


def test_the_home_page_leads_to_a_real_proof(page: Page, stack: Stack) -> None:
    prove(stack.app_url, stack.db_url, stack.state)
    page.goto(stack.app_url)
    page.get_by_role("link", name="See the nightly proof").click()
    expect(page.locator("#latest")).to_contain_text("Nothing found")
    expect(page.locator("#searched tbody tr")).to_have_count(5)
    expect(page.locator("#searched")).not_to_contain_text("Not found")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible_and_fits(
    screen: Callable[[int], Page], stack: Stack, tmp_path: Path, state: str, width: int
) -> None:
    page = screen(width)
    answer_with(page, STATES[state][0])
    page.goto(f"{stack.app_url}/proof")
    expect(page.locator("#latest")).to_contain_text(STATES[state][1])
    page.screenshot(path=tmp_path / "proof.png", full_page=True)
    assert_sound(page, "/proof")
