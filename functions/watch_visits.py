"""Look at visits that go on: a later page may make an alert rule apply that did not at the first."""

from typing import Protocol

from lib.domain.job import Counts, Run

_AT_ONCE = 100


class Visits(Protocol):
    """Where visits are kept that may go on."""

    def watch(self, *, most: int) -> Counts:
        """Look at those that went on since they were last looked at."""


def watch_visits(run: Run, *, visits: Visits) -> Counts:
    """Look until there are none but those of accounts that fail, or the run's time is over. Raises StoreUnavailable."""
    return run.repeat(lambda: visits.watch(most=_AT_ONCE))
