"""The rows of a table file, with the cells a description names: one line of CSV or TSV, one network of an MMDB."""

import csv
import gzip
import itertools
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import maxminddb

from dev.table.sources.description import Description, UnusableSource, listed
from dev.table.sources.findings import Findings
from dev.table.sources.ranges import text_of
from dev.table.sources.values import Span, Unreadable, unmapped

_UNDECODED = "\ufffd"
_NETWORKS_LOOKED_AT_FOR_A_MESSAGE = 1000
# IPv6 that stands for IPv4: 6to4 (RFC 3056) and Teredo (RFC 4380). The writers of MMDBs make both lead to IPv4.
_STANDS_FOR_IPV4 = ((0x2002 << 112, 16), (0x20010000 << 96, 32))


@dataclass(frozen=True, slots=True)
class Row:
    """Where a row stands, its range when the file's form gives it, and its cells by our columns' names."""

    place: str
    span: Span | None
    cells: dict[str, str]


@dataclass(frozen=True)
class _Layout:
    """How the lines of a text file are cut."""

    delimiter: str
    places: dict[str, int]  # of our columns among the cells
    width: int
    has_header: bool


def csv_rows(source: Description, findings: Findings) -> Iterator[Row]:
    """One row a line. Raises UnusableSource at once when a column is missing, later when the file breaks off."""
    return _read_lines(source, _layout(source), findings)


def mmdb_rows(source: Description, findings: Findings) -> Iterator[Row]:
    """One row a network, IPv4 once. Raises UnusableSource at once when no record has a column."""
    with _opened_mmdb(source.file) as reader:
        _check_paths(source, reader)
    return _read_networks(source, findings)


def _read_lines(source: Description, layout: _Layout, findings: Findings) -> Iterator[Row]:
    with _opened_text(source.file) as lines:
        for number, line in enumerate(lines, start=1):
            if (number == 1 and layout.has_header) or not line.strip():
                continue
            findings.count_row()
            try:
                cells = _cells(line, layout)
            except Unreadable as error:
                findings.add_unreadable(f"line {number}", str(error))
            else:
                yield Row(f"line {number}", None, {column: cells[place] for column, place in layout.places.items()})


def _cells(line: str, layout: _Layout) -> list[str]:
    if _UNDECODED in line:
        raise Unreadable("it is not UTF-8: convert the file, for instance with iconv")
    cells = _split(line, layout.delimiter)
    if len(cells) != layout.width:
        raise Unreadable(f"it has {len(cells)} cells, the first line has {layout.width}: quote a cell that holds the separator")
    return cells


def _split(line: str, delimiter: str) -> list[str]:
    """The cells of one line. Each line is read alone, so that a missing quote spoils one row and not all that follow."""
    try:
        return next(csv.reader((line,), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable("its quotes do not match: double a quote inside a quoted cell") from error


def _layout(source: Description) -> _Layout:
    delimiter = "\t" if source.file.name.lower().removesuffix(".gz").endswith(".tsv") else ","
    with _opened_text(source.file) as lines:
        first = next(iter(lines), "")
    try:
        header = [cell.strip() for cell in _split(first, delimiter)] if first.strip() else []
    except Unreadable as error:
        raise UnusableSource(f"The first line of {source.file.name} cannot be read: {error}.") from error
    numbered = all(column.isascii() and column.isdecimal() for column in source.columns.values())
    known = [str(number + 1) for number in range(len(header))] if numbered else header
    missing = [column for column in source.columns.values() if known.count(column) != 1]
    if missing:
        has = f"{len(header)} columns, in its first line {listed(header)}" if numbered else listed(header)
        raise UnusableSource(f"{source.file.name} does not have exactly one column {listed(missing)}. It has {has}.")
    places = {ours: known.index(theirs) for ours, theirs in source.columns.items()}
    return _Layout(delimiter, places, len(header), has_header=not numbered)


@contextmanager
def _opened_text(file: Path) -> Iterator[IO[str]]:
    opened = gzip.open if file.name.lower().endswith(".gz") else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", errors="replace") as lines:
            yield lines
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableSource(f"{file.name} cannot be read to its end: {error}. Is the download complete?") from error


def _read_networks(source: Description, findings: Findings) -> Iterator[Row]:
    paths = {column: path.split(".") for column, path in source.columns.items() if column != "range"}
    has_ipv4 = False
    with _opened_mmdb(source.file) as reader:
        for network, record in reader:
            findings.count_row()
            family = f"ipv{network.version}"
            first, last = int(network.network_address), int(network.broadcast_address)
            span = unmapped(family, first, last)
            has_ipv4 = has_ipv4 or family == "ipv4"
            # Most trees hold IPv4 in ::/96, some in ::ffff:0:0/96, and many lead from other places there once more.
            if family == "ipv6" and ((has_ipv4 and span[0] == "ipv4") or _stands_for_ipv4(first, network.prefixlen)):
                findings.aliases += 1
                continue
            cells = {column: _leaf(record, path) for column, path in paths.items()}
            yield Row(f"network {text_of(family, first, last)}", span, cells)


def _stands_for_ipv4(first: int, length: int) -> bool:
    return any(length >= bits and first >> (128 - bits) == prefix >> (128 - bits) for prefix, bits in _STANDS_FOR_IPV4)


def _leaf(record: Any, path: Iterable[str]) -> str:
    """The value at a path as text; empty when there is none."""
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return str(record) if isinstance(record, str | int | float) and not isinstance(record, bool) else ""


def _check_paths(source: Description, reader: maxminddb.Reader) -> None:
    """Look for a record that has each path. The first ones have most, so the whole file is read for a wrong one only."""
    missing = {path: path.split(".") for column, path in source.columns.items() if column != "range"}
    for _, record in reader:
        missing = {path: keys for path, keys in missing.items() if not _leaf(record, keys)}
        if not missing:
            return
    records = (record for _, record in itertools.islice(reader, _NETWORKS_LOOKED_AT_FOR_A_MESSAGE))
    known = sorted({path for record in records for path in _paths(record)})
    raise UnusableSource(f"No record of {source.file.name} has {listed(missing)}. Records have {listed(known)}.")


def _paths(record: Any, above: str = "") -> Iterator[str]:
    if isinstance(record, dict):
        for key, value in record.items():
            yield from _paths(value, f"{above}.{key}" if above else key)
    elif above:
        yield above


@contextmanager
def _opened_mmdb(file: Path) -> Iterator[maxminddb.Reader]:
    try:
        # The reader in C is faster, but a spoilt file can make it end the whole process without a word.
        with maxminddb.open_database(file, maxminddb.MODE_MMAP) as reader:
            yield reader
    except (OSError, ValueError, TypeError, RecursionError, maxminddb.InvalidDatabaseError) as error:
        # The reader raises ValueError for a record that covers all of IPv4 and more of IPv6 than that, TypeError and
        # RecursionError for what no writer writes.
        raise UnusableSource(f"{file.name} cannot be read as an MMDB: {error}. Is the download complete?") from error
