"""Read the packed company-IP table: one file, mapped into memory, from which only what is asked for is unpacked.

Layout, all integers little-endian: MAGIC; u32 length of the header; the header, JSON; then the sections, at the
offsets the header gives relative to its end:

  ipv4.blocks, ipv6.blocks  u32[]: the first bytes (two of IPv4, three of IPv6) that addresses of the table have, ascending
  ipv4.index, ipv6.index    u32[]: where the ranges of each of these blocks begin, and where the last one's end
  ipv4.starts, ipv6.starts  u16[] / u64[]: first address of each range, counted from its block's first, for IPv6 in
                            networks of 64 bits; a range ends where the next begins
  ipv4.holders, ipv6.holders u16[], or u32[] in a table of more than 65,535 holders: who holds the range
  holders                   HOLDER[]: organisation or reason, rule, sureness, source, asn, registered name
  organisations             ORGANISATION[], ascending by key: key, name, legal name and domain; bytes of the name where it is the
                            beginning of the legal one; industry, kind, employee range; country; the sources of the FACTS
  former_keys               FORMER_KEY[], ascending by organisation: keys of earlier tables
  texts                     UTF-8, each with a u16 length before it; offset 0 is "not known"

dev/table/pack.py writes it.
"""

import bisect
import json
import mmap
import socket
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pytricia import PyTricia

from lib.identification.answer import Organisation

MAGIC = b"leadsment-table\x002"
HOLDER = struct.Struct("<IBBBxII")
ORGANISATION = struct.Struct("<IIIIBBBB2s4B")
FORMER_KEY = struct.Struct("<II")
TEXT_LENGTH = struct.Struct("<H")
FACTS = ("domain", "industry", "country", "employee_range")  # the order of their sources at the end of ORGANISATION
NOT_AN_ORGANISATION = 0x80000000  # set in a holder's first field when the rest is a reason


@dataclass(frozen=True, slots=True)
class Family:
    """How one address family is stored. `stored_bits` of an address are kept: all of IPv4, the network half of IPv6."""

    name: str
    address_bits: int
    stored_bits: int
    block_bytes: int
    start_type: str

    @property
    def bits_in_block(self) -> int:
        """How many of the stored bits tell the addresses of one block apart."""
        return self.stored_bits - 8 * self.block_bytes


IPV4 = Family("ipv4", 32, 32, 2, "H")
IPV6 = Family("ipv6", 128, 64, 3, "Q")


# What a trie holds for a range: the number of its holder's record, and in the last bits the length of its prefix. One
# whole number, because a look-up's time is mostly waiting for memory.
_LENGTH_BITS = 8


class HolderRecord(NamedTuple):
    """Who holds a range: the number of an organisation or a reason; what decided that; ASN and name where they may be told."""

    organisation: int | None
    reason: str | None
    rule: str
    sureness: int
    source: int
    asn: int | None
    name: str | None


class _Trie(Protocol):
    """Answers which range holds an address."""

    def __getitem__(self, packed: bytes, /) -> int:
        """The value of the most specific range; raises KeyError when none holds the address."""


class _Unfilled:
    """Stands where a block's trie will be: fills it at the first question, so that no later one has to ask whether it is."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def __getitem__(self, packed: bytes, /) -> int:
        """Fill the block and answer."""
        return self._table.fill(packed)[packed]


class Table:
    """A packed table. Opening it reads the header only; a block's ranges are put into a trie when first asked for."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        if self._bytes[: len(MAGIC)] != MAGIC:
            raise ValueError(f"{file.name} is no company-IP table of this version")
        (header_length,) = struct.unpack_from("<I", self._bytes, len(MAGIC))
        self._base = len(MAGIC) + 4 + header_length
        self.header: dict[str, Any] = json.loads(self._bytes[len(MAGIC) + 4 : self._base])
        self._blocks = {family.name: self._unsigned(f"{family.name}.blocks") for family in (IPV4, IPV6)}
        # The trie of each block: by the first two bytes of IPv4, by the first two and the third of IPv6. The two families
        # never share a trie: 32.0.0.1 would match 2000::/8.
        unfilled = _Unfilled(self)
        self._ipv4_tries: list[_Trie] = [unfilled] * (1 << 16)
        self._unfilled: list[_Trie] = [unfilled] * (1 << 8)
        self._ipv6_tries = [self._unfilled] * (1 << 16)
        # The most specific range that holds an address of 4 or 16 bytes, as holder_of and network_of take it, or None.
        self.find = _finder(self._ipv4_tries, self._ipv6_tries)

    def fill(self, packed: bytes) -> "_Trie":
        """Put the ranges of an address's block into a trie and keep it."""
        first = packed[0] << 8 | packed[1]
        if len(packed) == 4:
            trie = self._ipv4_tries[first] = self._fill(IPV4, first)
            return trie
        if self._ipv6_tries[first] is self._unfilled:
            self._ipv6_tries[first] = list(self._unfilled)
        trie = self._ipv6_tries[first][packed[2]] = self._fill(IPV6, first << 8 | packed[2])
        return trie

    @staticmethod
    def holder_of(found: int) -> int:
        """The number of the record of who holds a found range."""
        return found >> _LENGTH_BITS

    @staticmethod
    def network_of(packed: bytes, found: int) -> str:
        """The found range around an address, in CIDR notation."""
        length, bits = found & ((1 << _LENGTH_BITS) - 1), len(packed) * 8
        first = int.from_bytes(packed, "big") >> (bits - length) << (bits - length)
        family = socket.AF_INET if bits == IPV4.address_bits else socket.AF_INET6
        return f"{socket.inet_ntop(family, first.to_bytes(len(packed), 'big'))}/{length}"

    def holder(self, number: int) -> HolderRecord:
        """A holder's record."""
        answer, rule, sureness, source, asn, name = HOLDER.unpack_from(
            self._bytes, self._offset("holders") + number * HOLDER.size
        )
        is_shown = not answer & NOT_AN_ORGANISATION
        return HolderRecord(
            answer if is_shown else None,
            None if is_shown else self.header["lists"]["reasons"][answer ^ NOT_AN_ORGANISATION],
            self.header["rules"][rule],
            sureness,
            source,
            asn or None,
            self._text(name),
        )

    def holders(self) -> Iterator[HolderRecord]:
        """All holders; the first record stands for gaps and is left out."""
        return (self.holder(number) for number in range(1, self._length("holders") // HOLDER.size))

    def organisation(self, number: int) -> Organisation:
        """An organisation by its number."""
        key, name, legal, domain, name_bytes, industry, kind, employees, country, *_ = self._organisation_record(number)
        lists = self.header["lists"]
        legal_name = self._text(legal) or ""
        return Organisation(
            key=self._text(key) or "",
            kind=lists["kinds"][kind],
            name=legal_name.encode()[:name_bytes].decode() if name_bytes else self._text(name) or "",
            legal_name=legal_name,
            domain=self._text(domain),
            industry=lists["industries"][industry],
            country=country.decode().strip("\0") or None,
            employee_range=lists["employee_ranges"][employees],
            former_keys=tuple(self._former_keys(number)),
        )

    def organisations(self) -> Iterator[Organisation]:
        """All organisations of the table, ascending by key."""
        return (self.organisation(number) for number in range(self._count()))

    def find_key(self, key: str) -> int | None:
        """The number of the organisation with a key, or with a former key."""
        numbers = range(self._count())
        place = bisect.bisect_left(numbers, key, key=self._key)
        if place < len(numbers) and self._key(place) == key:
            return place
        return next((number for number, old in self._all_former_keys() if old == key), None)

    def ranges(self, family: Family) -> Iterator[tuple[int, int, int]]:
        """All ranges of a family: first and last stored value, inclusive, and the holder's record number."""
        return (found for block in self._blocks[family.name] for found in self._ranges(family, block))

    def fact_sources(self, number: int) -> tuple[str | None, ...]:
        """Where an organisation's domain, industry, country and employee range come from: keys of header["sources"]."""
        return tuple(self.header["lists"]["sources"][source] for source in self._organisation_record(number)[9:])

    def _organisation_record(self, number: int) -> tuple[Any, ...]:
        return ORGANISATION.unpack_from(self._bytes, self._offset("organisations") + number * ORGANISATION.size)

    def _count(self) -> int:
        return self._length("organisations") // ORGANISATION.size

    def _key(self, number: int) -> str:
        return self._text(self._organisation_record(number)[0]) or ""

    def _former_keys(self, number: int) -> Iterator[str]:
        records = range(self._length("former_keys") // FORMER_KEY.size)
        place = bisect.bisect_left(records, number, key=lambda record: self._former_key(record)[0])
        while place < len(records) and self._former_key(place)[0] == number:
            yield self._former_key(place)[1]
            place += 1

    def _all_former_keys(self) -> Iterator[tuple[int, str]]:
        return (self._former_key(record) for record in range(self._length("former_keys") // FORMER_KEY.size))

    def _former_key(self, record: int) -> tuple[int, str]:
        number, key = FORMER_KEY.unpack_from(self._bytes, self._offset("former_keys") + record * FORMER_KEY.size)
        return number, self._text(key) or ""

    def _offset(self, section: str) -> int:
        return int(self._base + self.header["sections"][section][0])

    def _length(self, section: str) -> int:
        return int(self.header["sections"][section][1])

    def _text(self, offset: int) -> str | None:
        if offset == 0:
            return None
        at = self._offset("texts") + offset
        (length,) = TEXT_LENGTH.unpack_from(self._bytes, at)
        return self._bytes[at + TEXT_LENGTH.size : at + TEXT_LENGTH.size + length].decode()

    def _fill(self, family: Family, block: int) -> _Trie:
        trie = PyTricia(family.address_bits)
        for first, last, holder in self._ranges(family, block):
            for packed, length in networks(family, first, last):
                trie.insert(packed, length, holder << _LENGTH_BITS | length)
        trie.freeze()
        filled: _Trie = trie
        return filled

    def _ranges(self, family: Family, block: int) -> Iterator[tuple[int, int, int]]:
        """A block's ranges, first and last stored value inclusive; gaps (holder 0) are left out."""
        blocks = self._blocks[family.name]
        place = bisect.bisect_left(blocks, block)
        if place == len(blocks) or blocks[place] != block:
            return
        begin, end = self._unsigned(f"{family.name}.index")[place : place + 2]
        starts = self._array(f"{family.name}.starts", family.start_type, begin, end)
        holders = self._array(f"{family.name}.holders", self.header["holder_type"], begin, end)
        first_of_block, size = block << family.bits_in_block, 1 << family.bits_in_block
        for first, following, holder in zip(starts, [*starts[1:], size], holders, strict=True):
            if holder:
                yield first_of_block + first, first_of_block + following - 1, holder

    def _unsigned(self, section: str) -> "memoryview[int]":
        """A section of u32, read where it lies."""
        offset = self._offset(section)
        return memoryview(self._bytes)[offset : offset + self._length(section)].cast("I")

    def _array(self, section: str, kind: str, begin: int, end: int) -> list[int]:
        values = array(kind)
        offset = self._offset(section)
        values.frombytes(self._bytes[offset + begin * values.itemsize : offset + end * values.itemsize])
        return values.tolist()


def _finder(ipv4_tries: Sequence[_Trie], ipv6_tries: Sequence[Sequence[_Trie]]) -> Callable[[bytes], int | None]:
    """Table.find: a closure that indexes, for at a microsecond a look-up every attribute and method call more is felt."""

    def find(packed: bytes) -> int | None:
        try:
            if len(packed) == 4:
                return ipv4_tries[packed[0] << 8 | packed[1]][packed]
            return ipv6_tries[packed[0] << 8 | packed[1]][packed[2]][packed]
        except KeyError:
            return None

    return find


def networks(family: Family, first: int, last: int) -> Iterator[tuple[bytes, int]]:
    """The networks that make up a range of stored values, as address bytes and prefix length."""
    unstored = family.address_bits - family.stored_bits
    while first <= last:
        aligned = (first & -first).bit_length() - 1 if first else family.stored_bits
        size = min(aligned, (last - first + 1).bit_length() - 1)
        yield (first << unstored).to_bytes(family.address_bits // 8, "big"), family.stored_bits - size
        first += 1 << size
