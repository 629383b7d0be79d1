"""Read ranges out of an operator's own table, licensed or open: CSV, TSV or MMDB, described by a small TOML file.

Source of the MMDB format: MaxMind DB File Format Specification 2.0, read through PyPI maxminddb (Apache-2.0).
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from dev.table.kinds.letters import KINDS
from dev.table.sources.description import Description, UnusableSource, read_description
from dev.table.sources.findings import Findings
from dev.table.sources.ranges import Details, Range
from dev.table.sources.rows import Row, csv_rows, mmdb_rows
from dev.table.sources.values import (
    Unreadable,
    asn_of,
    country_of,
    domain_of,
    employee_range_of,
    present,
    section_of,
    span_of_ends,
    span_of_range,
)

_UNKNOWN = "unknown"
_LONGEST_NAME = 1000  # the longest of the release has 167
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_Value = TypeVar("_Value")


def read_source(
    description: Path,
    *,
    report: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
    progress: Callable[[int], None] = lambda rows: None,
) -> Iterator[Range]:
    """The ranges of the table that a TOML file describes, in the order of the table, each with what the table says.

    Rows are read as they are asked for; memory does not grow with them. report: gets one text at the end, with all
    that was left out and why. progress: gets the number of rows read, now and then. Raises UnusableSource, at once
    for a wrong description or a column the file does not have, later for a file that breaks off or gives no range.
    """
    source = read_description(description)
    findings = Findings(progress)
    rows = (mmdb_rows if source.is_mmdb else csv_rows)(source, findings)
    return _ranges(source, rows, findings, report)


def _ranges(source: Description, rows: Iterator[Row], findings: Findings, report: Callable[[str], None]) -> Iterator[Range]:
    reading = _Reading(source, findings)
    for row in rows:
        try:
            found = reading.range_of(row)
        except Unreadable as error:
            findings.add_unreadable(row.place, str(error))
            continue
        if found:
            findings.ranges += 1
            yield found
    found_all = findings.report(f"{source.name} {source.release}")
    if not findings.ranges:
        raise UnusableSource(f"{source.file.name} gives no range.\n{found_all}")
    report(found_all)


class _Reading:
    """Puts one source's rows into our words."""

    def __init__(self, source: Description, findings: Findings) -> None:
        self._source = source
        self._findings = findings
        self._kinds = {kind: kind for kind in KINDS} | source.kinds

    def range_of(self, row: Row) -> Range | None:
        """None for a row that names nobody. Raises Unreadable."""
        cells = row.cells
        family, first, last = row.span or (
            span_of_range(cells["range"]) if "range" in cells else span_of_ends(cells["first"], cells["last"])
        )
        name = present(cells["name"])
        if name is None:
            self._findings.nameless += 1
            return None
        name = " ".join(name.split())
        if _CONTROL.search(name):
            raise Unreadable(f"the name {name!r} holds a control character: is the file UTF-8?")
        if len(name) > _LONGEST_NAME:
            raise Unreadable(f"the name has {len(name):,} letters: is it the right column?")
        asn = self._value(cells, "asn", asn_of) or 0
        return Range(family, first, last, asn, name, self._source.name, self._details(cells))

    def _details(self, cells: dict[str, str]) -> Details | None:
        facts = (
            # When in doubt, not shown before shown: a word nobody translated may mean an access provider.
            self._value(cells, "kind", lambda word: self._kinds.get(word.casefold()), otherwise=_UNKNOWN),
            self._value(cells, "domain", domain_of),
            self._value(cells, "industry", lambda word: section_of(word, self._source.industries)),
            self._value(cells, "country", country_of),
            self._value(cells, "employees", employee_range_of),
        )
        return Details(*facts) if any(facts) else None

    def _value(
        self, cells: dict[str, str], column: str, read: Callable[[str], _Value | None], *, otherwise: _Value | None = None
    ) -> _Value | None:
        """What a cell says in our words; a cell that says something else is noted and gives `otherwise`."""
        text = present(cells.get(column, ""))
        if text is None:
            return None
        value = read(text)
        if value is None:
            self._findings.leave_out(column, text)
            return otherwise
        return value
