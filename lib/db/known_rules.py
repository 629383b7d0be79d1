"""Which networks' beacons make no visit, as far as this process knows.

A process starts by knowing nothing and assuming that there are no rules. Each commit says under which versions it was
decided; only when the database answers that they hold no more are the rules fetched. So most beacons need one round
trip, every rule holds for the next beacon, and no address leaves the function.
"""

import asyncio
import functools
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lib.db.beacon_store import beacon_store
from lib.errors import UnknownSite
from lib.identification import Networks

_MOST_SITES = 4096


class RuleStore(Protocol):
    """Where rules are kept."""

    def rules(self, site_key: str, known_opt_outs: int) -> dict[str, Any] | None:
        """A site's rules; see beacon_rules in supabase/migrations."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a beacon is decided under: networks its account excluded, networks opted out for everybody, their versions."""

    account: int
    excluded: Networks
    opt_outs: int
    opted_out: Networks

    def versions(self) -> dict[str, int]:
        """What the database compares with what holds when it commits."""
        return {"account": self.account, "opt_outs": self.opt_outs}


@dataclass(frozen=True, slots=True)
class _Versioned:
    version: int
    networks: Networks


_NOWHERE = _Versioned(0, Networks())


class KnownRules:
    """The rules of the sites this process has met; of more than some thousands the oldest are forgotten.

    For one event loop. What was fetched last counts, not the highest version: a restored database counts anew.
    """

    def __init__(self, store: RuleStore, *, most_sites: int = _MOST_SITES) -> None:
        self._store = store
        self._most_sites = most_sites
        self._sites: OrderedDict[str, _Versioned] = OrderedDict()
        self._opt_outs = _NOWHERE
        self._renewing: dict[str, asyncio.Task[Rules]] = {}

    def of_site(self, site_key: str) -> Rules:
        """The rules known for a site, without asking; version 0 and no networks where none are."""
        return _rules(self._sites.get(site_key, _NOWHERE), self._opt_outs)

    async def renew(self, site_key: str) -> Rules:
        """Fetch a site's rules and remember them; whoever asks for the same meanwhile shares the answer.

        Raises UnknownSite, or StoreUnavailable.
        """
        renewing = self._renewing.get(site_key)
        if renewing is None:
            renewing = self._renewing[site_key] = asyncio.create_task(self._fetch(site_key))
            renewing.add_done_callback(lambda done: self._renewing.pop(site_key, None))
        # One who gives up waiting does not take the answer from the others.
        return await asyncio.shield(renewing)

    async def _fetch(self, site_key: str) -> Rules:
        known = self._opt_outs
        fetched = await asyncio.to_thread(self._store.rules, site_key, known.version)
        if fetched is None:
            raise UnknownSite
        account = _Versioned(fetched["account"], Networks(fetched["networks"]))
        self._opt_outs = known if fetched["opted_out_networks"] is None else _opt_outs(fetched)
        self._sites[site_key] = account
        self._sites.move_to_end(site_key)
        if len(self._sites) > self._most_sites:
            self._sites.popitem(last=False)
        return _rules(account, self._opt_outs)


@functools.cache
def known_rules() -> KnownRules:
    """The process's rules, from the process's store; raises MissingSetting."""
    return KnownRules(beacon_store())


def _rules(account: _Versioned, opt_outs: _Versioned) -> Rules:
    return Rules(account.version, account.networks, opt_outs.version, opt_outs.networks)


def _opt_outs(fetched: Mapping[str, Any]) -> _Versioned:
    return _Versioned(fetched["opt_outs"], Networks(fetched["opted_out_networks"]))
