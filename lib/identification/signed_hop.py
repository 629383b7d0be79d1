"""A visitor's address as a site's own proxy states it, in one header that only the holder of the site's secret can write:

    Leadsment-Forwarded: v1 t=<unix seconds> a=<address> b=<sha-256 of the body, hex> s=<hmac-sha-256, hex>

The HMAC (RFC 2104) is keyed with the site's secret and covers "v1\\n<t>\\n<address>\\n<b>". So nobody else can state an address,
and a header that was overheard is of no use for another page view, another site, or later.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NoReturn, final

from lib.errors import InvalidSignature
from lib.identification.address import InvalidAddress, VisitorAddress
from lib.identification.reserved import is_reserved

# How far the proxy's clock and ours may be apart, either way.
VALID_SECONDS = 300
_HEADER = b"leadsment-forwarded"
# An address, at most with the port some platforms write behind it: no zone, brackets or list. Its parts bound the whole.
_FORM = re.compile(rb"v1 t=([0-9]{10}) a=([0-9A-Fa-f:.]{2,45}) b=([0-9a-f]{64}) s=([0-9a-f]{64})")


@final
class SignedHop:
    """What a proxy stated, not yet believed. Shows nothing, and cannot be copied or stored: an address is in it."""

    __slots__ = ("__body_hash", "__seal", "__signed", "__stated", "__time")

    def __init__(self, value: bytes) -> None:
        """Read the header's value. Raises InvalidSignature (form)."""
        form = _FORM.fullmatch(value)
        if form is None:
            raise InvalidSignature("form")
        time, address, body_hash, seal = form.groups()
        self.__time = int(time)
        self.__stated = _address(address)
        self.__signed = b"\n".join((b"v1", time, address, body_hash))
        self.__body_hash, self.__seal = body_hash, seal

    def address(self, body: bytes, secrets: Sequence[str], now: float) -> VisitorAddress:
        """The stated address, if a holder of one of the site's secrets stated it for this very body, now (unix seconds).

        Raises InvalidSignature: secret, clock, body, or address for one that cannot come from the public internet. Whoever does
        not hold a secret learns no more than that. Does not judge whether the proxy has the address from a source it may trust.
        """
        # Four milliseconds that a cold start saves: most visitors come without a proxy.
        import hashlib  # noqa: PLC0415
        from hmac import compare_digest, digest  # noqa: PLC0415

        seal = bytes.fromhex(self.__seal.decode())
        if not any([compare_digest(digest(secret.encode(), self.__signed, "sha256"), seal) for secret in secrets]):
            raise InvalidSignature("secret")
        if abs(now - self.__time) > VALID_SECONDS:
            raise InvalidSignature("clock")
        if not compare_digest(hashlib.sha256(body).hexdigest().encode(), self.__body_hash):
            raise InvalidSignature("body")
        if self.__stated is None or is_reserved(self.__stated.packed()):
            raise InvalidSignature("address")
        return self.__stated

    def __repr__(self) -> str:
        return "<signed hop>"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a visitor's address is not to be copied or stored")

    __reduce__ = __getstate__ = __copy__ = __deepcopy__ = __reduce_ex__  # type: ignore[assignment]


def signed_hop(headers: Iterable[tuple[bytes, bytes]]) -> SignedHop | None:
    """What a proxy stated about a request, from ASGI headers; None for a request that came without one.

    Raises InvalidSignature (form) when it is not as described above, or stands twice: whose the second is nobody knows.
    """
    values = [value for name, value in headers if name == _HEADER]
    if not values:
        return None
    if len(values) > 1:
        raise InvalidSignature("form")
    return SignedHop(values[0])


def _address(text: bytes) -> VisitorAddress | None:
    try:
        return VisitorAddress.parse(text.decode("ascii"))
    except InvalidAddress:
        return None
