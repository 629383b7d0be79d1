"""Lay sources over one another: whose word counts for an address, and where two sources disagree.

An earlier layer wins over a later one; inside a layer the narrower range wins, then the one read first.
"""

import csv
import functools
import heapq
import itertools
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO, TypeVar

from dev.table.sources.ranges import ADDRESS_BITS, Details, Range, text_of

# A row is one whole number: first address, last address, place in the order of reading. It takes half the memory of a
# tuple, and a list of them is sorted without a key.
_NUMBER_BITS = 40
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1

_What = TypeVar("_What")
_Piece = tuple[int, int, _What]  # first and last address, inclusive, and what is there
_Holder = tuple[int, str, str, Details | None]


class Layer:
    """The ranges of one source, read once and held small.

    They may come in any order and overlap. Raises ValueError for a range that ends before it begins, or lies outside
    its family's addresses.
    """

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._rows: dict[str, list[int]] = {family: [] for family in ADDRESS_BITS}
        self._holder_of_row = array("I")
        numbers: dict[_Holder, int] = {}
        for row in ranges:
            self._rows[row.family].append(_packed(row, len(self._holder_of_row)))
            holder = (row.asn, row.holder, row.source, row.details)
            self._holder_of_row.append(numbers.setdefault(holder, len(numbers)))
        self._holders = list(numbers)
        for rows in self._rows.values():
            rows.sort()

    def pieces(self, family: str) -> Iterator[_Piece[int]]:
        """Ascending, disjoint pieces, each with the number of the row that wins there."""
        return _joined(_narrowest(self._rows[family], ADDRESS_BITS[family]))

    def range_of(self, number: int, family: str, first: int, last: int) -> Range:
        """A piece of a row as a range."""
        return Range(family, first, last, *self._holders[self._holder_of_row[number]])


@dataclass(frozen=True, slots=True)
class Conflict:
    """Addresses for which two sources name different organisations; the addresses are the same in both."""

    winner: Range
    other: Range


@dataclass
class Disagreement:
    """How often one source is overruled by another: in pieces of ranges, and in the addresses they hold."""

    winner: str
    other: str
    rows: int = 0
    ipv4_addresses: int = 0
    ipv6_addresses: int = 0


def overlaid(layers: Sequence[Iterable[Range] | Layer]) -> Iterator[Range]:
    """One list of ascending, disjoint ranges, IPv4 before IPv6, out of layers of which the earlier win.

    A row that a better one cuts in two gives two ranges; pieces of a row that lie side by side are one. Every layer
    is read to its end before the first range is given; one that is a `Layer` already is used as it is.
    """
    read = [_as_layer(layer) for layer in layers]
    for family in ADDRESS_BITS:
        segments = _segments([layer.pieces(family) for layer in read])
        for first, last, (place, number) in _joined(_winners(segments)):
            yield read[place].range_of(number, family, first, last)


def conflicts(layers: Sequence[Iterable[Range] | Layer], comparable: Callable[[str], str]) -> Iterator[Conflict]:
    """Where two sources name different organisations for the same addresses, pair by pair, in the order of the layers.

    comparable: gives the same text for two spellings of one name. Two rows name one organisation when their names are
    comparable, or when both give a domain and it is the same. Overlaps inside a layer are settled before. Of more than
    two layers every pair is compared, so what a third one overrules is reported too.
    """
    read = [_as_layer(layer) for layer in layers]
    spelling = functools.cache(lambda name: comparable(name) or name.casefold())
    for winner, other in itertools.combinations(read, 2):
        for conflict in _shared(winner, other):
            if not _name_the_same(conflict.winner, conflict.other, spelling):
                yield conflict


def write_conflicts(found: Iterable[Conflict], file: TextIO) -> list[Disagreement]:
    """Write all conflicts as CSV, one piece of a range a row, and count them per pair of sources, most rows first."""
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["range", "source", "name", "domain", "other_source", "other_name", "other_domain"])
    counts: dict[tuple[str, str], Disagreement] = {}
    for conflict in found:
        winner, other = conflict.winner, conflict.other
        sides = [text for row in (winner, other) for text in (row.source, row.holder, _domain(row) or "")]
        table.writerow([text_of(winner.family, winner.first, winner.last), *sides])
        pair = (winner.source, other.source)
        _count(counts.setdefault(pair, Disagreement(*pair)), winner)
    return sorted(counts.values(), key=lambda count: (-count.rows, count.winner, count.other))


def _as_layer(layer: Iterable[Range] | Layer) -> Layer:
    return layer if isinstance(layer, Layer) else Layer(layer)


def _packed(row: Range, number: int) -> int:
    bits = ADDRESS_BITS[row.family]
    if not 0 <= row.first <= row.last < 1 << bits:
        raise ValueError(f"{row.source} gives an impossible range of {row.family}: {row.first} to {row.last} ({row.holder})")
    return ((row.first << bits | row.last) << _NUMBER_BITS) | number


def _narrowest(rows: list[int], bits: int) -> Iterator[_Piece[int]]:
    """Disjoint pieces of sorted rows: a sweep with a heap of the rows that hold the present address, narrowest first."""
    open_rows: list[tuple[int, int, int]] = []  # width, number, last address
    position, beyond = 0, 1 << bits
    for row in itertools.chain(rows, [beyond << (bits + _NUMBER_BITS)]):
        first, last = row >> (bits + _NUMBER_BITS), (row >> _NUMBER_BITS) & (beyond - 1)
        while open_rows and position < first:
            _, number, end = open_rows[0]
            if end < position:
                heapq.heappop(open_rows)
                continue
            stop = min(end, first - 1)
            yield position, stop, number
            position = stop + 1
        position = first
        opened = (last - first, row & _NUMBER_MASK, last)
        # What a better row covers wholly never shows: one range over everything must not keep all others in the heap.
        if not (open_rows and open_rows[0] < opened and open_rows[0][2] >= last):
            heapq.heappush(open_rows, opened)


def _segments(layers: list[Iterator[_Piece[int]]]) -> Iterator[_Piece[tuple[int | None, ...]]]:
    """Cut disjoint layers at all their borders; each segment has one row, or None, of each layer."""
    pieces = [next(layer, None) for layer in layers]
    position = 0
    while present := [piece for piece in pieces if piece is not None]:
        position = max(position, min(first for first, _, _ in present))
        stop = min(last if first <= position else first - 1 for first, last, _ in present)
        yield position, stop, tuple(piece[2] if piece and piece[0] <= position else None for piece in pieces)
        position = stop + 1
        for place, piece in enumerate(pieces):
            if piece and piece[1] < position:
                pieces[place] = next(layers[place], None)


def _winners(segments: Iterator[_Piece[tuple[int | None, ...]]]) -> Iterator[_Piece[tuple[int, int]]]:
    """The first layer that has a row, and the row's number."""
    for first, last, numbers in segments:
        yield first, last, next((place, number) for place, number in enumerate(numbers) if number is not None)


def _joined(pieces: Iterator[_Piece[_What]]) -> Iterator[_Piece[_What]]:
    """The same with neighbours made one where the same is there."""
    kept = next(pieces, None)
    if kept is None:
        return
    for first, last, what in pieces:
        if kept[1] + 1 == first and kept[2] == what:
            kept = (kept[0], last, what)
        else:
            yield kept
            kept = (first, last, what)
    yield kept


def _shared(winner: Layer, other: Layer) -> Iterator[Conflict]:
    """The addresses of which both layers speak, whether they agree or not."""
    for family in ADDRESS_BITS:
        segments = _segments([winner.pieces(family), other.pieces(family)])
        both = ((first, last, (one, two)) for first, last, (one, two) in segments if one is not None and two is not None)
        for first, last, (one, two) in _joined(both):
            yield Conflict(winner.range_of(one, family, first, last), other.range_of(two, family, first, last))


def _name_the_same(winner: Range, other: Range, spelling: Callable[[str], str]) -> bool:
    if winner.source == other.source or spelling(winner.holder) == spelling(other.holder):
        return True
    return _domain(winner) is not None and _domain(winner) == _domain(other)


def _domain(row: Range) -> str | None:
    return row.details.domain if row.details else None


def _count(count: Disagreement, row: Range) -> None:
    count.rows += 1
    addresses = row.last - row.first + 1
    if row.family == "ipv4":
        count.ipv4_addresses += addresses
    else:
        count.ipv6_addresses += addresses
