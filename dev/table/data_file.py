"""Read and write the CSV files the team keeps: a wrong one is refused with its line, so that its editor can mend it."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

_Read = TypeVar("_Read")


class WrongData(ValueError):
    """A file cannot be what it should be; the message names the file, the line and what is wrong."""


def read_text(file: Path) -> str:
    """A file's text as it stands. Raises WrongData."""
    try:
        return file.read_bytes().decode()
    except OSError as error:
        raise WrongData(f"{file} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise WrongData(f"{file.name}, line {line}: it is not UTF-8; save the file as UTF-8") from None


def read_rows(file: Path, columns: Sequence[str], make: Callable[[dict[str, str]], _Read]) -> Iterator[_Read]:
    """What `make` gives for each row of a CSV file with exactly these columns. Raises WrongData, also for its ValueError."""
    rows = csv.reader(io.StringIO(read_text(file), newline=""), strict=True)
    try:
        if next(rows, None) != list(columns):
            raise ValueError(f"the columns must be {','.join(columns)}")
        for cells in rows:
            if len(cells) != len(columns):
                raise ValueError(f"it has {len(cells)} cells, not {len(columns)}; quote a cell that holds a comma")
            yield make(dict(zip(columns, cells, strict=True)))
    except csv.Error:
        raise WrongData(f"{file.name}, line {rows.line_num}: its quotes do not match; double a quote inside quotes") from None
    except ValueError as error:
        raise WrongData(f"{file.name}, line {rows.line_num or 1}: {error}") from None


def read_by_first_column(file: Path, columns: Sequence[str], make: Callable[[dict[str, str]], _Read]) -> dict[str, _Read]:
    """The same by the first column, which tells the rows apart. Raises WrongData, also where it says the same twice."""
    read: dict[str, _Read] = {}
    for key, value in read_rows(file, columns, lambda row: (row[columns[0]], make(row))):
        if key in read:
            raise WrongData(f"{file.name}: {key!r} stands in two rows; keep one of them")
        read[key] = value
    return read


def text_of_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The text of a CSV file; sort the rows, so that a change of it can be read."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
