"""Where beacons are committed: one call of the database function record_beacons, as the role `beacon`."""

import functools
from collections.abc import Sequence
from typing import Any

from lib.db.postgrest import Postgrest
from lib.settings import StoreSettings, beacon_store_settings


class BeaconStore:
    """Commits beacons. Safe for several threads."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings)

    def record(self, beacons: Sequence[dict[str, Any]]) -> list[str]:
        """Commit beacons and return what became of each, in order; see record_beacons in supabase/migrations.

        When this returns the transaction is committed. Raises StoreUnavailable when it is not known to be.
        """
        verdicts: list[str] = self._database.call("record_beacons", beacons=list(beacons))
        return verdicts


@functools.cache
def beacon_store() -> BeaconStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return BeaconStore(beacon_store_settings())
