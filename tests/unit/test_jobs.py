"""Which period a call of a job is for, and when the local clock calls."""

from datetime import UTC, datetime, timedelta

import pytest

from dev.stack.clock import due_paths, is_due
from functions.run_job import run_job
from lib.domain.job import DAY, JOBS, MINUTE, Counts, Job, Run
from lib.errors import StoreUnavailable

JOB = Job("test_job", "*/15 * * * *", timedelta(minutes=15))
AT = datetime(2026, 3, 29, 1, 37, 12, tzinfo=UTC)


def test_a_period_begins_at_a_multiple_since_midnight() -> None:
    assert JOB.period_of(AT) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert JOB.next_after(AT) == datetime(2026, 3, 29, 1, 45, tzinfo=UTC)
    assert Job("test_job", "", DAY).period_of(AT) == datetime(2026, 3, 29, tzinfo=UTC)
    assert Job("test_job", "", MINUTE).period_of(AT).second == 0


def test_a_moment_elsewhere_is_in_the_same_period() -> None:
    elsewhere = AT.astimezone(datetime.fromisoformat("2026-03-29T00:00:00+05:45").tzinfo)
    assert JOB.period_of(elsewhere) == JOB.period_of(AT)


@pytest.mark.parametrize(
    ("schedule", "moment", "due"),
    [
        ("* * * * *", "2026-03-29T01:37", True),
        ("*/15 * * * *", "2026-03-29T01:45", True),
        ("*/15 * * * *", "2026-03-29T01:46", False),
        ("17 3 * * *", "2026-03-29T03:17", True),
        ("17 3 * * *", "2026-03-29T04:17", False),
        ("5 * * * *", "2026-03-29T04:05", True),
    ],
)
def test_the_clock_calls_when_a_schedule_says_so(schedule: str, moment: str, due: bool) -> None:
    assert is_due(schedule, datetime.fromisoformat(moment)) is due


def test_within_a_day_the_clock_calls_every_job() -> None:
    minutes = [datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=number) for number in range(1440)]
    assert {path for minute in minutes for path in due_paths(minute)} == {f"/api/cron/{name}" for name in JOBS}


class Runs:
    """The record, as far as one run is concerned."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.finished: list[tuple[Counts, str | None]] = []

    def claim(self, job: Job, at: datetime, *, lease_seconds: int) -> tuple[str, str | None]:
        return "claimed", "claim"

    def finish(self, claim: str, counts: Counts, *, fault: str | None = None) -> None:
        if self.is_away:
            raise StoreUnavailable("away")
        self.finished.append((counts, fault))


def fail(run: Run) -> Counts:
    raise ValueError("what it says may hold anything")


def test_a_fault_is_written_down_by_its_kind_and_raised() -> None:
    runs, beats = Runs(), list[Job]()
    with pytest.raises(ValueError, match="anything"):
        run_job(JOB, fail, at=AT, seconds=5, runs=runs, heartbeat=beats.append)
    assert (runs.finished, beats) == ([(Counts(), "ValueError")], [])


def test_where_a_fault_cannot_be_written_down_it_is_raised_all_the_same() -> None:
    with pytest.raises(ValueError, match="anything"):
        run_job(JOB, fail, at=AT, seconds=5, runs=Runs(is_away=True), heartbeat=lambda job: None)


def test_work_is_told_when_its_time_is_over() -> None:
    now = 100.0

    def work(run: Run) -> Counts:
        nonlocal now
        counts = Counts()
        while run.has_time:
            now += 2
            counts += Counts(done=1)
        return counts

    ran = run_job(JOB, work, at=AT, seconds=5, runs=Runs(), heartbeat=lambda job: None, clock=lambda: now)
    assert ran.counts == Counts(done=3)
