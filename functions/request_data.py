"""Keep what a person asks for about their own data; nothing is done before they prove that the address is theirs."""

from typing import Any, Protocol

from lib.domain.data_request import AskedForData
from lib.errors import TooManyRequests


class Requests(Protocol):
    """Where requests are kept."""

    def request(self, asked: AskedForData) -> dict[str, Any] | None:
        """Keep a request and mail its link; None when there were too many."""


def request_data(asked: AskedForData, *, requests: Requests) -> dict[str, Any]:
    """Keep a request and have the link mailed: {reference, kind, received_at, due_at}.

    The answer is the same whether or not anything is kept of the address: a form must not tell who is a customer.
    Raises TooManyRequests, StoreUnavailable.
    """
    kept = requests.request(asked)
    if kept is None:
        raise TooManyRequests(
            "too_many_requests",
            "This was asked for too often today. Look for our mail, also among unwanted ones, or ask again tomorrow.",
        )
    return kept
