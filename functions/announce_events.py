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
    return run.repeat(lambda: events.announce(most=_AT_ONCE))
