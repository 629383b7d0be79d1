"""What a fresh process pays for its first answer, and in memory for a hundred and for ten thousand.

Run as `python dev/bench/lookup_process.py PEER FOLDER` by dev/bench/lookup.py. On standard input: a line of packed IPv4
addresses in hexadecimal and a line of the same as text, and two lines of IPv6. Prints one JSON object.
"""

import sys
import time

# Nothing else is imported here: what a peer imports is to be measured.
_ROOT = __file__.rpartition("/dev/")[0]
_MODULES = {"ours": "lib.identification", "maxminddb (C)": "maxminddb", "pytricia": "pytricia", "py-radix": "radix"}
_PAGE = 4096
Addresses = tuple[list[bytes], list[str]]


def main(peer: str, folder: str) -> None:
    """Measure one peer."""
    families = [_read_addresses(), _read_addresses()]
    sys.path.insert(0, _ROOT)
    from dev.bench.lookup_peers import PEERS  # noqa: PLC0415

    memory, started = _resident_bytes(), time.perf_counter()
    __import__(_MODULES[peer])
    imported = time.perf_counter()
    find = PEERS[peer](folder)
    find(families[0][0][:1], families[0][1][:1])
    answered = time.perf_counter()
    resident = []
    for share in (100, 1):
        for packed, texts in families:
            find(packed[: len(packed) // share], texts[: len(texts) // share])
        resident.append((_resident_bytes() - memory) / 1e6)
    import json  # noqa: PLC0415

    first, later = (answered - started) * 1000, (answered - imported) * 1000
    print(json.dumps({"with_import_ms": first, "after_import_ms": later, "few_mb": resident[0], "many_mb": resident[1]}))


def _read_addresses() -> Addresses:
    return [bytes.fromhex(text) for text in sys.stdin.readline().split()], sys.stdin.readline().split()


def _resident_bytes() -> int:
    with open("/proc/self/statm") as statm:  # noqa: PTH123  pathlib would be imported
        return int(statm.read().split()[1]) * _PAGE


main(sys.argv[1], sys.argv[2])
