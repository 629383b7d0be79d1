"""Who wants which mails, and whose came back: as the roles `public_door` and `postmaster`."""

import functools
import hashlib
from typing import Any

from lib.db.postgrest import Postgrest
from lib.domain.mail_event import MailEvent
from lib.settings import StoreSettings, postmaster_store_settings, public_store_settings


class MailLinkStore:
    """Finds and uses the links in mails by the hash of their token. Each method raises StoreUnavailable."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings)

    def find(self, token: str) -> dict[str, Any] | None:
        """What a link is about, {kind, about, rhythm, stopped}, changing nothing."""
        found: dict[str, Any] | None = self._database.call("find_mail_link", token_hash=_bytea(_hash_of(token)))
        return found

    def use(self, token: str, wish: str) -> dict[str, Any] | None:
        """stop, stop_all or resume what a link is about; what it then is about."""
        used: dict[str, Any] | None = self._database.call("use_mail_link", token_hash=_bytea(_hash_of(token)), wish=wish)
        return used


class MailEventStore:
    """Writes down mails that came back. Raises StoreUnavailable when it is not known to have."""

    def __init__(self, settings: StoreSettings) -> None:
        self._database = Postgrest(settings)

    def note(self, event: MailEvent) -> None:
        """Send nothing more to these addresses."""
        self._database.call(
            "note_mail_event",
            address_hashes=[_bytea(one) for one in event.address_hashes],
            reason=event.reason,
            happened_at=event.happened_at.isoformat(),
        )


@functools.cache
def mail_link_store() -> MailLinkStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return MailLinkStore(public_store_settings())


@functools.cache
def mail_event_store() -> MailEventStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return MailEventStore(postmaster_store_settings())


def _hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _bytea(value: bytes) -> str:
    return f"\\x{value.hex()}"
