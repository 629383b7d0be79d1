"""`python -m dev bench`: how fast and how large, each figure beside its peer or floor in the same run."""

import argparse
import time
from collections.abc import Callable

from dev.bench.beacons import measure_beacons
from dev.bench.cold_start import measure_cold_start
from dev.bench.figures import Report
from dev.bench.lookup import measure_lookups
from dev.bench.place import Place, running_place
from dev.bench.snippet import measure_snippet
from dev.bench.storage import measure_storage
from dev.bootstrap import ROOT

_RESULT = ROOT / ".local" / "bench.json"
# Those that need the functions and a database, in this order: storage is measured on what beacons left.
_IN_PLACE: dict[str, Callable[[Report, Place, bool], None]] = {
    "beacons": lambda report, place, quick: measure_beacons(report, place, quick=quick),
    "cold-start": lambda report, place, quick: measure_cold_start(report, place, quick=quick),
    "storage": lambda report, place, quick: measure_storage(report, place, quick=quick),
}
_ALONE: dict[str, Callable[[Report, bool], None]] = {
    "snippet": lambda report, quick: measure_snippet(report),
    "lookup": lambda report, quick: measure_lookups(report, quick=quick),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("--only", choices=[*_ALONE, *_IN_PLACE], help="measure one part alone")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: to work with, not to publish")


def run(args: argparse.Namespace) -> int:
    """Print every figure with its bar; 1 if one misses it, or if something acknowledged was not committed."""
    started, report = time.monotonic(), Report()
    machine = report.machine
    print(f"{machine.cores} cores, load {machine.load_at_start:.1f} at the start, Python {machine.python}", flush=True)
    for name, measure in _ALONE.items():
        if args.only in (None, name):
            measure(report, args.quick)
    if args.only in (None, *_IN_PLACE):
        with running_place() as place:
            for name, measure_there in _IN_PLACE.items():
                if args.only in (None, name):
                    measure_there(report, place, args.quick)
    report.write(_RESULT)
    said = "Every bar is kept" if report.passed else "NOT every bar is kept"
    print(f"\n{said}, {time.monotonic() - started:.0f} s; the figures are in {_RESULT.relative_to(ROOT)}")
    return 0 if report.passed else 1
