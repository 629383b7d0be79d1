"""Write the packed table; lib/identification/table.py describes its layout and reads it."""

import hashlib
import json
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.identification.table import (
    FACTS,
    FORMER_KEY,
    HOLDER,
    IPV4,
    IPV6,
    MAGIC,
    NOT_AN_ORGANISATION,
    ORGANISATION,
    TEXT_LENGTH,
    Family,
)

_MOST_16_BIT_HOLDERS = 0xFFFF
_MOST_NAME_BYTES = 0xFF
_MOST_PAGES = 0xFF


class Texts:
    """Texts stored once each; 0 stands for none."""

    def __init__(self) -> None:
        self._offsets: dict[str, int] = {}
        self.bytes = bytearray(b"\0\0")

    def add(self, text: str | None) -> int:
        """The offset of a text, adding it when it is new."""
        if not text:
            return 0
        if text not in self._offsets:
            self._offsets[text] = len(self.bytes)
            encoded = text.encode()
            self.bytes += TEXT_LENGTH.pack(len(encoded)) + encoded
        return self._offsets[text]


@dataclass
class Blocks:
    """One family's ranges, cut at block borders. Ranges come in ascending order of stored values."""

    family: Family
    # By block: the first address of each range within it, and its holder. Blocks without ranges are left out.
    ranges: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    _end: int = 0

    def add(self, first: int, last: int, holder: int) -> None:
        """Add a range, inclusive; what lies before it and after the one before is a gap."""
        first = max(first, self._end)  # two rows of one /64 of IPv6: the first keeps it
        if last < first:
            return
        shift = self.family.bits_in_block
        for block in range(first >> shift, (last >> shift) + 1):
            self._add_to_block(block, max(first, block << shift), min(last, (block + 1 << shift) - 1), holder)
        self._end = last + 1

    def _add_to_block(self, block: int, first: int, last: int, holder: int) -> None:
        shift = self.family.bits_in_block
        ranges = self.ranges.setdefault(block, [(0, 0)])
        begin, end = first - (block << shift), last + 1 - (block << shift)
        begun, before = ranges.pop()  # the gap that went on to the end of the block
        if begun < begin:
            ranges.append((begun, before))
        # A range goes on where the one before it in the block has the same holder.
        if not ranges or ranges[-1][1] != holder:
            ranges.append((begin, holder))
        ranges.append((end, 0))

    def lay_out(self, blocks: Iterable[int | None], holder_type: str) -> dict[str, bytes]:
        """The family's sections, with these blocks in this order; None stands for one without ranges."""
        starts, holders, index = array(self.family.start_type), array(holder_type), array("I")
        size = 1 << self.family.bits_in_block
        for block in blocks:
            index.append(len(starts))
            ranges = self.ranges.get(-1 if block is None else block, [(0, 0)])
            kept = [(start, holder) for start, holder in ranges if start < size]
            starts.extend(start for start, _ in kept)
            holders.extend(holder for _, holder in kept)
        index.append(len(starts))
        name = self.family.name
        return {f"{name}.index": index.tobytes(), f"{name}.starts": starts.tobytes(), f"{name}.holders": holders.tobytes()}

    def count(self) -> int:
        """How many ranges there are, gaps left out."""
        return sum(1 for ranges in self.ranges.values() for _, holder in ranges if holder)


@dataclass(frozen=True)
class PackedOrganisation:
    """What the table says of an organisation; facts give value and source, a key of the header's sources, by name of the fact."""

    key: str
    kind: str
    name: str
    legal_name: str
    facts: dict[str, tuple[str, str]]
    former_keys: Sequence[str] = ()


class Packer:
    """Collects organisations, holders and ranges, then writes them."""

    def __init__(self, lists: dict[str, list[Any]]) -> None:
        self._lists = lists
        self._texts = Texts()
        self._rules: dict[str, int] = {}
        self._holders: dict[tuple[int, int, int, int, int, int], int] = {(0, 0, 0, 0, 0, 0): 0}
        self._organisations: list[bytes] = []
        self._former_keys: list[bytes] = []
        self._last_key = ""
        self._blocks = {family.name: Blocks(family) for family in (IPV4, IPV6)}

    def organisation(self, organisation: PackedOrganisation) -> int:
        """Add an organisation and return its number; they come in ascending order of their keys."""
        if organisation.key <= self._last_key:
            raise ValueError("organisations are added in ascending order of their keys, each once")
        self._last_key = organisation.key
        number = len(self._organisations)
        self._organisations.append(self._organisation_record(organisation))
        self._former_keys += [FORMER_KEY.pack(number, self._texts.add(key)) for key in sorted(organisation.former_keys)]
        return number

    def hidden_holder(self, *, reason: str, rule: str, sureness: int, source: int) -> int:
        """The number of a record for holders that are not shown: neither name nor ASN, which may be a person's."""
        return self._record(
            (NOT_AN_ORGANISATION | self._lists["reasons"].index(reason), self._rule(rule), sureness, source, 0, 0)
        )

    def shown_holder(self, organisation: int, *, rule: str, sureness: int, source: int, asn: int, name: str) -> int:
        """The number of a holder's record, adding it when it is new."""
        return self._record((organisation, self._rule(rule), sureness, source, asn, self._texts.add(name)))

    def add_range(self, family: str, first: int, last: int, holder: int) -> None:
        """Add a range of addresses, inclusive, in ascending order within its family."""
        blocks = self._blocks[family]
        unstored = blocks.family.address_bits - blocks.family.stored_bits
        blocks.add(first >> unstored, last >> unstored, holder)

    def pack(self, header: dict[str, Any]) -> bytes:
        """The whole file. The same input gives the same bytes."""
        if sys.byteorder != "little":
            raise RuntimeError("build the table on a little-endian machine: the format is little-endian")
        body, places = bytearray(), {}
        for name, content in self._sections().items():
            places[name] = [len(body), len(content)]
            body += content
        header = {
            **header,
            "lists": self._lists,
            "rules": list(self._rules),
            "ranges": {name: blocks.count() for name, blocks in self._blocks.items()},
            "holder_type": self._holder_type(),
            "sections": places,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        encoded = json.dumps(header, sort_keys=True, ensure_ascii=False).encode()
        return MAGIC + struct.pack("<I", len(encoded)) + encoded + bytes(body)

    def _sections(self) -> dict[str, bytes]:
        pages, ipv6_blocks = _pages(self._blocks["ipv6"].ranges)
        sections = {
            **self._blocks["ipv4"].lay_out(range(1 << 16), self._holder_type()),
            "ipv6.pages": pages,
            **self._blocks["ipv6"].lay_out(ipv6_blocks, self._holder_type()),
        }
        sections["holders"] = b"".join(HOLDER.pack(*record) for record in self._holders)
        sections["organisations"] = b"".join(self._organisations)
        sections["former_keys"] = b"".join(self._former_keys)
        sections["texts"] = bytes(self._texts.bytes)
        return sections

    def _organisation_record(self, organisation: PackedOrganisation) -> bytes:
        name, legal_name, facts = organisation.name, organisation.legal_name, organisation.facts
        # Most names are the beginning of the legal one and need no text of their own.
        begins = legal_name.startswith(name) and 0 < len(name.encode()) <= _MOST_NAME_BYTES
        values = {fact: facts.get(fact, (None, None)) for fact in FACTS}
        return ORGANISATION.pack(
            self._texts.add(organisation.key),
            0 if begins else self._texts.add(name),
            self._texts.add(legal_name),
            self._texts.add(values["domain"][0]),
            len(name.encode()) if begins else 0,
            self._lists["industries"].index(values["industry"][0]),
            self._lists["kinds"].index(organisation.kind),
            self._lists["employee_ranges"].index(values["employee_range"][0]),
            (values["country"][0] or "").encode(),
            *(self._lists["sources"].index(values[fact][1]) for fact in FACTS),
        )

    def _record(self, record: tuple[int, int, int, int, int, int]) -> int:
        return self._holders.setdefault(record, len(self._holders))

    def _rule(self, rule: str) -> int:
        return self._rules.setdefault(rule, len(self._rules))

    def _holder_type(self) -> str:
        return "H" if len(self._holders) - 1 <= _MOST_16_BIT_HOLDERS else "I"


def _pages(blocks: Iterable[int]) -> tuple[bytes, list[int | None]]:
    """The page that each first two bytes of IPv6 lie in, and the blocks of all pages in order; page 0 has no ranges."""
    in_use = sorted({block >> 8 for block in blocks})
    if len(in_use) > _MOST_PAGES:
        raise ValueError(
            f"the IPv6 ranges begin with {len(in_use)} different pairs of bytes; the format has room for {_MOST_PAGES}"
        )
    pages = bytearray(1 << 16)
    for page, first in enumerate(in_use, start=1):
        pages[first] = page
    return bytes(pages), [*(None for _ in range(256)), *(first << 8 | third for first in in_use for third in range(256))]
