"""No acknowledged beacon is lost and none is kept twice, whatever is killed at whatever moment.

The functions, the gateway, PostgREST, PostgreSQL and its backends are killed with SIGKILL again and again under load;
then every answer a sender got is held against the rows. The functions run in dev/stack/edge.py, two instances of them,
because that is a process that comes back on its port as the platform's address does. A SIGKILL proves nothing about a
power cut: what PostgreSQL has handed to the kernel survives it. For that there is fsync, which is on.
"""

import os
import random
import time
from collections import Counter

import psycopg

from dev.stack import Stack
from tests.faults.beacons import Site
from tests.faults.conftest import Function
from tests.faults.killing import PARTS, Killer, rounds
from tests.faults.ledger import read_kept, reconcile
from tests.faults.senders import Senders, settle

_ROUNDS = int(os.environ.get("FAULT_ROUNDS", "10"))
_MINUTES = float(os.environ.get("FAULT_MINUTES", "0"))
# PostgREST waits ever longer between its attempts to reach a database that is away, and a busy disk is slow to recover from.
_RECOVERY_SECONDS = 60


def test_no_acknowledged_beacon_is_lost_or_doubled(stack: Stack, functions: list[Function], sites: list[Site], seed: str) -> None:
    print(f"\nFAULT_SEED={seed}")
    assert durability(stack) == {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    dice = random.Random(seed)
    killer = Killer(stack, [function.part for function in functions], dice)
    ids = [site.id for site in sites]
    recoveries = []
    started = time.monotonic()
    with Senders([function.port for function in functions], sites, seed=seed) as senders:
        for kind in rounds(dice, least=_ROUNDS, minutes=_MINUTES):
            # A kill hits work in progress: beacons are being acknowledged again, and the moment is drawn.
            recoveries.append(senders.wait_for_acknowledgements(25, seconds=_RECOVERY_SECONDS))
            time.sleep(dice.uniform(0, 0.3))
            killer.kill(kind)
        recoveries.append(senders.wait_for_acknowledgements(25, seconds=_RECOVERY_SECONDS))
    seconds = time.monotonic() - started
    beacons = senders.beacons
    before = reconcile(beacons, read_kept(stack.superuser_url, ids))
    unknown = settle(beacons, functions[0].port)
    after = reconcile(beacons, read_kept(stack.superuser_url, ids))

    print(f"{len(beacons)} beacons, {sum(len(beacon.answers) for beacon in beacons)} requests in {seconds:.0f} s")
    print("kills:", ", ".join(f"{part} {number}" for part, number in sorted(killer.kills.items())))
    print("answers:", dict(Counter(str(answer.status) for beacon in beacons for answer in beacon.answers)))
    print(f"slowest first acknowledgement after a part was back: {max(recoveries):.1f} s")
    print("slowest answer:", f"{max(answer.seconds for beacon in beacons for answer in beacon.answers):.2f} s")
    print("before the unknown ones were sent again:", before)
    print("of these, kept all the same:", sum(beacon.answers[-1].outcome == "duplicate" for beacon in unknown))
    print("after:", after)
    assert set(killer.kills) == {*PARTS, "PostgreSQL"}
    assert min(killer.kills.values()) >= _ROUNDS
    assert before.complaints == []
    assert (after.complaints, after.unknown, after.lost, after.doubled) == ([], 0, 0, 0)


def durability(stack: Stack) -> dict[str, str]:
    """What PostgreSQL does before it says that something is committed."""
    names = ["fsync", "synchronous_commit", "full_page_writes"]
    with psycopg.connect(stack.superuser_url) as database:
        rows = database.execute("select name, setting from pg_settings where name = any(%s)", [names]).fetchall()
    return dict(rows)
