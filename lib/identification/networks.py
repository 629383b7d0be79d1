"""Whether a visitor's address is in one of some networks, and which network a caller is in themselves."""

import ipaddress
from collections.abc import Iterable
from typing import final

from pytricia import PyTricia

from lib.identification.address import VisitorAddress

# What one customer's line has: of IPv4 an address, of IPv6 a /64, within which devices change theirs by the day.
_OWN_IPV6_BITS = 64


@final
class Networks:
    """An unchanging set of networks in CIDR notation. Safe for several threads."""

    __slots__ = ("_ipv4", "_ipv6")

    def __init__(self, networks: Iterable[str] = ()) -> None:
        listed = list(networks)
        # Two families never share a trie: 32.0.0.1 would match 2000::/8.
        self._ipv4 = _trie(32, (network for network in listed if ":" not in network))
        self._ipv6 = _trie(128, (network for network in listed if ":" in network))

    def holds(self, address: VisitorAddress) -> bool:
        """Whether an address, unwrapped as VisitorAddress does it, is in one of the networks."""
        packed = address.packed()
        trie = self._ipv4 if len(packed) == 4 else self._ipv6
        return trie is not None and trie.get_key(packed) is not None


def own_network(address: VisitorAddress) -> str:
    """The network a caller is in, in CIDR notation: of IPv4 the /32, of IPv6 the /64.

    As good as the address: an answer to the caller, and to nobody else.
    """
    packed = address.packed()
    bits = 32 if len(packed) == 4 else _OWN_IPV6_BITS
    return str(ipaddress.ip_network((packed, bits), strict=False))


def _trie(address_bits: int, networks: Iterable[str]) -> PyTricia | None:
    """A trie of one family's networks. None for no network, as with nearly every site: a thousand empty ones cost memory."""
    trie = PyTricia(address_bits)
    for network in networks:
        trie.insert(network, True)
    trie.freeze()
    return trie if len(trie) else None
