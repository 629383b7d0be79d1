"""What processes cost, from /proc: CPU time with all their children, those that are gone included, and resident memory.

Source: proc_pid_stat(5). Times are in clock ticks, a hundredth of a second: measure over a second or more.
"""

import os
import resource
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class _Process(NamedTuple):
    parent: int
    ticks: int


def cpu_seconds(root: int) -> float:
    """CPU seconds of a process and everything it ever started and still has, or has waited for."""
    processes = _processes()
    family = {root}
    # A child has a higher number than its parent, but for a wrap-around: repeat until nothing is added.
    while found := {number for number, process in processes.items() if process.parent in family} - family:
        family |= found
    return sum(processes[number].ticks for number in family if number in processes) / _TICKS


def busy_seconds() -> float:
    """CPU seconds of everything on this machine since it started, waiting for disks not counted."""
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:9])
    return (user + nice + system + sum(interrupts)) / _TICKS


def resident_bytes(process: int) -> int:
    """Resident memory of one process; shared pages count in full."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()


def _processes() -> dict[int, _Process]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                # The command's name stands in brackets and may hold anything.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            found[int(folder.name)] = _Process(int(fields[1]), sum(map(int, fields[11:15])))
    return found
