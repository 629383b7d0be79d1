"""What the mail service tells of mails: which came back for good, and which were called unwanted.

Source: Resend's documentation, "Webhooks, Event types".
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lib.domain.json_body import parse_json
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 256_000
_MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class MailEvent:
    """A mail that came back. address_hashes: SHA-256 of each address in small letters, 32 bytes. reason: bounced for good, or
    complained of."""

    address_hashes: tuple[bytes, ...]
    reason: str
    happened_at: datetime


def parse_mail_event(body: bytes) -> MailEvent | None:
    """Read an event; None for one that is of no consequence, such as a delivery or a mailbox that is full for now.

    Raises InvalidRequest for what is no event.
    """
    event = parse_json(body)
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise InvalidRequest("invalid_event", "The body is no event: it has no data.")
    reason = _reason(event["data"], event.get("type"))
    if reason is None:
        return None
    addresses = event["data"].get("to")
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        raise InvalidRequest("invalid_event", "The event names no addresses.")
    hashes = tuple(address_hash(address) for address in addresses[:_MOST_ADDRESSES])
    return MailEvent(hashes, reason, _moment(event.get("created_at")))


def address_hash(address: str) -> bytes:
    """What is kept of an address. The same as private.address_hash in supabase/migrations."""
    # Resend may show a name beside it: "Name <address>".
    bare = address.rpartition("<")[2].removesuffix(">")
    return hashlib.sha256(bare.strip(" ").lower().encode("utf-8", "replace")).digest()


def _reason(data: Mapping[str, Any], kind: object) -> str | None:
    if kind == "email.complained":
        return "complained"
    bounce = data.get("bounce")
    is_final = isinstance(bounce, dict) and bounce.get("type") == "Permanent"
    return "bounced" if kind == "email.bounced" and is_final else None


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise InvalidRequest("invalid_event", "The event does not say when it happened.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
