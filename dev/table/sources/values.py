"""From the ways in which tables write ranges, domains, numbers and countries to ours."""

import re
import socket

from dev.table.companies.facts import BANDS, employee_band
from dev.table.sources.ranges import ADDRESS_BITS

Span = tuple[str, int, int]  # family, first and last address

_LARGEST = {family: (1 << bits) - 1 for family, bits in ADDRESS_BITS.items()}
_MAPPED_PREFIX = 0xFFFF  # ::ffff:0:0/96 holds IPv4 (RFC 4291, section 2.5.5.2)
_SOCKET_FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
# What exports write for "no value": IP2Location and DB-IP a dash, databases \N.
_ABSENT = ("", "-", "\\N")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
_URL = re.compile(r"(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:www\.)?([^/?#:\s]+)\.?(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_ASN = re.compile(r"(?:AS)?\s?(\d{1,10})", re.IGNORECASE)
_LARGEST_ASN = (1 << 32) - 1
# Two letters that tables give where they know no country: Asia and Europe as a whole, and codes nobody is assigned.
_NO_COUNTRIES = ("AP", "EU", "XX", "ZZ")
_NUMBER = r"(\d{1,3}(?:[,.' ]\d{3})+|\d{1,9})(?:\.0)?"
_EMPLOYEES = re.compile(rf"{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER}|\s*\+)?(?:\s*employees)?", re.IGNORECASE)


class Unreadable(ValueError):
    """A row that cannot be read; the message says what is wrong and how to mend it."""


def present(text: str) -> str | None:
    """The text without surrounding space, or None where the table says nothing."""
    stripped = text.strip()
    return None if stripped in _ABSENT else stripped


def span_of_range(text: str) -> Span:
    """`192.0.2.0/24`, `192.0.2.0-192.0.2.255` or one address. Raises Unreadable."""
    text = text.strip()
    if "/" in text:
        return _network(text)
    first, dash, last = re.sub(r"\s*[-–]\s*", "-", text).partition("-")
    # A number is an address in a column of first addresses; as a range it is more likely the wrong column.
    if first.isdecimal():
        raise Unreadable(f"{text!r} is no range: write 192.0.2.0/24 or first-last, or name the columns first and last")
    return span_of_ends(first, last if dash else first)


def span_of_ends(first: str, last: str) -> Span:
    """The range from the first to the last address, dotted or as whole numbers. Raises Unreadable.

    Whole numbers above the last IPv4 address are IPv6, and so is the other end then. IPv4 written inside IPv6
    (::ffff:192.0.2.1) is IPv4.
    """
    ends = _numbers(first, last) or (*_address(first.strip()), *_address(last.strip()))
    (family, begin, other_family, end) = ends
    if family != other_family:
        raise Unreadable(f"{first!r} and {last!r} are of two address families: give each range its own row")
    if end < begin:
        raise Unreadable(f"{last!r} comes before {first!r}: the columns first and last may be swapped")
    return unmapped(family, begin, end)


def unmapped(family: str, first: int, last: int) -> Span:
    """The same addresses, as IPv4 where they are IPv4 written inside IPv6."""
    if family == "ipv6" and first >> 32 == last >> 32 == _MAPPED_PREFIX:
        return "ipv4", first & _LARGEST["ipv4"], last & _LARGEST["ipv4"]
    return family, first, last


def domain_of(text: str) -> str | None:
    """One host name in lower case, without scheme, www., port and path; None for anything else."""
    url = _URL.fullmatch(text)
    host = url[1].rstrip(".").lower() if url else ""
    return host if _HOST.fullmatch(host) else None


def asn_of(text: str) -> int | None:
    """The number of an autonomous system, written `AS64500` or `64500`."""
    found = _ASN.fullmatch(text)
    return int(found[1]) if found and int(found[1]) <= _LARGEST_ASN else None


def country_of(text: str) -> str | None:
    """ISO 3166-1 alpha-2 in capitals; None for names of countries and for codes that stand for none."""
    code = text.upper()
    is_code = len(code) == 2 and code.isascii() and code.isalpha()
    return code if is_code and code not in _NO_COUNTRIES else None


def employee_range_of(text: str) -> str | None:
    """The band of a number of employees, of a band of another table, or one of our bands.

    Another table's band such as 201-500 goes to the band that holds its middle: there most of it lies. An open one
    such as 10001+ goes by its number.
    """
    if text in BANDS:
        return text
    found = _EMPLOYEES.fullmatch(text)
    if not found:
        return None
    lowest = _whole(found[1])
    highest = _whole(found[2]) if found[2] else lowest
    return employee_band((lowest + highest) // 2) if 0 < highest >= lowest else None


def section_of(text: str, sections: dict[str, str]) -> str | None:
    """The NACE section of a word or code: of the same word, or for a numeric code of the longest beginning."""
    word = text.casefold()
    if word in sections or not re.fullmatch(r"[\d.]+", word):
        return sections.get(word)
    return next((sections[word[:end]] for end in range(len(word) - 1, 0, -1) if word[:end] in sections), None)


def _network(text: str) -> Span:
    address, _, prefix = text.partition("/")
    family, first = _address(address.strip())
    bits = ADDRESS_BITS[family]
    if not re.fullmatch(r"[0-9]{1,3}", prefix) or int(prefix) > bits:
        raise Unreadable(f"{text!r} is no network: the number behind the slash goes from 0 to {bits}")
    hosts = (1 << (bits - int(prefix))) - 1
    if first & hosts:
        raise Unreadable(f"{text!r} does not begin at its network's first address: is the number behind the slash right?")
    return unmapped(family, first, first | hosts)


def _numbers(first: str, last: str) -> tuple[str, int, str, int] | None:
    ends = (first.strip(), last.strip())
    if not all(end.isascii() and end.isdecimal() and len(end) <= 39 for end in ends):
        return None
    begin, end = map(int, ends)
    family = "ipv4" if max(begin, end) <= _LARGEST["ipv4"] else "ipv6"
    return (family, begin, family, end) if max(begin, end) <= _LARGEST["ipv6"] else None


def _address(text: str) -> tuple[str, int]:
    family = "ipv6" if ":" in text else "ipv4"
    try:
        # inet_pton takes what RFC 4291 and dotted quads allow and nothing else, and is ten times as fast as ipaddress.
        return family, int.from_bytes(socket.inet_pton(_SOCKET_FAMILIES[family], text), "big")
    except (OSError, ValueError) as error:
        raise Unreadable(f"{text!r} is no address: is it the right column?") from error


def _whole(number: str) -> int:
    return int(re.sub(r"\D", "", number))
