"""The outbox, as the job that delivers it sees it: the role `deliverer`."""

import functools
from typing import Any

from lib.db.postgrest import Postgrest
from lib.domain.outbox import Delivery, Message
from lib.settings import StoreSettings, deliverer_store_settings


class OutboxStore:
    """Hands out messages and writes down what became of them. Each method raises StoreUnavailable. Safe for several threads."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings, answer_seconds=10)  # the role has 8 s for a statement

    def claim(self, *, most: int, lease_seconds: int) -> list[Message]:
        """Take messages that are due, the first of each lane. An attempt of which nothing is said within the lease is lost."""
        claimed: list[dict[str, Any]] = self._database.call("claim_messages", most=most, lease_seconds=lease_seconds)
        return [Message(**message) for message in claimed]

    def finish(self, message: Message, delivery: Delivery) -> bool:
        """Say what became of an attempt; False if it came too late, and the attempt counts as lost."""
        return bool(
            self._database.call(
                "finish_message",
                claim=message.claim,
                outcome=delivery.fate,
                status=delivery.status,
                detail=delivery.detail,
                wait_seconds=delivery.wait_seconds,
            )
        )


@functools.cache
def outbox_store() -> OutboxStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return OutboxStore(deliverer_store_settings())
