"""Which beacons are let in, from what a process remembers."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from lib.db.admission import Admission
from lib.errors import Refusal, StoreUnavailable, TooManyRequests
from lib.rate_limit import RateLimit


class Database:
    """The sites there are, and how often it was asked for them."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.noted: list[tuple[str, list[str]]] = []
        self.is_away = False

    async def note_refused_hosts(self, site_key: str, hosts: Sequence[str]) -> None:
        self.noted.append((site_key, list(hosts)))

    async def site_keys(self, known_version: int) -> dict[str, Any]:
        await asyncio.sleep(0)
        self.asked += 1
        if self.is_away:
            raise StoreUnavailable("away")
        version = len(self.keys)
        return {"version": version, "keys": None if version == known_version else list(self.keys)}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def answers(admission: Admission, *keys: str) -> list[str]:
    """What becomes of beacons that come together: in, or why not."""
    admitted = await asyncio.gather(*(admission.admit(key) for key in keys), return_exceptions=True)
    return ["in" if one is None else one.code if isinstance(one, Refusal) else type(one).__name__ for one in admitted]


def test_while_no_key_was_unknown_nothing_is_asked() -> None:
    database = Database("a")
    assert asyncio.run(answers(Admission(database), "a", "b", "c")) == ["in"] * 3
    assert database.asked == 0


def test_a_flood_of_unknown_keys_costs_one_question() -> None:
    async def flood() -> None:
        database = Database("a")
        admission = Admission(database)
        await admission.learn_unknown("x")
        assert set(await answers(admission, *(f"key {number}" for number in range(1000)))) == {"unknown_site"}
        assert database.asked == 2  # the keys, and whether there are newer ones
        assert await answers(admission, *(f"key {number}" for number in range(1000))) == ["unknown_site"] * 1000
        assert await answers(admission, "a") == ["in"]
        assert database.asked == 2

    asyncio.run(flood())


def test_a_new_sites_first_beacon_is_let_in_also_amid_a_flood() -> None:
    async def flood() -> None:
        database = Database("a")
        admission = Admission(database)
        await admission.learn_unknown("x")
        flooding = asyncio.create_task(answers(admission, *(f"key {number}" for number in range(100))))
        await asyncio.sleep(0)
        database.keys.append("new")
        assert await answers(admission, "new") == ["in"]
        await flooding

    asyncio.run(flood())


def test_an_unknown_key_is_not_believed_unknown_for_ever() -> None:
    """A site that was deleted by mistake comes back from a backup."""

    async def restore() -> None:
        database, clock = Database("a"), Clock()
        admission = Admission(database, clock=clock)
        await admission.learn_unknown("b")
        database.keys.append("b")
        assert await answers(admission, "b") == ["unknown_site"]
        clock.now += 61
        assert await answers(admission, "b") == ["in"]

    asyncio.run(restore())


def test_when_the_database_is_away_a_strange_key_is_not_called_unknown() -> None:
    async def ask() -> None:
        database = Database("a")
        admission = Admission(database)
        await admission.learn_unknown("x")
        database.is_away = True
        assert await answers(admission, "b", "a") == ["StoreUnavailable", "in"]
        database.is_away = False
        database.keys.append("b")
        assert await answers(admission, "b") == ["in"]

    asyncio.run(ask())


def test_a_site_that_floods_is_limited_and_the_others_are_not() -> None:
    async def flood() -> None:
        clock = Clock()
        admission = Admission(Database(), clock=clock)
        flooding = await answers(admission, *(["loud"] * 1000))
        assert (flooding.count("in"), flooding.count("too_many_requests")) == (400, 600)
        assert await answers(admission, "quiet") == ["in"]
        clock.now += 1
        assert (await answers(admission, *(["loud"] * 300))).count("in") == 200
        with pytest.raises(TooManyRequests) as refused:
            await admission.admit("loud")
        assert refused.value.retry_after_seconds == 1

    asyncio.run(flood())


def test_a_site_over_its_quota_is_told_from_memory_for_a_minute() -> None:
    async def send() -> None:
        clock = Clock()
        admission = Admission(Database(), clock=clock)
        admission.learn_over_quota("spent")
        assert await answers(admission, "spent", "other") == ["over_quota", "in"]
        clock.now += 61
        assert await answers(admission, "spent") == ["in"]

    asyncio.run(send())


def test_refused_hosts_are_noted_now_and_then() -> None:
    async def refuse() -> None:
        database, clock = Database("a"), Clock()
        admission = Admission(database, clock=clock)
        for _ in range(100):
            await admission.learn_refused("a", ["shop.example"])
        await admission.learn_refused("b", ["shop.example"])
        await admission.learn_refused("c", [])
        assert [key for key, _ in database.noted] == ["a"] * 5 + ["b"]

    asyncio.run(refuse())


def test_a_flood_of_keys_does_not_fill_the_memory() -> None:
    limit = RateLimit(per_second=1, burst=1)
    for number in range(100_000):
        assert limit.seconds_to_wait(f"key {number}", 1000.0) == 0
    assert len(limit._paid_until) < 10_000
    assert limit.seconds_to_wait("key 99999", 1000.0) > 0


def test_a_deleted_sites_key_is_told_from_memory_as_well() -> None:
    async def deleted() -> None:
        database = Database("a", "b")
        admission = Admission(database)
        await admission.learn_unknown("x")
        database.keys.remove("a")
        await admission.learn_unknown("a")
        assert await answers(admission, "a", "b") == ["unknown_site", "in"]

    asyncio.run(deleted())


class SlowDatabase(Database):
    """Its second answer comes after its third."""

    def __init__(self, *keys: str) -> None:
        super().__init__(*keys)
        self.overtaken = asyncio.Event()

    async def site_keys(self, known_version: int) -> dict[str, Any]:
        answer = await super().site_keys(-1)
        if self.asked == 2:
            await self.overtaken.wait()
        elif self.asked == 3:
            self.overtaken.set()
        return answer


def test_keys_that_come_late_do_not_make_a_new_site_unknown() -> None:
    async def overtaken() -> None:
        database = SlowDatabase("a")
        admission = Admission(database)
        await admission.learn_unknown("x")
        early = asyncio.create_task(answers(admission, "bogus"))
        await asyncio.sleep(0.1)
        database.keys.append("new")
        assert await answers(admission, "new") == ["in"]
        assert await early == ["unknown_site"]
        database.is_away = True
        assert await answers(admission, "new") == ["in"]

    # A race: it was lost in two of three.
    for _ in range(10):
        asyncio.run(overtaken())
