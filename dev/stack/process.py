"""The parts of the stack as child processes: started with a log of their own, never left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None)
_STOP_SECONDS = 5.0
_LINES_SHOWN = 25
Launch = Callable[[], "subprocess.Popen[bytes]"]


class PartFailed(Exception):
    """A part did not start or ended by itself; the text ends with the last lines of its log."""


class Part:
    """One running child, started at once. `stop_signal` is what its program takes as a request to end cleanly."""

    def __init__(self, name: str, launch: Launch, log: Path, stop_signal: signal.Signals) -> None:
        self.name = name
        self.process = launch()
        self.log = log
        self._launch = launch
        self._stop_signal = stop_signal
        self._ready: Callable[[], bool] = lambda: True

    def check(self) -> None:
        """Raise PartFailed if the part has ended."""
        status = self.process.poll()
        if status is not None:
            raise PartFailed(f"{self.name} ended with status {status}.\n{self._tail()}")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 30) -> None:
        """Wait until the part is ready; raises PartFailed if it ends before or takes longer. A restart waits for the same."""
        self._ready = ready
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise PartFailed(f"{self.name} was not ready after {seconds:.0f} s.\n{self._tail()}")
            time.sleep(0.03)

    def stop(self) -> None:
        """Ask the part to end, and end it if it does not."""
        if self.process.poll() is None:
            self.process.send_signal(self._stop_signal)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self) -> None:
        """End the part as a crash does: SIGKILL, which no program hears. What it started itself is left behind."""
        self.process.kill()
        self.process.wait()

    def restart(self, *, seconds: float = 30) -> None:
        """Kill the part if it runs, start it again on the same port and data, and wait until it is ready as it was before.

        Call it from a thread that outlives the part: to the kernel, that thread is the parent it must not survive.
        Raises PartFailed.
        """
        self.kill()
        deadline = time.monotonic() + seconds
        while True:
            self.process = self._launch()
            try:
                return self.wait_until(self._ready, seconds=deadline - time.monotonic())
            except PartFailed:
                # PostgreSQL refuses to start while the last backend of a killed server is still at work.
                if time.monotonic() > deadline:
                    raise
                self.kill()
                time.sleep(0.1)

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:]
        return f"The end of {self.log}:\n" + "\n".join(f"  {line}" for line in lines)


@contextlib.contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[Part]:
    """Run a command until the block ends, its output appended to `log`.

    The child also ends when this process dies in whatever way: the kernel sends it `stop_signal`.
    """

    def launch() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=cwd,
                user=user,
                group=user,
                # Ctrl-C in a terminal reaches the whole foreground group; the parts are to be stopped in order instead.
                start_new_session=True,
                preexec_fn=lambda: _libc.prctl(_PR_SET_PDEATHSIG, stop_signal),  # noqa: PLW1509  async-signal-safe
            )

    part = Part(name, launch, log, stop_signal)
    try:
        yield part
    finally:
        part.stop()
