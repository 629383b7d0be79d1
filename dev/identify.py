"""`python -m dev identify`: which companies are behind addresses, or behind a web-server access log?

Reads one address or one log line (common or combined format) a line, answers in the order of the input, keeps nothing.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from lib.identification import Evidence, InvalidAddress, Match, NoMatch, VisitorAddress, explain, identify

# host ident authuser [date] "request" status bytes, and for the combined format "referer" "user-agent".
# Source: Apache HTTP Server, "Log Files", Common Log Format.
_LOG_LINE = re.compile(r'^(?P<address>\S+) \S+ .*?\[[^\]]+\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)(?: .*)?$')
_MOST_ODD_LINES_NAMED = 20
_LONGEST_EXCERPT = 60
_COLUMNS = (("address", 39), ("who", 38), ("kind", 14), ("domain", 24), ("country", 7), ("employees", 10))
_ATTRIBUTION = "IP data: DB-IP (https://db-ip.com), RouteViews, NRO."


# What was given, who is behind it, and why.
_Answer = tuple[str, Match | NoMatch, Evidence | None]


@dataclass
class OddLines:
    """Lines that are neither an address nor a log line: all counted, the first ones named."""

    count: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, source: str, number: int, line: str) -> None:
        """Take note of one."""
        self.count += 1
        if len(self.named) < _MOST_ODD_LINES_NAMED:
            self.named.append(f"{source}, line {number}: no address at its start: {line[:_LONGEST_EXCERPT]!r}")

    def report(self) -> str:
        """What to tell the reader at the end; empty when there were none."""
        if not self.count:
            return ""
        more = [f"... and {self.count - len(self.named):,} more"] if self.count > len(self.named) else []
        return "\n".join([f"{self.count:,} odd lines were left out:", *self.named, *more])


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="addresses or an access log, .gz too; - or none: standard input")
    parser.add_argument("--jsonl", action="store_true", help="print one JSON object a line instead of a table")


def run(args: argparse.Namespace) -> int:
    """Answer every line; 2 when a file cannot be read."""
    odd = OddLines()
    printed = _jsonl if args.jsonl else _table
    try:
        for line in printed(_answers(args.files or ["-"], odd)):
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough; nothing may be printed at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{error.filename or 'input'} cannot be read: {error.strerror or error}", file=sys.stderr)
        return 2
    if odd.count:
        print(odd.report(), file=sys.stderr)
    return 0


def _answers(files: Iterable[str], odd: OddLines) -> Iterator[_Answer]:
    for name in files:
        with _opened(name) as lines:
            source = "standard input" if name == "-" else name
            for number, line in enumerate(lines, start=1):
                text = line.strip()
                if not text:
                    continue
                answer = _answer(text)
                if answer is None:
                    odd.add(source, number, text)
                else:
                    yield answer


def _answer(text: str) -> _Answer | None:
    """The address as it was given and who is behind it; None when the line holds none at its start."""
    logged = _LOG_LINE.match(text)
    given = logged["address"] if logged else text
    if not logged and " " in text:
        return None
    try:
        address = VisitorAddress.parse(given)
        return given, identify(address), explain(address)
    except InvalidAddress:
        return None


def _jsonl(answers: Iterable[_Answer]) -> Iterator[str]:
    for given, answer, evidence in answers:
        yield json.dumps(_as_object(given, answer, evidence), ensure_ascii=False)


def _as_object(given: str, answer: Match | NoMatch, evidence: Evidence | None) -> dict[str, Any]:
    shown = answer.organisation if isinstance(answer, Match) else None
    return {
        "input": given,
        "matched": shown is not None,
        "kind": shown.kind if shown else str(answer.reason) if isinstance(answer, NoMatch) else None,
        "name": shown.name if shown else None,
        "domain": shown.domain if shown else None,
        "industry": shown.industry if shown else None,
        "country": shown.country if shown else None,
        "employee_range": shown.employee_range if shown else None,
        "evidence": evidence._asdict() if evidence else None,
    }


def _table(answers: Iterable[_Answer]) -> Iterator[str]:
    # The widths are fixed, so that the first line of a log of millions is printed at once.
    yield _row([title for title, _ in _COLUMNS])
    yield "  ".join("-" * width for _, width in _COLUMNS)
    matched = total = 0
    for given, answer, evidence in answers:
        total += 1
        matched += isinstance(answer, Match)
        row = _as_object(given, answer, evidence)
        who = row["name"] or "-"
        yield _row([given, who, row["kind"], row["domain"], row["country"], row["employee_range"]])
    yield f"\n{matched:,} of {total:,} addresses belong to an organisation that can be named. {_ATTRIBUTION}"


def _row(cells: list[str | None]) -> str:
    cut = (_fit(cell or "", width) for cell, (_, width) in zip(cells, _COLUMNS, strict=True))
    return "  ".join(cut).rstrip()


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"


@contextlib.contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    """Standard input, a file, or a gzipped file; bytes that are no UTF-8 are an odd line's problem, not ours."""
    if name == "-":
        yield io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
        return
    opened = gzip.open if name.endswith(".gz") else open
    with opened(Path(name), "rt", encoding="utf-8", errors="replace") as file:
        yield file
