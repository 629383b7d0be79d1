"""What was met while a source was read: all of it counted, the first of each kind named."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_ROWS_NAMED = 20
_MOST_WORDS_NAMED = 10
_MOST_WORDS_KEPT = 1000  # of each column: memory stays the same however many rows a table has
_LONGEST_EXCERPT = 60
_ROWS_BETWEEN_REPORTS = 100_000


@dataclass
class _LeftOut:
    """Values of one column that are not used."""

    words: Counter[str] = field(default_factory=Counter)
    total: int = 0


class Findings:
    """Rows and values of one source that were not used, and why."""

    def __init__(self, progress: Callable[[int], None]) -> None:
        self.rows = self.ranges = self.nameless = self.aliases = self.unreadable = 0
        self._named: list[str] = []
        self._left_out: dict[str, _LeftOut] = {}
        self._progress = progress

    def count_row(self) -> None:
        """Take note of a row, before anything is known of it."""
        self.rows += 1
        if self.rows % _ROWS_BETWEEN_REPORTS == 0:
            self._progress(self.rows)

    def add_unreadable(self, place: str, reason: str) -> None:
        """A row that cannot be read. place: where it stands, such as `line 7`."""
        self.unreadable += 1
        if len(self._named) < _MOST_ROWS_NAMED:
            self._named.append(f"{place}: {reason}")

    def leave_out(self, column: str, value: str) -> None:
        """A value that says nothing to us, of a row that is kept."""
        left_out = self._left_out.setdefault(column, _LeftOut())
        left_out.total += 1
        word = value[:_LONGEST_EXCERPT]
        if word in left_out.words or len(left_out.words) < _MOST_WORDS_KEPT:
            left_out.words[word] += 1

    def report(self, source: str) -> str:
        """All findings in lines for the operator, the counts first."""
        lines = [f"{source}: {self.rows:,} rows read, {self.ranges:,} ranges."]
        if self.nameless:
            lines.append(f"{self.nameless:,} rows name nobody and are left out.")
        if self.aliases:
            lines.append(f"{self.aliases:,} networks repeat IPv4 inside IPv6 and are left out.")
        lines += [_of_column(column, left_out) for column, left_out in self._left_out.items()]
        if self.unreadable:
            more = self.unreadable - len(self._named)
            lines += [f"{self.unreadable:,} rows could not be read:", *(f"  {line}" for line in self._named)]
            lines += [f"  ... and {more:,} more"] if more else []
        return "\n".join(lines)


_CONSEQUENCES = {
    "kind": "have a kind that [kinds] does not translate, and count as unknown, which is never shown",
    "industry": "have an industry that [industries] does not translate, and are kept without one",
    "domain": "have a domain that is not one host name, and are kept without it",
    "country": "have a country that is no ISO 3166-1 alpha-2 code, and are kept without it",
    "employees": "have employees that are neither a number nor a band, and are kept without them",
    "asn": "have an asn that is no number of an autonomous system, and are kept without it",
}


def _of_column(column: str, left_out: _LeftOut) -> str:
    first = ", ".join(f"{word!r} ({count:,})" for word, count in left_out.words.most_common(_MOST_WORDS_NAMED))
    more = ", ..." if len(left_out.words) > _MOST_WORDS_NAMED else ""
    return f"{left_out.total:,} rows {_CONSEQUENCES[column]}: {first}{more}"
