"""The beacon: the few characters a snippet sends for a page view, taken from bytes without trust."""

import re
from dataclasses import dataclass

from lib.domain.flat_object import flat_object
from lib.domain.page import Page, page_of_url, referring_host
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 2048
_SITE_KEY = re.compile(r"site_[0-9a-f]{24}")
_BEACON_ID = re.compile(r"[a-z0-9]{8,32}")
_REQUIRED, _ALLOWED = {"k", "i", "u"}, {"k", "i", "u", "r"}


@dataclass(frozen=True, slots=True)
class Beacon:
    """One page view as a browser reports it. `id` is drawn anew for each page view and repeated on a retry only."""

    site_key: str
    id: str
    page: Page
    referrer_host: str | None


def parse_beacon(body: bytes) -> Beacon:
    """Read a beacon from a request body: a flat JSON object of strings, keys k, i, u and optionally r.

    Raises InvalidRequest saying what is wrong. The message never repeats the body, which could hold an address.
    """
    if len(body) > LARGEST_BODY_BYTES:
        raise InvalidRequest("too_large", f"A beacon has at most {LARGEST_BODY_BYTES} bytes.", status=413)
    fields = flat_object(body)
    if not _REQUIRED <= fields.keys() <= _ALLOWED:
        raise _invalid("invalid_fields", "A beacon has the keys k, i and u, may have r, and has no other.")
    if not _SITE_KEY.fullmatch(fields["k"]):
        raise _invalid("invalid_key", 'k must be a site key: "site_" and 24 hexadecimal digits.')
    if not _BEACON_ID.fullmatch(fields["i"]):
        raise _invalid("invalid_id", "i must be 8 to 32 lower-case letters and digits.")
    try:
        page = page_of_url(fields["u"])
    except ValueError as error:
        raise _invalid("invalid_url", f"u must be the page's absolute URL: {error}.") from None
    return Beacon(fields["k"], fields["i"], page, referring_host(fields.get("r", ""), page.host))


def _invalid(code: str, message: str) -> InvalidRequest:
    return InvalidRequest(code, message)
