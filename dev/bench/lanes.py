"""The things measured side by side: each a sender, what it sends to, and what must be in the database afterwards."""

import contextlib
import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from dev.bench.floors import plain_inserts, plain_rows, sql_inserts
from dev.bench.place import Database, Place, Served, postgrest, served
from dev.bench.processes import cpu_seconds
from dev.bench.rows import kept_rows, rows_of
from dev.bench.sender import Round, send_for
from dev.bench.visitors import Prepared, Visitors
from dev.stack import Stack

BARE, BARE_LEAN, MATCHED, ONE_ROW, FIFTY_ROWS, SQL = (
    "bare ASGI 204",
    "bare, made lean",
    "matched",
    "PostgREST, 1 row",
    "PostgREST, 50 rows",
    "plain SQL",
)
NOT_KEPT = {"carriers": "carrier", "bots": "bot", "opted out": "opted_out"}
_SEED = 1
_MOST_PER_SECOND, _MOST_BATCHES_PER_SECOND = 9000, 2000  # requests made beforehand; a round that uses them up ends early
Rows = Callable[[int], Counter[str]]
Send = Callable[[int, float], Round]


@dataclass(frozen=True)
class Measured:
    """A round with its CPU seconds by process."""

    round: Round
    cpu: dict[str, float]
    rows: int

    @property
    def per_second(self) -> float:
        """Acknowledged rows a second."""
        return self.rows / self.round.seconds

    @property
    def cpu_per_thousand(self) -> float:
        """CPU seconds of all processes concerned, for a thousand acknowledged rows."""
        return sum(self.cpu.values()) / self.rows * 1000

    def milliseconds(self, share: float) -> float:
        """The latency that this share of the answers kept."""
        ordered = sorted(self.round.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


@dataclass
class Lane:
    """`send` sends for so many senders and seconds; `status` is what every answer must have; `processes` by name are those
    whose time it costs; `rows` says what so many acknowledgements add to the database."""

    name: str
    send: Send
    status: str
    processes: dict[str, int]
    rows: Rows = lambda acknowledged: Counter()
    rows_of_each: int = 1
    measured: list[Measured] = field(default_factory=list)

    def run(self, senders: int, seconds: float, database: Database) -> tuple[Measured, list[str]]:
        """One round, and what was wrong with it: requests refused, rows missing or too many."""
        before, cpu = kept_rows(database), self._cpu()
        done = self.send(senders, seconds)
        spent = {name: now - cpu[name] for name, now in self._cpu().items()}
        rows = done.statuses[self.status] * self.rows_of_each
        wrong = [*_refused(done, self.status), *_unlike(self.rows(rows), kept_rows(database) - before)]
        return Measured(done, spent, rows), [f"{self.name}, {senders} senders: {text}" for text in wrong]

    def median(self, figure: Callable[[Measured], float]) -> float:
        """The median of a figure over the rounds."""
        return statistics.median(figure(measured) for measured in self.measured)

    def _cpu(self) -> dict[str, float]:
        return {name: cpu_seconds(process) for name, process in self.processes.items()}


@contextlib.contextmanager
def running_lanes(place: Place) -> Iterator[dict[str, Lane]]:
    """All of them, over one database and one instance of each function."""
    visitors, behind = Visitors(place.sites, random.Random(_SEED)), database_processes(place.stack)
    with contextlib.ExitStack() as running:
        beacon = running.enter_context(served(place.bundles.beacon, place.stack))
        bare = {BARE: place.bundles.bare, BARE_LEAN: place.bundles.bare_lean}
        lanes = [
            *(_floor(name, running.enter_context(served(bundle, place.stack)), visitors) for name, bundle in bare.items()),
            *_ours(beacon, visitors, behind),
            *_with_database(place, behind),
        ]
        yield {lane.name: lane for lane in lanes}


def _floor(name: str, bare: Served, visitors: Visitors) -> Lane:
    return Lane(name, _http(bare, visitors.matched()), "204", {"function": bare.process})


def database_processes(stack: Stack) -> dict[str, int]:
    """The processes that a commit costs time of, apart from the function."""
    return {"PostgREST": postgrest(stack).process, "PostgreSQL": stack.part("PostgreSQL").process.pid}


def _ours(beacon: Served, visitors: Visitors, behind: dict[str, int]) -> Iterator[Lane]:
    processes = {"function": beacon.process, **behind}
    yield Lane(MATCHED, _http(beacon, visitors.matched()), "204", processes, partial(rows_of, "identified"))
    not_kept = (visitors.carriers(), visitors.bots(), visitors.opted_out())
    for (name, outcome), requests in zip(NOT_KEPT.items(), not_kept, strict=True):
        yield Lane(name, _http(beacon, requests), "204", processes, partial(rows_of, outcome))


def _with_database(place: Place, behind: dict[str, int]) -> Iterator[Lane]:
    stack, sites, dice = place.stack, place.sites, random.Random(_SEED)
    for name, rows, most in ((ONE_ROW, 1, _MOST_PER_SECOND), (FIFTY_ROWS, 50, _MOST_BATCHES_PER_SECOND)):
        requests = plain_inserts(stack, sites, dice, rows=rows)
        yield Lane(name, _http(postgrest(stack), requests, most=most), "201", behind, plain_rows, rows)

    def by_sql(senders: int, seconds: float) -> Round:
        return sql_inserts(stack, sites[0], senders=senders, seconds=seconds)

    yield Lane(SQL, by_sql, "done", {"PostgreSQL": behind["PostgreSQL"]}, plain_rows)


def _http(to: Served, requests: Iterator[bytes], *, most: int = _MOST_PER_SECOND) -> Send:
    waiting = Prepared(requests)

    def send(senders: int, seconds: float) -> Round:
        return send_for(to.address, waiting.at_least(int(seconds * most)), senders=senders, seconds=seconds)

    return send


def _refused(done: Round, status: str) -> Iterator[str]:
    if refused := done.refused(status):
        seen = f"{dict(done.statuses)}, {done.cut} cut; the first: {done.first_refusal[-300:]!r}"
        yield f"{refused} of {len(done.latencies) + done.cut} were not acknowledged: {seen}"


def _unlike(expected: Counter[str], added: Counter[str]) -> Iterator[str]:
    # A floor that keeps nothing must add nothing either.
    if expected != added:
        yield f"acknowledged was {dict(expected)}, in the database is {dict(added)}"
