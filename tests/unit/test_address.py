"""A visitor's address shows nothing and is read only where the platform puts it."""

import copy
import dataclasses
import functools
import inspect
import io
import json
import logging
import marshal
import operator
import pickle
import pprint
import reprlib
import shelve
import string
import sys
import timeit
import traceback
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sentry_sdk.serializer import serialize

from lib.asgi import headers_of
from lib.identification import InvalidAddress, VisitorAddress, client_address
from lib.identification.spellings import spellings

TEXT = "203.0.113.77"
TEXT_6 = "2001:db8:1a2b:3c4d:5e6f:7081:92a3:b4c5"


@dataclasses.dataclass
class Carrier:
    """What a verb hands on."""

    address: VisitorAddress


def shows(text: object) -> bool:
    """Whether a text, or the repr of anything, holds an address in any spelling."""
    written = (text if isinstance(text, str) else repr(text)).encode()
    return any(form in written for known in (TEXT, TEXT_6) for form in spellings(known))


def logged(address: VisitorAddress) -> str:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(logging.Formatter("%(message)s %(args)s %(address)s", defaults={"address": ""}))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.warning("%s %r %a %10s %s %s", address, address, address, address, [address], {"address": address})
    logger.warning(address, extra={"address": address})
    try:
        raise ValueError(address)
    except ValueError:
        logger.exception("failed")
    return output.getvalue()


def traceback_with_locals(address: VisitorAddress) -> str:
    """What renderers of tracebacks print that show the locals of each frame."""

    def look_up(found: Carrier, listed: list[VisitorAddress]) -> None:
        raise LookupError(found, listed)

    try:
        look_up(Carrier(address), [address])
    except LookupError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    raise AssertionError


SHOWERS: list[Callable[[VisitorAddress], object]] = [
    str, repr, ascii, format, hash, dir, type, id, sys.getsizeof, pprint.pformat, reprlib.repr, inspect.getmembers,
    logged, traceback_with_locals, lambda a: f"{a}", lambda a: f"{a!s:>40}", lambda a: f"{a!r:*^60}", lambda a: f"{a:x}",
    lambda a: f"{a:s}", lambda a: f"{a} {a!r} {a:>20}",
    lambda a: string.Template("$a").substitute(a=a), lambda a: [a], lambda a: {a: a}, Carrier, lambda a: vars(Carrier(a)),
    lambda a: json.dumps({"a": a}, default=str), lambda a: json.dumps({"a": a}, default=repr), object.__repr__,
    lambda a: pprint.pformat(vars(Carrier(a))), lambda a: logging.makeLogRecord({"args": (a,), "msg": "%s"}).getMessage(),
    lambda a: serialize({"extra": {"address": a, "carrier": Carrier(a)}}), lambda a: str(ValueError(a)),
]  # fmt: skip


@pytest.mark.parametrize("show", SHOWERS)
@pytest.mark.parametrize("text", [TEXT, TEXT_6])
def test_an_address_shows_nothing(show: Callable[[VisitorAddress], object], text: str) -> None:
    assert not shows(show(VisitorAddress.parse(text)))


def test_the_search_would_see_an_address_shown() -> None:
    assert (
        shows(f"from {TEXT}")
        and shows({"a": VisitorAddress.parse(TEXT).packed()})
        and shows([VisitorAddress.parse(TEXT_6).packed()])
    )


REFUSED: list[Callable[[Any], object]] = [
    copy.copy, copy.deepcopy, json.dumps, vars, bytes, int, float, len, list, iter, memoryview, weakref.ref, dict, marshal.dumps,
    pickle.dumps, pickle._Pickler(io.BytesIO()).dump, lambda a: a.__reduce__(), lambda a: a.__getstate__(),
    lambda a: copy.deepcopy({"a": [a]}), lambda a: dataclasses.asdict(Carrier(a)), lambda a: dataclasses.astuple(Carrier(a)),
    lambda a: pickle.dumps(Carrier(a)), lambda a: a < VisitorAddress.parse(TEXT), lambda a: a.to_bytes(), lambda a: a[0],
    lambda a: sorted([a, a]),
    *(functools.partial(pickle.dumps, protocol=protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
    *(operator.methodcaller("__reduce_ex__", protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
]  # fmt: skip


@pytest.mark.parametrize("taken", REFUSED)
@pytest.mark.parametrize("text", [TEXT, TEXT_6])
def test_an_address_cannot_be_copied_stored_ordered_or_turned_into_something_else(
    taken: Callable[[VisitorAddress], object], text: str
) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)) as refusal:
        taken(VisitorAddress.parse(text))
    assert not shows(str(refusal.value))


def test_an_address_goes_on_no_shelf(tmp_path: Path) -> None:
    with shelve.open(str(tmp_path / "shelf")) as shelf, pytest.raises(TypeError):  # noqa: S301  of this test alone
        shelf["address"] = VisitorAddress.parse(TEXT)
    assert not any(shows(file.read_bytes().decode("latin-1")) for file in tmp_path.iterdir())


def test_an_address_tells_nobody_whether_a_guess_is_right() -> None:
    address: object = VisitorAddress.parse(TEXT)
    guess: object = VisitorAddress.parse(TEXT)
    assert address != guess and len({address, guess}) == 2 and hash(address) == object.__hash__(address)
    assert address != TEXT and guess != VisitorAddress.parse(TEXT).packed()


def test_an_address_has_no_dictionary_and_leads_nobody_to_its_value() -> None:
    address = VisitorAddress.parse(TEXT)
    assert not hasattr(address, "__dict__") and dir(address) == ["packed"]
    with pytest.raises(AttributeError):
        address.note = TEXT  # type: ignore[attr-defined]


def test_there_is_no_other_kind_of_address_that_could_show_it() -> None:
    with pytest.raises(TypeError):
        type("Loud", (VisitorAddress,), {"__repr__": lambda self: self.packed().hex()})


def test_reading_an_address_takes_about_a_microsecond_at_most() -> None:
    """It is on the way of every beacon. The bound is loose, for machines that do other things meanwhile."""
    address = VisitorAddress.parse(TEXT)
    assert min(timeit.repeat(lambda: VisitorAddress.parse(TEXT), number=10_000, repeat=5)) / 10_000 < 5e-6
    assert min(timeit.repeat(address.packed, number=10_000, repeat=5)) / 10_000 < 1e-6


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
    # Not even the exception before it, which quotes the text, hangs on it for somebody who looks.
    assert refusal.value.__cause__ is None and refusal.value.__context__ is None


def test_only_the_platforms_header_is_read() -> None:
    claimed = [(name, b"203.0.113.1") for name in (b"x-forwarded-for", b"x-real-ip", b"forwarded", b"cf-connecting-ip")]
    with pytest.raises(InvalidAddress):
        client_address(claimed)
    assert client_address([*claimed, (b"x-vercel-forwarded-for", b"203.0.113.77, 10.0.0.1")]).packed() == bytes([203, 0, 113, 77])


def test_headers_that_carry_an_address_go_no_further_than_the_door() -> None:
    carrying = ("x-vercel-forwarded-for", "x-forwarded-for", "x-real-ip", "forwarded", "x-vercel-proxied-for", "cookie")
    headers = [(name.encode(), TEXT.encode()) for name in carrying]
    assert headers_of({"headers": [*headers, (b"dnt", b"1")]}) == {"dnt": "1"}
