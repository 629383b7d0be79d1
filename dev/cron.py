"""`python -m dev cron [job]`: run a job once on the stack that runs from this folder, or say how the jobs are.

In this process, with the stack's settings, and as the platform's call would: a period that has had its run gets no other.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.cron import run as run_job
from dev.stack.stack import running_settings
from dev.stack.up import STATE
from lib.db.job_store import job_store
from lib.domain.job import JOBS
from lib.errors import LeadsmentError


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("job", nargs="?", choices=sorted(JOBS), help="the job to run; without one, how all of them are")
    parser.add_argument("--state", metavar="FOLDER", type=Path, default=STATE, help="the stack's state folder (default: .local)")
    parser.add_argument("--at", metavar="TIME", type=_moment, help="run it for another moment, such as 2026-03-29T02:30:00+01:00")


def run(args: argparse.Namespace) -> int:
    """Run the job and say what it did; 1 when it met a fault, 2 where no stack runs."""
    settings = running_settings(args.state)
    if settings is None:
        print("Nothing runs from this folder: start it with `python3 -m dev up` or `make demo`.", file=sys.stderr)
        return 2
    os.environ.update(settings)
    return _run_job(args.job, args.at or datetime.now(UTC)) if args.job else _list_jobs()


def _run_job(name: str, at: datetime) -> int:
    try:
        ran = run_job(JOBS[name], at)
    except LeadsmentError as fault:
        print(f"{name} met a fault: {fault}", file=sys.stderr)
        return 1
    said = {"claimed": f"{ran.counts.done} done, {ran.counts.failed} failed", "done": "this period has had its run"}
    print(f"{name}, {JOBS[name].period_of(at):%Y-%m-%d %H:%M} UTC: {said.get(ran.state, 'another run is under way')}")
    return 0


def _list_jobs() -> int:
    known = {row["job"]: row for row in job_store().list_jobs()}
    for name in sorted(JOBS):
        print(f"{name:<18} {_described(known.get(name))}")
    return 0


def _described(row: dict[str, Any] | None) -> str:
    if row is None:
        return "has never run"
    finished = row["finished_at"][:19].replace("T", " ") if row["finished_at"] else "never"
    fault = f"; the latest run met {row['fault']}" if row["fault"] else ""
    left_out = f"; {row['accounts_left_out']} accounts are left out" if row["accounts_left_out"] else ""
    return f"last went through {finished} UTC, {row['done']} done, {row['failed']} failed{fault}{left_out}"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
