"""Beacons: acknowledgements per second with commit, latencies and CPU time, beside the floors, in interleaved rounds.

After each round the rows are counted: what was acknowledged must be what was committed.
"""

import contextlib
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dev.bench.figures import Figure, Report
from dev.bench.place import Bundles, Database, Served, add_sites, built_bundles, connected, postgrest, running_database, served
from dev.bench.processes import cpu_seconds
from dev.bench.rows import Kept, kept_rows
from dev.bench.sender import Round, send_for
from dev.bench.visitors import Visitors, prepared
from dev.stack import Stack

_COMPANIES = 1000
_SEED = 1
_WARM_SECONDS = 0.7
_MOST_PER_SECOND = 9000  # requests made beforehand; a round that uses them up ends early


@dataclass(frozen=True)
class Plan:
    """How long to measure: at which numbers of senders, how many rounds of how many seconds."""

    senders: tuple[int, ...]
    rounds: int
    seconds: float


QUICK, FULL = Plan((1, 64), 3, 2.0), Plan((1, 16, 64, 256), 5, 3.0)


@dataclass
class Lane:
    """One of the things that are measured side by side."""

    name: str
    requests: Callable[[], Iterator[bytes]]
    served: Served
    status: str
    processes: dict[str, int]
    rows_of_each: int = 1
    outcome: str | None = None
    rounds: list["Measured"] = field(default_factory=list)


@dataclass(frozen=True)
class Measured:
    """A round with its CPU seconds by process, and what of it is in the database."""

    round: Round
    cpu: dict[str, float]
    rows_of_each: int

    @property
    def per_second(self) -> float:
        """Acknowledged rows a second."""
        return len(self.round.latencies) * self.rows_of_each / self.round.seconds

    @property
    def cpu_per_thousand(self) -> float:
        """CPU seconds of all processes concerned, for a thousand acknowledged rows."""
        return sum(self.cpu.values()) / (len(self.round.latencies) * self.rows_of_each) * 1000

    def milliseconds(self, share: float) -> float:
        """The latency that this share of the answers kept."""
        ordered = sorted(self.round.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def measure_beacons(report: Report, *, quick: bool) -> None:
    """Measure everything about beacons."""
    plan = QUICK if quick else FULL
    with built_bundles() as bundles, running_database() as stack, connected(stack) as database:
        with _lanes(bundles, stack, database) as lanes:
            for senders in plan.senders:
                _measure(lanes, senders, plan, database, report)


@contextlib.contextmanager
def _lanes(bundles: Bundles, stack: Stack, database: Database) -> Iterator[list[Lane]]:
    visitors = Visitors(add_sites(database), _COMPANIES, random.Random(_SEED))
    database_processes = {"PostgREST": postgrest(stack).process, "PostgreSQL": stack.part("PostgreSQL").process.pid}
    with served(bundles.beacon, stack) as beacon, served(bundles.bare, stack) as bare:
        ours = {"function": beacon.process, **database_processes}
        yield [
            Lane("bare ASGI 204", visitors.matched, bare, "204", {"function": bare.process}),
            Lane("matched", visitors.matched, beacon, "204", ours, outcome="identified"),
        ]


def _measure(lanes: list[Lane], senders: int, plan: Plan, database: Database, report: Report) -> None:
    report.section(f"beacons, {senders} senders", f"Beacons, {senders} at a time, {plan.rounds} rounds of {plan.seconds:g} s")
    for lane in lanes:
        lane.rounds.clear()
        _round(lane, senders, _WARM_SECONDS, database, report)
    for turn in range(plan.rounds):
        # Each goes first in turn, so that nobody always has the cache the other left.
        for lane in [*lanes[turn % len(lanes) :], *lanes[: turn % len(lanes)]]:
            _progress(f"round {turn + 1} of {plan.rounds}: {lane.name}")
            lane.rounds.append(_round(lane, senders, plan.seconds, database, report))
    _progress("")
    _tell(lanes, report)


def _round(lane: Lane, senders: int, seconds: float, database: Database, report: Report) -> Measured:
    requests = prepared(lane.requests(), int(seconds * _MOST_PER_SECOND))
    rows, cpu = kept_rows(database), {name: cpu_seconds(process) for name, process in lane.processes.items()}
    done = send_for(lane.served.address, requests, senders=senders, seconds=seconds)
    cpu = {name: cpu_seconds(process) - cpu[name] for name, process in lane.processes.items()}
    measured = Measured(done, cpu, lane.rows_of_each)
    _verify(lane, senders, measured, kept_rows(database) - rows, report)
    return measured


def _verify(lane: Lane, senders: int, measured: Measured, added: Kept, report: Report) -> None:
    done = measured.round
    if refused := done.refused(lane.status):
        seen = f"{dict(done.statuses)}, {done.cut} cut; the first: {done.first_refusal[-300:]!r}"
        report.fail(f"{lane.name}, {senders} senders: {refused} of {len(done.latencies)} were not acknowledged: {seen}")
    expected = Kept.expected(lane.outcome, done.statuses[lane.status] * lane.rows_of_each)
    if lane.outcome and added != expected:
        report.fail(f"{lane.name}, {senders} senders: acknowledged is {expected}, in the database is {added}")


def _tell(lanes: list[Lane], report: Report) -> None:
    floor = lanes[0]
    for lane in lanes:
        report.note(_line(lane))
    for lane in lanes[1:]:
        report.add(
            Figure(f"{lane.name}: acks", "/s", _median(lane, _rate), floor.name, _paired(lane, floor, _rate), at_least=0.5)
        )
        report.add(
            Figure(f"{lane.name}: CPU of 1,000", "s", _median(lane, _cpu), floor.name, _paired(lane, floor, _cpu), at_most=2.2)
        )


def _line(lane: Lane) -> str:
    p50, p99 = (statistics.median(measured.milliseconds(share) for measured in lane.rounds) for share in (0.5, 0.99))
    answers = sum(len(measured.round.latencies) for measured in lane.rounds) * lane.rows_of_each
    parts = ", ".join(
        f"{name} {sum(measured.cpu[name] for measured in lane.rounds) / answers * 1000:.3f}" for name in lane.processes
    )
    sender = sum(measured.round.sender_cpu for measured in lane.rounds) / answers * 1000
    return (
        f"{lane.name:<16} {_median(lane, _rate):>7,.0f}/s  p50 {p50:.2f} ms  p99 {p99:.2f} ms  "
        f"CPU of 1,000: {_median(lane, _cpu):.3f} s ({parts}; the sender {sender:.3f})"
    )


def _rate(measured: Measured) -> float:
    return measured.per_second


def _cpu(measured: Measured) -> float:
    return measured.cpu_per_thousand


def _median(lane: Lane, figure: Callable[[Measured], float]) -> float:
    return statistics.median(figure(measured) for measured in lane.rounds)


def _paired(lane: Lane, floor: Lane, figure: Callable[[Measured], float]) -> float:
    """The floor's figure such that the ratio to it is the median of the rounds' ratios."""
    ratios = [figure(ours) / figure(floors) for ours, floors in zip(lane.rounds, floor.rounds, strict=True)]
    return _median(lane, figure) / statistics.median(ratios)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K        {text}", end="", file=sys.stderr, flush=True)
