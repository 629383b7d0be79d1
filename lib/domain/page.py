"""What is kept of a page's URL: host, redacted path, and the five campaign values. Nothing else."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from lib.domain.redaction import CONTROL_CHARACTERS, decode, redact, redact_path

LONGEST_PATH = 1024
LONGEST_CAMPAIGN_VALUE = 120
_MOST_QUERY_FIELDS = 50
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_IPV4_HOST = re.compile(r"[\d.]+")
_ENDS_IN_NUMBER = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)$")
CAMPAIGN_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


@dataclass(frozen=True, slots=True)
class Page:
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
    if CONTROL_CHARACTERS.search(url):
        raise ValueError("it holds control characters")
    parts = _split(url)
    path = redact_path(parts.path or "/")[:LONGEST_PATH]
    return Page(host=_name_of(parts.hostname or ""), path=path, **_campaign(parts.query))


def host_of(text: str) -> str:
    """Bring a host name to lower-case ASCII (IDNA); raises ValueError when it is none."""
    try:
        host = text.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError("its host is not a host name") from None
    if not _HOST.fullmatch(host):
        raise ValueError("its host is not a host name")
    return host


def host_of_origin(origin: str) -> str:
    """The host of an Origin header (RFC 6454); raises ValueError when it names none."""
    parts = _split(origin)
    if parts.path or parts.query or parts.fragment:
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
    """The referring host if it says something: not the page's own, and not an address."""
    try:
        host = host_of(text)
    except ValueError:
        return None
    return None if host == page_host or _IPV4_HOST.fullmatch(host) else host


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:  # whose text may quote the URL
        raise ValueError("it cannot be read as a URL") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("it is not an http or https URL")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it carries a user name")
    return parts


def _campaign(query: str) -> dict[str, str]:
    if query.count("&") >= _MOST_QUERY_FIELDS:
        raise ValueError(f"its query has more than {_MOST_QUERY_FIELDS} fields")
    fields = parse_qsl(query, errors="replace")
    return {
        name: redact(decode(value))[:LONGEST_CAMPAIGN_VALUE]
        for name, value in reversed(fields)
        if name in CAMPAIGN_FIELDS and value.strip()
    }
