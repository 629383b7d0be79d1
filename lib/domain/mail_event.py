"""What the mail service tells of mails: which came back for good, and which were called unwanted.

Source: Resend's documentation, "Webhooks, Event types" and "Verify webhook requests"; Standard Webhooks, whose signature it is
under the header names of Svix.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lib.domain.json_body import parse_json
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 256_000
# Both ways: an event of the future is as little of now as an old one.
_TOLERANCE_SECONDS = 5 * 60
_MOST_ADDRESSES = 50
_HEADERS = ("svix-id", "svix-timestamp", "svix-signature")


@dataclass(frozen=True, slots=True)
class MailEvent:
    """A mail that came back. address_hashes: SHA-256 of each address in small letters, 32 bytes. reason: bounced for good, or
    complained of."""

    address_hashes: tuple[bytes, ...]
    reason: str
    happened_at: datetime


def check_signature(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, now: datetime) -> None:
    """Let through what one of the secrets has signed within the last minutes. Raises InvalidRequest, which says no more.

    headers: by their lower-case names. secrets: whsec_ and base64, as the service shows them.
    """
    message_id, timestamp, sent = (headers.get(name, "") for name in _HEADERS)
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in secrets]
    is_signed = any([hmac.compare_digest(given, one) for given in _signatures(sent) for one in expected])
    if not (message_id and is_signed and _is_of_now(timestamp, now)):
        raise InvalidRequest("invalid_signature", "The event is not signed with this deployment's secret, or not of now.")


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


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def _signatures(sent: str) -> list[bytes]:
    signatures = []
    for one in sent.split(" "):
        version, _, encoded = one.partition(",")
        if version != "v1":
            continue
        try:
            signatures.append(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError):
            continue
    return signatures


def _is_of_now(timestamp: str, now: datetime) -> bool:
    is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12
    return is_number and abs(now.timestamp() - int(timestamp)) <= _TOLERANCE_SECONDS
