"""A proxy's statement of a visitor's address: believed when the site's own proxy made it for this body, and never else."""

import copy
import hashlib
import hmac
import json
import logging
import pickle
import traceback
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import InvalidSignature
from lib.identification import signed_hop

SECRET, OTHER = "lmsk_" + "A" * 43, "lmsk_" + "B" * 43
NOW = 1_795_000_000
ADDRESS = "155.56.12.34"
BODY = b'{"k":"site_000000000000000000000000","i":"0123456789","u":"https://example.com/"}'


def header(
    address: str = ADDRESS, body: bytes = BODY, *, secret: str = SECRET, time: int | str = NOW, seal: str | None = None
) -> bytes:
    """What a proxy sends, as docs/install/proxy.md describes it."""
    body_hash = hashlib.sha256(body).hexdigest()
    signed = f"v1\n{time}\n{address}\n{body_hash}".encode()
    made = seal or hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"v1 t={time} a={address} b={body_hash} s={made}".encode()


def address_of(
    *values: bytes, body: bytes = BODY, secrets: Sequence[str] = (SECRET,), now: float = NOW, name: bytes = b"leadsment-forwarded"
) -> bytes | None:
    hop = signed_hop([(b"x-vercel-forwarded-for", b"9.9.9.9"), *((name, value) for value in values)])
    return hop.address(body, secrets, now).packed() if hop else None


def refused(*values: bytes, body: bytes = BODY, secrets: Sequence[str] = (SECRET,), now: float = NOW) -> str:
    with pytest.raises(InvalidSignature) as refusal:
        address_of(*values, body=body, secrets=secrets, now=now)
    assert (refusal.value.status, refusal.value.code) == (401, "bad_signature")
    assert ADDRESS not in refusal.value.message + str(refusal.value) and "lmsk_" not in refusal.value.message
    assert refusal.value.__cause__ is None
    return refusal.value.reason


def test_a_signed_address_is_believed() -> None:
    assert address_of(header()) == bytes([155, 56, 12, 34])


def test_a_request_without_the_header_states_nothing() -> None:
    assert address_of() is None
    assert signed_hop([(b"forwarded", header()), (b"x-leadsment-forwarded", header())]) is None


@pytest.mark.parametrize(
    ("address", "packed"),
    [
        ("2a01:4f8::1", "2a0104f8000000000000000000000001"),
        ("::ffff:155.56.12.34", "9b380c22"),
        ("155.56.12.34:51234", "9b380c22"),
        ("2A01:04F8:0:0:0:0:0:1", "2a0104f8000000000000000000000001"),
    ],
)
def test_any_spelling_of_an_address_is_read(address: str, packed: str) -> None:
    assert address_of(header(address)) == bytes.fromhex(packed)


def test_either_of_two_secrets_holds_so_that_one_can_be_replaced() -> None:
    assert address_of(header(secret=OTHER), secrets=(SECRET, OTHER)) == address_of(header(), secrets=(SECRET, OTHER))


@pytest.mark.parametrize("away", [-300, -299, 0, 299, 300])
def test_clocks_may_differ_by_five_minutes(away: int) -> None:
    assert address_of(header(time=NOW + away))


@pytest.mark.parametrize("away", [-301, 301, -86_400, 86_400])
def test_an_older_or_later_statement_is_refused(away: int) -> None:
    assert refused(header(time=NOW + away)) == "clock"


def test_a_statement_is_of_no_use_for_another_page_view() -> None:
    assert refused(header(), body=BODY.replace(b"0123456789", b"9876543210")) == "body"
    assert refused(header(), body=b"") == "body"


def test_another_bodys_hash_put_into_the_statement_breaks_it() -> None:
    other = BODY + b" "
    swapped = header().replace(hashlib.sha256(BODY).hexdigest().encode(), hashlib.sha256(other).hexdigest().encode())
    assert refused(swapped, body=other) == "secret"


def test_another_address_or_time_put_into_the_statement_breaks_it() -> None:
    assert refused(header().replace(b"155.56.12.34", b"155.56.12.35")) == "secret"
    assert refused(header().replace(b"t=1795000000", b"t=1795000001")) == "secret"


@pytest.mark.parametrize("secrets", [(), (OTHER,), (OTHER, "lmsk_" + "C" * 43)])
def test_a_site_without_the_secret_believes_nothing(secrets: tuple[str, ...]) -> None:
    assert refused(header(), secrets=secrets) == "secret"


def test_an_empty_secret_signs_nothing() -> None:
    assert refused(header(secret=""), secrets=()) == "secret"


@pytest.mark.parametrize("twice", [(header(), header()), (header("155.56.1.1"), header()), (header(), b""), (b"", header())])
def test_two_statements_are_none(twice: tuple[bytes, bytes]) -> None:
    assert refused(*twice) == "form"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"v1",
        header()[:-1],
        header() + b"0",
        header() + b"\n",
        b" " + header(),
        header() + b", " + header(),
        header().replace(b"v1 ", b"v2 "),
        header().replace(b" a=", b"  a="),
        header().upper(),
        header().replace(b"t=1795000000", "t=١٧٩٥٠٠٠٠٠٠".encode()),
        header().replace(b"t=1795000000", b"t=" + b"1" * 5000),
        header().replace(b"t=1795000000", b"t=-179500000"),
        header().replace(b"t=1795000000", b"t=+179500000"),
        header().replace(b"t=1795000000", b"t=1_79500000"),
        header().replace(b"155.56.12.34", "155.56.12.3٤".encode()),
        header().replace(b"155.56.12.34", b"155.56.12.34, 9.9.9.9"),
        header().replace(b"155.56.12.34", b"[2a01:4f8::1]"),
        header().replace(b"155.56.12.34", b"fe80::1%eth0"),
        header().replace(b"155.56.12.34", b""),
        header("1" * 46),
        b"\xff" * 300,
        b"v1 t=1795000000 a=155.56.12.34 s=" + b"0" * 64,
        b"a" * 1_000_000,
    ],
)
def test_what_is_not_exactly_a_statement_is_refused(value: bytes) -> None:
    assert refused(value) == "form"


@pytest.mark.parametrize("seal", ["0" * 64, "f" * 64, hashlib.sha256(b"").hexdigest()])
def test_a_made_up_seal_is_refused(seal: str) -> None:
    assert refused(header(seal=seal)) == "secret"


@pytest.mark.parametrize(
    "address",
    ["10.0.0.7", "127.0.0.1", "192.168.1.4", "100.64.0.9", "::1", "fd00::1", "2001:db8::1", "::ffff:10.0.0.7", "2002:0a00:7::1",
     "1.2.3", "256.1.1.1", "01.2.3.4", "1234", ":::", "abcdef", "...."],
)  # fmt: skip
def test_an_address_that_cannot_be_a_visitors_is_refused_even_when_signed(address: str) -> None:
    assert refused(header(address)) == "address"


def test_who_has_no_secret_is_told_nothing_else() -> None:
    """Neither that the clock is off, nor that the body differs, nor what is thought of the address."""
    for value in (header(secret=OTHER, time=NOW - 9999), header("10.0.0.1", secret=OTHER)):
        assert refused(value) == "secret"
    assert refused(header(secret=OTHER), body=b"another") == "secret"


@given(st.binary(max_size=300))
def test_no_bytes_break_it(value: bytes) -> None:
    assert refused(value) == "form"


@given(st.integers(0, len(header()) - 1), st.integers(1, 255))
def test_no_changed_byte_is_believed(place: int, change: int) -> None:
    value = bytearray(header())
    value[place] ^= change
    # A letter of the address in the other case is another text, and so not the one that was signed.
    assert refused(bytes(value)) in ("form", "secret")


def test_a_statement_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    hop = signed_hop([(b"leadsment-forwarded", header())])
    logging.getLogger("x").warning("%s %r %s", hop, hop, [hop])
    shown = [repr(hop), str(hop), f"{hop}", f"{hop!r:>30}", caplog.text]
    assert not any(part in text for text in shown for part in (ADDRESS, "155", "v1"))
    assert not hasattr(hop, "__dict__")
    for copied in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars):
        with pytest.raises(TypeError) as refusal:
            copied(hop)
        assert ADDRESS not in str(refusal.value)


def test_a_refusal_shows_nothing_even_with_its_locals() -> None:
    """As error reporters render them, from the frames of lib/ on."""
    hop = signed_hop([(b"leadsment-forwarded", header("10.213.87.131"))])
    assert hop
    try:
        hop.address(BODY, (SECRET,), NOW)
    except InvalidSignature as refusal:
        trace = traceback.TracebackException.from_exception(refusal, capture_locals=True)
        inner = "".join(frame for frame in trace.format() if "signed_hop.py" in frame and "test_signed_hop" not in frame)
        assert inner and "10.213.87.131" not in inner
