"""Deliver the messages of the outbox that are due."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from lib.domain.job import Counts, Run
from lib.domain.outbox import Deliver, Delivery, Fate, Message

# At once: most of the time of a delivery is waiting for the other side.
_AT_ONCE = 16
# Longer than any attempt takes, whichever way it ends.
_LEASE_SECONDS = 60


class Outbox(Protocol):
    """Where messages wait."""

    def claim(self, *, most: int, lease_seconds: int) -> list[Message]:
        """Take messages that are due, the first of each lane."""

    def finish(self, message: Message, delivery: Delivery) -> bool:
        """Say what became of an attempt."""


def deliver_outbox(run: Run, *, outbox: Outbox, channels: Mapping[str, Deliver], report: Callable[[Exception], None]) -> Counts:
    """Deliver until nothing is due or the run's time is over, and count attempts that succeeded and that did not.

    What is delivered when the process dies is either known to be, or tried again under the same id, where the receiver can
    tell. report hears of faults of ours. Raises StoreUnavailable.
    """
    counts = Counts()
    with ThreadPoolExecutor(_AT_ONCE, "deliver") as threads:
        while run.has_time:
            claimed = outbox.claim(most=_AT_ONCE, lease_seconds=_LEASE_SECONDS)
            if not claimed:
                break
            for delivered in threads.map(lambda message: _deliver(message, outbox, channels, report), claimed):
                counts += Counts(done=1) if delivered else Counts(failed=1)
    return counts


def _deliver(message: Message, outbox: Outbox, channels: Mapping[str, Deliver], report: Callable[[Exception], None]) -> bool:
    try:
        delivery = channels[message.channel](message)
    except Exception as fault:  # noqa: BLE001  one message must not keep the others from leaving
        report(fault)
        delivery = Delivery(Fate.UNCERTAIN, detail=f"a fault of ours: {type(fault).__name__}")
    outbox.finish(message, delivery)
    return delivery.fate is Fate.DELIVERED
