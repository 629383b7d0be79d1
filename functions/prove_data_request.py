"""Carry out what a person asked for about their own data, once the link in our mail has shown that the address is theirs."""

from typing import Any, Protocol

from lib.errors import SpentToken


class Requests(Protocol):
    """Where requests are kept and carried out."""

    def find(self, token: str) -> dict[str, Any] | None:
        """What a mailed link stands for; None for a void one."""

    def prove(self, token: str) -> dict[str, Any] | None:
        """Carry it out; None for a void one."""

    def fetch(self, token: str, email: str) -> dict[str, Any] | None:
        """Everything that is kept of a person; None for a void link."""


def find_data_request(token: str, *, requests: Requests) -> dict[str, Any]:
    """What a mailed link stands for, and what carrying it out would do. Changes nothing.

    Raises SpentToken, StoreUnavailable.
    """
    return _held(requests.find(token))


def prove_data_request(token: str, *, requests: Requests) -> dict[str, Any]:
    """Carry a request out: {state, kind, reference, due_at, outcome, files}; files: the text that fetches the data, if any.

    state: done, or open where somebody of the staff has to. Raises SpentToken, StoreUnavailable.
    """
    return _held(requests.prove(token))


def fetch_personal_data(token: str, email: str, *, requests: Requests) -> dict[str, Any]:
    """Everything that is kept of a person now, by where it is. Raises SpentToken, StoreUnavailable."""
    return _held(requests.fetch(token, email))


def _held(answer: dict[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        raise SpentToken(
            "token_used", "This link was used, or is more than seven days old. What it asked for is done, or you can ask anew."
        )
    return answer
