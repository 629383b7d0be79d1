"""Events that nobody was told of yet, as the job that announces them sees them: the role `announcer`."""

import functools

from lib.db.postgrest import Postgrest
from lib.domain.job import Counts
from lib.settings import StoreSettings, announcer_store_settings


class EventStore:
    """Announces events. Each method raises StoreUnavailable."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=10)  # the role has 8 s for a statement

    def announce(self, *, most: int) -> Counts:
        """Tell listeners of events, the oldest first: how many were told of, and how many failed and wait."""
        return Counts(**self._database.call("announce_events", most=most))


@functools.cache
def event_store() -> EventStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return EventStore(announcer_store_settings())
