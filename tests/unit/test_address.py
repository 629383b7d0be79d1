"""A visitor's address shows nothing and is read only where the platform puts it."""

import copy
import json
import logging
import pickle

import pytest

from lib.asgi import headers_of
from lib.identification import InvalidAddress, VisitorAddress, client_address

TEXT = "203.0.113.77"


def test_an_address_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    address = VisitorAddress.parse(TEXT)
    logging.getLogger("x").warning("%s %r %s", address, address, [address])
    shown = [repr(address), str(address), f"{address}", f"{address!r:>40}", repr([address]), repr({1: address}), caplog.text]
    assert not any(TEXT in text or "203" in text for text in shown)
    assert not hasattr(address, "__dict__")


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars])
def test_an_address_cannot_be_copied_or_stored(copied: object) -> None:
    with pytest.raises(TypeError) as refusal:
        copied(VisitorAddress.parse(TEXT))  # type: ignore[operator]
    assert TEXT not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    ["203.0.113.77", "203.0.113.77:443", " 203.0.113.77 ", "::ffff:203.0.113.77", "[::ffff:203.0.113.77]:443", "::ffff:cb00:714d",
     "2002:cb00:714d::1", "64:ff9b::203.0.113.77", "2001:0:4136:e378:8000:63bf:34ff:8eb2"],
)  # fmt: skip
def test_wrapped_addresses_are_unwrapped(text: str) -> None:
    assert VisitorAddress.parse(text).packed() == bytes([203, 0, 113, 77])


@pytest.mark.parametrize("text", ["2001:db8::1", "[2001:db8::1]:443", "[2001:db8::1]", "2001:db8::1%eth0"])
def test_ipv6_is_read_as_proxies_write_it(text: str) -> None:
    assert VisitorAddress.parse(text).packed() == bytes.fromhex("20010db8000000000000000000000001")


@pytest.mark.parametrize(
    "text", ["", "x", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4, 5.6.7.8", "0x7f.1", "١.٢.٣.٤", "::g", "a" * 9999]
)
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        VisitorAddress.parse(text)
    assert str(refusal.value) == "not an IP address"
    assert refusal.value.__cause__ is None and refusal.value.__suppress_context__


def test_only_the_platforms_header_is_read() -> None:
    claimed = [(name, b"203.0.113.1") for name in (b"x-forwarded-for", b"x-real-ip", b"forwarded", b"cf-connecting-ip")]
    with pytest.raises(InvalidAddress):
        client_address(claimed)
    assert client_address([*claimed, (b"x-vercel-forwarded-for", b"203.0.113.77, 10.0.0.1")]).packed() == bytes([203, 0, 113, 77])


def test_headers_that_carry_an_address_go_no_further_than_the_door() -> None:
    carrying = ("x-vercel-forwarded-for", "x-forwarded-for", "x-real-ip", "forwarded", "x-vercel-proxied-for", "cookie")
    headers = [(name.encode(), TEXT.encode()) for name in carrying]
    assert headers_of({"headers": [*headers, (b"dnt", b"1")]}) == {"dnt": "1"}
