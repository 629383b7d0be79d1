"""A batch of page views: its form, taken from bytes without trust."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.page_view_batch import BadEntry, PageViewBatch, ReportedPageView, parse_page_views
from lib.errors import InvalidRequest
from lib.identification import VisitorAddress

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITE = "site_0123456789abcdef01234567"
ADDRESS = "155.56.213.87"


def entry(**changes: Any) -> dict[str, Any]:
    view = {
        "id": "abcdefgh1",
        "url": "https://example.com/pricing?utm_source=news&q=1",
        "address": ADDRESS,
        "user_agent": "Mozilla/5.0",
    }
    return {name: value for name, value in {**view, **changes}.items() if value is not ...}


def parse(body: bytes) -> PageViewBatch[VisitorAddress]:
    return parse_page_views(body, read_address=VisitorAddress.parse, now=NOW)


def parsed(*entries: Any) -> list[ReportedPageView[VisitorAddress] | BadEntry]:
    return parse(json.dumps({"site": SITE, "page_views": list(entries)}).encode()).entries


def one(**changes: Any) -> ReportedPageView[VisitorAddress]:
    [view] = parsed(entry(**changes))
    assert isinstance(view, ReportedPageView), view
    return view


def test_a_page_view_is_kept_as_a_beacons_is() -> None:
    view = one(referrer_host="news.example", url="https://example.com/reset/8f14e45fceea167a5a36?utm_source=news&q=1#x")
    assert (view.id, view.page.host, view.page.path, view.page.utm_source) == (
        "abcdefgh1",
        "example.com",
        "/reset/[token]",
        "news",
    )
    assert (view.referrer_host, view.user_agent, view.opted_out, view.seen_at) == ("news.example", "Mozilla/5.0", False, None)
    assert view.address.packed() == bytes([155, 56, 213, 87])


def test_nothing_shows_the_address() -> None:
    assert ADDRESS not in repr(parsed(entry(), entry(id="x"), entry(address=f"{ADDRESS} x"), entry(address=[ADDRESS])))


@pytest.mark.parametrize(
    ("at", "seen"),
    [
        ("2026-11-24T11:59:00Z", NOW - timedelta(minutes=1)),
        ("2026-11-24T12:59:00+01:00", NOW - timedelta(minutes=1)),
        ("2026-11-24t11:59:00.123456789z", NOW - timedelta(minutes=1) + timedelta(microseconds=123456)),
        ("2026-11-23T12:00:00Z", NOW - timedelta(hours=24)),
        ("2026-11-24T12:05:00Z", NOW),
    ],
)
def test_the_time_is_a_servers_within_the_last_day_and_never_later_than_now(at: str, seen: datetime) -> None:
    assert one(at=at).seen_at == seen


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"at": "2026-11-23T11:59:59Z"}, "invalid_time"),
        ({"at": "2026-11-24T12:05:01Z"}, "invalid_time"),
        ({"at": "2026-11-24T12:00:00"}, "invalid_time"),
        ({"at": "2026-11-24"}, "invalid_time"),
        ({"at": "2026-W48-2T12:00:00Z"}, "invalid_time"),
        ({"at": "2026-13-24T12:00:00Z"}, "invalid_time"),
        ({"at": "0001-01-01T00:00:00+23:59"}, "invalid_time"),
        ({"at": "٢٠٢٦-11-24T12:00:00Z"}, "invalid_time"),
        ({"at": 1795521600}, "invalid_fields"),
        ({"id": "x"}, "invalid_id"),
        ({"id": "ABCDEFGH"}, "invalid_id"),
        ({"id": "abcdefgh\n"}, "invalid_id"),
        ({"id": 12345678}, "invalid_fields"),
        ({"id": ...}, "invalid_fields"),
        ({"url": "/pricing"}, "invalid_url"),
        ({"url": "javascript:alert(1)"}, "invalid_url"),
        ({"url": "https://example.com/\x00"}, "invalid_url"),
        ({"url": "https://example.com/\ud800"}, "invalid_url"),
        ({"url": None}, "invalid_fields"),
        ({"address": "10.0.0"}, "invalid_address"),
        ({"address": f"{ADDRESS} nonsense"}, "invalid_address"),
        ({"address": "\ud800"}, "invalid_address"),
        ({"address": 2604193111}, "invalid_address"),
        ({"address": ...}, "invalid_address"),
        ({"user_agent": ...}, "invalid_fields"),
        ({"user_agent": None}, "invalid_fields"),
        ({"opted_out": 1}, "invalid_fields"),
        ({"opted_out": "true"}, "invalid_fields"),
        ({"extra": "1"}, "invalid_fields"),
        ({"referrer_host": {}}, "invalid_fields"),
        ({"url": float("nan")}, "invalid_fields"),
    ],
)  # fmt: skip
def test_a_bad_entry_hurts_itself_alone(changes: dict[str, Any], code: str) -> None:
    before, bad, after = parsed(entry(id="before01"), entry(**changes), entry(id="after001"))
    assert isinstance(bad, BadEntry)
    assert (bad.code, len(bad.message) > 10) == (code, True)
    assert ADDRESS not in bad.message
    assert isinstance(before, ReportedPageView) and isinstance(after, ReportedPageView)
    assert (before.id, after.id) == ("before01", "after001")


@pytest.mark.parametrize("item", [None, 1, "x", [], [[]], True])
def test_what_is_no_object_is_a_bad_entry(item: object) -> None:
    assert [type(found) for found in parsed(item, entry())] == [BadEntry, ReportedPageView]


def test_an_id_is_repeated_only_if_it_is_one() -> None:
    bad = parsed(entry(id=ADDRESS), entry(id="abcdefgh2", url="x"))
    assert [found.id for found in bad] == [None, "abcdefgh2"]


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (b"", "invalid_json", 400),
        (b"\xff", "invalid_json", 400),
        (b"[" * 100_000, "invalid_json", 400),
        (b'{"site":' + b"9" * 9000 + b"}", "invalid_json", 400),
        (b'{"site":"a","site":"b","page_views":[]}', "invalid_json", 400),
        (b"[]", "invalid_fields", 400),
        (b'{"site":"%s"}' % SITE.encode(), "invalid_fields", 400),
        (b'{"site":"%s","page_views":{}}' % SITE.encode(), "invalid_fields", 400),
        (b'{"site":"%s","page_views":[],"x":1}' % SITE.encode(), "invalid_fields", 400),
        (b'{"site":"x","page_views":[]}', "invalid_key", 400),
        (b'{"site":7,"page_views":[]}', "invalid_key", 400),
        (b'{"site":"%s","page_views":[%s]}' % (SITE.encode(), b",".join([b"1"] * 501)), "invalid_fields", 400),
        (b" " * 1_000_001, "too_large", 413),
    ],
)
def test_what_is_no_batch_is_refused_whole(body: bytes, code: str, status: int) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse(body)
    assert (refusal.value.code, refusal.value.status) == (code, status)


def test_a_batch_has_none_to_five_hundred() -> None:
    assert parsed() == []
    assert len(parsed(*[entry()] * 500)) == 500


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4), max_leaves=8
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "url", "address", "user_agent", "referrer_host", "at", "opted_out", "x"]), _json))
def test_no_entry_breaks_a_batch(item: dict[str, Any]) -> None:
    assert len(parsed(item, entry())) == 2
