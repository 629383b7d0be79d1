"""Read the packed company-IP table: one file, mapped into memory, from which only what is asked for is unpacked.

Layout, all integers little-endian: MAGIC; u32 length of the header; the header, JSON; then the sections, at the
offsets the header gives relative to its end:

  ipv6.pages                u8[65536]: by the first two bytes of an IPv6 address, the page of its block; 0 where no range is
  ipv4.index, ipv6.index    u32[]: where the ranges of each block begin, and where the last one's end; a block is what shares two
                            bytes of IPv4; of IPv6, a page and the third byte
  ipv4.starts, ipv6.starts  u16[] / u64[]: first address of each range, counted from its block's first, for IPv6 in
                            networks of 64 bits; a block's first range starts at 0, and a range ends where the next begins
  ipv4.holders, ipv6.holders u16[], or u32[] in a table of more than 65,535 holders: who holds the range; 0 for a gap
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from lib.identification.answer import Organisation

MAGIC = b"leadsment-table\x003"
HOLDER = struct.Struct("<IBBBxII")
ORGANISATION = struct.Struct("<IIIIBBBB2s4B")
FORMER_KEY = struct.Struct("<II")
TEXT_LENGTH = struct.Struct("<H")
FACTS = ("domain", "industry", "country", "employee_range")  # the order of their sources at the end of ORGANISATION
NOT_AN_ORGANISATION = 0x80000000  # set in a holder's first field when the rest is a reason


class Family(NamedTuple):
    """How one address family is stored. `stored_bits` of an address are kept: all of IPv4, the network half of IPv6."""

    name: str
    address_bits: int
    stored_bits: int
    block_bytes: int
    start_type: str
    socket_family: int

    @property
    def bits_in_block(self) -> int:
        """How many of the stored bits tell the addresses of one block apart."""
        return self.stored_bits - 8 * self.block_bytes


IPV4 = Family("ipv4", 32, 32, 2, "H", socket.AF_INET)
IPV6 = Family("ipv6", 128, 64, 3, "Q", socket.AF_INET6)


Value_co = TypeVar("Value_co", covariant=True)


class Numbered(Protocol[Value_co]):
    """Things by number, such as a list's."""

    def __getitem__(self, number: int, /) -> Value_co:
        """The thing with a number."""


class HolderRecord(NamedTuple):
    """Who holds a range: the number of an organisation or a reason; what decided that; ASN and name where they may be told."""

    organisation: int | None
    reason: str | None
    rule: str
    sureness: int
    source: int
    asn: int | None
    name: str | None


class Table:
    """A packed table. Opening it reads the header only; everything else is read where it lies, when it is asked for."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        if self._bytes[: len(MAGIC)] != MAGIC:
            raise ValueError(f"{file.name} is no company-IP table of this version")
        (header_length,) = struct.unpack_from("<I", self._bytes, len(MAGIC))
        self._base = len(MAGIC) + 4 + header_length
        self.header: dict[str, Any] = json.loads(self._bytes[len(MAGIC) + 4 : self._base])
        self._pages = self._array("ipv6.pages", "B")
        self._ranges_of = {family: self._family(family) for family in (IPV4, IPV6)}
        # The number of the record of who holds an address of 4 or 16 bytes; 0 where nobody does.
        self.find = self.finder(range(1 << 32))

    def finder(self, holders: "Numbered[Value_co]") -> "Callable[[bytes], Value_co]":
        """A look-up that answers with what stands for the number of who holds an address of 4 or 16 bytes.

        A closure, for at half a microsecond a look-up every attribute and every call more is felt.
        """
        pages, (starts4, holders4, index4), (starts6, holders6, index6) = self._pages, *self._ranges_of.values()
        search, number = bisect.bisect_right, int.from_bytes

        def find(packed: bytes) -> Value_co:
            if len(packed) == 4:
                block = packed[0] << 8 | packed[1]
                at = search(starts4, packed[2] << 8 | packed[3], index4[block], index4[block + 1])
                return holders[holders4[at - 1]]
            block = pages[packed[0] << 8 | packed[1]] << 8 | packed[2]
            return holders[holders6[search(starts6, number(packed[3:8]), index6[block], index6[block + 1]) - 1]]

        return find

    def network_of(self, packed: bytes) -> str:
        """The widest network, in CIDR notation, that holds an address and lies within its range (or gap) and its block."""
        family = IPV4 if len(packed) == 4 else IPV6
        stored = int.from_bytes(packed, "big") >> (family.address_bits - family.stored_bits)
        block, in_block = stored >> family.bits_in_block, stored & (1 << family.bits_in_block) - 1
        place = self._place(family, block)
        starts, _, index = self._ranges_of[family]
        at = bisect.bisect_right(starts, in_block, index[place], index[place + 1])
        first, following = starts[at - 1], starts[at] if at < index[place + 1] else 1 << family.bits_in_block
        spare = 0
        while (begin := in_block >> spare + 1 << spare + 1) >= first and begin + (2 << spare) <= following:
            spare += 1
        unstored = family.address_bits - family.stored_bits
        begin = (block << family.bits_in_block | in_block >> spare << spare) << unstored
        named = socket.inet_ntop(family.socket_family, begin.to_bytes(len(packed), "big"))
        return f"{named}/{family.stored_bits - spare}"

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
        """All ranges of a family: first and last stored value, inclusive, and the holder's record number. No gaps."""
        starts, holders, index = self._ranges_of[family]
        for block, place in self._blocks(family):
            first_of_block, end = block << family.bits_in_block, index[place + 1]
            for at in range(index[place], end):
                following = starts[at + 1] if at + 1 < end else 1 << family.bits_in_block
                if holders[at]:
                    yield first_of_block + starts[at], first_of_block + following - 1, holders[at]

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

    def _family(self, family: Family) -> "_Ranges":
        return (
            self._array(f"{family.name}.starts", family.start_type),
            self._array(f"{family.name}.holders", self.header["holder_type"]),
            self._array(f"{family.name}.index", "I"),
        )

    def _array(self, section: str, kind: str) -> "memoryview[int]":
        """A section of whole numbers, read where it lies."""
        offset = self._offset(section)
        return memoryview(self._bytes)[offset : offset + self._length(section)].cast(kind)  # type: ignore[call-overload,no-any-return]

    def _blocks(self, family: Family) -> Iterator[tuple[int, int]]:
        """Each block's first bytes as a number, ascending, and its place in the index."""
        if family is IPV4:
            return ((block, block) for block in range(1 << 16))
        return ((first << 8 | third, page << 8 | third) for first, page in enumerate(self._pages) if page for third in range(256))

    def _place(self, family: Family, block: int) -> int:
        return block if family is IPV4 else self._pages[block >> 8] << 8 | block & 0xFF


# Of one family: the first address of each range within its block, its holder, and where each block's ranges begin.
_Ranges = tuple["memoryview[int]", "memoryview[int]", "memoryview[int]"]


def networks(family: Family, first: int, last: int) -> Iterator[tuple[bytes, int]]:
    """The networks that make up a range of stored values, as address bytes and prefix length."""
    unstored = family.address_bits - family.stored_bits
    while first <= last:
        aligned = (first & -first).bit_length() - 1 if first else family.stored_bits
        size = min(aligned, (last - first + 1).bit_length() - 1)
        yield (first << unstored).to_bytes(family.address_bits // 8, "big"), family.stored_bits - size
        first += 1 << size
