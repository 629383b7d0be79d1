"""What a fresh process pays: for the first answer after importing, and in memory for a hundred answers.

Run as `python dev/bench/cold.py table|pytricia SEED`, by dev/bench/identification.py; prints one JSON object.
"""

import json
import random
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pytricia import PyTricia

from lib.identification import VisitorAddress, identify
from lib.identification.bundled import bundled_table
from lib.identification.table import IPV4, IPV6, networks


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _addresses(dice: random.Random) -> list[str]:
    """Ninety of IPv4 and ten of IPv6, anywhere in the unicast space: the worst case for filling on demand."""
    four = [f"{dice.randint(1, 223)}.{dice.randint(0, 255)}.{dice.randint(0, 255)}.{dice.randint(1, 254)}" for _ in range(90)]
    six = [":".join(f"{dice.getrandbits(16):x}" for _ in range(7)) for _ in range(10)]
    return [*four, *(f"2a0{dice.randint(0, 9)}:{rest}" for rest in six)]


def _all_filled() -> "tuple[PyTricia, PyTricia]":
    """Both families in one plain trie each, as one would without the table's blocks."""
    table, tries = bundled_table(), (PyTricia(32), PyTricia(128))
    for family, trie in zip((IPV4, IPV6), tries, strict=True):
        for first, last, holder in table.ranges(family):
            for packed, length in networks(family, first, last):
                trie.insert(packed, length, holder)
        trie.freeze()
    return tries


def main(kind: str, seed: int) -> None:
    """Answer the addresses and print what it cost."""
    addresses = _addresses(random.Random(seed))
    before, started = _resident_bytes(), time.perf_counter()
    if kind == "table":
        identify(VisitorAddress.parse(addresses[0]))
    else:
        four, six = _all_filled()
        four.get(addresses[0])
    first_ms = (time.perf_counter() - started) * 1000
    for address in addresses:
        if kind == "table":
            identify(VisitorAddress.parse(address))
        else:
            (six if ":" in address else four).get(address)
    print(json.dumps({"first_ms": first_ms, "hundred_mb": (_resident_bytes() - before) / 1e6}))


main(sys.argv[1], int(sys.argv[2]))
