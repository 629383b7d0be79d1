"""What a person asks for about their own data, taken from bytes without trust. Source: Art. 15 to 21 GDPR."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.json_body import flat_object
from lib.domain.opt_out import parse_email, parse_token_text
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 16384
_LONGEST_DETAILS = 2000
# In any spelling that somebody types: 198.51.100.7, or two colons somewhere in hexadecimal digits.
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*", re.IGNORECASE)
_REQUIRED, _ALLOWED = {"kind", "email"}, {"kind", "email", "details"}


class Kind(StrEnum):
    """What is asked for."""

    ACCESS = "access"
    PORTABILITY = "portability"
    ERASURE = "erasure"
    OBJECTION = "objection"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"


# These cannot be carried out without knowing what the person means.
_NEEDS_DETAILS = {Kind.RECTIFICATION, Kind.RESTRICTION}


@dataclass(frozen=True, slots=True)
class AskedForData:
    """A request as it was asked. details: in the person's own words, at most 2,000 characters; None where there are none."""

    kind: Kind
    email: str
    details: str | None


def parse_data_request(body: bytes) -> AskedForData:
    """Read a request from a body: a flat JSON object of strings, keys kind, email and, if there is more to say, details.

    Raises InvalidRequest saying what is wrong, for a person to read.
    """
    fields = flat_object(body)
    if not _REQUIRED <= fields.keys() <= _ALLOWED:
        raise InvalidRequest("invalid_fields", "A request has the keys kind and email, may have details, and has no other.")
    kind, details = _kind(fields["kind"]), _details(fields.get("details", ""))
    if kind in _NEEDS_DETAILS and not details:
        raise InvalidRequest("missing_details", "Say what is wrong, or what shall be restricted: a sentence is enough.")
    return AskedForData(kind, _email(fields["email"]), details)


def parse_files_request(body: bytes) -> tuple[str, str]:
    """Read who fetches their data: a flat JSON object with the keys token and email. Raises InvalidRequest."""
    fields = flat_object(body)
    if fields.keys() != {"token", "email"}:
        raise InvalidRequest("invalid_fields", "The body has the keys token and email and no other.")
    return parse_token_text(fields["token"]), _email(fields["email"])


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise InvalidRequest("invalid_kind", f"kind must be one of {', '.join(Kind)}.") from None


def _details(text: str) -> str | None:
    said = text.strip()
    if len(said) > _LONGEST_DETAILS:
        raise InvalidRequest("details_too_long", f"Say it in at most {_LONGEST_DETAILS} characters.")
    # What PostgreSQL cannot keep: NUL, and halves of a character.
    if "\0" in said or any("\ud800" <= character <= "\udfff" for character in said):
        raise InvalidRequest("invalid_details", "The text holds characters that cannot be kept. Please type it anew.")
    # Nothing is kept under one, so that it would be kept here alone.
    if any(_is_address(found[0]) for found in _ADDRESS.finditer(said)):
        raise InvalidRequest("invalid_details", "Leave out IP addresses: we keep none, and find nothing by them.")
    return said or None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.rstrip(":."))
    except ValueError:
        return False
    return True


def _email(text: str) -> str:
    email = parse_email(text).lower()
    if email.rpartition(".")[2].isdigit():
        raise InvalidRequest("invalid_email", "Enter an e-mail address at a domain, such as anna@acme.com.")
    return email
