"""While the database is slow or away, beacons are answered honestly and soon, and nothing has to be restarted afterwards."""

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from dev.stack import Stack
from tests.faults.beacons import COMPANIES, Beacon, Site, draw_beacon
from tests.faults.conftest import Function
from tests.faults.killing import children, paused, resident_bytes
from tests.faults.ledger import read_kept, reconcile
from tests.faults.senders import Senders, plain, settle
from tests.faults.wire import Line

_ANSWERED_WITHIN_SECONDS = 3.0
# One of twenty may be this late on a machine that does everything at once, the senders' clock included.
_BUSY_MACHINE_SECONDS = 0.5
_RECOVERED_WITHIN_SECONDS = 2.0
_MOST_GROWTH_BYTES = 20_000_000
_HANGS_SECONDS = float(os.environ.get("FAULT_AWAY_SECONDS", "60"))


def send(port: int, beacon: Beacon) -> None:
    """Send a beacon on a connection of its own."""

    async def exchange() -> None:
        line = Line(port)
        beacon.answers.append(await line.exchange(beacon.request))
        line.cut()

    asyncio.run(exchange())


@pytest.mark.parametrize("name", ["gateway", "PostgREST", "PostgreSQL"])
def test_a_beacon_after_a_restart_behind_idle_connections_is_kept_or_refused(
    stack: Stack, functions: list[Function], sites: list[Site], seed: str, name: str
) -> None:
    ports = [function.port for function in functions]
    with Senders(ports, sites, seed=f"{seed}/{name}", networks={plain: 1}) as senders:
        senders.wait_for_acknowledgements(200, seconds=20)
    stack.part(name).restart()
    beacons = [*senders.beacons]
    started = time.monotonic()
    while not (len(beacons) > len(senders.beacons) and beacons[-1].is_acknowledged):
        assert time.monotonic() - started < _RECOVERED_WITHIN_SECONDS
        beacons.append(draw_beacon(sites, random.Random(f"{seed}/{len(beacons)}"), COMPANIES))
        send(ports[0], beacons[-1])
        assert beacons[-1].answers[0].status in (204, 503)
    settle(beacons, ports[0])
    found = reconcile(beacons, read_kept(stack.superuser_url, [site.id for site in sites]))
    assert (found.complaints, found.unknown) == ([], 0)


@contextlib.contextmanager
def hanging(stack: Stack) -> Iterator[None]:
    """PostgreSQL does nothing any more: a machine that hangs, a disk that does not answer."""
    server = stack.part("PostgreSQL").process.pid
    with paused([server, *children(server)]):
        yield


@contextlib.contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Somebody holds the tables: a migration that takes its time."""
    with psycopg.connect(stack.superuser_url) as database:
        database.execute("lock table public.page_views, public.site_days, private.beacon_receipts in access exclusive mode")
        yield
        database.rollback()


@contextlib.contextmanager
def ended(stack: Stack) -> Iterator[None]:
    """PostgREST is not there at all."""
    stack.part("PostgREST").kill()
    try:
        yield
    finally:
        stack.part("PostgREST").restart()


# Many senders where memory could grow: each has a beacon under way all the time.
@pytest.mark.parametrize(("away", "seconds", "many"), [(locked, 5, 64), (ended, 5, 64), (hanging, _HANGS_SECONDS, 128)])
def test_a_database_that_is_away_is_said_so_in_time_and_comes_back_without_a_restart(
    stack: Stack,
    functions: list[Function],
    sites: list[Site],
    seed: str,
    away: Callable[[Stack], AbstractContextManager[None]],
    seconds: float,
    many: int,
) -> None:
    ports = [function.port for function in functions]
    with Senders(ports, sites, seed=f"{seed}/{away.__name__}", senders=many, networks={plain: 1}) as senders:
        senders.wait_for_acknowledgements(1000, seconds=60)
        before = [resident_bytes(function.part.process.pid) for function in functions]
        with away(stack):
            time.sleep(seconds)
            during = [resident_bytes(function.part.process.pid) for function in functions]
        recovery = senders.wait_for_acknowledgements(20, seconds=30)
    answers = [answer for beacon in senders.beacons for answer in beacon.answers]
    settle(senders.beacons, ports[0])
    found = reconcile(senders.beacons, read_kept(stack.superuser_url, [site.id for site in sites]))
    growth = [after - earlier for earlier, after in zip(before, during, strict=True)]
    waits = sorted(answer.seconds for answer in answers)
    late, slowest = waits[len(waits) * 95 // 100], waits[-1]
    refused = sum(answer.status == 503 for answer in answers)
    print(f"\n{away.__name__} for {seconds:.0f} s: {refused} answers 503; of all, one of twenty over {late:.2f} s, the slowest")
    print(f"{slowest:.2f} s; memory grew by {[f'{size / 1e6:.1f} MB' for size in growth]};")
    print(f"first acknowledgement {recovery:.2f} s after. {found}")
    assert refused > 0
    assert {answer.status for answer in answers} <= {204, 429, 503}
    assert late < _ANSWERED_WITHIN_SECONDS
    assert slowest < _ANSWERED_WITHIN_SECONDS + _BUSY_MACHINE_SECONDS
    assert max(growth) < _MOST_GROWTH_BYTES
    assert recovery < _RECOVERED_WITHIN_SECONDS
    assert (found.complaints, found.unknown) == ([], 0)


@contextlib.contextmanager
def rows_locked(stack: Stack, site: Site) -> Iterator[None]:
    """Somebody holds one site's rows."""
    with psycopg.connect(stack.superuser_url) as database:
        database.execute("select from public.visits where site_id = %s for update", [site.id])
        database.execute("select from public.site_days where site_id = %s for update", [site.id])
        database.execute(
            "select from public.companies where account_id = (select account_id from public.sites where id = %s) for update",
            [site.id],
        )
        database.execute("select from public.sites where id = %s for update", [site.id])
        yield
        database.rollback()


def test_a_site_whose_rows_are_locked_delays_no_other_site(
    stack: Stack, functions: list[Function], sites: list[Site], seed: str
) -> None:
    [held, *others], port = sites, functions[0].port
    with Senders([port], sites, seed=f"{seed}/warm", senders=16, groups=COMPANIES, networks={plain: 1}) as warm:
        warm.wait_for_acknowledgements(300, seconds=30)
    usual, _ = _show("without a lock", warm.beacons)
    with rows_locked(stack, held), Senders([port], [held], seed=f"{seed}/held", groups=COMPANIES, networks={plain: 1}):
        time.sleep(1)
        with Senders([port], others, seed=f"{seed}/others", senders=4, groups=COMPANIES, networks={plain: 1}) as senders:
            time.sleep(5)
    median, late = _show("beside a locked site", senders.beacons)
    assert {answer.status for beacon in senders.beacons for answer in beacon.answers} == {204}
    assert late < 1
    assert median < usual + 0.2


def _show(what: str, beacons: list[Beacon]) -> tuple[float, float]:
    """Print how long answers took; returns the median and what one of twenty exceeds, in seconds."""
    answers = [answer for beacon in beacons for answer in beacon.answers]
    waits = sorted(answer.seconds for answer in answers)
    median, late = waits[len(waits) // 2], waits[len(waits) * 95 // 100]
    statuses = dict(Counter(answer.status for answer in answers))
    print(f"\n{what}: {statuses}, median {median * 1000:.0f} ms, one of twenty over {late * 1000:.0f} ms", end="")
    return median, late
