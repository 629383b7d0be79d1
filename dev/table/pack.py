"""Write the packed table; lib/identification/table.py describes its layout and reads it."""

import hashlib
import json
import struct
import sys
from array import array
from dataclasses import dataclass, field
from typing import Any

from lib.identification.table import HOLDER, IPV4, IPV6, MAGIC, NOT_AN_ORGANISATION, ORGANISATION, TEXT_LENGTH, Family

_MOST_HOLDERS = 0xFFFF


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
    """One family's ranges, to be cut at block borders. Ranges come in ascending order of stored values."""

    family: Family
    starts: list[int] = field(default_factory=list)
    holders: list[int] = field(default_factory=list)
    _end: int = 0

    def add(self, first: int, last: int, holder: int) -> None:
        """Add a range, inclusive; what lies before it and after the one before is a gap."""
        first = max(first, self._end)  # two rows of one /64 of IPv6: the first keeps it
        if last < first:
            return
        if first > self._end:
            self._cut(self._end, first - 1, 0)
        self._cut(first, last, holder)
        self._end = last + 1

    def index(self) -> "tuple[array[int], array[int]]":
        """Close the last gap and give the blocks in use and where each begins, followed by the end."""
        self._cut(self._end, (1 << self.family.stored_bits) - 1, 0)
        shift = self.family.stored_bits - self.family.block_bits
        blocks, index = array("I"), array("I")
        for place, start in enumerate(self.starts):
            if not blocks or blocks[-1] != start >> shift:
                blocks.append(start >> shift)
                index.append(place)
        index.append(len(self.starts))
        return blocks, index

    def _cut(self, first: int, last: int, holder: int) -> None:
        shift = self.family.stored_bits - self.family.block_bits
        while first <= last:
            end_of_block = ((first >> shift) + 1 << shift) - 1
            begins_block = first & ((1 << shift) - 1) == 0
            fills_block = begins_block and end_of_block <= last
            if holder == 0 and fills_block:
                # Blocks without ranges are not stored: go to the last one that this gap does not fill.
                first = max(end_of_block + 1, (last + 1 >> shift) << shift)
                continue
            # A range goes on where the one before it in the block has the same holder.
            if begins_block or not self.holders or self.holders[-1] != holder:
                self.starts.append(first)
                self.holders.append(holder)
            first = end_of_block + 1


class Packer:
    """Collects holders, organisations and ranges, then writes them."""

    def __init__(self, lists: dict[str, list[Any]]) -> None:
        self._lists = lists
        self._texts = Texts()
        self._rules: dict[str, int] = {}
        self._holders: dict[tuple[int, int, int, int], int] = {(0, 0, 0, 0): 0}
        self._organisations = bytearray()
        self._count = 0
        self._blocks = {family.name: Blocks(family) for family in (IPV4, IPV6)}

    def organisation(self, *, key: str, name: str, kind: str, facts: dict[str, tuple[str | None, str | None]]) -> int:
        """Add an organisation and return its number; facts give value and source of the four facts."""
        (domain, industry, country, employees) = (facts[fact] for fact in ("domain", "industry", "country", "employee_range"))
        sources = [self._lists["sources"].index(source) for _, source in (domain, industry, country, employees)]
        self._organisations += ORGANISATION.pack(
            self._texts.add(key),
            self._texts.add(name),
            self._texts.add(domain[0]),
            self._lists["industries"].index(industry[0]),
            self._lists["kinds"].index(kind),
            self._lists["employee_ranges"].index(employees[0]),
            (country[0] or "").encode(),
            *sources,
        )
        self._count += 1
        return self._count - 1

    def holder(self, *, organisation: int | None, reason: str | None, rule: str, asn: int, name: str | None) -> int:
        """The number of a holder's record, adding it when it is new."""
        answer = organisation if reason is None else NOT_AN_ORGANISATION | self._lists["reasons"].index(reason)
        record = (answer or 0, self._rules.setdefault(rule, len(self._rules)), asn, self._texts.add(name))
        number = self._holders.setdefault(record, len(self._holders))
        if number > _MOST_HOLDERS:
            raise ValueError("more holders than the table's 16-bit numbers can name")
        return number

    def add_range(self, family: str, first: int, last: int, holder: int) -> None:
        """Add a range of addresses, inclusive, in ascending order within its family."""
        blocks = self._blocks[family]
        unstored = blocks.family.address_bits - blocks.family.stored_bits
        blocks.add(first >> unstored, last >> unstored, holder)

    def pack(self, header: dict[str, Any]) -> bytes:
        """The whole file. The same input gives the same bytes."""
        if sys.byteorder != "little":
            raise RuntimeError("build the table on a little-endian machine: the format is little-endian")
        sections: dict[str, bytes] = {}
        for name, blocks in self._blocks.items():
            in_use, index = blocks.index()
            sections[f"{name}.blocks"] = in_use.tobytes()
            sections[f"{name}.index"] = index.tobytes()
            sections[f"{name}.starts"] = array(blocks.family.start_type, blocks.starts).tobytes()
            sections[f"{name}.holders"] = array("H", blocks.holders).tobytes()
        sections["holders"] = b"".join(HOLDER.pack(*record) for record in self._holders)
        sections["organisations"] = bytes(self._organisations)
        sections["texts"] = bytes(self._texts.bytes)
        body, places = bytearray(), {}
        for name, content in sections.items():
            places[name] = [len(body), len(content)]
            body += content
        ranges = {name: sum(1 for holder in blocks.holders if holder) for name, blocks in self._blocks.items()}
        header = {
            **header,
            "lists": self._lists,
            "rules": list(self._rules),
            "ranges": ranges,
            "sections": places,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        encoded = json.dumps(header, sort_keys=True, ensure_ascii=False).encode()
        return MAGIC + struct.pack("<I", len(encoded)) + encoded + bytes(body)
