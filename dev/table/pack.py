"""Write the packed table; lib/identification/table.py describes its layout and reads it."""

import hashlib
import json
import struct
import sys
from array import array
from collections.abc import Sequence
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
        shift = self.family.bits_in_block
        blocks, index = array("I"), array("I")
        for place, start in enumerate(self.starts):
            if not blocks or blocks[-1] != start >> shift:
                blocks.append(start >> shift)
                index.append(place)
        index.append(len(self.starts))
        return blocks, index

    def _cut(self, first: int, last: int, holder: int) -> None:
        shift = self.family.bits_in_block
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
            "ranges": {name: sum(map(bool, blocks.holders)) for name, blocks in self._blocks.items()},
            "holder_type": self._holder_type(),
            "sections": places,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        encoded = json.dumps(header, sort_keys=True, ensure_ascii=False).encode()
        return MAGIC + struct.pack("<I", len(encoded)) + encoded + bytes(body)

    def _sections(self) -> dict[str, bytes]:
        sections: dict[str, bytes] = {}
        for name, blocks in self._blocks.items():
            in_use, index = blocks.index()
            sections[f"{name}.blocks"] = in_use.tobytes()
            sections[f"{name}.index"] = index.tobytes()
            in_block = (1 << blocks.family.bits_in_block) - 1
            sections[f"{name}.starts"] = array(blocks.family.start_type, (start & in_block for start in blocks.starts)).tobytes()
            sections[f"{name}.holders"] = array(self._holder_type(), blocks.holders).tobytes()
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
