"""Addresses that cannot come from the public internet.

Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries, and RFC 4291 for multicast. Python's ipaddress is
not asked: it calls 100.64.0.1 neither private nor global.
"""

import ipaddress

_IPV4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
]  # fmt: skip
_IPV6_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_IPV6 = [
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]


def reserved_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Every special-purpose network, also those that make up what is not global unicast in IPv6."""
    outside = ipaddress.IPv6Network("::/0").address_exclude(_IPV6_GLOBAL_UNICAST)
    return [*_IPV4, *outside, *_IPV6]


def is_reserved(packed: bytes) -> bool:
    """Whether an address, 4 or 16 bytes, is special-purpose rather than somebody's."""
    return is_special_purpose(ipaddress.ip_address(packed))


def is_special_purpose(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """The same of an address that is no visitor's, such as a server's."""
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in network for network in _IPV4)
    return address not in _IPV6_GLOBAL_UNICAST or any(address in network for network in _IPV6)
