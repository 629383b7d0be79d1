"""What readers judged each holder to be: data/readings.csv.

Two readers judged every holder of the release independently, by docs/labelling-guide.md; where they disagreed about
showing it, or where it was looked at again for another reason, a review decides. Each reading is one letter of
dev/table/kinds/letters.py, in upper case where the reader only leant to it.

A holder that is shown to nobody may be a natural person. Its name is not in the file: a salted hash stands for it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.table import DATA
from dev.table.data_file import read_by_first_column, text_of_rows
from dev.table.kinds.letters import LETTERS

READINGS = DATA / "readings.csv"
_COLUMNS = ("holder", "first", "second", "review")
# Keeps the hashes from being looked up in tables of hashes made for another purpose.
_SALT = b"leadsment readings 2026-11-24\0"
_HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """Two independent judgements and, where one was made, the review; empty where there is none."""

    first: str
    second: str
    review: str = ""

    def __post_init__(self) -> None:
        for letter in (self.first, self.second, self.review):
            if letter and letter.lower() not in LETTERS:
                raise ValueError(f"a reading is one of the letters {' '.join(LETTERS)}, not {letter!r}")
        if not self.first and (self.second or not self.review):
            raise ValueError("a holder has a first reading, or a review alone")


def hashed(holder: str) -> str:
    """What stands for a holder's name where the name itself must not."""
    return "#" + hashlib.sha256(_SALT + holder.encode()).hexdigest()[:_HASH_DIGITS]


class Readings:
    """Readings by holder."""

    def __init__(self, readings: Mapping[str, Reading]) -> None:
        self._readings = dict(readings)

    def find(self, holder: str) -> Reading | None:
        """The reading of a registered name."""
        return self._readings.get(holder) or self._readings.get(hashed(holder))

    def by_name(self) -> dict[str, Reading]:
        """All readings as they stand in the file: by name or by the hash that stands for it."""
        return dict(self._readings)

    def without(self, holders: set[str]) -> "Readings":
        """The same readings, but for some holders."""
        left_out = holders | {hashed(holder) for holder in holders}
        return Readings({name: reading for name, reading in self._readings.items() if name not in left_out})


def read_readings(file: Path = READINGS) -> Readings:
    """Read the file. Raises WrongData."""
    return Readings(read_by_first_column(file, _COLUMNS, lambda row: Reading(row["first"], row["second"], row["review"])))


def write_readings(readings: Mapping[str, Reading], file: Path = READINGS) -> None:
    """Write the file, sorted by holder."""
    rows = ((name, readings[name].first, readings[name].second, readings[name].review) for name in sorted(readings))
    file.write_bytes(text_of_rows(_COLUMNS, rows).encode())
