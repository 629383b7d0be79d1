"""Whatever an address is written as, the search for it finds it, and finds nothing else."""

import base64
import binascii
import ipaddress
import json
import random
import uuid
from collections.abc import Callable
from urllib.parse import quote

import pytest

from lib.identification.spellings import spellings

FOUR, SIX = "155.56.213.87", "2001:638:d0d0:cafe:1a2b:3c4d:5e6f:7081"
WAYS: list[Callable[[str], object]] = [
    str, str.upper, repr, json.dumps, quote, lambda a: quote(quote(a, safe=""), safe=""), lambda a: f"x{a}/32",
    lambda a: f"[{a}]:443",
    lambda a: f"::ffff:{a}", lambda a: a.replace(".", "-").replace(":", "-"), lambda a: a.replace(".", "_").replace(":", "_"),
    lambda a: a[::-1], lambda a: int(ipaddress.ip_address(a)), lambda a: ipaddress.ip_address(a).packed,
    lambda a: ipaddress.ip_address(a).packed.hex(), lambda a: ipaddress.ip_address(a).packed.hex().upper(),
    lambda a: ipaddress.ip_address(a).packed[::-1].hex(), lambda a: ipaddress.ip_address(a).exploded,
    lambda a: ipaddress.ip_address(a).reverse_pointer, lambda a: list(ipaddress.ip_address(a).packed),
    lambda a: binascii.hexlify(a.encode()), lambda a: base64.b64encode(ipaddress.ip_address(a).packed),
    lambda a: base64.urlsafe_b64encode(ipaddress.ip_address(a).packed),
    lambda a: base64.b32encode(ipaddress.ip_address(a).packed),
    lambda a: base64.b64encode(a.encode()), lambda a: base64.b64encode(f'{{"ip":"{a}"}}'.encode()),
    lambda a: base64.b64encode(f'{{"i":"{a}"}}'.encode()), lambda a: base64.b64encode(f'{{"":"{a}"}}'.encode()),
    lambda a: int.from_bytes(ipaddress.ip_address(a).packed, "little"), lambda a: "".join(f"%{byte:02x}" for byte in a.encode()),
    lambda a: ":".join(f"{byte:02x}" for byte in ipaddress.ip_address(a).packed),
    lambda a: f"\\x{ipaddress.ip_address(a).packed.hex()}",
]  # fmt: skip
OF_FOUR: list[Callable[[bytes], object]] = [
    lambda p: ".".join(f"{octet:03}" for octet in p), lambda p: ".".join(f"{octet:#x}" for octet in p),
    lambda p: ".".join(f"0{octet:o}" for octet in p), lambda p: ".".join(map(str, reversed(p))),
    lambda p: ipaddress.IPv6Address(bytes(10) + b"\xff\xff" + p), lambda p: ipaddress.IPv6Address(b"\x20\x02" + p + bytes(10)),
    lambda p: int.from_bytes(p, "big", signed=True), lambda p: hex(int.from_bytes(p)),
    lambda p: f"ip-{'-'.join(map(str, p))}.example.com",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("canary", [FOUR, SIX])
def test_an_address_is_found_however_it_is_written(canary: str, way: Callable[[str], object]) -> None:
    written = way(canary)
    content = written if isinstance(written, bytes) else str(written).encode()
    if len(content) > 4:  # four bytes alone occur by chance
        assert any(form in b"before " + content + b" after" for form in spellings(canary)), content


@pytest.mark.parametrize("way", OF_FOUR)
def test_an_ipv4_address_is_found_in_the_forms_of_its_own(way: Callable[[bytes], object]) -> None:
    content = str(way(ipaddress.ip_address(FOUR).packed)).encode()
    assert any(form in content for form in spellings(FOUR)), content


def test_what_is_no_address_is_not_found() -> None:
    dice = random.Random(4711)
    texts = [str(uuid.UUID(int=dice.getrandbits(128))) for _ in range(20_000)] + [
        str(dice.getrandbits(48)) for _ in range(20_000)
    ]
    content = "\n".join([*texts, "155.56.213.0/24", "155.56.212.0/22", "155.56.213.86", "2001:638::/32"]).encode()
    assert not any(form in content for canary in (FOUR, SIX) for form in spellings(canary))


def test_no_spelling_is_short_or_holds_another() -> None:
    for canary in (FOUR, SIX):
        forms = spellings(canary)
        assert min(map(len, forms)) >= 6
        assert not [(one, other) for one in forms for other in forms if one != other and one in other]


def test_a_canary_that_is_no_address_is_refused_without_its_text() -> None:
    with pytest.raises(ValueError, match="a canary is no IP address") as refusal:
        spellings("155.56.213.871")
    assert refusal.value.__context__ is None
