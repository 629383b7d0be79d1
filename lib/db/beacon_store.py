"""Where beacons are committed, and what the function must know of sites read: as the role `beacon`."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from lib.db.async_postgrest import AsyncPostgrest
from lib.settings import StoreSettings, beacon_store_settings


class BeaconStore:
    """Commits beacons and reads what decides about them. For one event loop.

    Each method raises StoreUnavailable when it is not known to have happened.
    """

    def __init__(self, settings: StoreSettings, *, sees: Callable[[bytes], None] | None = None) -> None:
        """sees: is shown every byte that leaves, for the nightly proof."""
        self._database = AsyncPostgrest(settings, sees=sees)

    async def record(self, rows: Sequence[str]) -> list[str]:
        """Commit beacons, each a JSON object, and return what became of each, in order: see record_beacons in
        supabase/migrations.

        When this returns the transaction is committed. Raises RowsRefused or RowsLocked when one of the rows kept all
        from being committed.
        """
        verdicts: list[str] = await self._database.call_encoded("record_beacons", f'{{"beacons":[{",".join(rows)}]}}')
        return verdicts

    async def rules(self, site_key: str, known_opt_outs: int) -> dict[str, Any] | None:
        """The networks whose beacons make no visit of a site, with their versions; see beacon_rules in supabase/migrations.

        `known_opt_outs` is the version of the networks opted out for everybody that the caller has already. None when no
        site has this key.
        """
        rules: dict[str, Any] | None = await self._database.call("beacon_rules", site_key=site_key, known_opt_outs=known_opt_outs)
        return rules

    async def site_keys(self, known_version: int) -> dict[str, Any]:
        """The keys of all sites and their version: see beacon_sites in supabase/migrations. None for keys the caller has."""
        sites: dict[str, Any] = await self._database.call("beacon_sites", known_version=known_version)
        return sites

    async def note_refused_hosts(self, site_key: str, hosts: Sequence[str]) -> None:
        """Remember from which hosts a refused beacon came, one or two."""
        await self._database.call("note_refused_hosts", site_key=site_key, hosts=list(hosts))

    async def is_site_secret(self, secret: str) -> bool:
        """Whether any site has a secret."""
        return bool(await self._database.call("is_site_secret", secret=secret))

    def close(self) -> None:
        """Close the idle connections."""
        self._database.close()


@functools.cache
def beacon_store() -> BeaconStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return BeaconStore(beacon_store_settings())
