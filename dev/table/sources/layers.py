"""The sources of a table, laid over one another: what the team recorded, an operator's own tables, the data release."""

import ipaddress
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.table import DATA
from dev.table.companies.names import comparable
from dev.table.data_file import read_rows
from dev.table.kinds.letters import KINDS
from dev.table.sources.description import Description, UnusableSource, read_description
from dev.table.sources.overlay import Disagreement, Layer, conflicts, overlaid, write_conflicts
from dev.table.sources.own_table import read_source
from dev.table.sources.ranges import Details, Range
from dev.table.sources.release import RELEASE, read_ranges
from lib.identification.reserved import reserved_networks

NETWORKS = DATA / "networks.csv"
_NETWORKS_COLUMNS = ("network", "service", "kind", "source", "date")
TEAM = "the team's list of relays and proxies"
HEADER_SOURCES = ("ranges", "registry", "listed", "directory", "kind", "readings")  # by their keys in the table's header
_RESERVED = "reserved"
# What header.py and build.py call the table's own sources: of ranges, then of facts.
_OUR_NAMES = (RELEASE, TEAM, _RESERVED, *HEADER_SOURCES)
_PROGRESS_ROWS = 500_000
Report = Callable[[str], None]


@dataclass(frozen=True)
class Sources:
    """Disjoint ranges in ascending order, and the operator's sources they come from beside the release."""

    ranges: list[Range]
    descriptions: list[Description]


def read_layers(files: Sequence[Path], report: Report, conflicts_file: Path | None = None) -> Sources:
    """Read all sources and lay them over one another; an earlier file wins over a later one, all win over the release.

    Addresses that are nobody's are in no range. Where two sources name different organisations, that is counted and, if
    a file is given, listed there. Raises UnusableSource for a source that cannot be read as described.
    """
    descriptions = [read_description(file) for file in files]
    check_names(files, descriptions)
    others = [Layer(_read(file, report)) for file in files]
    release = Layer(read_ranges())
    if others:
        _report_conflicts([*others, release], report, conflicts_file)
    layers = [Layer(_reserved()), Layer(_recorded()), *others, release]
    return Sources([row for row in overlaid(layers) if row.source != _RESERVED], descriptions)


def check_names(files: Sequence[Path], descriptions: Sequence[Description]) -> None:
    """Raise UnusableSource where a table could not tell its sources apart, which it does by their names.

    Several files of one release, such as one for each address family, are one source and share its name.
    """
    known: dict[str, Description] = {}
    for file, described in zip(files, descriptions, strict=True):
        if described.name in _OUR_NAMES:
            raise UnusableSource(f"{file.name}: {described.name!r} is a name that the table uses itself. Take another.")
        other = known.setdefault(described.name, described)
        if _credits(described) != _credits(other):
            raise UnusableSource(
                f"{file.name}: another source is called {described.name!r} and has another release, licence or credit: "
                "give each a name of its own."
            )


def _credits(described: Description) -> tuple[str, str, str]:
    return described.release, described.licence, described.credit


def _read(file: Path, report: Report) -> Iterator[Range]:
    report(f"reading {file.name}")

    def progress(rows: int) -> None:
        if rows % _PROGRESS_ROWS == 0:
            report(f"reading {file.name}: {rows:,} rows")

    return read_source(file, report=report, progress=progress)


def _reserved() -> Iterator[Range]:
    return (_range_of(network, "", _RESERVED, None) for network in reserved_networks())


def _recorded() -> Iterator[Range]:
    """The networks of data/networks.csv, such as the exits of a private relay inside a cloud's range."""
    return read_rows(NETWORKS, _NETWORKS_COLUMNS, _recorded_range)


def _recorded_range(row: dict[str, str]) -> Range:
    if row["kind"] not in KINDS:
        raise ValueError(f"the kind is one of {', '.join(KINDS)}, not {row['kind']!r}")
    return _range_of(ipaddress.ip_network(row["network"]), row["service"], TEAM, Details(kind=row["kind"]))


def _range_of(
    network: "ipaddress.IPv4Network | ipaddress.IPv6Network", holder: str, source: str, details: Details | None
) -> Range:
    first, last = int(network.network_address), int(network.broadcast_address)
    return Range(f"ipv{network.version}", first, last, 0, holder, source, details)


def _report_conflicts(layers: Sequence[Layer], report: Report, file: Path | None) -> None:
    report("comparing the sources")
    with (file or Path(os.devnull)).open("w", newline="", encoding="utf-8") as opened:
        counts = write_conflicts(conflicts(layers, comparable), opened)
    for count in counts:
        report(_in_words(count))
    if counts and file:
        report(f"all conflicts are listed in {file}")


def _in_words(count: Disagreement) -> str:
    return (
        f"{count.winner} overrules {count.other} in {count.rows:,} ranges "
        f"({count.ipv4_addresses:,} IPv4 addresses): they name different organisations"
    )
