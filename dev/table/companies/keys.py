"""Which holders are one company, under which key: data/members.csv and data/former_keys.csv.

A key, once given, stays with its company through renamings, mergers of entries and new releases; where two entries
turn out to be one company, one of the keys goes on and the other becomes a former key that is still found. The key of
a company that is not shown any more is retired: it leads nowhere and is given to nobody else, whose visits would stand
in the history of the first. It was made of a name, which may turn out to be a person's: a hash stands for it.
"""

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dev.table import DATA
from dev.table.companies.names import comparable, key_of
from dev.table.data_file import read_by_first_column, text_of_rows
from dev.table.holder import Holder
from dev.table.kinds.readings import hashed

MEMBERS, FORMER_KEYS = DATA / "members.csv", DATA / "former_keys.csv"
_MEMBERS_COLUMNS, _FORMER_KEYS_COLUMNS = ("holder", "company_key"), ("former_key", "company_key")


@dataclass
class Companies:
    """Keys by holder, and the present key of each former one; retired ones, hashed, have an empty one."""

    members: dict[str, str] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)

    def with_holders(self, shown: Iterable[Holder], hidden: Collection[str] = ()) -> "Companies":
        """The same companies and those of holders that have no key yet.

        A new holder belongs to the company that has a holder of the same name, legal form aside, in the same country;
        else it is a company of its own. Holders that are not shown (any more) are forgotten: their names may be persons'.
        """
        members = {holder: key for holder, key in self.members.items() if holder not in hidden}
        former = _retired(self.former, {*self.members.values()} - {*members.values()})
        taken = {*members.values(), *former}
        ordered = sorted(shown, key=lambda holder: (-holder.ipv4_addresses, holder.name))
        keys = {_identity(holder): members[holder.name] for holder in reversed(ordered) if holder.name in members}
        for holder in ordered:
            if holder.name not in members:
                identity = _identity(holder)
                if identity not in keys:
                    keys[identity] = _free(key_of(holder.name, holder.country), taken)
                    taken.add(keys[identity])
                members[holder.name] = keys[identity]
        return Companies(members, former)

    def merged(self, keys: Iterable[str], into: str) -> "Companies":
        """The same companies after several turned out to be one."""
        going = set(keys) - {into}
        members = {holder: into if key in going else key for holder, key in self.members.items()}
        former = {old: into if key in going else key for old, key in self.former.items() if old != into}
        return Companies(members, {**former, **dict.fromkeys(going, into)})

    def set_apart(self, holders: Iterable[str], name: str, country: str | None) -> "Companies":
        """The same companies after some holders turned out to be another one, which gets a key of its own."""
        key = _free(key_of(name, country), {*self.members.values(), *self.former})
        return Companies({**self.members, **dict.fromkeys(holders, key)}, dict(self.former))

    def former_keys(self) -> dict[str, list[str]]:
        """The former keys of each company."""
        by_company: dict[str, list[str]] = {}
        for old, key in self.former.items():
            if key:
                by_company.setdefault(key, []).append(old)
        return by_company


def read_companies(members: Path = MEMBERS, former: Path = FORMER_KEYS) -> Companies:
    """Read both files. Raises WrongData."""
    return Companies(_read(members, _MEMBERS_COLUMNS), _read(former, _FORMER_KEYS_COLUMNS))


def write_companies(companies: Companies, members: Path = MEMBERS, former: Path = FORMER_KEYS) -> None:
    """Write both files, sorted."""
    for file, text in zip((members, former), _texts(companies), strict=True):
        file.write_bytes(text.encode())


def stale_files(companies: Companies, members: Path = MEMBERS, former: Path = FORMER_KEYS) -> list[Path]:
    """Which of both files `write_companies` would change."""
    texts = zip((members, former), _texts(companies), strict=True)
    return [file for file, text in texts if not file.exists() or file.read_bytes() != text.encode()]


def _identity(holder: Holder) -> tuple[str, str | None]:
    return comparable(holder.name), holder.country


def _retired(former: dict[str, str], going: set[str]) -> dict[str, str]:
    """The former keys after companies have gone, with theirs and the keys that led to them."""
    kept = {old: key for old, key in former.items() if key not in going}
    return kept | {hashed(key): "" for key in going | (former.keys() - kept.keys())}


def _free(key: str, taken: set[str]) -> str:
    candidates = itertools.chain([key], (f"{key}-{number}" for number in itertools.count(2)))
    return next(candidate for candidate in candidates if candidate not in taken and hashed(candidate) not in taken)


def _read(file: Path, columns: tuple[str, str]) -> dict[str, str]:
    return read_by_first_column(file, columns, lambda row: row["company_key"])


def _texts(companies: Companies) -> tuple[str, str]:
    return (
        text_of_rows(_MEMBERS_COLUMNS, sorted(companies.members.items())),
        text_of_rows(_FORMER_KEYS_COLUMNS, sorted(companies.former.items())),
    )
