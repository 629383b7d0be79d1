"""A fresh instance of the beacon function beside one of the bare function: boot and first answer, and resident memory.

Both are the bundles that `vercel build` wrote, with their bytecode, as docs/deploy.md asks of a project, under the platform's
runtime with the environment the build asks for. The two take turns; a ratio is the median of the turns' ratios. The first
answer of the beacon function is a beacon committed.
"""

import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from dev.bench.figures import Figure, Report, show_progress
from dev.bench.lanes import BARE
from dev.bench.place import Place, served
from dev.bench.processes import resident_bytes
from dev.bench.rows import kept_rows, rows_of
from dev.bench.sender import send_for
from dev.bench.visitors import Prepared, Visitors

_SEED = 2
_MOST_TIME, _MOST_MEMORY = 1.25, 1.5
_BEACONS, _SENDERS, _LONGEST_SECONDS = 1000, 16, 120


@dataclass(frozen=True)
class _Boot:
    """Seconds from starting the process to its first answer; resident megabytes after that, and after a thousand more."""

    seconds: float
    first_mb: float
    later_mb: float


def measure_cold_start(report: Report, place: Place, *, quick: bool) -> None:
    """Measure boots in turns."""
    turns = 3 if quick else 13
    report.section("cold start", f"Cold start under the platform's runtime, {turns} fresh processes of each")
    boots: dict[Path, list[_Boot]] = {place.bundles.beacon: [], place.bundles.bare: []}
    visits = Prepared(Visitors(place.sites, random.Random(_SEED)).matched())
    for turn in range(turns + 1):  # the first one reads files from disk and is left out
        for bundle, kept in boots.items():
            show_progress(f"boot {turn} of {turns}: {bundle.name}")
            boot = _boot(bundle, place, visits, report)
            if turn:
                kept.append(boot)
    _tell(report, boots[place.bundles.beacon], boots[place.bundles.bare])


def _boot(bundle: Path, place: Place, visits: Prepared, report: Report) -> _Boot:
    rows, first = kept_rows(place.database), visits.at_least(_BEACONS + 1)
    started = time.perf_counter()
    with served(bundle, place.stack) as instance:
        answered = send_for(instance.address, iter([next(first)]), senders=1, seconds=_LONGEST_SECONDS)
        seconds, first_mb = time.perf_counter() - started, resident_bytes(instance.process) / 1e6
        later = send_for(
            instance.address, iter([next(first) for _ in range(_BEACONS)]), senders=_SENDERS, seconds=_LONGEST_SECONDS
        )
        later_mb = resident_bytes(instance.process) / 1e6
    statuses = answered.statuses + later.statuses
    expected = rows_of("identified", statuses["204"]) if bundle == place.bundles.beacon else rows_of(None, 0)
    if statuses["204"] != _BEACONS + 1 or expected != kept_rows(place.database) - rows:
        report.fail(f"{bundle.name}: answered {dict(statuses)}, in the database is {dict(kept_rows(place.database) - rows)}")
    return _Boot(seconds, first_mb, later_mb)


def _tell(report: Report, ours: list[_Boot], bare: list[_Boot]) -> None:
    report.add(
        _beside(
            "boot and first answer",
            "ms",
            [boot.seconds * 1000 for boot in ours],
            [boot.seconds * 1000 for boot in bare],
            _MOST_TIME,
        )
    )
    report.add(_beside("memory after it", "MB", [boot.first_mb for boot in ours], [boot.first_mb for boot in bare], _MOST_MEMORY))
    report.add(
        _beside("memory after 1,000 more", "MB", [boot.later_mb for boot in ours], [boot.later_mb for boot in bare], _MOST_MEMORY)
    )


def _beside(name: str, unit: str, ours: list[float], bare: list[float], at_most: float) -> Figure:
    ratio = statistics.median(one / other for one, other in zip(ours, bare, strict=True))
    return Figure(name, unit, statistics.median(ours), BARE, statistics.median(bare), ratio, at_most)
