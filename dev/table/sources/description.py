"""What an operator writes about a table of their own: where it is, whose it is, and what its columns mean.

docs/other-tables.md shows the TOML file and one example for each common shape.
"""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.table.companies.facts import NACE_SECTIONS
from dev.table.kinds.letters import KINDS

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".mmdb")
_TEXTS = ("name", "file", "release", "licence", "credit")
_TABLES = ("columns", "kinds", "industries")
_COLUMNS = ("range", "first", "last", "name", "domain", "asn", "kind", "industry", "country", "employees")


class UnusableSource(Exception):
    """A table cannot be read as it is described; the message says what is wrong and how to mend it."""


@dataclass(frozen=True)
class Description:
    """One source: the texts the table says of it, its file, our columns' names in it, and its words in ours."""

    name: str
    release: str
    licence: str
    credit: str
    file: Path
    columns: dict[str, str]  # our name: theirs, or a number from "1" in a file without header, or a path in an MMDB
    kinds: dict[str, str]  # their word in lower case: one of KINDS
    industries: dict[str, str]  # their word or code in lower case: NACE section letter

    @property
    def is_mmdb(self) -> bool:
        """Whether the file is a MaxMind DB, whose ranges are the networks of its tree."""
        return self.file.name.lower().endswith(".mmdb")


def read_description(path: Path) -> Description:
    """Read and check a description; the table itself is not opened. Raises UnusableSource."""
    written = _toml(path)
    _refuse_unknown(path, "keys", written, [*_TEXTS, *_TABLES])
    texts = {key: _text(path, written, key) for key in _TEXTS}
    tables = {key: _table(path, written, key) for key in _TABLES}
    description = Description(
        name=texts["name"],
        release=texts["release"],
        licence=texts["licence"],
        credit=texts["credit"],
        file=path.parent / texts["file"],
        columns=tables["columns"],
        kinds=_folded(tables["kinds"]),
        industries=_folded(tables["industries"]),
    )
    _check_file(path, description)
    _check_columns(path, description)
    _check_words(path, description)
    return description


def listed(names: Collection[object]) -> str:
    """Names for a message, or a word that says there are none."""
    return ", ".join(str(name) for name in names) or "nothing"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableSource(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise UnusableSource(f"{path.name} is no TOML: {error}") from error


def _text(path: Path, written: dict[str, Any], key: str) -> str:
    value = written.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UnusableSource(f'{path.name} needs {key} = "...", a text in quotes that is not empty.')
    return value.strip()


def _table(path: Path, written: dict[str, Any], key: str) -> dict[str, str]:
    table = written.get(key, {})
    if not isinstance(table, dict):
        raise UnusableSource(f"{path.name}: write [{key}] on a line of its own and its entries below.")
    for word, value in table.items():
        # A column's number may be written without quotes; a truth value is a number to Python.
        if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
            raise UnusableSource(f'{path.name}: [{key}] needs {word} = "...", a text in quotes that is not empty.')
    return {word: str(value).strip() for word, value in table.items()}


def _folded(table: dict[str, str]) -> dict[str, str]:
    return {word.strip().casefold(): value for word, value in table.items()}


def _check_file(path: Path, description: Description) -> None:
    if not description.file.name.lower().endswith(ENDINGS):
        raise UnusableSource(f"{path.name}: {description.file.name} is none of the files that can be read: {listed(ENDINGS)}.")
    if not description.file.is_file():
        raise UnusableSource(f"{path.name}: there is no file {description.file}. `file` is relative to {path.name}.")


def _check_columns(path: Path, description: Description) -> None:
    columns = description.columns
    ends = {"first", "last"} & columns.keys()
    _refuse_unknown(path, "columns", columns, _COLUMNS)
    if "name" not in columns:
        raise UnusableSource(f"{path.name}: [columns] must say which column is the name of the organisation: name = ...")
    if description.is_mmdb:
        if columns.get("range", "network") != "network" or ends:
            raise UnusableSource(f'{path.name}: an MMDB has its ranges in its tree; leave range out, or write range = "network".')
    elif ("range" in columns) == bool(ends) or len(ends) == 1:
        raise UnusableSource(f"{path.name}: [columns] must name either range, or both first and last.")


def _check_words(path: Path, description: Description) -> None:
    for table, column, known in (("kinds", "kind", KINDS), ("industries", "industry", tuple(NACE_SECTIONS))):
        words: dict[str, str] = getattr(description, table)
        if words and column not in description.columns:
            raise UnusableSource(f"{path.name}: [{table}] translates the column {column}, which [columns] does not name.")
        wrong = sorted({value for value in words.values() if value not in known})
        if wrong:
            raise UnusableSource(f"{path.name}: [{table}] may lead to {listed(known)}; not to {listed(wrong)}.")


def _refuse_unknown(path: Path, what: str, given: Collection[str], known: Collection[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UnusableSource(f"{path.name} has unknown {what}: {listed(unknown)}. Known are {listed(known)}.")
