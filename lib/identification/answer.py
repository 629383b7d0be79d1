"""What a lookup answers."""

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why no organisation is named."""

    CARRIER = "carrier"  # an internet provider: behind it is one of its customers
    HOSTER = "hoster"  # a data centre, cloud or content network: behind it is a machine
    RELAY = "relay"  # a VPN, proxy or scrubbing service: behind it is anybody
    NATURAL_PERSON = "natural_person"  # the range belongs to a private individual
    RESERVED = "reserved"  # an address that cannot come from the public internet
    UNKNOWN = "unknown"  # no range, or nothing certain about who holds it


class Organisation(NamedTuple):
    """An organisation that may be shown.

    key: stable across releases of the table; former_keys: what it was called in earlier ones, before entries were
    merged. kind: company, education, government or nonprofit. name: the one people use; legal_name: the registered one.
    country: ISO 3166-1 alpha-2. industry: label of a NACE Rev. 2 section. employee_range: one of seven bands from "1-9"
    to "10000+". What no source knows is None.
    """

    key: str
    kind: str
    name: str
    legal_name: str
    domain: str | None
    industry: str | None
    country: str | None
    employee_range: str | None
    former_keys: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key it ever had, the present one first."""
        return (self.key, *self.former_keys)


class Evidence(NamedTuple):
    """Why the answer is what it is.

    range: the announced range in CIDR notation (a narrow one is as good as an address: see `wide_range`).
    organisation: the holder's name as registered, asn: its autonomous system number, both only for organisations that
    may be shown. source and release: the data they were read from. rule: what decided the kind, and sureness: how sure
    that was, in percent. facts: where each known fact of the organisation comes from and of which date, such as
    {"domain": "pytickersymbols, 2026-11-24"}.
    """

    range: str
    organisation: str | None
    asn: int | None
    source: str
    release: str
    rule: str
    sureness: int
    facts: dict[str, str]

    @property
    def wide_range(self) -> str | None:
        """The range if it may be kept: at least 256 IPv4 addresses (a /24) or 65,536 IPv6 networks (a /48)."""
        network, _, length = self.range.rpartition("/")
        return self.range if int(length) <= (48 if ":" in network else 24) else None


class Match(NamedTuple):
    """The address belongs to an organisation that may be shown."""

    organisation: Organisation
    evidence: Evidence


class NoMatch(NamedTuple):
    """No organisation is named; `explain` says why."""

    reason: Reason
