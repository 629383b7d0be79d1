"""A figure beside its peer: printed as a line of the table, kept for .local/bench.json."""

import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

_NAME_WIDTH, _OURS_WIDTH, _PEER_WIDTH = 46, 18, 40


@dataclass(frozen=True)
class Figure:
    """What was measured of ours and of a peer, and the ratio of the two, to which a bar applies; without a peer, to ours.

    The ratio is the median of the ratios within a run, which is not the ratio of the medians.
    """

    name: str
    unit: str
    ours: float
    peer: str = ""
    peers: float | None = None
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def verdict(self) -> str:
        """ok or MISSED; empty where there is no bar."""
        compared = self.ours if self.ratio is None else self.ratio
        if self.at_most is not None:
            return "ok" if compared <= self.at_most else "MISSED"
        if self.at_least is not None:
            return "ok" if compared >= self.at_least else "MISSED"
        return ""


@dataclass(frozen=True)
class Machine:
    """Where and when it was measured, and how busy the machine was already."""

    started_at: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    cores: int = field(default_factory=lambda: os.cpu_count() or 0)
    load_at_start: float = field(default_factory=lambda: os.getloadavg()[0])
    python: str = platform.python_version()
    kernel: str = platform.release()


@dataclass
class Report:
    """All figures of a run, printed as they come."""

    figures: dict[str, list[Figure]] = field(default_factory=dict)
    details: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    machine: Machine = field(default_factory=Machine)
    _section: str = ""

    def section(self, name: str, what: str) -> None:
        """Begin a part of the table."""
        self._section = name
        self.figures[name], self.details[name] = [], []
        show_progress("")
        print(f"\n{what}", flush=True)

    def add(self, figure: Figure) -> None:
        """Print a line and keep it."""
        self.figures[self._section].append(figure)
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        peer = "" if figure.peers is None else f"{figure.peer} {_number(figure.peers)}"
        bar = _bar(figure)
        show_progress("")
        print(
            f"{figure.verdict:<7} {figure.name:<{_NAME_WIDTH}} {_number(figure.ours) + ' ' + figure.unit:<{_OURS_WIDTH}} "
            f"{peer:<{_PEER_WIDTH}} {ratio:>7}  {bar}".rstrip(),
            flush=True,
        )

    def fail(self, why: str) -> None:
        """Say that what was measured is not to be believed: something was refused, lost or doubled."""
        self.failures.append(why)
        show_progress("")
        print(f"FAILED  {why}", flush=True)

    def note(self, text: str, **measured: object) -> None:
        """Say something beside the figures; what was measured is kept with them."""
        if measured:
            self.details[self._section].append(measured)
        show_progress("")
        print(f"        {text}", flush=True)

    @property
    def passed(self) -> bool:
        """Whether every bar was kept and everything measured was sound."""
        return not self.failures and all(figure.verdict != "MISSED" for lines in self.figures.values() for figure in lines)

    def write(self, file: Path) -> None:
        """Keep the figures as JSON."""
        sections = {
            name: {"figures": [{**asdict(figure), "verdict": figure.verdict} for figure in lines], "details": self.details[name]}
            for name, lines in self.figures.items()
        }
        result = {**asdict(self.machine), "failures": self.failures, "sections": sections}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(result, indent=2) + "\n")


def show_progress(text: str) -> None:
    """Say on a terminal what is going on, in a line that the next one replaces."""
    if sys.stderr.isatty():
        print(f"\r\033[K        {text}", end="", file=sys.stderr, flush=True)


def _bar(figure: Figure) -> str:
    kind = "ratio " if figure.ratio is not None else ""
    if figure.at_most is not None:
        return f"({kind}at most {figure.at_most:g})"
    return f"({kind}at least {figure.at_least:g})" if figure.at_least is not None else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
