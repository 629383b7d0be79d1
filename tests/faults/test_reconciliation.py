"""The reconciliation sees what must not be: shown on a door that loses, and on rows that were tampered with."""

import random
import sys
from collections import Counter
from collections.abc import Callable

import pytest

from dev.stack import Stack
from dev.stack.layout import ROOT
from dev.stack.process import running
from tests.deployments import free_port
from tests.faults.beacons import COMPANIES, COUNTED, Beacon, Site, draw_beacon
from tests.faults.conftest import Function, answers_at
from tests.faults.ledger import Kept, read_kept, reconcile
from tests.faults.senders import Senders, plain
from tests.faults.wire import Answer

SITE = Site("00000000-0000-0000-0000-000000000001", "site_" + "0" * 24)


@pytest.mark.parametrize("kills", [0, 3])
def test_a_door_that_acknowledges_before_it_commits_is_found_out_when_it_is_killed(
    stack: Stack, functions: list[Function], sites: list[Site], seed: str, kills: int
) -> None:
    port = free_port()
    environment = {"PORT": str(port), "REAL_PORT": str(functions[0].port)}
    command = [sys.executable, "-m", "tests.faults.hasty_door"]
    with running("hasty door", command, log=stack.logs / "hasty-door.log", environment=environment, cwd=ROOT) as door:
        door.wait_until(lambda: answers_at(port))
        with Senders([port], sites, seed=f"{seed}/hasty/{kills}", senders=8, networks={plain: 1}) as senders:
            for _ in range(kills):
                senders.wait_for_acknowledgements(40, seconds=20)
                door.kill()
                door.restart(seconds=60)
            senders.wait_for_acknowledgements(40, seconds=20)
        # What is in its memory at the end gets through: only the kills lose.
        door.wait_until(lambda: answers_at(port, "/drained"), seconds=60)
    found = reconcile(senders.beacons, read_kept(stack.superuser_url, [site.id for site in sites]))
    print(f"\na hasty door, killed {kills} times: {found}")
    assert (found.lost > 0) == (kills > 0)
    assert any("acknowledged and missing" in complaint for complaint in found.complaints) == (kills > 0)


@pytest.fixture
def beacons() -> list[Beacon]:
    """Some that were acknowledged, each group's, and one of a company and one of a carrier whose answers never came."""
    dice = random.Random(1)
    drawn = [draw_beacon([SITE], dice, [group]) for group in (*COMPANIES, *COUNTED) for _ in range(3)]
    for beacon in drawn:
        beacon.answers.append(Answer(204, beacon.group.outcome))
    for group in (COMPANIES[0], COUNTED[0]):
        unanswered = draw_beacon([SITE], dice, [group])
        unanswered.answers.append(Answer(None))
        drawn.append(unanswered)
    return drawn


@pytest.fixture
def kept(beacons: list[Beacon]) -> Kept:
    """What an honest database holds of them, without those that were not acknowledged."""
    known = [beacon for beacon in beacons if beacon.is_acknowledged]
    views = Counter((SITE.id, beacon.id) for beacon in known if beacon.group.outcome == "identified")
    return Kept(views, Counter({SITE.id: views.total()}), Counter((SITE.id, beacon.group.outcome) for beacon in known))


def add(kept: Kept, beacon_id: str, rows: int = 1) -> None:
    """A page view more, or less, and everything that belongs to it."""
    kept.page_views[SITE.id, beacon_id] += rows
    kept.visits[SITE.id] += rows
    kept.funnel[SITE.id, "identified"] += rows
    kept.page_views = +kept.page_views


def test_honest_rows_are_not_complained_about(beacons: list[Beacon], kept: Kept) -> None:
    found = reconcile(beacons, kept)
    assert (found.complaints, found.lost, found.doubled, found.unknown) == ([], 0, 0, 2)


def test_what_was_not_acknowledged_may_be_kept_once(beacons: list[Beacon], kept: Kept) -> None:
    add(kept, beacons[-2].id)
    kept.funnel[SITE.id, "carrier"] += 1
    assert reconcile(beacons, kept).complaints == []


Tampering = Callable[[list[Beacon], Kept], None]


def _lose_a_row(beacons: list[Beacon], kept: Kept) -> None:
    add(kept, beacons[0].id, -1)


def _lose_a_count(beacons: list[Beacon], kept: Kept) -> None:
    kept.funnel[SITE.id, "bot"] -= 1


@pytest.mark.parametrize("tamper", [_lose_a_row, _lose_a_count])
def test_a_loss_is_seen(beacons: list[Beacon], kept: Kept, tamper: Tampering) -> None:
    tamper(beacons, kept)
    found = reconcile(beacons, kept)
    assert (found.lost, found.doubled) == (1, 0)
    assert found.complaints


def _double_a_row(beacons: list[Beacon], kept: Kept) -> None:
    add(kept, beacons[0].id)


def _keep_a_retry_under_another_id(beacons: list[Beacon], kept: Kept) -> None:
    add(kept, "f" * 24)


def _count_twice(beacons: list[Beacon], kept: Kept) -> None:
    kept.funnel[SITE.id, "hoster"] += 1


def _acknowledge_twice_as_new(beacons: list[Beacon], kept: Kept) -> None:
    beacons[0].answers.append(Answer(204, "identified"))


@pytest.mark.parametrize("tamper", [_double_a_row, _keep_a_retry_under_another_id, _count_twice, _acknowledge_twice_as_new])
def test_a_double_is_seen(beacons: list[Beacon], kept: Kept, tamper: Tampering) -> None:
    tamper(beacons, kept)
    found = reconcile(beacons, kept)
    assert (found.lost, found.doubled) == (0, 1)
    assert found.complaints


def _add_to_a_visit(beacons: list[Beacon], kept: Kept) -> None:
    kept.visits[SITE.id] += 1


def _answer_with_a_fault(beacons: list[Beacon], kept: Kept) -> None:
    beacons[0].answers.append(Answer(500))


def _answer_unavailable_without_a_time(beacons: list[Beacon], kept: Kept) -> None:
    beacons[0].answers.append(Answer(503))


def _take_a_carrier_for_a_company(beacons: list[Beacon], kept: Kept) -> None:
    [*_, carrier] = [beacon for beacon in beacons if beacon.group.outcome == "carrier" and beacon.is_acknowledged]
    carrier.answers.append(Answer(204, "hoster"))


@pytest.mark.parametrize(
    "tamper", [_add_to_a_visit, _answer_with_a_fault, _answer_unavailable_without_a_time, _take_a_carrier_for_a_company]
)
def test_what_does_not_add_up_is_seen(beacons: list[Beacon], kept: Kept, tamper: Tampering) -> None:
    tamper(beacons, kept)
    assert reconcile(beacons, kept).complaints
