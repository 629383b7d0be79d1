"""Anchor the audit log: make one hash of where every chain stands, which is published and mailed, so that a cut is missed."""

from collections.abc import Sequence
from datetime import UTC, date
from typing import Protocol

from lib.domain.audit_chain import AnchoredHead, Head, merkle_paths, merkle_root
from lib.domain.job import Counts, Run


class Audit(Protocol):
    """Where the chains are."""

    def heads(self, day: date) -> Sequence[Head]:
        """The last entry of every chain; none where the day is anchored already."""

    def keep(self, day: date, root: str, heads: Sequence[AnchoredHead]) -> bool:
        """Keep and mail a day's root; False where the day had one."""


def anchor_audit(run: Run, *, audit: Audit) -> Counts:
    """Anchor the day of a run, once. done: how many chains. Raises StoreUnavailable."""
    day = run.at.astimezone(UTC).date()
    heads = audit.heads(day)
    if not heads:
        return Counts()
    leaves = [head.leaf for head in heads]
    paths = merkle_paths(leaves)
    anchored = [AnchoredHead(head.chain, head.seq, head.hash, path) for head, path in zip(heads, paths, strict=True)]
    return Counts(done=len(heads) if audit.keep(day, merkle_root(leaves).hex(), anchored) else 0)
