"""The jobs there are, and for which period a call of one is.

The platform may call a job twice, late, or not at all. So a call is for a period, of which there is one run; and what a job
has to do follows from what stands in the database, never from how often it was called.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its name, which is its verb's in functions/. schedule: as vercel.json has it, in UTC. every: its period."""

    name: str
    schedule: str
    every: timedelta

    def period_of(self, moment: datetime) -> datetime:
        """When the period of a moment began. Periods are counted from midnight, UTC."""
        midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (moment - midnight) // self.every * self.every

    def next_after(self, moment: datetime) -> datetime:
        """When the period after that of a moment begins."""
        return self.period_of(moment) + self.every

    def is_late(self, finished_at: datetime | None, now: datetime) -> bool:
        """Whether it should have gone through again: two periods ago, and five minutes for a platform that takes its time."""
        return finished_at is None or now > finished_at + 2 * self.every + timedelta(minutes=5)


class Counts(NamedTuple):
    """What a run did: pieces of work done, and those that failed and are tried again later."""

    done: int = 0
    failed: int = 0

    def __add__(self, other: object) -> "Counts":
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(self.done + other.done, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way. at: the moment it is for, which is now but where a run is made up for by hand. clock: seconds, which
    only grow. ends_at: by that clock, when it should begin nothing more."""

    at: datetime
    clock: Callable[[], float]
    ends_at: float

    @property
    def has_time(self) -> bool:
        """Whether another piece of work may be begun."""
        return self.clock() < self.ends_at

    def repeat(self, batch: Callable[[], Counts]) -> Counts:
        """Do batches until one does nothing, which may have failed, or the time is over; what they did together."""
        counts = Counts()
        while self.has_time:
            did = batch()
            counts += did
            if not did.done:
                break
        return counts


Work = Callable[[Run], Counts]

MINUTE, TEN_MINUTES, DAY = timedelta(minutes=1), timedelta(minutes=10), timedelta(days=1)
JOBS = {
    job.name: job
    for job in (
        Job("anchor_audit", "7 0 * * *", DAY),
        Job("announce_events", "* * * * *", MINUTE),
        Job("deliver_outbox", "* * * * *", MINUTE),
        Job("enrich_contacts", "*/10 * * * *", TEN_MINUTES),
        Job("prove_addresses", "17 3 * * *", DAY),
        Job("purge_expired", "47 2 * * *", DAY),
        Job("send_digests", "*/15 * * * *", 15 * MINUTE),
        Job("watch_visits", "* * * * *", MINUTE),
    )
}
