"""Digests, as the job that writes them sees them: the role `digester`."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lib.db.postgrest import Postgrest
from lib.settings import StoreSettings, digester_store_settings


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A subscription whose hour has struck."""

    subscription_id: str
    account_id: str


class DigestStore:
    """Finds digests that are due and writes them, with their mails. Each method raises StoreUnavailable."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=15)  # the role has 14 s for a statement

    def due(self, at: datetime, *, most: int) -> Sequence[DueDigest]:
        """The digests that are due at a moment, the longest due first; none of accounts that are left out."""
        return [DueDigest(**found) for found in self._database.call("due_digests", at=at.isoformat(), most=most)]

    def keep(self, digest: DueDigest, at: datetime) -> str:
        """Write a digest and its mail: sent; empty, where there was nothing to say; not_due, where it is written already."""
        return str(self._database.call("keep_digest", subscription_id=digest.subscription_id, at=at.isoformat()))


@functools.cache
def digest_store() -> DigestStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return DigestStore(digester_store_settings())
