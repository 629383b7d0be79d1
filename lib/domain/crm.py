"""Pushing companies to a CRM: what is known of one, which field each fact goes into, and what a push changes there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol
from uuid import UUID

from lib.domain.json_body import parse_json
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 8192
_WORK_EMAIL = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*@[a-z0-9.-]{1,253}")
_DOMAIN = re.compile(r"[a-z0-9.-]{1,253}")


class Vendor(StrEnum):
    """Whose CRM it is."""

    HUBSPOT = "hubspot"
    PIPEDRIVE = "pipedrive"
    SALESFORCE = "salesforce"

    @property
    def label(self) -> str:
        """As the vendor writes it."""
        return _TITLES[self]


_TITLES = {Vendor.HUBSPOT: "HubSpot", Vendor.PIPEDRIVE: "Pipedrive", Vendor.SALESFORCE: "Salesforce"}


@dataclass(frozen=True, slots=True)
class MappedField:
    """Which fact goes into which field. when: empty leaves what stands there, always writes over it."""

    fact: str
    field: str
    when: Literal["empty", "always"]

    def as_row(self) -> dict[str, str]:
        """As the database has it."""
        return {"fact": self.fact, "field": self.field, "when": self.when}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a vendor's world: name says which customer of it, key_field the field that holds a company's domain."""

    name: str
    key_field: str


@dataclass(frozen=True, slots=True)
class CrmCompany:
    """A company on its way to a CRM. facts: texts, without those nobody knows. remote_id: its record there, as it was last
    known; None for none. Raises ValueError for a domain that is none: vendors take it as a part of a query."""

    name: str
    domain: str
    facts: Mapping[str, str]
    remote_id: str | None = None

    def __post_init__(self) -> None:
        if not _DOMAIN.fullmatch(self.domain):
            raise ValueError("this is no domain")


@dataclass(frozen=True, slots=True)
class CrmContact:
    """A person at a company on their way to a CRM: what lib/domain/contact.py allows, and not all of that. No name is known.

    Raises ValueError for an address that is none: vendors take it as a part of a query.
    """

    work_email: str
    role: str | None = None
    linkedin_handle: str | None = None

    def __post_init__(self) -> None:
        if not _WORK_EMAIL.fullmatch(self.work_email):
            raise ValueError("this is no work address")

    @property
    def label(self) -> str:
        """What stands where a CRM demands a name."""
        return self.role or self.work_email

    @property
    def linkedin_url(self) -> str | None:
        """Where the profile is."""
        return f"https://www.linkedin.com/in/{self.linkedin_handle}" if self.linkedin_handle else None


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of it. url: where a person sees the record, where that is known."""

    outcome: Literal["created", "updated", "unchanged"]
    remote_id: str
    url: str | None


class Crm(Protocol):
    """A vendor's CRM, signed in to with one customer's token.

    Each method raises CrmDenied when the token is not taken, CrmRefused when the CRM never will do it, and CrmUnavailable
    when it may at another time.
    """

    def check(self) -> Place:
        """See that the token may do what pushing needs, and find out where it leads. Sets up the key field where the vendor
        lets us."""

    def push_company(self, company: CrmCompany, mapping: Sequence[MappedField]) -> Pushed:
        """Make the record with the company's domain say what the mapping says of it; create it where there is none."""

    def push_contact(self, contact: CrmContact, company_id: str) -> Pushed:
        """Fill what is empty in the record with the contact's address; where there is none, create it at the company's record."""


@dataclass(frozen=True, slots=True)
class AskedConnection:
    """A connection as it was asked for. token: what the vendor is shown, by the names below. connection_id: of the one whose
    token it replaces, else None. place: of Salesforce alone, its My Domain and key field."""

    account_id: str
    vendor: Vendor
    connection_id: str | None
    token: Mapping[str, str] = field(repr=False)
    place: Place | None = None


# What each vendor's token consists of, and what a person calls it.
TOKEN_PARTS: dict[Vendor, dict[str, str]] = {
    Vendor.HUBSPOT: {"access_token": "access token"},
    Vendor.PIPEDRIVE: {"api_token": "API token"},
    Vendor.SALESFORCE: {"consumer_key": "consumer key", "consumer_secret": "consumer secret"},
}
_PLACE_PARTS = {"my_domain", "external_id_field"}
_MY_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?(?:\.(?:sandbox|develop|scratch|demo|trailblaze))?")
_EXTERNAL_ID_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,74}__c")
_SECRET = re.compile(r"[\x21-\x7e]{8,2000}")


def parse_connection(body: bytes) -> AskedConnection:
    """Read what is asked from a body: account_id, vendor, perhaps connection_id, and the parts of the vendor's token, all of
    them texts. Raises InvalidRequest, which never repeats a token."""
    fields = parse_json(body)
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise InvalidRequest("invalid_json", "The body must be a flat JSON object whose values are strings.")
    vendor = _vendor(fields.pop("vendor", ""))
    account_id = _uuid(fields.pop("account_id", ""), "account_id")
    connection_id = fields.pop("connection_id", None)
    place = _salesforce_place(fields) if vendor is Vendor.SALESFORCE else None
    return AskedConnection(
        account_id=account_id,
        vendor=vendor,
        connection_id=None if connection_id is None else _uuid(connection_id, "connection_id"),
        token=_token(vendor, fields),
        place=place,
    )


def default_mapping(vendor: Vendor) -> list[MappedField]:
    """What a new connection maps: little, and nothing over what a person wrote."""
    return [MappedField(fact, name, "empty") for fact, name in _DEFAULTS[vendor].items()]


# HubSpot's own industry takes only values of its list, so ours goes nowhere until a person says where.
_DEFAULTS = {
    Vendor.HUBSPOT: {"name": "name", "country": "country"},
    Vendor.PIPEDRIVE: {"name": "name"},
    Vendor.SALESFORCE: {"name": "Name", "domain": "Website", "industry": "Industry", "country": "BillingCountry"},
}


def parse_mapping(rows: Sequence[Mapping[str, Any]]) -> list[MappedField]:
    """Read a mapping as the database has it."""
    return [MappedField(row["fact"], row["field"], row["when"]) for row in rows]


def changes_of(
    company: CrmCompany, mapping: Sequence[MappedField], present: Mapping[str, Any], *, key_field: str
) -> dict[str, str]:
    """What a record has to be changed to, by field. present: what stands in it; of a new one nothing.

    A fact that nobody knows changes nothing. The key field is what the record was found by: it is filled, never changed.
    """
    wanted: dict[str, str] = {} if _text(present.get(key_field)) else {key_field: company.domain}
    for mapped in mapping:
        value, stands = company.facts.get(mapped.fact), _text(present.get(mapped.field))
        if value and mapped.field != key_field and value != stands and (mapped.when == "always" or not stands):
            wanted[mapped.field] = value
    return wanted


def empty_of(wanted: Mapping[str, str | None], present: Mapping[str, Any]) -> dict[str, str]:
    """What is known and not there yet, by field."""
    return {name: value for name, value in wanted.items() if value and not _text(present.get(name))}


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _vendor(text: str) -> Vendor:
    try:
        return Vendor(text)
    except ValueError:
        raise InvalidRequest("unknown_vendor", "vendor is hubspot, pipedrive or salesforce.") from None


def _uuid(text: str, name: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise InvalidRequest("invalid_id", f"{name} is an id of your account's.") from None


def _token(vendor: Vendor, fields: Mapping[str, str]) -> dict[str, str]:
    parts = TOKEN_PARTS[vendor]
    token = {name: fields.get(name, "").strip() for name in parts}
    if fields.keys() != parts.keys():
        raise InvalidRequest("invalid_fields", f"For {vendor.label} the token has: {', '.join(parts)}. Nothing else is taken.")
    for name, value in token.items():
        if not _SECRET.fullmatch(value):
            raise InvalidRequest("invalid_token", f"This is no {parts[name]} of {vendor.label}'s. Copy it again, whole.")
    return token


def _salesforce_place(fields: dict[str, str]) -> Place:
    """Takes its parts out of the fields: what is left is the token."""
    if not fields.keys() >= _PLACE_PARTS:
        raise InvalidRequest("invalid_fields", "For Salesforce, my_domain and external_id_field say where accounts are.")
    domain, key_field = (fields.pop(name).strip() for name in ("my_domain", "external_id_field"))
    name = domain.lower().removeprefix("https://").rstrip("/").removesuffix(".my.salesforce.com")
    if not _MY_DOMAIN.fullmatch(name):
        raise InvalidRequest("invalid_my_domain", "My Domain is the part of your address before .my.salesforce.com.")
    if not _EXTERNAL_ID_FIELD.fullmatch(key_field):
        raise InvalidRequest(
            "invalid_field", "The external id field is a custom field of Account, by its API name, which ends with __c."
        )
    return Place(name, key_field)
