"""Many browsers at once, over a network that repeats, duplicates and cuts.

Each sender does what the snippet does: one retry, with the same id, when the answer is 503 or none comes. Some of
their beacons also meet what networks and platforms are known for.
"""

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Self

from tests.faults.beacons import GROUPS, Beacon, Group, Site, draw_beacon
from tests.faults.wire import Line

_LONGEST_PAUSE_SECONDS = 0.12
# The snippet waits two seconds; a shorter wait brings more retries into the moments that matter.
_RETRY_SECONDS = (0.1, 2.0)
_SETTLERS = 16


class Senders:
    """Senders in a thread of their own, from `with` to its end. `beacons` grows; read it when they have stopped."""

    def __init__(
        self,
        ports: Sequence[int],
        sites: Sequence[Site],
        *,
        seed: str,
        senders: int = 48,
        groups: Sequence[Group] = GROUPS,
        networks: Mapping["Network", int] | None = None,
    ) -> None:
        self.beacons: list[Beacon] = []
        self.acknowledged = 0
        self._ports = ports
        self._sites = sites
        self._groups = groups
        self._networks = networks or NETWORKS
        self._dice = [random.Random(f"{seed}/{number}") for number in range(senders)]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._stopping.set()
        self._thread.join()

    def wait_for_acknowledgements(self, more: int, *, seconds: float) -> float:
        """Wait until this many more beacons are acknowledged; returns the seconds until the first. Raises TimeoutError."""
        before, started = self.acknowledged, time.monotonic()
        first: float | None = None
        while self.acknowledged < before + more:
            waited = time.monotonic() - started
            if first is None and self.acknowledged > before:
                first = waited
            if waited > seconds:
                raise TimeoutError(f"{self.acknowledged - before} of {more} acknowledgements within {seconds:.0f} s")
            time.sleep(0.01)
        return first if first is not None else time.monotonic() - started

    async def _send(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for dice in self._dice:
                tasks.create_task(self._browse(dice))

    async def _browse(self, dice: random.Random) -> None:
        lines = [Line(dice.choice(self._ports)), Line(dice.choice(self._ports))]
        while not self._stopping.is_set():
            beacon = draw_beacon(self._sites, dice, self._groups)
            self.beacons.append(beacon)
            [network] = dice.choices(list(self._networks), list(self._networks.values()))
            before = beacon.is_acknowledged
            await network(beacon, lines, dice)
            self.acknowledged += beacon.is_acknowledged and not before
            await asyncio.sleep(dice.uniform(0, _LONGEST_PAUSE_SECONDS))
        for line in lines:
            line.cut()


Network = Callable[[Beacon, Sequence[Line], random.Random], Awaitable[None]]


async def plain(beacon: Beacon, lines: Sequence[Line], dice: random.Random) -> None:
    """What the snippet does by itself."""
    beacon.answers.append(await lines[0].exchange(beacon.request))
    await _retry(beacon, lines, dice)


async def repeated(beacon: Beacon, lines: Sequence[Line], dice: random.Random) -> None:
    """The same beacon comes again after it was answered, and once more."""
    await plain(beacon, lines, dice)
    for line in lines:
        beacon.answers.append(await line.exchange(beacon.request))


async def twice_at_once(beacon: Beacon, lines: Sequence[Line], dice: random.Random) -> None:
    """The same beacon comes on two connections, often to two instances, at the same time."""
    beacon.answers += await asyncio.gather(*(line.exchange(beacon.request) for line in lines))
    await _retry(beacon, lines, dice)


async def cut(beacon: Beacon, lines: Sequence[Line], dice: random.Random) -> None:
    """The connection breaks before the answer: the page was left, or the network went."""
    beacon.answers.append(await lines[0].send_and_cut(beacon.request, after_seconds=dice.choice([0, 0.002, 0.02])))
    await _retry(beacon, lines, dice)


async def half(beacon: Beacon, lines: Sequence[Line], dice: random.Random) -> None:
    """The connection breaks within the request."""
    part = beacon.request[: -dice.randint(1, 60)]
    beacon.answers.append(await lines[0].send_and_cut(part, after_seconds=0.002))
    await _retry(beacon, lines, dice)


# How many of a hundred beacons meet each.
NETWORKS: Mapping[Network, int] = {plain: 60, repeated: 10, twice_at_once: 15, cut: 10, half: 5}


async def _retry(beacon: Beacon, lines: Sequence[Line], dice: random.Random) -> None:
    if not beacon.is_acknowledged and beacon.answers[-1].is_for_now:
        await asyncio.sleep(dice.uniform(*_RETRY_SECONDS))
        beacon.answers.append(await lines[1].exchange(beacon.request))


def settle(beacons: Sequence[Beacon], port: int, *, seconds: float = 90) -> list[Beacon]:
    """Send what was never acknowledged until it is, so that afterwards nothing is unknown; returns what needed that.

    The last answer then says what had become of it: `duplicate` if it had been committed all the same.
    """
    open_ones = [beacon for beacon in beacons if not beacon.is_acknowledged]
    waiting = iter(open_ones)
    deadline = time.monotonic() + seconds

    async def resend(line: Line) -> None:
        for beacon in waiting:
            for patience in itertools.count(1):
                beacon.answers.append(await line.exchange(beacon.request))
                if not beacon.answers[-1].is_for_now:
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError("the beacons that were never acknowledged could not be sent again")
                await asyncio.sleep(min(0.2 * patience, 2))
        line.cut()

    async def resend_all() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_SETTLERS):
                tasks.create_task(resend(Line(port)))

    asyncio.run(resend_all())
    return open_ones
