"""`python -m dev up`: run the whole product on loopback until Ctrl-C."""

import argparse
import contextlib
import fcntl
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import IO

from dev.bootstrap import ensure_node_modules
from dev.stack.clock import running_clock
from dev.stack.layout import ROOT
from dev.stack.migrations import MigrationFailed
from dev.stack.process import PartFailed
from dev.stack.stack import Stack, running_stack
from dev.stack.web import BuildFailed

STATE = ROOT / ".local"
PUBLIC = ROOT / "public"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("--reset", action="store_true", help="forget the database, mails and secrets of earlier runs first")


def run(args: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM; 1 if a part fails."""
    return run_stack(_announced, from_scratch=args.reset)


def run_stack(during: Callable[[Stack], AbstractContextManager[None]], *, from_scratch: bool = False, once: bool = False) -> int:
    """Start the stack of this folder, enter `during`, and stay up until stopped (or not, with `once`).

    Returns the exit status: 1 if a part fails, or if the stack of this folder is running already.
    """
    with _only_one(STATE) as lock:
        if lock is None:
            print("Leadsment is running from this folder already; .local/stack.json says where.", file=sys.stderr)
            return 1
        if from_scratch:
            _forget(STATE)
        ensure_node_modules()
        return _run_until_stopped(during, once=once)


def _run_until_stopped(during: Callable[[Stack], AbstractContextManager[None]], *, once: bool) -> int:
    # SIGINT too: a shell starts its background jobs with it ignored.
    for request_to_stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request_to_stop, signal.default_int_handler)
    try:
        report = partial(print, " ", flush=True)
        with running_stack(STATE, public=PUBLIC, report=report) as stack, during(stack):
            if not once:
                print("\nCtrl-C stops everything.", flush=True)
                _stay_up(stack)
    except KeyboardInterrupt:
        print("\nStopped.")
    except (PartFailed, MigrationFailed, BuildFailed) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


def _stay_up(stack: Stack) -> None:
    with running_clock(stack):
        while True:
            stack.check()
            time.sleep(0.5)


@contextlib.contextmanager
def _only_one(state: Path) -> Iterator[IO[str] | None]:
    """Hold the state folder's lock; None when somebody else holds it. The kernel lets go of it however we end."""
    state.mkdir(exist_ok=True)
    with (state / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file


def _forget(state: Path) -> None:
    """Forget everything an earlier run left, except the lock that is being held."""
    for place in state.iterdir():
        if place.name != "lock":
            shutil.rmtree(place) if place.is_dir() else place.unlink()


@contextlib.contextmanager
def _announced(stack: Stack) -> Iterator[None]:
    """Say where everything is."""
    print(
        f"""
Leadsment is up.
  Product        {stack.app_url}
  Dashboard      {stack.app_url}/app
  Sent mail      {stack.mail_url}
  Supabase URL   {stack.supabase_url}
  Database       {stack.db_url}
  Logs           {stack.logs.relative_to(ROOT)}/""",
        flush=True,
    )
    yield
