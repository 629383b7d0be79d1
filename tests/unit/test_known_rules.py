"""What a process knows of the rules on networks, and how often it asks."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from functions.record_beacon import Sender, record_beacon
from lib.db.admission import Admission
from lib.db.known_rules import KnownRules, Rules
from lib.domain.beacon import Beacon
from lib.domain.outcome import Outcome
from lib.domain.page import page_of_url
from lib.errors import StoreUnavailable, UnknownSite
from lib.identification import NoMatch, Reason, VisitorAddress

BROWSER = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"}


class Database:
    """The database's part: sites by key, each with its version and networks, and the opt-outs of all."""

    def __init__(self) -> None:
        self.sites: dict[str, tuple[int, list[str]]] = {}
        self.opt_outs: tuple[int, list[str]] = (0, [])
        self.asked: list[tuple[str, int]] = []
        self.committed: list[dict[str, Any]] = []
        self.is_always_stale = False
        self.noted: list[tuple[str, list[str]]] = []

    async def rules(self, site_key: str, known_opt_outs: int) -> dict[str, Any] | None:
        await asyncio.sleep(0)
        self.asked.append((site_key, known_opt_outs))
        if site_key not in self.sites:
            return None
        (account, networks), (opt_outs, opted_out) = self.sites[site_key], self.opt_outs
        opted = None if known_opt_outs == opt_outs else opted_out
        return {
            "account": account,
            "networks": networks,
            "opt_outs": opt_outs,
            "opted_out_networks": opted,
            "secrets": [],
        }

    async def commit(self, site_key: str, encoded: str) -> str:
        beacon = json.loads(encoded)
        self.committed.append(beacon)
        return self._verdict(beacon)

    async def note_refused_hosts(self, site_key: str, hosts: Sequence[str]) -> None:
        self.noted.append((site_key, list(hosts)))

    async def site_keys(self, known_version: int) -> dict[str, Any]:
        return {"version": 1, "keys": list(self.sites)}

    def _verdict(self, beacon: dict[str, Any]) -> str:
        current = {"account": self.sites[beacon["site_key"]][0], "opt_outs": self.opt_outs[0]}
        return "stale_rules" if self.is_always_stale or beacon.get("rules", current) != current else beacon["outcome"]


@pytest.fixture
def database() -> Database:
    database = Database()
    database.sites["a"] = (0, [])
    return database


def send(database: Database, rules: KnownRules, address: str = "155.56.1.1", **headers: str) -> Outcome:
    beacon = Beacon("a", "12345678", page_of_url("https://example.com/"), None)
    sender = Sender("example.com", {**BROWSER, **headers}, VisitorAddress.parse(address))
    recording = record_beacon(
        beacon, sender, identify=lambda _: NoMatch(Reason.CARRIER), commits=database, rules=rules, admission=Admission(database)
    )
    return asyncio.run(recording)


def holds(rules: Rules, text: str) -> tuple[bool, bool]:
    address = VisitorAddress.parse(text)
    return rules.excluded.holds(address), rules.opted_out.holds(address)


def test_while_there_is_no_rule_a_beacon_costs_one_commit_and_no_question(database: Database) -> None:
    assert send(database, KnownRules(database)) == "carrier"
    assert (len(database.committed), database.asked) == (1, [])


def test_rules_are_fetched_when_they_have_changed_and_only_then(database: Database) -> None:
    rules = KnownRules(database)
    database.sites["a"] = (1, ["155.56.0.0/16"])
    assert [send(database, rules) for _ in range(3)] == ["excluded"] * 3
    assert (len(database.committed), len(database.asked)) == (4, 1)
    database.sites["a"] = (2, [])
    assert [send(database, rules) for _ in range(2)] == ["carrier"] * 2
    assert len(database.asked) == 2


def test_what_opted_out_for_everybody_comes_before_what_an_account_excludes(database: Database) -> None:
    database.sites["a"], database.opt_outs = (1, ["155.56.0.0/16"]), (1, ["155.56.1.0/24"])
    rules = KnownRules(database)
    assert [send(database, rules, "155.56.1.1"), send(database, rules, "155.56.2.1")] == ["company_opted_out", "excluded"]


def test_a_version_that_went_back_is_believed(database: Database) -> None:
    """A database restored from a backup counts from there again."""
    rules = KnownRules(database)
    database.sites["a"], database.opt_outs = (9, ["155.56.0.0/16"]), (9, ["9.9.9.9/32"])
    send(database, rules)
    database.sites["a"], database.opt_outs = (2, []), (3, [])
    assert send(database, rules) == send(database, rules, "9.9.9.9") == "carrier"


def test_networks_known_already_are_not_sent_again(database: Database) -> None:
    rules = KnownRules(database)
    database.opt_outs = (4, ["9.9.9.0/24"])
    asyncio.run(rules.renew("a"))
    database.sites["a"] = (1, ["155.56.0.0/16"])
    renewed = asyncio.run(rules.renew("a"))
    assert database.asked == [("a", 0), ("a", 4)]
    assert (holds(renewed, "9.9.9.9"), holds(renewed, "155.56.1.1")) == ((False, True), (True, False))


def test_the_browsers_own_wish_needs_no_rules(database: Database) -> None:
    database.sites["a"] = (1, ["155.56.0.0/16"])
    assert send(database, KnownRules(database), dnt="1") == "opted_out"
    assert database.asked == [] and "rules" not in database.committed[0]


def test_rules_that_never_stand_still_are_not_chased_for_ever(database: Database) -> None:
    database.is_always_stale = True
    with pytest.raises(StoreUnavailable, match="rules"):
        send(database, KnownRules(database))
    assert len(database.committed) == 4


def test_a_site_deleted_meanwhile_is_unknown(database: Database) -> None:
    with pytest.raises(UnknownSite):
        asyncio.run(KnownRules(database).renew("b"))


def test_of_too_many_sites_the_oldest_is_forgotten(database: Database) -> None:
    rules = KnownRules(database, most_sites=2)
    for key in ("a", "b", "c"):
        database.sites[key] = (1, ["155.56.0.0/16"])
        asyncio.run(rules.renew(key))
    assert [rules.of_site(key).account for key in ("a", "b", "c")] == [0, 1, 1]
