"""Where beacons are committed, and their rules read: calls of two database functions, as the role `beacon`."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from lib.db.postgrest import Postgrest
from lib.settings import StoreSettings, beacon_store_settings


class BeaconStore:
    """Commits beacons and reads their rules. Safe for several threads."""

    def __init__(self, settings: StoreSettings, *, sees: Callable[[bytes], None] | None = None) -> None:
        """sees: is shown every byte that leaves, for the nightly proof."""
        self._database = Postgrest(settings, sees=sees)

    def record(self, beacons: Sequence[dict[str, Any]]) -> list[str]:
        """Commit beacons and return what became of each, in order; see record_beacons in supabase/migrations.

        When this returns the transaction is committed. Raises StoreUnavailable when it is not known to be.
        """
        verdicts: list[str] = self._database.call("record_beacons", beacons=list(beacons))
        return verdicts

    def rules(self, site_key: str, known_opt_outs: int) -> dict[str, Any] | None:
        """The networks whose beacons make no visit of a site, with their versions; see beacon_rules in supabase/migrations.

        `known_opt_outs` is the version of the networks opted out for everybody that the caller has already. None when no
        site has this key. Raises StoreUnavailable.
        """
        rules: dict[str, Any] | None = self._database.call("beacon_rules", site_key=site_key, known_opt_outs=known_opt_outs)
        return rules


@functools.cache
def beacon_store() -> BeaconStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return BeaconStore(beacon_store_settings())
