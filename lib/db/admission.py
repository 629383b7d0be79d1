"""Which beacons are let in before anything is decided about them, from what this process remembers.

Unknown keys, floods and sites over their quota are answered from memory, so that they cost the database nothing and the
other sites no time.
"""

import asyncio
import contextlib
import functools
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from lib.db.beacon_store import beacon_store
from lib.errors import OverQuota, StoreUnavailable, TooManyRequests, UnknownSite
from lib.rate_limit import RateLimit

# Of one site in one instance; the platform runs as many instances as it needs. 17 million page views a day.
_SITE_PER_SECOND, _SITE_BURST = 200, 400
# How often a site's refused beacons are worth a note.
_NOTES_PER_SECOND, _NOTES_BURST = 1, 5
# However many unknown keys come, they are looked for among the newest keys all together, and so often at most.
_SECONDS_BETWEEN_RENEWALS = 0.05
_UNKNOWN_REMEMBERED_SECONDS = 60
_MOST_UNKNOWN = 4096


class SiteStore(Protocol):
    """Where the keys of all sites, and notes about them, are kept."""

    async def site_keys(self, known_version: int) -> dict[str, Any]:
        """The keys and their version; see beacon_sites in supabase/migrations."""

    async def note_refused_hosts(self, site_key: str, hosts: Sequence[str]) -> None:
        """Remember from which hosts a refused beacon came."""


class Admission:
    """Remembers which sites there are and what each has asked for lately. For one event loop.

    The keys of all sites are fetched when the database has called one unknown, and again when one comes that is not
    among them: so a new site's first beacon finds its site, and no key is called unknown but by keys fetched since it came.
    """

    def __init__(self, store: SiteStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._sites = RateLimit(per_second=_SITE_PER_SECOND, burst=_SITE_BURST)
        self._notes = RateLimit(per_second=_NOTES_PER_SECOND, burst=_NOTES_BURST)
        self._keys: frozenset[str] | None = None
        self._version = -1
        self._renewing: asyncio.Task[None] | None = None
        self._renewed_at = -math.inf
        self._begun = self._answered = 0
        # Keys are drawn by the database: one that was unknown does not become a site's, unless a deleted site is restored.
        self._unknown: dict[str, float] = {}
        self._over_quota: dict[str, float] = {}

    async def admit(self, site_key: str) -> None:
        """Let one beacon of a site in. Raises UnknownSite or TooManyRequests; StoreUnavailable where it has to ask and cannot."""
        await self.check_known(site_key)
        now = self._clock()
        if self._over_quota and self._over_quota.get(site_key, 0) > now:
            raise OverQuota
        wait = self._sites.seconds_to_wait(site_key, now)
        if wait:
            raise TooManyRequests(
                "too_many_requests",
                f"This site sends more than {_SITE_PER_SECOND} page views a second. Send this one again in a while.",
                retry_after_seconds=math.ceil(wait),
            )

    async def check_known(self, site_key: str) -> None:
        """Raises UnknownSite for a key of which it is known that no site has it; StoreUnavailable as above."""
        if self._keys is not None and site_key not in self._keys:
            await self._look_again(site_key)

    async def learn_unknown(self, site_key: str) -> None:
        """The database has called a key unknown: from now on such keys are told from memory."""
        self._remember_unknown(site_key)
        # Also when it is among the keys: its site was deleted since they were fetched.
        if self._keys is None or site_key in self._keys:
            await self._renew()

    async def learn_refused(self, site_key: str, hosts: Sequence[str]) -> None:
        """The database has refused a beacon for where it came from: now and then its owner is told."""
        if hosts and not self._notes.seconds_to_wait(site_key, self._clock()):
            # A notice is not worth an error: the beacon has its answer.
            with contextlib.suppress(StoreUnavailable):
                await self._store.note_refused_hosts(site_key, hosts)

    def learn_over_quota(self, site_key: str) -> None:
        """The database has called a site over its quota: for a while it is not asked again."""
        now = self._clock()
        self._over_quota = {key: until for key, until in self._over_quota.items() if until > now}
        self._over_quota[site_key] = now + OverQuota.retry_after_seconds

    async def _look_again(self, site_key: str) -> None:
        if self._unknown.get(site_key, 0) > self._clock():
            raise UnknownSite
        await self._renew()
        if self._keys is not None and site_key not in self._keys:
            self._remember_unknown(site_key)
            raise UnknownSite

    def _remember_unknown(self, site_key: str) -> None:
        if len(self._unknown) >= _MOST_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[site_key] = self._clock() + _UNKNOWN_REMEMBERED_SECONDS

    async def _renew(self) -> None:
        """Wait for keys that are fetched from now on; whoever comes before the fetch begins shares it."""
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._fetch())
        await asyncio.shield(self._renewing)

    async def _fetch(self) -> None:
        try:
            await asyncio.sleep(max(self._renewed_at + _SECONDS_BETWEEN_RENEWALS - self._clock(), 0))
        finally:
            self._renewing = None  # who comes now is not answered by keys that are already on their way
        self._renewed_at = self._clock()
        self._begun = begun = self._begun + 1
        fetched = await self._store.site_keys(self._version)
        if begun < self._answered:  # overtaken: whoever waits for the newer keys must not be judged by these
            return
        self._answered = begun
        self._version = fetched["version"]
        if fetched["keys"] is not None:
            self._keys = frozenset(fetched["keys"])


@functools.cache
def admission() -> Admission:
    """The process's admission, over the process's store; raises MissingSetting."""
    return Admission(beacon_store())
