"""Delete what is kept of a person who objects: where they were written to at once, everywhere once their mailbox says so."""

from typing import Protocol


class Objections(Protocol):
    """Where what is kept of people can be found by their link."""

    def object(self, token: str) -> bool | None:
        """Delete it in the account of the link, for good; whether a link to object everywhere was mailed. None for nothing."""

    def object_everywhere(self, token: str) -> bool:
        """Delete it in every account, for good; False for a link that was used or is too old."""


def object_to_contact(token: str, *, objections: Objections) -> dict[str, object]:
    """Delete what one account keeps of the person, and never keep it there again: {state, is_mailed}.

    state: objected, or gone where there is nothing under the link. The link passes through the hands of whoever sends the first
    message, so it does not speak for the person elsewhere: the mail to their own address does. Raises StoreUnavailable.
    """
    is_mailed = objections.object(token)
    return {"state": "gone"} if is_mailed is None else {"state": "objected", "is_mailed": is_mailed}


def object_everywhere(token: str, *, objections: Objections) -> dict[str, object]:
    """Delete what is kept in every account, by the link that was mailed: {state}, objected or gone. Raises StoreUnavailable."""
    return {"state": "objected" if objections.object_everywhere(token) else "gone"}
