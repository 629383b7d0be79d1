"""Page views that a customer's server reports, many at once, taken from bytes without trust.

    {"site": "site_...", "page_views": [{"id", "url", "address", "user_agent", "referrer_host"?, "at"?, "opted_out"?}, ...]}

A batch that is none is refused whole. In a batch, one bad entry hurts itself alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from lib.domain.beacon import BEACON_ID, SITE_KEY
from lib.domain.json_body import parse_json
from lib.domain.page import Page, page_of_url, referring_host
from lib.errors import InvalidRequest

LARGEST_BODY_BYTES = 1_000_000
MOST_PAGE_VIEWS = 500
OLDEST = timedelta(hours=24)
FURTHEST_AHEAD = timedelta(minutes=5)
# RFC 3339, 5.6: a date, a time, an offset. Python's own reader takes much more.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_REQUIRED = {"id", "url", "address", "user_agent"}
_ALLOWED = _REQUIRED | {"referrer_host", "at", "opted_out"}
_TEXTS = _ALLOWED - {"opted_out"}

Address = TypeVar("Address")


@dataclass(frozen=True, slots=True)
class ReportedPageView(Generic[Address]):
    """One page view. `seen_at` has its offset, and is None for now; `address` is of a type that shows nothing."""

    id: str
    page: Page
    referrer_host: str | None
    user_agent: str
    opted_out: bool
    seen_at: datetime | None
    address: Address


@dataclass(frozen=True, slots=True)
class BadEntry:
    """An entry that is no page view, and why. `id` is None when that was not even an id."""

    id: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PageViewBatch(Generic[Address]):
    """A site's page views in the order they were sent in."""

    site_key: str
    entries: list[ReportedPageView[Address] | BadEntry]


def parse_page_views(body: bytes, *, read_address: Callable[[str], Address], now: datetime) -> PageViewBatch[Address]:
    """Read a batch from a request's body. Each address is read first, and goes no further as a text.

    `read_address` raises ValueError for what is no address. Raises InvalidRequest for what is no batch; no message repeats it.
    """
    if len(body) > LARGEST_BODY_BYTES:
        raise InvalidRequest("too_large", f"A batch has at most {LARGEST_BODY_BYTES:,} bytes.", status=413)
    parsed = parse_json(body)
    if not isinstance(parsed, dict) or parsed.keys() != {"site", "page_views"}:
        raise InvalidRequest("invalid_fields", "A batch has the keys site and page_views, and no other.")
    site_key, listed = parsed["site"], parsed["page_views"]
    if not isinstance(site_key, str) or not SITE_KEY.fullmatch(site_key):
        raise InvalidRequest("invalid_key", 'site must be a site key: "site_" and 24 hexadecimal digits.')
    if not isinstance(listed, list) or len(listed) > MOST_PAGE_VIEWS:
        raise InvalidRequest("invalid_fields", f"page_views must be a list of at most {MOST_PAGE_VIEWS}.")
    return PageViewBatch(site_key, [_entry(item, read_address, now) for item in listed])


def _entry(item: object, read_address: Callable[[str], Address], now: datetime) -> ReportedPageView[Address] | BadEntry:
    if not isinstance(item, dict):
        return BadEntry(None, "invalid_entry", "A page view must be an object.")
    address = _address(item.pop("address", None), read_address)
    named = item.get("id")
    known_id = named if isinstance(named, str) and BEACON_ID.fullmatch(named) else None
    try:
        return _page_view(item, address, now)
    except InvalidRequest as wrong:
        return BadEntry(known_id, wrong.code, wrong.message)


def _address(text: object, read_address: Callable[[str], Address]) -> Address | None:
    try:
        return read_address(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _page_view(item: dict[str, Any], address: Address | None, now: datetime) -> ReportedPageView[Address]:
    _check_fields(item)
    if not BEACON_ID.fullmatch(item["id"]):
        raise InvalidRequest("invalid_id", "id must be 8 to 32 lower-case letters and digits.")
    if address is None:
        raise InvalidRequest("invalid_address", "address must be the visitor's IP address, as your server saw it.")
    try:
        page = page_of_url(item["url"])
    except ValueError as error:
        raise InvalidRequest("invalid_url", f"url must be the page's absolute URL: {error}.") from None
    return ReportedPageView(
        id=item["id"],
        page=page,
        referrer_host=referring_host(item.get("referrer_host", ""), page.host),
        user_agent=item["user_agent"],
        opted_out=item.get("opted_out", False),
        seen_at=_time(item["at"], now) if "at" in item else None,
        address=address,
    )


def _check_fields(item: dict[str, Any]) -> None:
    """Judge the fields but for the address, which has been taken out."""
    if not _REQUIRED - {"address"} <= item.keys() <= _ALLOWED:
        message = (
            "A page view has id, url, address and user_agent, may have referrer_host, at and opted_out, and has no other key."
        )
        raise InvalidRequest("invalid_fields", message)
    if not all(isinstance(item[name], str) for name in _TEXTS & item.keys()):
        raise InvalidRequest("invalid_fields", "Every value must be a string; opted_out is true or false.")
    if not isinstance(item.get("opted_out", False), bool):
        raise InvalidRequest("invalid_fields", "opted_out must be true or false.")


def _time(text: str, now: datetime) -> datetime:
    """When a page was viewed, never later than now. Raises InvalidRequest."""
    try:
        at = datetime.fromisoformat(text.upper()).astimezone(UTC) if _TIME.fullmatch(text) else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise InvalidRequest("invalid_time", "at must be a time with its offset (RFC 3339), such as 2026-11-24T09:30:00Z.")
    if not now - OLDEST <= at <= now + FURTHEST_AHEAD:
        raise InvalidRequest("invalid_time", "at must be within the last 24 hours, and at most 5 minutes ahead of our clock.")
    return min(at, now)
