"""Delete what is kept of a person who objects."""

from typing import Protocol


class Objections(Protocol):
    """Where what is kept of people can be found by their link."""

    def object(self, token: str) -> bool:
        """Delete it everywhere and for good; False where nothing is kept under the link."""


def object_to_contact(token: str, *, objections: Objections) -> str:
    """Delete what is kept of the person in every account, and never keep it again: objected, or gone where there is nothing.

    Raises StoreUnavailable.
    """
    return "objected" if objections.object(token) else "gone"
