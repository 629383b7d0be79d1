"""Tell whoever listens of what has happened: what comes of it is in the outbox afterwards."""

from typing import Protocol

from lib.domain.job import Counts, Run

_AT_ONCE = 100


class Events(Protocol):
    """Where events are kept until they are told of."""

    def announce(self, *, most: int) -> Counts:
        """Tell of the oldest ones."""


def announce_events(run: Run, *, events: Events) -> Counts:
    """Announce until there are none but those of accounts that fail, or the run's time is over. Raises StoreUnavailable."""
    counts = Counts()
    while run.has_time:
        told = events.announce(most=_AT_ONCE)
        counts += told
        if not told.done:
            break
    return counts
