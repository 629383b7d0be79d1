"""Visits that may go on, as the job that watches them sees them: the role `watcher`."""

import functools

from lib.db.postgrest import Postgrest
from lib.domain.job import Counts
from lib.settings import StoreSettings, watcher_store_settings


class VisitStore:
    """Watches visits. Each method raises StoreUnavailable."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=10)  # the role has 8 s for a statement

    def watch(self, *, most: int) -> Counts:
        """Look at visits that went on, and let go of those that are over: how many, and for how many it failed."""
        return Counts(**self._database.call("watch_visits", most=most))


@functools.cache
def visit_store() -> VisitStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return VisitStore(watcher_store_settings())
