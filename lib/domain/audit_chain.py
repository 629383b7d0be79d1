"""Check an audit log by arithmetic alone: that no entry was changed, taken out or put in, and that none was cut off the end.

Every entry names the SHA-256 of the one before it, over the very bytes of its JSON text. Once a day the last entries of all
chains are the leaves of a Merkle tree (RFC 9162, 2.1.1), whose root is published and mailed.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

GENESIS = "0" * 64
_MOST_BYTES_OF_A_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is kept: its number in its chain, its JSON text, and the hash kept beside it, hexadecimal."""

    seq: int
    entry: str
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain stood when a day was anchored: the last entry's number and hash, and the way up to the day's root.

    path: the siblings, hexadecimal, each led by the side it stands on: L or R. root: hexadecimal, as published and mailed.
    """

    day: str
    chain: str
    seq: int
    hash: str
    path: tuple[str, ...]
    root: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain: the chain's id, the entry's number and its hash, hexadecimal."""

    chain: str
    seq: int
    hash: str

    @property
    def leaf(self) -> bytes:
        """What stands in the tree for the chain."""
        return f"{self.chain} {self.seq} {self.hash}".encode()


@dataclass(frozen=True, slots=True)
class AnchoredHead:
    """A head with its way up to the root, as in Anchor."""

    chain: str
    seq: int
    hash: str
    path: list[str]


@dataclass(slots=True)
class Checked:
    """What was found. broken: what is wrong with the first entry that is, None where all hold. roots: by anchored day."""

    entries: int = 0
    broken: str | None = None
    roots: dict[str, str] = field(default_factory=dict)


def check_chain(entries: Iterable[Entry], anchors: Iterable[Anchor] = ()) -> Checked:
    """Check a whole chain, from its first entry on, and the anchors that were made of it."""
    checked, previous, chain, hashes = Checked(), GENESIS, None, {0: GENESIS}
    for entry in entries:
        said = _fields(entry)
        chain = chain or said.get("chain")
        checked.broken = _fault(entry, said, checked.entries + 1, previous, chain)
        if checked.broken:
            return checked
        checked.entries, previous = entry.seq, entry.hash
        hashes[entry.seq] = entry.hash
    for anchor in anchors:
        checked.broken = _anchor_fault(anchor, chain, hashes)
        if checked.broken:
            return checked
        checked.roots[anchor.day] = anchor.root
    return checked


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over some leaves, one at least, in their order."""
    return _levels(leaves)[-1][0]


def merkle_paths(leaves: Sequence[bytes]) -> list[list[str]]:
    """The siblings of each leaf on its way up to the root, as Anchor.path has them."""
    levels = _levels(leaves)
    return [_path(levels, position) for position in range(len(leaves))]


def read_export(lines: Iterable[str]) -> tuple[list[Entry], list[Anchor]]:
    """Take an exported log apart: JSON, one entry or anchor a line. Raises ValueError, with the number of the bad line."""
    entries, anchors = [], []
    for number, line in enumerate(lines, start=1):
        try:
            if len(line) > _MOST_BYTES_OF_A_LINE:
                raise ValueError
            said = json.loads(line)
            if "day" in said:
                anchors.append(Anchor(**{**said, "path": tuple(said["path"])}))
            else:
                entries.append(Entry(**said))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise ValueError(f"Line {number} is neither an entry nor an anchor of an exported log.") from None
    return entries, anchors


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    # A node without a sibling goes up as it is, which gives the tree of RFC 9162 for any number of leaves.
    levels = [[hashlib.sha256(b"\x00" + each).digest() for each in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([_parent(below[at : at + 2]) for at in range(0, len(below), 2)])
    return levels


def _path(levels: list[list[bytes]], position: int) -> list[str]:
    path = []
    for level in levels[:-1]:
        sibling = position ^ 1
        if sibling < len(level):
            path.append(("L" if sibling < position else "R") + level[sibling].hex())
        position //= 2
    return path


def _parent(pair: Sequence[bytes]) -> bytes:
    return hashlib.sha256(b"\x01" + pair[0] + pair[1]).digest() if len(pair) == 2 else pair[0]


def _fields(entry: Entry) -> dict[str, Any]:
    try:
        said = json.loads(entry.entry)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _fault(entry: Entry, said: dict[str, Any], seq: int, previous: str, chain: str | None) -> str | None:
    if entry.seq != seq:
        return f"entry {seq} is missing: entry {entry.seq} stands in its place"
    if hashlib.sha256(entry.entry.encode("utf-8", "surrogatepass")).hexdigest() != entry.hash:
        return f"entry {seq} was changed: its text does not have the hash that is kept with it"
    if said.get("previous") != previous:
        return f"entry {seq} does not follow entry {seq - 1}: it names another hash"
    if said.get("seq") != seq or said.get("chain") != chain:
        return f"entry {seq} says it is another: entry {said.get('seq')} of chain {said.get('chain')}"
    return None


def _anchor_fault(anchor: Anchor, chain: str | None, hashes: dict[int, str]) -> str | None:
    if anchor.chain != (chain or anchor.chain):
        return f"the anchor of {anchor.day} is of another chain"
    if anchor.seq not in hashes:
        return f"entries are missing at the end: there were {anchor.seq} on {anchor.day}, and there are {max(hashes)}"
    if hashes[anchor.seq] != anchor.hash:
        return f"entry {anchor.seq} is not the one that was anchored on {anchor.day}"
    if _climb(anchor).hex() != anchor.root:
        return f"the anchor of {anchor.day} does not lead to the root of that day"
    return None


def _climb(anchor: Anchor) -> bytes:
    node = hashlib.sha256(b"\x00" + Head(anchor.chain, anchor.seq, anchor.hash).leaf).digest()
    for step in anchor.path:
        sibling = bytes.fromhex(step[1:])
        node = _parent([sibling, node] if step[0] == "L" else [node, sibling])
    return node
