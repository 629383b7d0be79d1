"""The job that writes digests: one account's failure is its own."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from functions.send_digests import send_digests
from lib.db.digest_store import DueDigest
from lib.domain.job import Counts, Run
from lib.errors import StoreUnavailable

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)


class Kept:
    """Subscriptions that are due until they are written, of accounts some of which fail."""

    def __init__(self, *accounts: str, failing: str = "") -> None:
        self.waiting = [DueDigest(str(place), account) for place, account in enumerate(accounts)]
        self.failing, self.left_out, self.noted = failing, set[str](), list[str]()
        self.forgotten = list[str]()

    def due(self, at: datetime, *, most: int) -> Sequence[DueDigest]:
        return [digest for digest in self.waiting if digest.account_id not in self.left_out][:most]

    def keep(self, digest: DueDigest, at: datetime) -> str:
        if digest.account_id == self.failing:
            raise StoreUnavailable("status 500, 57014")
        self.waiting.remove(digest)
        return "sent"

    def note_failure(self, job_name: str, account_id: str, fault: str) -> None:
        self.noted.append(f"{job_name} {account_id} {fault}")
        self.left_out.add(account_id)

    def forget_failure(self, job_name: str, account_id: str) -> None:
        self.forgotten.append(account_id)


def run(seconds: float = 1e9) -> Run:
    ticks = iter(range(10_000))
    return Run(AT, lambda: float(next(ticks)), seconds)


def test_all_that_is_due_is_written() -> None:
    kept = Kept(*"abc" * 50)
    assert send_digests(run(), digests=kept, failures=kept) == Counts(done=150)
    assert kept.waiting == []


def test_an_account_that_fails_keeps_nobody_waiting_and_is_left_out() -> None:
    kept = Kept("a", "bad", "bad", "b", failing="bad")
    assert send_digests(run(), digests=kept, failures=kept) == Counts(done=2, failed=1)
    assert kept.noted == ["send_digests bad status 500, 57014"]
    assert sorted(kept.forgotten) == ["a", "b"]


def test_it_ends_when_its_time_is_over() -> None:
    kept = Kept(*"a" * 100)
    assert 0 < send_digests(run(seconds=10), digests=kept, failures=kept).done < 11


def test_a_database_that_is_away_ends_the_run() -> None:
    class Away(Kept):
        def note_failure(self, job_name: str, account_id: str, fault: str) -> None:
            raise StoreUnavailable("ConnectionRefusedError")

    kept = Away("bad", failing="bad")
    with pytest.raises(StoreUnavailable):
        send_digests(run(), digests=kept, failures=kept)
