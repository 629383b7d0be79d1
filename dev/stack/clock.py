"""Call the jobs of vercel.json by the clock, as the platform does."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx

from dev.stack.layout import ROOT
from dev.stack.stack import Stack

_SECONDS_OF_A_JOB = 70


@contextlib.contextmanager
def running_clock(stack: Stack) -> Iterator[None]:
    """Call whatever is due, each minute, until the block ends. What comes of a call is in the edge's log and in job_runs."""
    stopped = threading.Event()
    thread = threading.Thread(target=_tick, args=[stack, stopped], daemon=True)
    thread.start()
    yield
    stopped.set()


def _tick(stack: Stack, stopped: threading.Event) -> None:
    while not stopped.wait(60 - time.time() % 60):
        for path in due_paths(datetime.now(UTC)):
            threading.Thread(target=_call, args=[stack, path], daemon=True).start()


def _call(stack: Stack, path: str) -> None:
    headers = {"Authorization": f"Bearer {stack.secrets.cron_secret}"}
    with contextlib.suppress(httpx.TransportError):
        httpx.get(f"{stack.app_url}{path}", headers=headers, timeout=_SECONDS_OF_A_JOB, trust_env=False)


def due_paths(moment: datetime) -> list[str]:
    """The paths called in a minute."""
    crons = json.loads((ROOT / "vercel.json").read_text())["crons"]
    return [cron["path"] for cron in crons if is_due(cron["schedule"], moment)]


def is_due(schedule: str, moment: datetime) -> bool:
    """Whether a schedule means a minute. Understands what ours are made of: minute and hour, each a number, * or */n."""
    minute, hour, *rest = schedule.split()
    if rest != ["*", "*", "*"]:
        raise ValueError(f"the local clock does not understand the schedule {schedule!r}")
    return _fits(minute, moment.minute) and _fits(hour, moment.hour)


def _fits(field: str, number: int) -> bool:
    if field.startswith("*"):
        return number % int(field.removeprefix("*/").replace("*", "1")) == 0
    return int(field) == number
