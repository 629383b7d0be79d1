"""What is kept of a page's URL: host, redacted path, and the five campaign values. Nothing else."""

import ipaddress
import re
from types import ModuleType
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlsplit

from lib.domain.ordinary import CONTROL_CHARACTERS, ORDINARY_HOST, ORDINARY_REFERRER

LONGEST_PATH = 1024
LONGEST_CAMPAIGN_VALUE = 120
_MOST_QUERY_FIELDS = 50
_LONGEST_HOST = 253
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ORDINARY_ORIGIN = re.compile(rf"https?://({ORDINARY_HOST})")
_NUMERIC_HOST = re.compile(r"[\d.]+|0x[\da-f.x]+")
# Networks write an address into the names of their customers' lines, often in hexadecimal after a letter or a word.
_LINE = re.compile(r"(?:^|[.-])(?:[a-z]?[\da-f]{8}|[a-z]{0,8}(?=[a-f]*\d)[\da-f]{8})(?=$|[.-])|\d{7}")
_IS_MACHINES_NAME = re.compile(
    r".*\.(?:arpa|local|lan|localdomain|localhost|home|internal|intranet|corp|private|onion|i2p|ts\.net)"
).fullmatch
_ENDS_IN_NUMBER = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)$")
CAMPAIGN_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_is_ordinary_referrer = re.compile(ORDINARY_REFERRER).fullmatch


class Page(NamedTuple):
    """A page as it is kept. `path` starts with a slash, at most 1,024 characters; campaign values at most 120 each."""

    host: str
    path: str
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None


def page_of_url(url: str) -> Page:
    """Keep of an http(s) URL what may be kept; raises ValueError, without the URL's text, for anything else."""
    parts = _split(url)
    # Redacted first and cut then: a cut could leave half of a secret that no rule knows.
    path = _rules().redact_path(parts.path or "/")[:LONGEST_PATH]
    return Page(host=_name_of(parts.hostname or ""), path=path, **_campaign(parts.query))


def host_of(text: str) -> str:
    """Bring a host name to lower-case ASCII (IDNA); raises ValueError when it is none."""
    host = text.removesuffix(".").lower()
    if not host.isascii():
        host = _ascii_host(host)
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise ValueError("its host is not a host name")
    return host


def host_of_origin(origin: str) -> str:
    """The host of an Origin header (RFC 6454); raises ValueError when it names none."""
    if ordinary := _ORDINARY_ORIGIN.fullmatch(origin):
        return ordinary[1]
    parts = _split(origin)
    if origin.partition("://")[2] != parts.netloc:
        raise ValueError("an origin has no path")
    return _name_of(parts.hostname or "")


def _name_of(text: str) -> str:
    """A host by name. A public address is none: who claims their page to be at it may be the visitor with that address.

    Addresses of private networks are let through: intranets have pages there, and nobody's visit comes from them.
    Source: WHATWG URL, "ends in a number checker".
    """
    host = host_of(text)
    if _ENDS_IN_NUMBER.search(host) and not _is_private(host):
        raise ValueError("its host is an address, not a name")
    return host


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.IPv4Address(host).is_global
    except ValueError:
        return False


def referring_host(text: str, page_host: str) -> str | None:
    """The referring host if it says something: not the page's own, and not a person's machine or address."""
    if not text or text == page_host:
        return None
    try:
        host = host_of(text)
    except ValueError:
        return None
    return None if host == page_host or tells_of_a_person(host) else host


def tells_of_a_person(host: str) -> bool:
    """Whether a host name may name somebody's machine or line: it is or embeds an address, or is no name of the internet.

    It leans towards yes: a referring host is a convenience.
    """
    if "." not in host or _NUMERIC_HOST.fullmatch(host) or _IS_MACHINES_NAME(host) or _LINE.search(host):
        return True
    if _is_ordinary_referrer(host):
        return False
    return not all(map(_rules().names_nobody, [_unicode_host(host), *host.split(".")]))


def _unicode_host(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host


def _ascii_host(host: str) -> str:
    if len(host) > _LONGEST_HOST:
        raise ValueError("its host is not a host name")
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError("its host is not a host name") from None


def _split(url: str) -> SplitResult:
    # urlsplit drops tabs, line breaks and leading blanks; a browser sends none of them.
    if CONTROL_CHARACTERS.search(url) or url.startswith(" "):
        raise ValueError("it holds control characters")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:  # whose text may quote the URL
        raise ValueError("it cannot be read as a URL") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("it is not an http or https URL")
    if "@" in parts.netloc:
        raise ValueError("it carries a user name")
    return parts


def _rules() -> ModuleType:
    from lib.domain import redaction  # noqa: PLC0415  a cold start must not pay for its patterns

    return redaction


def ordinary_campaign(query: str) -> dict[str, str]:
    """The campaign values of a query that ORDINARY_QUERY matches. Of a field sent twice the first is taken."""
    fields = [field.split("=") for field in query.split("&")]
    return {name: value[:LONGEST_CAMPAIGN_VALUE] for name, value in reversed(fields)}


def _campaign(query: str) -> dict[str, str]:
    if query.count("&") >= _MOST_QUERY_FIELDS:
        raise ValueError(f"its query has more than {_MOST_QUERY_FIELDS} fields")
    fields = parse_qsl(query, errors="replace") if "utm" in query or "%" in query else ()
    return {
        name: _rules().redact(value)[:LONGEST_CAMPAIGN_VALUE]
        for name, value in reversed(fields)
        if name in CAMPAIGN_FIELDS and value.strip()
    }
