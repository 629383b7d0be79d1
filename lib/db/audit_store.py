"""The ends of the audit log's chains, as the job that anchors them sees them: the role `auditor`."""

import functools
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from lib.db.postgrest import Postgrest
from lib.domain.audit_chain import AnchoredHead, Head
from lib.settings import StoreSettings, auditor_store_settings


class AuditStore:
    """Lists the chains' ends and keeps the anchors made of them. Each method raises StoreUnavailable."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=21)  # the role has 20 s for a statement

    def heads(self, day: date) -> Sequence[Head]:
        """The last entry of every chain, in their order; none where the day is anchored already."""
        return [Head(**found) for found in self._database.call("list_audit_heads", day=day.isoformat())]

    def keep(self, day: date, root: str, heads: Sequence[AnchoredHead]) -> bool:
        """Keep a day's root (hexadecimal) and what it was made of, and mail it; False where the day had one."""
        rows = [asdict(head) for head in heads]
        return bool(self._database.call("keep_audit_anchor", day=day.isoformat(), root=root, heads=rows))

    def close(self) -> None:
        """Close its idle connections."""
        self._database.close()


@functools.cache
def audit_store() -> AuditStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return AuditStore(auditor_store_settings())
