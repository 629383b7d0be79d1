"""Who asked never to be identified, fetched whole and compared here: so that nobody's address, nor what follows from it, is asked
about in the database. As the role `public_door`.
"""

import functools
import threading
import time
from typing import NamedTuple

from lib.db.postgrest import Postgrest
from lib.identification import Networks, VisitorAddress
from lib.settings import public_store_settings

_KEPT_SECONDS = 60


class OptOuts(NamedTuple):
    """Companies, by every key they ever had, and networks."""

    company_keys: frozenset[str]
    networks: Networks

    def holds(self, address: VisitorAddress) -> bool:
        """Whether the address is in a network that opted out."""
        return self.networks.holds(address)

    def names(self, company_keys: tuple[str, ...]) -> bool:
        """Whether one of these is a company that opted out."""
        return not self.company_keys.isdisjoint(company_keys)


class KnownOptOuts:
    """Fetches them at most once a minute. Safe for several threads."""

    def __init__(self, database: Postgrest) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: tuple[float, OptOuts] | None = None

    def get(self) -> OptOuts:
        """Those of now, or of the last minute. Raises StoreUnavailable."""
        with self._lock:
            if self._known is None or time.monotonic() - self._known[0] > _KEPT_SECONDS:
                fetched = self._database.call("list_opt_outs")
                self._known = (time.monotonic(), OptOuts(frozenset(fetched["company_keys"]), Networks(fetched["networks"])))
            return self._known[1]


@functools.cache
def known_opt_outs() -> KnownOptOuts:
    """The process's, by the deployment's settings; raises MissingSetting."""
    return KnownOptOuts(Postgrest(public_store_settings()))
