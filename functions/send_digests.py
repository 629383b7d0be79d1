"""Write the digests whose hour has struck, each with its mail, which the outbox delivers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from lib.db.digest_store import DueDigest
from lib.domain.job import Counts, Run
from lib.errors import StoreUnavailable

NAME = "send_digests"
_AT_ONCE = 50


class Digests(Protocol):
    """Where subscriptions and what was written for them are kept."""

    def due(self, at: datetime, *, most: int) -> Sequence[DueDigest]:
        """The digests that are due, none of accounts that are left out."""

    def keep(self, digest: DueDigest, at: datetime) -> str:
        """Write a digest and its mail, once."""


class Failures(Protocol):
    """For which accounts a job failed."""

    def note_failure(self, job_name: str, account_id: str, fault: str) -> None:
        """Leave an account out for a while."""

    def forget_failure(self, job_name: str, account_id: str) -> None:
        """It succeeded."""


def send_digests(run: Run, *, digests: Digests, failures: Failures) -> Counts:
    """Write until nothing is due or the run's time is over. One account's failure does not keep the others waiting.

    Raises StoreUnavailable when the database does not answer at all.
    """
    counts = Counts()
    while run.has_time and (due := digests.due(run.at, most=_AT_ONCE)):
        counts += _write_all(due, run, digests, failures)
    return counts


def _write_all(due: Sequence[DueDigest], run: Run, digests: Digests, failures: Failures) -> Counts:
    counts, done, failed = Counts(), set[str](), set[str]()
    for digest in due:
        if not run.has_time:
            break
        if digest.account_id in failed:
            continue
        try:
            digests.keep(digest, run.at)
        except StoreUnavailable as fault:
            # Where the database is away this raises too, and the run ends; else it is this account alone.
            failures.note_failure(NAME, digest.account_id, fault.reason)
            failed.add(digest.account_id)
            counts += Counts(failed=1)
        else:
            done.add(digest.account_id)
            counts += Counts(done=1)
    for account_id in done - failed:
        failures.forget_failure(NAME, account_id)
    return counts
