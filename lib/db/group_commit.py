"""Commit beacons that arrive together in one round trip, and tell each what became of it only after that.

Nothing is kept for later: a row waits, with its sender, for the batch that is on its way, and goes with the next one. So
a lone beacon goes at once, a busy instance needs one transaction for dozens, and what an instance takes with it when it
dies was never acknowledged.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from lib.db.beacon_store import beacon_store
from lib.errors import RowsLocked, RowsRefused, StoreUnavailable

# record_beacons takes a lock or two for each row, of a table that PostgreSQL sizes for some thousands.
_MOST_ROWS = 64
_MOST_BATCHES = 4
_MOST_APART = 4
# Bounds what an instance holds in memory while the database is away.
_MOST_WAITING = 1024
# Rows do not wait longer for the batch before theirs: something holds it up that need not hold up them.
_PATIENCE_SECONDS = 0.02

Record = Callable[[Sequence[str]], Awaitable[list[str]]]


class _Row(NamedTuple):
    site_key: str
    encoded: str
    verdict: "asyncio.Future[str]"


class GroupCommit:
    """Commits rows for the requests of one event loop.

    A site whose rows are locked, as by its being deleted, is set apart until they are free: its rows go in batches of
    their own, and hold up nobody else's.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._waiting: deque[_Row] = deque()
        self._apart: dict[str, deque[_Row]] = {}
        self._unanswered = 0
        self._sending: set[asyncio.Task[None]] = set()
        self._sending_apart: dict[str, asyncio.Task[None]] = {}
        self._is_starting = False
        self._impatience: asyncio.TimerHandle | None = None

    async def commit(self, site_key: str, encoded: str) -> str:
        """Commit one row, a JSON object as record_beacons takes it, and return its verdict.

        Raises StoreUnavailable when it is not known to be committed, at once when too many wait already; RowsRefused when
        the database does not take this very row. While its site's rows are locked it is tried until its sender gives up.
        """
        if self._unanswered >= _MOST_WAITING:
            raise StoreUnavailable("busy")
        loop = asyncio.get_running_loop()
        row = _Row(site_key, encoded, loop.create_future())
        self._apart.get(site_key, self._waiting).append(row)
        if not self._is_starting:
            # After this turn of the loop: requests that were read together go together.
            self._is_starting = True
            loop.call_soon(self._start)
        self._unanswered += 1
        try:
            return await row.verdict
        finally:
            self._unanswered -= 1

    def _start(self) -> None:
        """Send what may be sent: at once when nothing is on its way, else what fills a batch."""
        self._is_starting = False
        while self._waiting and (not self._sending or (len(self._waiting) >= _MOST_ROWS and self._may_send())):
            self._start_batch()
        if self._waiting and self._impatience is None:
            self._impatience = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._start_overdue)
        if self._apart:
            self._start_apart()

    def _start_overdue(self) -> None:
        self._impatience = None
        if self._waiting and self._may_send():
            self._start_batch()
        self._start()

    def _may_send(self) -> bool:
        return len(self._sending) < _MOST_BATCHES

    def _start_batch(self) -> None:
        rows = _batch_of(self._waiting)
        if rows:
            sending = asyncio.get_running_loop().create_task(self._send(rows))
            self._sending.add(sending)
            sending.add_done_callback(self._end_batch)

    def _end_batch(self, sent: "asyncio.Task[None]") -> None:
        self._sending.discard(sent)
        self._start()

    def _start_apart(self) -> None:
        """Send the rows of sites that are set apart, a few sites at a time, each in its turn."""
        for site_key in list(self._apart):
            if len(self._sending_apart) == _MOST_APART:
                return
            if site_key not in self._sending_apart:
                sending = asyncio.get_running_loop().create_task(self._send_apart(site_key))
                self._sending_apart[site_key] = sending

    async def _send_apart(self, site_key: str) -> None:
        try:
            await self._send(_batch_of(self._apart[site_key]))
        finally:
            del self._sending_apart[site_key]
            waiting = self._apart.pop(site_key)
            if waiting:  # what is locked still has come back by itself; behind the other sites
                self._apart[site_key] = waiting
            self._start()

    async def _send(self, rows: list[_Row]) -> None:
        if not rows:
            return
        try:
            verdicts = await self._record([row.encoded for row in rows])
            for row, verdict in zip(rows, verdicts, strict=True):
                if not row.verdict.done():
                    row.verdict.set_result(verdict)
        except RowsLocked:
            self._set_apart(rows)
        except RowsRefused as error:
            await self._halve(rows, error)
        except Exception as error:  # noqa: BLE001  whatever it is, it must reach whoever waits
            _fail(rows, error)

    def _set_apart(self, rows: list[_Row]) -> None:
        for row in rows:
            self._apart.setdefault(row.site_key, deque()).append(row)

    async def _halve(self, rows: list[_Row], error: RowsRefused) -> None:
        """Send the halves of a batch of which one row kept all from being committed, so that it hurts itself alone."""
        middle = len(rows) // 2
        if middle:
            await self._send(rows[:middle])
            await self._send(rows[middle:])
        else:
            _fail(rows, error)


def _batch_of(waiting: deque[_Row]) -> list[_Row]:
    rows: list[_Row] = []
    while waiting and len(rows) < _MOST_ROWS:
        row = waiting.popleft()
        if not row.verdict.done():  # its sender has not given up
            rows.append(row)
    return rows


def _fail(rows: list[_Row], error: Exception) -> None:
    for row in rows:
        if not row.verdict.done():
            row.verdict.set_exception(error)


@functools.cache
def group_commit() -> GroupCommit:
    """The process's commits, to the process's store; raises MissingSetting."""
    return GroupCommit(beacon_store().record)
