"""The beacon: the few characters a snippet sends for a page view, taken from bytes without trust."""

import re
from datetime import datetime
from typing import NamedTuple

from lib.domain.json_body import flat_object
from lib.domain.ordinary import ORDINARY_HOST, ORDINARY_PATH, ORDINARY_QUERY, ORDINARY_REFERRER
from lib.domain.page import LONGEST_PATH, Page, ordinary_campaign, page_of_url, referring_host
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 2048
SITE_KEY = re.compile(r"site_[0-9a-f]{24}")
BEACON_ID = re.compile(r"[a-z0-9]{8,32}")
_REQUIRED, _ALLOWED = frozenset("kiu"), frozenset("kiur")
# Byte for byte what the snippet sends for a page whose path and campaign are words. It says the same as the careful
# way, several times as fast; tests/unit/test_beacon_form.py holds the two together.
_ORDINARY_BEACON = re.compile(
    rf'\{{"k":"(site_[0-9a-f]{{24}})","i":"([a-z0-9]{{8,32}})","u":"https?://({ORDINARY_HOST})({ORDINARY_PATH})'
    rf'(?:\?({ORDINARY_QUERY}))?"(?:,"r":"({ORDINARY_REFERRER})")?\}}'
)


class Beacon(NamedTuple):
    """One page view as a browser reports it. `id` is drawn anew for each page view and repeated on a retry only.

    seen_at: when it was, where a server tells of it later; None for now.
    """

    site_key: str
    id: str
    page: Page
    referrer_host: str | None
    seen_at: datetime | None = None


def parse_beacon(body: bytes) -> Beacon:
    """Read a beacon from a request body: a flat JSON object of strings, keys k, i, u and optionally r.

    Raises InvalidRequest saying what is wrong. The message never repeats the body, which could hold an address.
    """
    if len(body) > LARGEST_BODY_BYTES:
        raise InvalidRequest("too_large", f"A beacon has at most {LARGEST_BODY_BYTES} bytes.", status=413)
    ordinary = _ORDINARY_BEACON.fullmatch(body.decode("latin-1"))
    return _ordinary(ordinary) if ordinary else parse_unordinary_beacon(body)


def _ordinary(found: re.Match[str]) -> Beacon:
    key, beacon_id, host, path, query, referrer = found.groups()
    page = Page(host, path[:LONGEST_PATH], **ordinary_campaign(query)) if query else Page(host, path[:LONGEST_PATH])
    return Beacon(key, beacon_id, page, referring_host(referrer, host) if referrer else None)


def parse_unordinary_beacon(body: bytes) -> Beacon:
    """Read a beacon of at most LARGEST_BODY_BYTES the careful way, which takes every form there is."""
    fields = flat_object(body)
    if not _REQUIRED <= fields.keys() <= _ALLOWED:
        raise _invalid("invalid_fields", "A beacon has the keys k, i and u, may have r, and has no other.")
    if not SITE_KEY.fullmatch(fields["k"]):
        raise _invalid("invalid_key", 'k must be a site key: "site_" and 24 hexadecimal digits.')
    if not BEACON_ID.fullmatch(fields["i"]):
        raise _invalid("invalid_id", "i must be 8 to 32 lower-case letters and digits.")
    try:
        page = page_of_url(fields["u"])
    except ValueError as error:
        raise _invalid("invalid_url", f"u must be the page's absolute URL: {error}.") from None
    return Beacon(fields["k"], fields["i"], page, referring_host(fields.get("r", ""), page.host))


def _invalid(code: str, message: str) -> InvalidRequest:
    return InvalidRequest(code, message)
