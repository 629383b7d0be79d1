"""What a lookup answers."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why no organisation is named."""

    CARRIER = "carrier"  # an internet provider: behind it is one of its customers
    HOSTER = "hoster"  # a data centre, cloud or content network: behind it is a machine
    RELAY = "relay"  # a VPN, proxy or scrubbing service: behind it is anybody
    NATURAL_PERSON = "natural_person"  # the range belongs to a private individual
    RESERVED = "reserved"  # an address that cannot come from the public internet
    UNKNOWN = "unknown"  # no range, or nothing certain about who holds it


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that may be shown.

    key: stable across releases of the table. kind: company, education, government or nonprofit. country: ISO 3166-1
    alpha-2. industry: label of a NACE Rev. 2 section. employee_range: one of seven bands from "1-9" to "10000+".
    What no source knows is None.
    """

    key: str
    kind: str
    name: str
    domain: str | None
    industry: str | None
    country: str | None
    employee_range: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the answer is what it is.

    range: the announced range in CIDR notation (a narrow one is as good as an address: never store it).
    organisation: the holder's name as registered, asn: its autonomous system number, both only for organisations that
    may be shown. source and release: the data they were read from. rule: what decided the kind. facts: where each
    known fact of the organisation comes from and of which date, such as {"domain": "pytickersymbols, 2026-11-24"}.
    """

    range: str
    organisation: str | None
    asn: int | None
    source: str
    release: str
    rule: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Match:
    """The address belongs to an organisation that may be shown."""

    organisation: Organisation
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No organisation is named. `evidence` is None where no range covers the address."""

    reason: Reason
    evidence: Evidence | None
