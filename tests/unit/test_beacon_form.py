"""A beacon is taken from bytes without trust."""

import json

import pytest

from lib.domain.beacon import LARGEST_BODY_BYTES, parse_beacon
from lib.errors import InvalidRequest

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
