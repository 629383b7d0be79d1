"""`python -m dev faults`: kill every part of the product under load and hold what was acknowledged against the rows.

`make test` does so for each part ten times. This runs as long as asked, and can repeat what an earlier run drew.
"""

import argparse
import os
import subprocess
import sys

from dev.bootstrap import ROOT, ensure_node_modules


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("--minutes", type=float, default=0, help="go on killing for so long; each part ten times at least")
    parser.add_argument("--seed", help="draw the same kills and pauses as an earlier run, which printed it as FAULT_SEED")
    parser.add_argument("--all", action="store_true", help="also what happens while the database is away or slow")


def run(args: argparse.Namespace) -> int:
    """Run the fault tests and print their counts; pytest's exit status."""
    ensure_node_modules()
    environment = {**os.environ, "FAULT_MINUTES": str(args.minutes), "FAULT_SEED": args.seed or ""}
    tests = "tests/faults" if args.all else "tests/faults/test_exactly_once.py"
    command = [sys.executable, "-m", "pytest", "-q", "-s", tests]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
