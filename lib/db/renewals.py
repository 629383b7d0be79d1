"""How often a site's secrets are fetched because somebody showed one that this process does not know.

It may have been created a moment ago, so it is worth a look; forged ones must not become a flood of them.
"""

import functools
import threading
from collections import OrderedDict

# A new secret works after at most this long; whoever forges one costs one call of the database in it.
SECONDS_BETWEEN = 10
_MOST_SITES = 4096


class Renewals:
    """Admits one renewal per site in ten seconds, and of at most some thousands of sites. Safe for several threads."""

    def __init__(self, *, most_sites: int = _MOST_SITES) -> None:
        self._most_sites = most_sites
        self._lock = threading.Lock()
        self._admitted: OrderedDict[str, float] = OrderedDict()

    def admits(self, site_key: str, now: float) -> bool:
        """Whether a site's secrets may be fetched now (monotonic seconds). If so, this was the one time."""
        with self._lock:
            self._forget(now)
            if site_key in self._admitted or len(self._admitted) >= self._most_sites:
                return False
            self._admitted[site_key] = now
            return True

    def _forget(self, now: float) -> None:
        """Drop what is over. The oldest stand first."""
        while self._admitted and next(iter(self._admitted.values())) <= now - SECONDS_BETWEEN:
            self._admitted.popitem(last=False)


@functools.cache
def renewals() -> Renewals:
    """The process's, shared by everything that checks secrets."""
    return Renewals()
