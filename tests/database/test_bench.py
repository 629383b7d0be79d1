"""The benchmark compares acknowledgements with rows, and says so when they differ."""

import json
from collections import Counter
from functools import partial

import pytest

from dev.bench.lanes import Lane
from dev.bench.plain_table import add_plain_table
from dev.bench.rows import rows_of
from dev.bench.sender import Round
from tests.builders import Customer, World


@pytest.mark.parametrize(
    ("acknowledged", "beacons", "complains"),
    [(2, 2, False), (3, 2, True), (2, 3, True)],
    ids=["as many as were committed", "one was lost", "one was doubled"],
)
def test_acknowledgements_are_held_against_rows(world: World, acknowledged: int, beacons: int, complains: bool) -> None:
    customer = world.customer()

    def send(senders: int, seconds: float) -> Round:
        world.database.execute("select public.record_beacons(%s)", [_json(customer, beacons)])
        return Round(senders, 1.0, 0.0, [0.001] * acknowledged, Counter({"204": acknowledged}))

    lane = Lane("matched", send, "204", {}, partial(rows_of, "identified"))
    with world.database.transaction(force_rollback=True):
        add_plain_table(world.database)
        _, wrong = lane.run(1, 1.0, world.database)
    assert bool(wrong) == complains


def _json(customer: Customer, beacons: int) -> str:
    return json.dumps([customer.beacon() for _ in range(beacons)])
