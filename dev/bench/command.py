"""`python -m dev bench`: how fast and how large, each figure beside its peer or floor in the same run."""

import argparse
from collections.abc import Callable

from dev.bench.beacons import measure_beacons
from dev.bench.figures import Report
from dev.bench.identification import report as report_identification
from dev.bootstrap import ROOT

_RESULT = ROOT / ".local" / "bench.json"


def _identification(report: Report, *, quick: bool) -> None:
    if not report_identification():
        report.fail("look-ups missed a bar")


_SECTIONS: dict[str, Callable[..., None]] = {"lookup": _identification, "beacons": measure_beacons}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("--only", choices=_SECTIONS, help="measure one part alone")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: to work with, not to publish")


def run(args: argparse.Namespace) -> int:
    """Print every figure with its bar; 1 if one misses it, or if something acknowledged was not committed."""
    report = Report()
    for name, measure in _SECTIONS.items():
        if args.only in (None, name):
            measure(report, quick=args.quick)
    report.write(_RESULT)
    print(f"\n{'Every bar is kept' if report.passed else 'NOT every bar is kept'}; figures in {_RESULT.relative_to(ROOT)}")
    return 0 if report.passed else 1
