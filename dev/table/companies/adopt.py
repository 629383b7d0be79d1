"""Take what the team knows of holders into the directory: `python -m dev table adopt FILE`.

The file has a row for each holder: holder, name, domain, nace_section, country, employee_range, source, date. Rows that
name one company, by its domain or by its name, make one entry, and their holders become one company.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.table.companies.facts import Entry
from dev.table.companies.keys import Companies
from dev.table.companies.names import key_of
from dev.table.data_file import read_rows
from dev.table.kinds.features import fold

_VOTED = ("name", "domain", "nace_section", "country", "employee_range", "source", "date")
_COLUMNS = ("holder", *_VOTED)


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
    """Read the file. Raises WrongData."""
    return list(read_rows(file, _COLUMNS, lambda row: Known(**row)))


def adopt(known: Iterable[Known], kinds: dict[str, str], companies: Companies, directory: dict[str, Entry]) -> Adopted:
    """Take rows in. `kinds` gives the kind of each shown holder; raises ValueError naming an entry that cannot be right."""
    rows = list(known)
    taken_in = [row for row in rows if row.holder in companies.members and row.holder in kinds]
    entries, told = dict(directory), set[str]()
    # The largest group first: it keeps a key that a smaller one, which is another company, had until now.
    for group in sorted(_groups(taken_in, kinds), key=lambda group: (-len(group), group[0].holder)):
        holders = {row.holder for row in group}
        apart = {holder for holder in holders if companies.members[holder] in told}
        if apart:
            companies = companies.set_apart(apart, _vote(group, "name"), _vote(group, "country") or None)
        keys = Counter(companies.members[holder] for holder in holders)
        into = _key(keys, entries, key_of(_vote(group, "name"), None))
        if len(keys) > 1:
            companies = companies.merged(keys, into)
        for key in keys:
            entries.pop(key, None)
        entries[into] = Entry(into, **{column: _vote(group, column) for column in _VOTED})
        told.add(into)
    return Adopted(companies, entries, sorted({row.holder for row in rows} - {row.holder for row in taken_in}))


def _groups(rows: Sequence[Known], kinds: dict[str, str]) -> list[list[Known]]:
    """Rows that name one company: those that share a sign, and those joined through others."""
    leads: dict[tuple[str, ...], tuple[str, ...]] = {}

    def group_of(sign: tuple[str, ...]) -> tuple[str, ...]:
        while leads.setdefault(sign, sign) != sign:
            sign = leads[sign]
        return sign

    for row in rows:
        first, *others = _signs(row, kinds)
        for other in others:
            leads[group_of(other)] = group_of(first)
    groups: dict[tuple[str, ...], list[Known]] = {}
    for row in rows:
        groups.setdefault(group_of(_signs(row, kinds)[0]), []).append(row)
    return list(groups.values())


def _signs(row: Known, kinds: dict[str, str]) -> list[tuple[str, ...]]:
    """What tells who a company is: its name in its country, and its domain; offices of a state share domains."""
    named = (fold(row.name), row.country)
    if not row.domain:
        return [named]
    return [named, (row.domain,)] if kinds[row.holder] == "company" else [(fold(row.name), row.domain)]


def _key(keys: Counter[str], directory: dict[str, Entry], name: str) -> str:
    """The key that goes on: one the directory knows, else one made of the company's name, else the one most holders have."""
    return min(keys, key=lambda key: (key not in directory, key != name, not key.startswith(f"{name}-"), -keys[key], key))


def _vote(group: Sequence[Known], column: str) -> str:
    """The value most rows agree on; what is not known does not vote."""
    values = Counter(getattr(row, column) for row in group if getattr(row, column))
    return min(values, key=lambda value: (-values[value], value)) if values else ""
