"""Beacons: acknowledgements per second with commit, latencies and CPU time, beside the floors, in interleaved rounds.

After each round the rows are counted: what was acknowledged must be what was committed.
"""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from dev.bench.figures import Figure, Report, show_progress
from dev.bench.lanes import BARE, BARE_LEAN, FIFTY_ROWS, MATCHED, NOT_KEPT, ONE_ROW, SQL, Lane, Measured, running_lanes
from dev.bench.place import Database, Place
from dev.bench.processes import busy_seconds, cpu_seconds

_WARM_SECONDS = 0.7
# The bars hold where the anchors of other products were measured; elsewhere the same ratios are shown without.
_BARRED_SENDERS = 64
_MOST_OTHERS_CORES = 0.2
_LEAST_RATE, _MOST_CPU, _LEAST_NOT_KEPT_RATE, _MOST_LONE_LATENCY = 0.5, 2.2, 0.75, 2.0


@dataclass(frozen=True)
class Plan:
    """How long to measure: at which numbers of senders, how many rounds of how many seconds, which lanes."""

    senders: tuple[int, ...]
    rounds: int
    seconds: float
    lanes: tuple[str, ...]


_QUICK = Plan((1, 64), 3, 1.5, (BARE, BARE_LEAN, MATCHED, *NOT_KEPT, ONE_ROW))
_FULL = Plan((1, 16, 64, 256), 5, 2.0, (BARE, BARE_LEAN, MATCHED, *NOT_KEPT, ONE_ROW, FIFTY_ROWS, SQL))


def measure_beacons(report: Report, place: Place, *, quick: bool) -> None:
    """Measure everything about beacons."""
    plan = _QUICK if quick else _FULL
    with running_lanes(place) as lanes:
        for senders in plan.senders:
            _measure([lanes[name] for name in plan.lanes], senders, plan, place.database, report)
    report.note(_mix(place.database))


def _measure(lanes: list[Lane], senders: int, plan: Plan, database: Database, report: Report) -> None:
    many = f"{senders} senders" if senders > 1 else "a lone sender"
    report.section(f"beacons, {many}", f"Beacons, {many}, {plan.rounds} interleaved rounds of {plan.seconds:g} s")
    for lane in lanes:
        lane.measured.clear()
        _round(lane, senders, _WARM_SECONDS, database, report)
    others, started = _others_seconds(), time.perf_counter()
    for turn in range(plan.rounds):
        # Each goes first in turn, so that nobody always has the machine the other left.
        for lane in [*lanes[turn % len(lanes) :], *lanes[: turn % len(lanes)]]:
            show_progress(f"{many}, round {turn + 1} of {plan.rounds}: {lane.name}")
            lane.measured.append(_round(lane, senders, plan.seconds, database, report))
    busy = (_others_seconds() - others) / (time.perf_counter() - started)
    for lane in lanes:
        _describe(lane, report)
    report.note(f"other programs took {busy:.2f} of the {report.machine.cores} cores meanwhile", others_cores=busy)
    if busy > _MOST_OTHERS_CORES:
        report.note(
            "that is too much for rates and latencies: who has more processes gets more of the machine. CPU time still holds."
        )
    _compare({lane.name: lane for lane in lanes}, senders, report)


def _others_seconds() -> float:
    """CPU seconds of everything that is no part of the bench: all its parts are its children."""
    return busy_seconds() - cpu_seconds(os.getpid())


def _round(lane: Lane, senders: int, seconds: float, database: Database, report: Report) -> Measured:
    measured, wrong = lane.run(senders, seconds, database)
    for text in wrong:
        report.fail(text)
    return measured


def _compare(lanes: dict[str, Lane], senders: int, report: Report) -> None:
    matched, bare = lanes[MATCHED], lanes[BARE]
    barred = senders == _BARRED_SENDERS
    report.add(_beside("acks", "/s", _rate, matched, bare, at_least=_LEAST_RATE if barred else None))
    report.add(_beside("CPU of 1,000", "s", _cpu, matched, bare, at_most=_MOST_CPU if barred else None))
    for name in NOT_KEPT:
        report.add(_beside("acks", "/s", _rate, lanes[name], bare, at_least=_LEAST_NOT_KEPT_RATE if barred else None))
    report.add(
        _beside("p50", "ms", _median_latency, matched, lanes[ONE_ROW], at_most=_MOST_LONE_LATENCY if senders == 1 else None)
    )
    report.add(_beside("acks", "/s", _rate, matched, lanes[BARE_LEAN]))
    report.add(_beside("CPU of 1,000", "s", _cpu, matched, lanes[BARE_LEAN]))
    for name in NOT_KEPT:
        report.add(_beside("acks", "/s", _rate, lanes[name], lanes[BARE_LEAN]))
    for floor in (ONE_ROW, FIFTY_ROWS, SQL):
        if floor in lanes:
            report.add(_beside("acks", "/s", _rate, matched, lanes[floor]))
            report.add(_beside("CPU of 1,000", "s", _cpu, matched, lanes[floor]))


def _beside(
    what: str,
    unit: str,
    figure: Callable[[Measured], float],
    ours: Lane,
    floor: Lane,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> Figure:
    """A figure beside a floor's. The ratio is the median of the rounds' ratios: each round against its neighbour."""
    ratios = [figure(one) / figure(other) for one, other in zip(ours.measured, floor.measured, strict=True)]
    median, peers = ours.median(figure), floor.median(figure)
    return Figure(f"{ours.name}: {what}", unit, median, floor.name, peers, statistics.median(ratios), at_most, at_least)


def _describe(lane: Lane, report: Report) -> None:
    rows = sum(measured.rows for measured in lane.measured) / 1000
    cpu = {name: sum(measured.cpu[name] for measured in lane.measured) / rows for name in lane.processes}
    sender = sum(measured.round.sender_cpu for measured in lane.measured) / rows
    p50, p99 = lane.median(lambda measured: measured.milliseconds(0.5)), lane.median(lambda measured: measured.milliseconds(0.99))
    parts = ", ".join(f"{name} {seconds:.3f}" for name, seconds in cpu.items())
    report.note(
        f"{lane.name:<18} {lane.median(_rate):>7,.0f}/s  p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  "
        f"CPU s of 1,000: {lane.median(_cpu):.3f} ({parts}; sender {sender:.3f})",
        lane=lane.name,
        per_second=lane.median(_rate),
        p50_ms=p50,
        p99_ms=p99,
        cpu_seconds_of_1000=cpu,
        sender_cpu_seconds_of_1000=sender,
        rounds=[measured.per_second for measured in lane.measured],
    )


def _rate(measured: Measured) -> float:
    return measured.per_second


def _cpu(measured: Measured) -> float:
    return measured.cpu_per_thousand


def _median_latency(measured: Measured) -> float:
    return measured.milliseconds(0.5)


def _mix(database: Database) -> str:
    """How many visits and companies the page views made: what a commit costs depends on it."""
    tables = ("page_views", "visits", "companies")
    counts = [database.execute(f"select count(*) from public.{table}".encode()).fetchall()[0][0] for table in tables]  # noqa: S608
    visits, companies = (count / counts[0] * 1000 for count in counts[1:])
    return f"of 1,000 matched page views {visits:.0f} began a visit, {companies:.0f} met a company its account did not know"
