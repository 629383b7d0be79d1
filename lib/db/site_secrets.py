"""The secrets of sites, as the function that checks them learns of them: with the rules, and once more when one is not known."""

import functools
from collections.abc import Sequence

from lib.db.admission import Admission, admission
from lib.db.beacon_store import BeaconStore, beacon_store
from lib.db.known_rules import KnownRules, known_rules
from lib.errors import UnknownSite


class StoredSecrets:
    """See functions/record_page_views.py for what each method answers."""

    def __init__(self, rules: KnownRules, store: BeaconStore, admission: Admission) -> None:
        self._rules, self._store, self._admission = rules, store, admission

    def known(self, site_key: str) -> Sequence[str]:
        """Those this process knows, without asking."""
        return self._rules.of_site(site_key).secrets

    async def renewed(self, site_key: str) -> Sequence[str] | None:
        """Those that hold now; None if they were fetched a moment ago. Raises UnknownSite or StoreUnavailable."""
        await self._admission.check_known(site_key)
        try:
            rules = await self._rules.renew_for_a_secret(site_key)
        except UnknownSite:
            await self._admission.learn_unknown(site_key)
            raise
        return rules.secrets if rules else None

    async def is_anothers(self, secret: str) -> bool:
        """Whether a secret is one of any site. Raises StoreUnavailable."""
        return await self._store.is_site_secret(secret)


@functools.cache
def stored_secrets() -> StoredSecrets:
    """The process's, by the deployment's settings; raises MissingSetting."""
    return StoredSecrets(known_rules(), beacon_store(), admission())
