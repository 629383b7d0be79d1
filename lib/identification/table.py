"""Read the packed company-IP table: one file, mapped into memory, from which only what is asked for is unpacked.

Layout, all integers little-endian: MAGIC; u32 length of the header; the header, JSON; then the sections, at the
offsets the header gives relative to its end:

  ipv4.blocks, ipv6.blocks  u32[]: the first bits (12 of IPv4, 24 of IPv6) that addresses of the table have, ascending
  ipv4.index, ipv6.index    u32[]: where the ranges of each of these blocks begin, and where the last one's end
  ipv4.starts, ipv6.starts  u32[] / u64[]: first address of each range, for IPv6 its upper 64 bits; ends at the next
  ipv4.holders, ipv6.holders u16[]: who holds the range
  holders                   {reason or organisation u16, rule u8, asn u32, name u32}[]
  organisations             {key u32, name u32, domain u32, industry u8, kind u8, employees u8, country 2 bytes, ...}[]
  texts                     UTF-8, each with a u16 length before it; offset 0 is "not known"

dev/table/pack.py writes it.
"""

import bisect
import json
import mmap
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytricia import PyTricia

MAGIC = b"leadsment-table\x001"
HOLDER = struct.Struct("<HBIIx")
ORGANISATION = struct.Struct("<IIIBBB2s4Bx")
TEXT_LENGTH = struct.Struct("<H")
NOT_AN_ORGANISATION = 0x8000  # set in a holder's first field when the rest is a reason
IPV4_BLOCK_BITS = 12
IPV6_BLOCK_BITS = 24


@dataclass(frozen=True, slots=True)
class Family:
    """How one address family is stored. `stored_bits` of an address are kept: all of IPv4, the network half of IPv6."""

    name: str
    address_bits: int
    stored_bits: int
    block_bits: int
    start_type: str


IPV4 = Family("ipv4", 32, 32, IPV4_BLOCK_BITS, "I")
IPV6 = Family("ipv6", 128, 64, IPV6_BLOCK_BITS, "Q")


@dataclass(frozen=True, slots=True)
class Found:
    """A range of the table: its network in CIDR notation and its holder's record number."""

    network: str
    holder: int


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
        # Two families never share a trie: 32.0.0.1 would match 2000::/8.
        self._tries: dict[tuple[str, int], PyTricia] = {}
        self._blocks = {family.name: self._whole_array(f"{family.name}.blocks") for family in (IPV4, IPV6)}

    def find(self, packed: bytes) -> Found | None:
        """The most specific range that holds an address of 4 or 16 bytes."""
        family = IPV4 if len(packed) == 4 else IPV6
        block = int.from_bytes(packed, "big") >> (family.address_bits - family.block_bits)
        trie = self._tries.get((family.name, block))
        if trie is None:
            trie = self._tries[family.name, block] = self._fill(family, block)
        network = trie.get_key(packed)
        return None if network is None else Found(network, trie[network])

    def holder(self, number: int) -> tuple[int, str, int, str | None]:
        """A holder's organisation or reason, the rule that decided, its ASN (0: none) and registered name."""
        answer, rule, asn, name = HOLDER.unpack_from(self._bytes, self._offset("holders") + number * HOLDER.size)
        return answer, self.header["rules"][rule], asn, self._text(name)

    def organisation(self, number: int) -> tuple[str, str, str, str | None, str | None, str | None, str | None]:
        """An organisation's key, kind, name, domain, industry, country and employee range."""
        offset = self._offset("organisations") + number * ORGANISATION.size
        key, name, domain, industry, kind, employees, country, *_ = ORGANISATION.unpack_from(self._bytes, offset)
        lists = self.header["lists"]
        return (
            self._text(key) or "",
            lists["kinds"][kind],
            self._text(name) or "",
            self._text(domain),
            lists["industries"][industry],
            country.decode().strip("\0") or None,
            lists["employee_ranges"][employees],
        )

    def organisations(self) -> Iterator[tuple[str, str, str, str | None, str | None, str | None, str | None]]:
        """All organisations of the table, as organisation() gives them."""
        _, length = self.header["sections"]["organisations"]
        return (self.organisation(number) for number in range(length // ORGANISATION.size))

    def ranges(self, family: Family) -> Iterator[tuple[int, int, int]]:
        """All ranges of a family: first and last stored value, inclusive, and the holder's record number."""
        return (found for block in self._blocks[family.name] for found in self._ranges(family, block))

    def fact_sources(self, number: int) -> tuple[str | None, ...]:
        """Where an organisation's domain, industry, country and employee range come from: keys of header["sources"]."""
        offset = self._offset("organisations") + number * ORGANISATION.size
        return tuple(self.header["lists"]["sources"][source] for source in ORGANISATION.unpack_from(self._bytes, offset)[7:])

    def _offset(self, section: str) -> int:
        return int(self._base + self.header["sections"][section][0])

    def _text(self, offset: int) -> str | None:
        if offset == 0:
            return None
        at = self._offset("texts") + offset
        (length,) = TEXT_LENGTH.unpack_from(self._bytes, at)
        return self._bytes[at + TEXT_LENGTH.size : at + TEXT_LENGTH.size + length].decode()

    def _fill(self, family: Family, block: int) -> PyTricia:
        trie = PyTricia(family.address_bits)
        for first, last, holder in self._ranges(family, block):
            for packed, length in networks(family, first, last):
                trie.insert(packed, length, holder)
        trie.freeze()
        return trie

    def _ranges(self, family: Family, block: int) -> Iterator[tuple[int, int, int]]:
        """A block's ranges, first and last stored value inclusive; gaps (holder 0) are left out."""
        blocks = self._blocks[family.name]
        place = bisect.bisect_left(blocks, block)
        if place == len(blocks) or blocks[place] != block:
            return
        begin, end = struct.unpack_from("<II", self._bytes, self._offset(f"{family.name}.index") + 4 * place)
        starts = self._array(f"{family.name}.starts", family.start_type, begin, end)
        holders = self._array(f"{family.name}.holders", "H", begin, end)
        end_of_block = (block + 1) << (family.stored_bits - family.block_bits)
        for first, following, holder in zip(starts, [*starts[1:], end_of_block], holders, strict=True):
            if holder:
                yield first, following - 1, holder

    def _whole_array(self, section: str) -> list[int]:
        return self._array(section, "I", 0, self.header["sections"][section][1] // 4)

    def _array(self, section: str, kind: str, begin: int, end: int) -> list[int]:
        values = array(kind)
        offset = self._offset(section)
        values.frombytes(self._bytes[offset + begin * values.itemsize : offset + end * values.itemsize])
        return values.tolist()


def networks(family: Family, first: int, last: int) -> Iterator[tuple[bytes, int]]:
    """The networks that make up a range of stored values, as address bytes and prefix length."""
    unstored = family.address_bits - family.stored_bits
    while first <= last:
        aligned = (first & -first).bit_length() - 1 if first else family.stored_bits
        size = min(aligned, (last - first + 1).bit_length() - 1)
        yield (first << unstored).to_bytes(family.address_bits // 8, "big"), family.stored_bits - size
        first += 1 << size
