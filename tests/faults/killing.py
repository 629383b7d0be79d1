"""Kill parts of a running stack, at random moments, and bring them back as a platform would."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from dev.stack import Stack
from dev.stack.process import Part

PARTS = ("function", "gateway", "PostgREST", "backend")
# Without its backends, which finish what they are at, and with them; alone, and together with whoever speaks to it.
_POSTGRESQL = ("PostgreSQL", "PostgreSQL with its backends")
_ALL = "all at once"
_BACKEND_SECONDS = 60
_BACKEND = """
select pid from pg_stat_activity where usename = 'authenticator' order by state = 'active' desc, random() limit 1
"""


@dataclass
class Killer:
    """Knows how to kill each kind of part. Use it from the thread that started the stack: see Part.restart."""

    stack: Stack
    functions: Sequence[Part]
    dice: random.Random
    kills: Counter[str] = field(default_factory=Counter)

    def kill(self, kind: str) -> None:
        """Kill what is named, leave it dead for a moment, and bring it back; counted by part."""
        killed = self._kill(kind)
        time.sleep(self.dice.choice([0, 0, self.dice.uniform(0, 0.7)]))
        for part in killed:
            part.restart()

    def _kill(self, kind: str) -> list[Part]:
        database, postgrest, gateway = (self.stack.part(name) for name in ("PostgreSQL", "PostgREST", "gateway"))
        function = self.dice.choice(self.functions)
        match kind:
            case "backend":
                return self._kill_backend()
            case "PostgreSQL with its backends":
                return self._killed("PostgreSQL", database, orphans=children(database.process.pid))
            case kind if kind == _ALL:
                # Back in this order: PostgREST is not ready before the database is.
                named = {"PostgreSQL": database, "PostgREST": postgrest, "function": function}
                return [part for name, part in named.items() for part in self._killed(name, part)]
            case _:
                named = {"function": function, "gateway": gateway, "PostgREST": postgrest, "PostgreSQL": database}
                return self._killed(kind, named[kind])

    def _killed(self, name: str, part: Part, orphans: Sequence[int] = ()) -> list[Part]:
        part.kill()
        for pid in orphans:
            _kill_process(pid)
        self.kills[name] += 1
        return [part]

    def _kill_backend(self) -> list[Part]:
        """Kill one backend that serves PostgREST, a busy one if there is one. The server then recovers by itself."""
        deadline = time.monotonic() + _BACKEND_SECONDS
        while not self._backend_is_killed():
            if time.monotonic() > deadline:
                raise TimeoutError("no backend serves PostgREST")
            time.sleep(0.05)
        self.kills["backend"] += 1
        return []

    def _backend_is_killed(self) -> bool:
        # There is none for a moment after the one before was killed.
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.stack.superuser_url) as database:
            for (pid,) in database.execute(_BACKEND).fetchall():
                _kill_process(pid)
                return True
        return False


def rounds(dice: random.Random, *, least: int, minutes: float) -> Iterator[str]:
    """What to kill, each part once a round in an order drawn anew, for so many rounds and so many minutes at least."""
    started, finished = time.monotonic(), 0
    while finished < least or time.monotonic() - started < minutes * 60:
        together = [_ALL] if finished % 2 else []
        kinds = [*PARTS, _POSTGRESQL[finished % len(_POSTGRESQL)], *together]
        yield from dice.sample(kinds, len(kinds))
        finished += 1


def children(pid: int) -> list[int]:
    """The processes a process has started and that still run."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.contextmanager
def paused(pids: Sequence[int]) -> Iterator[None]:
    """Processes that neither run nor end: a machine that hangs, a disk that does not answer."""
    _signal(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(pids, signal.SIGCONT)


def resident_bytes(pid: int) -> int:
    """The memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _kill_process(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
