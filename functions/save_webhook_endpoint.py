"""Save a customer's webhook, after a look at where its URL leads."""

from collections.abc import Callable
from typing import Protocol

from lib.domain.webhook import Asked


class Webhooks(Protocol):
    """The webhooks of whoever asks. Each method raises what the database refuses, in its words."""

    def check_may_save(self, asked: Asked) -> None:
        """Refuses who may not save it."""

    def allow(self, url: str) -> None:
        """Let a URL be saved."""

    def save(self, asked: Asked) -> dict[str, str]:
        """Save it: its id and, of a new one, its secret."""


def save_webhook_endpoint(asked: Asked, *, webhooks: Webhooks, check_url: Callable[[str], None]) -> dict[str, str]:
    """Create a webhook and answer {id, secret}, or give one another URL and answer {id}. The secret is shown this once.

    Whoever may not is refused before the URL is looked at, so that nobody else learns what names lead to. check_url raises
    OutboundRefused, or OutboundUnavailable.
    """
    webhooks.check_may_save(asked)
    check_url(asked.url)
    webhooks.allow(asked.url)
    return webhooks.save(asked)
