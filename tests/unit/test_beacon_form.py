"""A beacon is taken from bytes without trust."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as draw

from lib.domain import beacon as beacon_module
from lib.domain.beacon import LARGEST_BODY_BYTES, Beacon, parse_beacon, parse_unordinary_beacon
from lib.errors import InvalidRequest
from tests.fuzz.ordinary import PATHS, SACRIFICED_PATHS, VALUES

GOOD = {"k": "site_" + "0" * 24, "i": "abcdefgh12", "u": "https://example.com/a"}


def encode(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_a_good_beacon_is_read() -> None:
    beacon = parse_beacon(encode(r="news.example"))
    assert (beacon.site_key, beacon.id, beacon.page.path, beacon.referrer_host) == (
        GOOD["k"],
        GOOD["i"],
        "/a",
        "news.example",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"[]", "invalid_json"),
        (b"null", "invalid_json"),
        (b"[" * 1500, "invalid_json"),
        (b'{"k":' * 400, "invalid_json"),
        (b'{"k":' + b"1" * 1800 + b"}", "invalid_json"),
        (b'{"k":NaN}', "invalid_json"),
        (encode()[:-1] + b',"k":"x"}', "invalid_json"),
        (encode(u=None), "invalid_json"),
        (encode(u=["https://example.com"]), "invalid_json"),
        (b"\xef\xbb\xbf" + encode(), "invalid_json"),
        (encode(x="1"), "invalid_fields"),
        (b"{}", "invalid_fields"),
        (encode(k="site_x"), "invalid_key"),
        (encode(k=GOOD["k"] + "\n"), "invalid_key"),
        (encode(i="short"), "invalid_id"),
        (encode(i="ABCDEFGH"), "invalid_id"),
        (encode(i="٣٣٣٣٣٣٣٣"), "invalid_id"),
        (encode(u="ftp://example.com"), "invalid_url"),
        (encode(u="https://example.com/\ud800"), "invalid_url"),
        (encode(u="https://example.com/\x00"), "invalid_url"),
        (b" " * (LARGEST_BODY_BYTES + 1), "too_large"),
    ],
)
def test_a_bad_beacon_is_refused_with_a_reason(body: bytes, code: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_beacon(body)
    assert refusal.value.code == code
    assert 400 <= refusal.value.status < 500


def test_a_refusal_never_repeats_the_body() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_beacon(encode(u="https://192.0.2.77:bad path/"))
    assert "192.0.2.77" not in f"{refusal.value} {refusal.value.message} {refusal.value.args}"


_word = draw.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=17)
_segment = draw.one_of(
    _word,
    draw.lists(_word, min_size=1, max_size=5).map("-".join),
    draw.sampled_from(
        [
            "reset",
            "at",
            "dot",
            "de",
            "ad",
            "be",
            "token",
            "login",
            "x.html",
            "cafe",
            "eyj",
            "a",
            "..",
            "2026",
            "v2",
            "",
            "jane@x",
            "%41",
        ]
    ),
)
_paths = draw.lists(_segment, max_size=6).map("/".join)
_hosts = draw.lists(draw.text("abcxyz0189-", min_size=1, max_size=12), min_size=1, max_size=6).map(".".join)
_referrers = draw.one_of(draw.none(), draw.just("local"), _hosts, draw.lists(_word, min_size=1, max_size=4).map(".".join))
_campaigns = draw.lists(draw.tuples(draw.sampled_from(["utm_source", "utm_term", "utm_id", "q"]), _segment), max_size=5)


@given(_hosts, _paths, _campaigns, _referrers, draw.sampled_from(["", "/", "?", "#x", " "]))
@settings(max_examples=1000, deadline=None)
def test_the_short_way_says_what_the_careful_way_says(
    host: str, path: str, campaign: list[tuple[str, str]], referrer: str | None, end: str
) -> None:
    query = "&".join(f"{name}={value}" for name, value in campaign)
    fields = {**GOOD, "u": f"https://{host}/{path}{'?' if query else ''}{query}{end}"} | ({"r": referrer} if referrer else {})
    body = json.dumps(fields, separators=(",", ":")).encode()
    if len(body) <= LARGEST_BODY_BYTES:
        assert said_by(parse_beacon, body) == said_by(parse_unordinary_beacon, body)


def said_by(parse: Callable[[bytes], Beacon], body: bytes) -> Beacon | str:
    try:
        return parse(body)
    except InvalidRequest as refusal:
        return refusal.code


@pytest.mark.parametrize("path", [*PATHS, *SACRIFICED_PATHS, *(f"/?utm_source={value}" for value in VALUES)])
def test_both_ways_keep_the_same_of_an_ordinary_page(path: str) -> None:
    body = json.dumps({**GOOD, "u": f"https://example.com{path}"}, separators=(",", ":"), ensure_ascii=False).encode()
    assert said_by(parse_beacon, body) == said_by(parse_unordinary_beacon, body)


def test_the_snippets_own_form_goes_the_short_way() -> None:
    body = b'{"k":"%b","i":"abcdefgh12","u":"https://www.example.com/products/steel-pipes?utm_source=news","r":"www.google.com"}'
    beacon = beacon_module._ORDINARY_BEACON.fullmatch((body % GOOD["k"].encode()).decode())
    assert beacon and beacon[3] == "www.example.com"


@given(draw.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_beacon_or_refused(body: bytes) -> None:
    said = said_by(parse_beacon, body)
    assert isinstance(said, Beacon) or said in {"invalid_json", "invalid_fields", "invalid_key", "invalid_id", "invalid_url"}


_json = draw.recursive(
    draw.one_of(draw.none(), draw.booleans(), draw.integers(), draw.floats(), draw.text(max_size=20)),
    lambda inner: draw.one_of(draw.lists(inner, max_size=4), draw.dictionaries(draw.sampled_from("kiurx"), inner, max_size=5)),
)


@given(
    draw.dictionaries(draw.sampled_from("kiurx"), _json, max_size=5),
    draw.booleans(),
    draw.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"]),
)
@settings(max_examples=200, deadline=None)
def test_any_json_is_a_beacon_or_refused(value: object, escaped: bool, encoding: str) -> None:
    body = json.dumps(value, ensure_ascii=escaped).encode(encoding, "replace")
    assert len(body) > LARGEST_BODY_BYTES or isinstance(said_by(parse_beacon, body), (Beacon, str))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (encode().decode().encode("utf-16"), "invalid_json"),
        (encode().decode().encode("utf-32"), "invalid_json"),
        (encode().replace(b"/a", b"/\xc0\xaf"), "invalid_json"),
        (encode().replace(b"/a", b"/\xed\xa0\x80"), "invalid_json"),
        (encode().replace(b"/a", b"/\\u0000"), "invalid_url"),
        (encode().replace(b"/a", b"/\\ud800"), "invalid_url"),
        (encode()[:-1] + b',"\\u006b":"x"}', "invalid_json"),
        (encode()[:-1] + '，"ｋ":"x"}'.encode(), "invalid_json"),
        (encode(**{"ｋ": "x"}), "invalid_fields"),
        (b'{"k":1e999}', "invalid_json"),
        (b'{"k":-0}', "invalid_json"),
        (encode(u=" https://example.com/"), "invalid_url"),
        (encode(u="ht\ttps://example.com/"), "invalid_url"),
        (encode(u="https://example.com\\@evil.example/"), "invalid_url"),
        (encode(u="https:\\\\example.com/"), "invalid_url"),
        (encode(u="https://example%2ecom/"), "invalid_url"),
        (encode(u="https://[fe80::1%25eth0]/"), "invalid_url"),
        (encode(u="https://" + "a" * 64 + ".example/"), "invalid_url"),
        (encode(u="https://" + "a." * 130 + "example/"), "invalid_url"),
        (encode(u="https://example.com:99999/"), "invalid_url"),
        (encode(u="data:text/html,x"), "invalid_url"),
    ],
)
def test_what_only_looks_like_a_beacon_is_refused(body: bytes, code: str) -> None:
    assert said_by(parse_beacon, body) == code


@pytest.mark.parametrize(
    "url", ["https://EXAMPLE.com./a", "https://ｅｘａｍｐｌｅ.com/a", "https://example。com/a", "https://example.com:443/a"]
)
def test_a_host_is_kept_in_one_form(url: str) -> None:
    assert parse_beacon(encode(u=url)).page.host == "example.com"
