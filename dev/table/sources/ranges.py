"""A range of addresses and its holder, as any source of the company-IP table gives it."""

import ipaddress
from dataclasses import dataclass
from typing import NamedTuple

ADDRESS_BITS = {"ipv4": 32, "ipv6": 128}


@dataclass(frozen=True, slots=True)
class Details:
    """What a source itself says of the holder of a range. What it does not say is None."""

    kind: str | None = None  # one of dev/table/kinds/letters.py
    domain: str | None = None  # one host name, such as example.com
    industry: str | None = None  # NACE section, a letter from A to S
    country: str | None = None  # ISO 3166-1 alpha-2
    employee_range: str | None = None  # "1-9" "10-49" "50-249" "250-999" "1000-4999" "5000-9999" "10000+"


class Party(NamedTuple):
    """Somebody who holds ranges, as one source names and describes them."""

    holder: str
    source: str
    details: Details | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """First and last address inclusive, the autonomous system (0: not said), the holder as named, the source's name."""

    family: str  # ipv4 or ipv6
    first: int
    last: int
    asn: int
    holder: str
    source: str
    details: Details | None = None

    @property
    def party(self) -> Party:
        """Who holds it, by this source."""
        return Party(self.holder, self.source, self.details)


def text_of(family: str, first: int, last: int) -> str:
    """A range in the way people write it: a network where it is one, else `first-last`."""
    width = last - first + 1
    address = ipaddress.IPv4Address if family == "ipv4" else ipaddress.IPv6Address
    if width & (width - 1) == 0 and first % width == 0:
        return f"{address(first)}/{ADDRESS_BITS[family] - width.bit_length() + 1}"
    return f"{address(first)}-{address(last)}"
