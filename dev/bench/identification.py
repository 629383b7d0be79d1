"""The company-IP table beside plain pytricia over the same ranges: size, first answer, memory, look-ups.

Each cold figure is the median of fresh processes. Look-ups are measured in rounds that alternate between the two, over
addresses drawn at random from the table's networks; the ratio is the median of the rounds' ratios.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pytricia import PyTricia

from dev.table.command import TABLE
from lib.identification.table import IPV4, IPV6, Family, Table, networks

_PROCESSES = 7
_ROUNDS = 21
_ADDRESSES = 20_000
_SEED = 1
_LARGEST_MEGABYTES, _FIRST_ANSWER_MS, _HUNDRED_ANSWERS_MB, _SLOWEST_RATIO = 8.0, 10.0, 10.0, 1.0
_COLD = Path(__file__).with_name("cold.py")


def report() -> bool:
    """Print the figures; whether all of them keep their bars."""
    table = Table(TABLE)
    size = TABLE.stat().st_size / 1e6
    print(f"table and plain pytricia, {len(list(table.ranges(IPV4))):,} IPv4 and {len(list(table.ranges(IPV6))):,} IPv6 ranges")
    cold = {kind: _cold(kind) for kind in ("table", "pytricia")}
    kept = [
        _line("file", f"{size:.2f} MB", f"at most {_LARGEST_MEGABYTES:g} MB", size <= _LARGEST_MEGABYTES),
        _beside("first answer after import", "first_ms", "ms", _FIRST_ANSWER_MS, cold),
        _beside("memory of the first hundred answers", "hundred_mb", "MB", _HUNDRED_ANSWERS_MB, cold),
    ]
    return all([*kept, *(_lookups(table, family) for family in (IPV4, IPV6))])


def _cold(kind: str) -> dict[str, float]:
    """Medians over fresh processes, each of which answers a hundred random addresses."""
    runs = []
    for seed in range(_PROCESSES):
        command = [sys.executable, str(_COLD), kind, str(seed)]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _lookups(table: Table, family: Family) -> bool:
    dice, trie = random.Random(_SEED), PyTricia(family.address_bits)
    pieces = [piece for first, last, _ in table.ranges(family) for piece in networks(family, first, last)]
    for packed, length in pieces:
        trie.insert(packed, length, length)
    trie.freeze()
    addresses = [_address_in(*dice.choice(pieces), dice) for _ in range(_ADDRESSES)]
    _seconds(table.find, addresses)  # fills the blocks that are asked for
    rounds = [(_seconds(table.find, addresses), _seconds(trie.get, addresses)) for _ in range(_ROUNDS)]
    ratio = statistics.median(ours / plain for ours, plain in rounds)
    ours, plain = (statistics.median(seconds) / _ADDRESSES * 1e6 for seconds in zip(*rounds, strict=True))
    measured = f"{ours:.2f} us; plain pytricia {plain:.2f} us; ratio {ratio:.2f}"
    return _line(f"look-up, {family.name}", measured, f"ratio at most {_SLOWEST_RATIO:g}", ratio <= _SLOWEST_RATIO)


def _address_in(packed: bytes, length: int, dice: random.Random) -> bytes:
    spare = len(packed) * 8 - length
    return (int.from_bytes(packed, "big") | dice.getrandbits(spare)).to_bytes(len(packed), "big")


def _seconds(find: Callable[[bytes], object], addresses: Sequence[bytes]) -> float:
    started = time.perf_counter()
    for address in addresses:
        find(address)
    return time.perf_counter() - started


def _beside(name: str, figure: str, unit: str, bar: float, cold: dict[str, dict[str, float]]) -> bool:
    ours, plain = cold["table"][figure], cold["pytricia"][figure]
    return _line(name, f"{ours:.1f} {unit}; plain pytricia {plain:.1f} {unit}", f"at most {bar:g} {unit}", ours <= bar)


def _line(name: str, measured: str, bar: str, kept: bool) -> bool:
    print(f"{'ok    ' if kept else 'MISSED'}  {name:<38} {measured}  ({bar})", flush=True)
    return kept
