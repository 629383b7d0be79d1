"""Run a job for the period a call is for: once, whoever calls how often."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lib.domain.job import Counts, Job, Run, Work
from lib.errors import Unavailable


class Runs(Protocol):
    """Where runs are written down."""

    def claim(self, job: Job, at: datetime, *, lease_seconds: int) -> tuple[str, str | None]:
        """Begin a run: claimed with its claim; done, or running, without."""

    def finish(self, claim: str, counts: Counts, *, fault: str | None = None) -> None:
        """End a run."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a call came to: claimed and run, or done or running already."""

    state: str
    counts: Counts


def run_job(
    job: Job,
    work: Work,
    *,
    at: datetime,
    seconds: float,
    runs: Runs,
    heartbeat: Callable[[Job], None],
    clock: Callable[[], float] = time.monotonic,
) -> Ran:
    """Claim the run of a moment's period, do the work within so many seconds, and write down what came of it.

    A run that met a fault is written down as such, the fault is raised, and the next call begins it again. heartbeat is told
    of a run that went through. Raises what the work raises, and StoreUnavailable.
    """
    # Whoever overruns is stopped by the platform: only then may somebody else begin.
    state, claim = runs.claim(job, at, lease_seconds=int(seconds) + 15)
    if claim is None:
        return Ran(state, Counts())
    try:
        counts = work(Run(at, clock, clock() + seconds))
    except BaseException as fault:
        _finish_with_fault(runs, claim, fault)
        raise
    runs.finish(claim, counts)
    heartbeat(job)
    return Ran(state, counts)


def _finish_with_fault(runs: Runs, claim: str, fault: BaseException) -> None:
    try:
        runs.finish(claim, Counts(), fault=type(fault).__name__)
    except Unavailable:
        # The lease ends by itself, and the fault itself is what is worth raising.
        return
