"""Take what the team knows of holders into the directory: `python -m dev table adopt FILE`.

The file has a row for each holder: holder, name, domain, nace_section, country, employee_range, source, date. Rows that
name one company, by its domain or by its name, make one entry, and their holders become one company.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.table.companies.facts import Entry
from dev.table.companies.keys import Companies
from dev.table.kinds.features import fold

_COLUMNS = ["holder", "name", "domain", "nace_section", "country", "employee_range", "source", "date"]
_VOTED = ("name", "domain", "nace_section", "country", "employee_range", "source", "date")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the company that holds a range: the file's columns, empty where not known."""

    holder: str
    name: str
    domain: str
    nace_section: str
    country: str
    employee_range: str
    source: str
    date: str


@dataclass(frozen=True)
class Adopted:
    """The companies and the directory after rows were taken in; `left_out` holders have no company: they are not shown."""

    companies: Companies
    directory: dict[str, Entry]
    left_out: list[str]


def read_known(file: Path) -> list[Known]:
    """Read the file; raises ValueError when its columns are others."""
    with file.open(newline="", encoding="utf-8") as opened:
        rows = csv.DictReader(opened)
        if rows.fieldnames != _COLUMNS:
            raise ValueError(f"{file.name} must have the columns {','.join(_COLUMNS)}")
        return [Known(**row) for row in rows]


def adopt(known: Iterable[Known], kinds: dict[str, str], companies: Companies, directory: dict[str, Entry]) -> Adopted:
    """Take rows in. `kinds` gives the kind of each shown holder; raises ValueError naming an entry that cannot be right."""
    rows = list(known)
    taken_in = [row for row in rows if row.holder in companies.members and row.holder in kinds]
    entries = dict(directory)
    for group in _groups(taken_in, kinds):
        keys = Counter(companies.members[row.holder] for row in group)
        into = _key(keys, entries)
        companies = companies.merged(keys, into)
        entries = {key: entry for key, entry in entries.items() if key not in keys or key == into}
        entries[into] = Entry(into, **{column: _vote(group, column) for column in _VOTED})
    return Adopted(companies, entries, sorted({row.holder for row in rows} - {row.holder for row in taken_in}))


def _groups(rows: Sequence[Known], kinds: dict[str, str]) -> list[list[Known]]:
    """Rows that name one company: by name and country, and companies also by domain, which offices of a state share."""
    groups: dict[tuple[str, ...], list[Known]] = {}
    for row in rows:
        signs: list[tuple[str, ...]] = [(fold(row.name), row.country)]
        if row.domain:
            # A company's name and domain each tell who it is; of others only both together.
            signs = [*signs, (row.domain,)] if kinds[row.holder] == "company" else [(fold(row.name), row.domain)]
        found = {id(groups[sign]): groups[sign] for sign in signs if sign in groups}
        group = [*(member for each in found.values() for member in each), row]
        groups |= dict.fromkeys([*signs, *(sign for sign, members in groups.items() if id(members) in found)], group)
    return list({id(group): group for group in groups.values()}.values())


def _key(keys: Counter[str], directory: dict[str, Entry]) -> str:
    """The key that goes on: one the directory knows, else the one most holders have."""
    return min(keys, key=lambda key: (key not in directory, -keys[key], key))


def _vote(group: Sequence[Known], column: str) -> str:
    """The value most rows agree on; what is not known does not vote."""
    values = Counter(getattr(row, column) for row in group if getattr(row, column))
    return min(values, key=lambda value: (-values[value], value)) if values else ""
