"""A message on its way out, and what became of an attempt to deliver it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What became of an attempt.

    refused: the other side never will take it. unavailable: it was not taken, another attempt may succeed. uncertain: it
    may have been taken.
    """

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was claimed. id: the same at each attempt, so that a receiver can tell a repeated one. claim: of this
    attempt alone. template: what it is, content: its values. destination: where to, as its channel has it. created_at: ISO
    8601."""

    id: str
    claim: str
    attempt: int
    account_id: str | None
    channel: str
    template: str
    content: Mapping[str, Any]
    created_at: str
    destination: Mapping[str, Any]

    def __repr__(self) -> str:
        # Without what it says and where it goes: there are addresses in both.
        return f"Message({self.id}, {self.channel}, {self.template}, attempt {self.attempt})"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an attempt. status: of an HTTP answer. detail: for who owns the destination; no mail address is in it.
    wait_seconds: how long the other side asked to be left alone."""

    fate: Fate
    status: int | None = None
    detail: str | None = None
    wait_seconds: int | None = None


Deliver = Callable[[Message], Delivery]
