"""A visitor's address, for as long as one lookup takes.

It lives in a type that shows nothing: not printed, not logged, not pickled, not JSON-encoded, not compared. Only lookups
in this package read its value; `python -m dev check` holds that (dev/discipline.py).
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import NoReturn, final

# Vercel overwrites this header with the address it saw; what a client sends under the name never arrives.
# Source: Vercel, "Request headers".
_PLATFORM_HEADER = b"x-vercel-forwarded-for"
# What others name an address in. Never read: what a client sends under these names is the client's to choose.
_CLAIMED_HEADERS = (
    b"x-forwarded-for", b"x-real-ip", b"forwarded", b"via", b"cf-connecting-ip", b"true-client-ip", b"x-client-ip",
    b"x-cluster-client-ip", b"x-vercel-proxied-for", b"fastly-client-ip",
)  # fmt: skip

_MAPPED = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96, RFC 4291, 2.5.5.2
_NAT64 = bytes.fromhex("0064ff9b") + bytes(8)  # 64:ff9b::/96, RFC 6052
_SIX_TO_FOUR = b"\x20\x02"  # 2002::/16, RFC 3056
_TEREDO = bytes.fromhex("20010000")  # 2001::/32, RFC 4380


class InvalidAddress(ValueError):
    """A text is no IP address. It does not say which text: that could be an address after all."""

    def __init__(self) -> None:
        super().__init__("not an IP address")


@final
class VisitorAddress:
    """An IPv4 or IPv6 address, unwrapped: of a mapped, 6to4, Teredo or NAT64 address, the IPv4 address inside.

    `packed()` gives 4 or 16 bytes in network order, for lookups. Two addresses are equal when they are one object, and
    the hash is the object's: neither tells whether a guess is right.
    """

    __slots__ = ("__packed",)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("a visitor's address has no other kinds: one could show it")

    def __init__(self, packed: bytes) -> None:
        self.__packed = packed

    @classmethod
    def parse(cls, text: str) -> "VisitorAddress":
        """Read an address as proxies write it: with or without brackets, port or zone. Raises InvalidAddress."""
        try:
            # What the platform writes; the rest is for command lines and logs.
            return cls(_unwrapped(socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)))
        except (OSError, ValueError):
            packed = _read_leniently(text)
        # Raised out here, so that it does not carry the exception before it: that one quotes the text.
        if packed is None:
            raise InvalidAddress
        return cls(_unwrapped(packed))

    def packed(self) -> bytes:
        """The address's bytes. For lookups in lib/identification, and for nothing else."""
        return self.__packed

    def __repr__(self) -> str:
        return "<visitor address>"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __dir__(self) -> list[str]:
        # What walks over an object's attributes, as inspectors and serialisers do, is not led to the value.
        return ["packed"]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a visitor's address is not to be copied or stored")

    __reduce__ = __getstate__ = __setstate__ = __copy__ = __deepcopy__ = __replace__ = __reduce_ex__  # type: ignore[assignment]


def client_address(headers: Iterable[tuple[bytes, bytes]]) -> VisitorAddress:
    """The address the platform saw, from ASGI headers. Raises InvalidAddress when the platform named none.

    No other header is consulted: all of them are the client's to choose.
    """
    for name, value in headers:
        if name == _PLATFORM_HEADER:
            return VisitorAddress.parse(value.decode("latin-1").partition(",")[0])
    raise InvalidAddress


def headers_naming(text: str) -> list[tuple[bytes, bytes]]:
    """ASGI headers as of a request from an address that also claims it wherever one can: for the proof's own requests."""
    return [(name, text.encode("latin-1")) for name in (_PLATFORM_HEADER, *_CLAIMED_HEADERS)]


def _read_leniently(text: str) -> bytes | None:
    try:
        return ipaddress.ip_address(_without_port(text.strip()).partition("%")[0]).packed
    except ValueError:
        return None


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _unwrapped(packed: bytes) -> bytes:
    """The IPv4 address inside a mapped, NAT64, 6to4 or Teredo address; any other address as it is."""
    if len(packed) == 4:
        return packed
    if packed.startswith((_MAPPED, _NAT64)):
        return packed[12:]
    if packed.startswith(_SIX_TO_FOUR):
        return packed[2:6]
    if packed.startswith(_TEREDO):
        return bytes(byte ^ 0xFF for byte in packed[12:])
    return packed
