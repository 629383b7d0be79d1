"""Which networks' beacons make no visit, as far as this process knows.

A process starts by knowing nothing and assuming that there are no rules. Each commit says under which versions it was
decided; only when the database answers that they hold no more are the rules fetched. So most beacons need one round
trip, every rule holds for the next beacon, and no address leaves the function.
"""

import asyncio
import functools
import time
from collections import OrderedDict
from typing import Any, NamedTuple, Protocol

from lib.db.beacon_store import beacon_store
from lib.errors import UnknownSite
from lib.identification import Networks
from lib.rate_limit import RateLimit

_MOST_SITES = 4096
# A new secret works after at most this long; whoever forges one costs one question in it.
_SECONDS_BETWEEN_SECRETS = 10


class RuleStore(Protocol):
    """Where rules are kept."""

    async def rules(self, site_key: str, known_opt_outs: int) -> dict[str, Any] | None:
        """A site's rules; see beacon_rules in supabase/migrations."""


class Rules(NamedTuple):
    """What a beacon is decided under: networks its account excluded, networks opted out for everybody, their versions.

    secrets: what the site's proxies sign with and its servers sign in with.
    """

    account: int
    excluded: Networks
    opt_outs: int
    opted_out: Networks
    secrets: tuple[str, ...] = ()

    def versions(self) -> dict[str, int]:
        """What the database compares with what holds when it commits."""
        return {"account": self.account, "opt_outs": self.opt_outs}

    def __repr__(self) -> str:
        # Without the secrets.
        return f"Rules(account={self.account}, opt_outs={self.opt_outs})"


_NO_RULES = Rules(0, Networks(), 0, Networks())


class KnownRules:
    """The rules of the sites this process has met; of more than some thousands the oldest are forgotten.

    For one event loop. What was fetched last counts, not the highest version: a restored database counts anew.
    """

    def __init__(self, store: RuleStore, *, most_sites: int = _MOST_SITES) -> None:
        self._store = store
        self._most_sites = most_sites
        self._sites: OrderedDict[str, Rules] = OrderedDict()
        # What holds of a site that this process knows no rules of: the opt-outs of everybody.
        self._elsewhere = _NO_RULES
        self._renewing: dict[str, asyncio.Task[Rules]] = {}
        self._secrets_shown = RateLimit(per_second=1 / _SECONDS_BETWEEN_SECRETS, burst=1)

    def of_site(self, site_key: str) -> Rules:
        """The rules known for a site, without asking; version 0 and no networks where none are."""
        return self._sites.get(site_key, self._elsewhere)

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

    async def renew_for_a_secret(self, site_key: str) -> Rules | None:
        """The same for whoever shows a secret that is not known, which may be new; None if it was done for one a moment ago.

        At most once in ten seconds for a site: forged secrets must not become a flood of questions.
        """
        wait = self._secrets_shown.seconds_to_wait(site_key, time.monotonic())
        return None if wait else await self.renew(site_key)

    async def _fetch(self, site_key: str) -> Rules:
        fetched = await self._store.rules(site_key, self._elsewhere.opt_outs)
        if fetched is None:
            raise UnknownSite
        if fetched["opted_out_networks"] is not None:
            self._opt_out_everywhere(fetched["opt_outs"], Networks(fetched["opted_out_networks"]))
        rules = self._elsewhere._replace(
            account=fetched["account"], excluded=Networks(fetched["networks"]), secrets=tuple(fetched["secrets"])
        )
        self._sites[site_key] = rules
        self._sites.move_to_end(site_key)
        if len(self._sites) > self._most_sites:
            self._sites.popitem(last=False)
        return rules

    def _opt_out_everywhere(self, version: int, networks: Networks) -> None:
        self._elsewhere = _NO_RULES._replace(opt_outs=version, opted_out=networks)
        for site_key, rules in self._sites.items():
            self._sites[site_key] = rules._replace(opt_outs=version, opted_out=networks)


@functools.cache
def known_rules() -> KnownRules:
    """The process's rules, from the process's store; raises MissingSetting."""
    return KnownRules(beacon_store())
