"""Beacons that are committed together: each is kept as if it had come alone, and none harms another."""

import asyncio
import contextlib
import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from dev.stack import Stack
from lib.db.beacon_store import BeaconStore
from lib.db.group_commit import GroupCommit
from lib.errors import RowsRefused, StoreUnavailable
from lib.settings import StoreSettings
from tests.builders import Customer, World


@pytest.fixture
def settings(stack: Stack) -> StoreSettings:
    return StoreSettings(stack.supabase_url, stack.publishable_key, stack.secrets.beacon_token)


def commit(settings: StoreSettings, *rows: dict[str, Any]) -> list[str | BaseException]:
    """What each of some rows hears that arrive in one turn of the loop."""

    async def arrive() -> list[str | BaseException]:
        with contextlib.closing(BeaconStore(settings)) as store:
            commits = GroupCommit(store.record)
            arriving = (commits.commit(row["site_key"], json.dumps(row)) for row in rows)
            return await asyncio.gather(*arriving, return_exceptions=True)

    return asyncio.run(arrive())


async def record_at_once(settings: StoreSettings, batches: list[list[dict[str, Any]]]) -> list[str]:
    """Send batches beside each other, and say what became of all their rows."""
    with contextlib.closing(BeaconStore(settings)) as store:
        sent = (store.record([json.dumps(row) for row in batch]) for batch in batches)
        return [verdict for verdicts in await asyncio.gather(*sent) for verdict in verdicts]


def test_beacons_that_arrive_together_are_one_transaction(settings: StoreSettings, customer: Customer) -> None:
    assert commit(settings, *(customer.beacon(f"company {number % 5}") for number in range(40))) == ["identified"] * 40
    assert sorted(visit["page_view_count"] for visit in customer.visits()) == [8] * 5
    assert len({view["viewed_at"] for view in customer.page_views()}) == 1
    assert customer.funnel() == {"identified": 40}


def test_a_beacon_that_stands_twice_in_a_batch_is_kept_once(world: World, customer: Customer) -> None:
    twice, counted_twice = customer.beacon(), customer.beacon(company=None, outcome="carrier")
    assert world.record(twice, counted_twice, twice, counted_twice) == ["identified", "carrier", "duplicate", "duplicate"]
    assert customer.funnel() == {"identified": 1, "carrier": 1}


@pytest.mark.parametrize(
    "poison",
    [
        {"page": {"host": "example.com", "path": "/\0"}},
        {"page": {"host": "example.com", "path": "/" + "x" * 2000}},
        {"beacon_id": "NOT AN ID"},
        {"company": "x" * 300},
        {"outcome": "no such outcome"},
        {"seen_at": "no time"},
    ],
    ids=["NUL", "path too long", "malformed id", "company key too long", "unknown outcome", "malformed time"],
)
def test_a_poisonous_row_hurts_itself_alone(settings: StoreSettings, customer: Customer, poison: dict[str, Any]) -> None:
    rows = [customer.beacon(f"company {number}") for number in range(20)]
    rows[7] = customer.beacon(**poison)
    answers = commit(settings, *rows)
    assert isinstance(answers.pop(7), RowsRefused)
    assert answers == ["identified"] * 19
    assert len(customer.page_views()) == 19


def test_a_forged_key_in_a_batch_hurts_itself_alone(world: World, customer: Customer) -> None:
    forged = customer.beacon(site_key="site_" + "0" * 24)
    foreign = customer.beacon(origin_host="evil.example")
    assert world.record(customer.beacon(), forged, foreign, customer.beacon()) == [
        "identified", "unknown_site", "origin_not_allowed", "identified",
    ]  # fmt: skip


def test_a_site_whose_rows_are_locked_does_not_hold_up_the_others(
    stack: Stack, settings: StoreSettings, world: World, customer: Customer
) -> None:
    others = [world.customer() for _ in range(3)]
    world.record(customer.beacon())
    with psycopg.connect(stack.superuser_url) as blocking:
        blocking.execute("select from public.visits where site_id = %s for update", [customer.site_id])
        free = threading.Timer(2.0, blocking.rollback)
        free.start()
        started = datetime.now(UTC)
        answers = commit(settings, *(one.beacon() for one in others), customer.beacon())
        assert answers[:3] == ["identified"] * 3
        # The locked one waits for its lock until the transaction is given up, and is not half kept.
        assert answers[3] == "identified" or isinstance(answers[3], StoreUnavailable)
        assert datetime.now(UTC) - started < timedelta(seconds=3)
        free.join()
    assert [one.visits()[0]["page_view_count"] for one in others] == [1, 1, 1]


def test_many_batches_at_once_over_the_same_companies_and_beacons_neither_fail_nor_count_twice(
    settings: StoreSettings, world: World
) -> None:
    """Every batch holds the same beacons in another order: whatever they lock, they must lock alike."""
    customers = [world.customer() for _ in range(4)]
    rows = [one.beacon(f"company {number}") for one in customers for number in range(8)]
    rows += [one.beacon(company=None, outcome="carrier") for one in customers for _ in range(4)]
    batches = [(rows[turn:] + rows[:turn])[:: 1 if turn % 2 else -1] for turn in range(12)]
    verdicts = asyncio.run(record_at_once(settings, batches))
    assert len(verdicts) == 12 * len(rows)
    assert verdicts.count("duplicate") == 11 * len(rows)
    for one in customers:
        assert one.funnel() == {"identified": 8, "carrier": 4}
        assert [visit["page_view_count"] for visit in one.visits()] == [1] * 8


def at(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def test_what_a_server_saw_earlier_is_kept_at_its_time(world: World, customer: Customer) -> None:
    """In a batch that covers hours, 30 minutes of silence end a visit as they do live."""
    times = [5.0, 4.9, 4.2, 1.0, 0.9]
    world.record(*(customer.beacon(seen_at=at(hours)) for hours in (4.2, 0.9, 5.0, 1.0, 4.9)))
    visits = customer.visits()
    assert [visit["page_view_count"] for visit in visits] == [2, 1, 2]
    viewed = [datetime.fromisoformat(view["viewed_at"]) for view in customer.page_views()]
    assert [round((datetime.now(UTC) - moment) / timedelta(hours=1), 1) for moment in viewed] == times
    [company] = customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")
    assert company["first_seen_at"] < company["last_seen_at"]


def test_what_comes_late_joins_the_visit_it_belongs_to(world: World, customer: Customer) -> None:
    world.record(customer.beacon(seen_at=at(2.0)), customer.beacon(seen_at=at(0.1)))
    world.record(customer.beacon(seen_at=at(2.2)), customer.beacon(seen_at=at(1.8)))
    assert [visit["page_view_count"] for visit in customer.visits()] == [3, 1]
    assert all(visit["started_at"] <= visit["last_seen_at"] for visit in customer.visits())


def test_what_a_server_repeats_hours_later_is_counted_once(world: World, customer: Customer) -> None:
    beacon = customer.beacon(company=None, outcome="carrier", seen_at=at(2.0))
    assert world.record(beacon) == ["carrier"]
    world.database.execute("update private.beacon_receipts set received_at = received_at - interval '20 hours'")
    world.record(customer.beacon())
    assert world.record(beacon) == ["duplicate"]
    assert customer.funnel()["carrier"] == 1


@pytest.mark.parametrize("hours", [-48.0, 48.0])
def test_a_time_beyond_a_day_or_ahead_is_brought_back(world: World, customer: Customer, hours: float) -> None:
    world.record(customer.beacon(seen_at=at(hours)))
    [view] = customer.page_views()
    age = datetime.now(UTC) - datetime.fromisoformat(view["viewed_at"])
    assert timedelta(0) <= age <= timedelta(hours=24, minutes=1)


def test_what_comes_late_does_not_pass_the_visit_it_lies_in(world: World, customer: Customer) -> None:
    for minutes in (120, 100, 60, 45, 75, 98, 110):
        world.record(customer.beacon(seen_at=at(minutes / 60)))
    assert [visit["page_view_count"] for visit in customer.visits()] == [4, 3]


def test_a_visit_lasts_a_day_at_most(world: World, customer: Customer) -> None:
    """A company that always has somebody on the site would else have one visit for ever."""
    for _ in range(80):
        world.record(customer.beacon())
        customer.pass_time("20 minutes")
    lengths = [
        datetime.fromisoformat(visit["last_seen_at"]) - datetime.fromisoformat(visit["started_at"]) for visit in customer.visits()
    ]
    assert len(lengths) == 2
    assert max(lengths) <= timedelta(hours=24)


def test_a_site_that_has_used_up_its_quota_is_paused_until_midnight(world: World, customer: Customer) -> None:
    customer.limit(5)
    beacons = [customer.beacon(company=None, outcome=outcome) for outcome in ("carrier", "bot", "carrier", "bot", "carrier")]
    assert [world.record(beacon)[0] for beacon in beacons] == ["carrier", "bot", "carrier", "bot", "carrier"]
    assert world.record(customer.beacon(), customer.beacon(company=None, outcome="bot")) == ["over_quota", "over_quota"]
    assert (customer.funnel(), customer.visits()) == ({"carrier": 3, "bot": 2}, [])
    [pause] = customer.owner.rows("site_pauses", site_id=f"eq.{customer.site_id}")
    assert pause["began_at"]
    world.database.execute("update public.site_pauses set day = day - 1 where site_id = %s", [customer.site_id])
    assert world.record(customer.beacon()) == ["identified"]


def test_a_large_quota_is_held_within_some_per_cent(world: World, customer: Customer) -> None:
    customer.limit(1000)
    kinds = ["carrier", "bot", "hoster", "relay"]
    verdicts: list[str] = []
    while "over_quota" not in verdicts and len(verdicts) < 2000:
        batch = [customer.beacon(company=None, outcome=kinds[number % 4], beacon_id=uuid.uuid4().hex) for number in range(50)]
        verdicts += world.record(*batch)
    assert 1000 <= sum(customer.funnel().values()) <= 1150


def test_no_member_raises_the_quota(customer: Customer) -> None:
    answer = customer.owner.update("sites", {"beacons_per_day": 10_000_000}, id=f"eq.{customer.site_id}")
    assert answer.status_code == 403


def test_a_pause_is_written_by_nobody_but_the_beacons(world: World, customer: Customer) -> None:
    customer.use_up_quota()
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "day": "2020-01-01"}
    assert customer.owner.insert("site_pauses", row).status_code == 403
    assert customer.owner.delete("site_pauses", site_id=f"eq.{customer.site_id}").status_code == 403


@pytest.mark.parametrize(
    ("change", "verdict"),
    [({"origin_host": "evil.example"}, "origin_not_allowed"), ({"rules": {"account": 99, "opt_outs": 99}}, "stale_rules")],
    ids=["refused", "stale"],
)
def test_what_keeps_nothing_makes_no_other_row_a_duplicate(
    world: World, customer: Customer, change: dict[str, Any], verdict: str
) -> None:
    beacon = customer.beacon()
    assert world.record(beacon | change, beacon, beacon) == [verdict, "identified", "duplicate"]
    assert customer.funnel() == {"identified": 1}


def test_what_a_server_tells_of_later_is_under_that_days_quota(world: World, customer: Customer) -> None:
    world.database.execute("update public.sites set beacons_per_day = 100 where id = %s", [customer.site_id])
    earlier = (datetime.now(UTC) - timedelta(hours=23, minutes=59)).isoformat()
    told = [verdict for _ in range(6) for verdict in world.record(*(customer.beacon(seen_at=earlier) for _ in range(50)))]
    assert told == ["identified"] * 100 + ["over_quota"] * 200
    assert world.record(customer.beacon()) == ["identified"]


def test_a_beacon_that_waited_while_its_site_was_deleted_hears_that_there_is_none(
    stack: Stack, settings: StoreSettings, customer: Customer
) -> None:
    with psycopg.connect(stack.superuser_url) as deleting:
        deleting.execute("delete from public.sites where id = %s", [customer.site_id])
        free = threading.Timer(0.1, deleting.commit)
        free.start()
        assert commit(settings, customer.beacon()) == ["unknown_site"]
        free.join()
