"""Show a person what is kept of them under their link, before they object."""

from typing import Any, Protocol

from lib.errors import UnknownToken


class Objections(Protocol):
    """Where what is kept of people can be found by their link."""

    def find(self, token: str) -> dict[str, Any] | None:
        """What is kept; None for nothing."""


def find_contact(token: str, *, objections: Objections) -> dict[str, Any]:
    """What is kept under a link, by whom and where from. Changes nothing. Raises UnknownToken, StoreUnavailable."""
    found = objections.find(token)
    if found is None:
        raise UnknownToken
    return found
