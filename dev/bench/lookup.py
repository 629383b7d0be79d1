"""From an address to a company's name, beside maxminddb's C reader, py-radix and plain pytricia over the same ranges.

Addresses are drawn at random from the table's prefixes. Look-ups are timed in rounds that alternate between all, over
the same addresses; a ratio is the median of the rounds' ratios. What a fresh process pays is the median of fresh
processes, in which peers take turns.
"""

import json
import random
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from dev.bench.figures import Figure, Report, show_progress
from dev.bench.lookup_peers import PEERS, Find, read_prefixes
from dev.bench.prefixes import prepared_prefixes
from dev.table.command import TABLE

_SEED = 1
_ADDRESSES, _PROCESS_ADDRESSES = 20_000, {"ipv4": 9000, "ipv6": 1000}
_PROCESS = Path(__file__).with_name("lookup_process.py")
_OURS, _MAXMIND, _PLAIN, _RADIX = PEERS
_MOST_TIME, _MOST_FIRST_ANSWER, _MOST_MEMORY = 1.0, 0.2, 0.2
_LARGEST_FILE_MB = 8.0
# How many of a hundred addresses are of IPv6. The mix is that of the beacons here; which family the next one is of is not known.
_MIXES = {"IPv4 and IPv6, 4 to 1": 20, "IPv4": 0, "IPv6": 100}


def measure_lookups(report: Report, *, quick: bool) -> None:
    """Measure size, time, first answer and memory."""
    folder = prepared_prefixes()
    report.section("lookup", "Look-ups, name included: ours and pytricia and py-radix by address bytes, maxminddb by text")
    report.add(Figure("file", "MB", TABLE.stat().st_size / 1e6, "names.mmdb", (folder / "names.mmdb").stat().st_size / 1e6))
    report.add(Figure("file: its bound", "MB", TABLE.stat().st_size / 1e6, at_most=_LARGEST_FILE_MB))
    _in_fresh_processes(report, folder, 3 if quick else 11)
    _in_rounds(report, folder, 7 if quick else 21)


def _in_rounds(report: Report, folder: Path, rounds: int) -> None:
    finds: dict[str, Find] = {}
    for peer, opened in PEERS.items():
        show_progress(f"opening {peer}")
        finds[peer] = opened(str(folder))
    for name, share in _MIXES.items():
        packed, texts = _mixed(folder, share)
        seconds: dict[str, list[float]] = {peer: [] for peer in finds}
        for turn in range(rounds + 1):  # the first fills caches and is left out
            show_progress(f"look-ups, {name}, round {turn} of {rounds}")
            for peer, find in finds.items():
                taken = _seconds(find, packed, texts)
                seconds[peer] += [taken] if turn else []
        for peer in (_MAXMIND, _PLAIN, _RADIX):
            bar = None if peer == _RADIX else _MOST_TIME
            report.add(_compared(f"look-up, {name}", seconds, peer, bar))


def _compared(name: str, seconds: dict[str, list[float]], peer: str, at_most: float | None) -> Figure:
    ratio = statistics.median(ours / peers for ours, peers in zip(seconds[_OURS], seconds[peer], strict=True))
    ours, peers = (statistics.median(seconds[one]) / _ADDRESSES * 1e6 for one in (_OURS, peer))
    return Figure(name, "us", ours, peer, peers, ratio, at_most)


def _mixed(folder: Path, ipv6_of_hundred: int) -> tuple[list[bytes], list[str]]:
    """Addresses of both families in random order, packed and as text."""
    ipv6 = _ADDRESSES * ipv6_of_hundred // 100
    drawn = [_drawn(folder, "ipv4", _ADDRESSES - ipv6), _drawn(folder, "ipv6", ipv6)]
    pairs = [pair for packed, texts in drawn for pair in zip(packed, texts, strict=True)]
    random.Random(_SEED).shuffle(pairs)
    return [packed for packed, _ in pairs], [text for _, text in pairs]


def _in_fresh_processes(report: Report, folder: Path, processes: int) -> None:
    runs: dict[str, list[dict[str, float]]] = {peer: [] for peer in PEERS}
    for number in range(processes + 1):  # the first one reads files from disk and is left out
        for peer in PEERS:
            show_progress(f"fresh process {number} of {processes}: {peer}")
            ran = _fresh_process(folder, peer, seed=number)
            runs[peer] += [ran] if number else []
    medians = {peer: {name: statistics.median(run[name] for run in each) for name in each[0]} for peer, each in runs.items()}
    for peer in (_MAXMIND, _PLAIN, _RADIX):
        bar = _MOST_FIRST_ANSWER if peer == _MAXMIND else None
        report.add(_beside("first answer, import included", "ms", "with_import_ms", medians, peer, bar))
        report.add(_beside("first answer after import", "ms", "after_import_ms", medians, peer))
    for peer in (_PLAIN, _RADIX, _MAXMIND):
        bar = _MOST_MEMORY if peer == _PLAIN else None
        report.add(_beside("memory after 100 look-ups", "MB", "few_mb", medians, peer, bar))
        report.add(_beside("memory after 10,000 look-ups", "MB", "many_mb", medians, peer, bar))


def _beside(
    name: str, unit: str, figure: str, medians: dict[str, dict[str, float]], peer: str, at_most: float | None = None
) -> Figure:
    ours, peers = medians[_OURS][figure], medians[peer][figure]
    return Figure(name, unit, ours, peer, peers, ours / peers, at_most)


def _fresh_process(folder: Path, peer: str, *, seed: int) -> dict[str, float]:
    lines = []
    for family, count in _PROCESS_ADDRESSES.items():
        packed, texts = _drawn(folder, family, count, seed=seed)
        lines += [" ".join(address.hex() for address in packed), " ".join(texts)]
    command = [sys.executable, str(_PROCESS), peer, str(folder)]
    ran = subprocess.run(command, input="\n".join(lines) + "\n", check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


def _drawn(folder: Path, family: str, count: int, *, seed: int = _SEED) -> tuple[list[bytes], list[str]]:
    """Random addresses of random prefixes, packed and as text."""
    dice = random.Random(seed)
    prefixes = [(packed, length) for packed, length, _ in read_prefixes(str(folder), family)]
    packed = [_address_in(*dice.choice(prefixes), dice) for _ in range(count)]
    kind = socket.AF_INET if family == "ipv4" else socket.AF_INET6
    return packed, [socket.inet_ntop(kind, address) for address in packed]


def _address_in(packed: bytes, length: int, dice: random.Random) -> bytes:
    spare = len(packed) * 8 - length
    return (int.from_bytes(packed, "big") | dice.getrandbits(spare)).to_bytes(len(packed), "big")


def _seconds(find: Find, packed: list[bytes], texts: list[str]) -> float:
    started = time.perf_counter()
    find(packed, texts)
    return time.perf_counter() - started
