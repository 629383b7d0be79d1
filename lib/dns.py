"""Ask the domain name system for text records, freshly each time. The only import of dnspython."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.errors import DnsUnavailable

if TYPE_CHECKING:
    import dns.resolver

_SECONDS = 2.0
_PORT = 53


def find_texts(name: str, *, resolvers: Sequence[str] = ()) -> list[str]:
    """The TXT records of a host name, each as one text; none when the name or the record does not exist.

    resolvers: addresses of name servers, each with or without a port; those of the platform by default. Asks again each
    time: who has just set a record is waiting for it. Raises DnsUnavailable after two seconds.
    """
    import dns.exception  # noqa: PLC0415  most calls of the door do without it, and a cold start is paid for by somebody
    import dns.resolver  # noqa: PLC0415

    try:
        answer = _resolver(resolvers).resolve(name, "TXT", search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return []
    except dns.exception.DNSException as error:
        raise DnsUnavailable(type(error).__name__) from None
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ()]


def _resolver(servers: Sequence[str]) -> "dns.resolver.Resolver":
    import dns.nameserver  # noqa: PLC0415
    import dns.resolver  # noqa: PLC0415

    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*_place(server)) for server in servers]
    resolver.cache = None
    resolver.timeout = resolver.lifetime = _SECONDS
    return resolver


def _place(server: str) -> tuple[str, int]:
    """An IPv4 address with an optional port, or an IPv6 address, in brackets if it has one."""
    if server.startswith("["):
        address, _, port = server[1:].partition("]:")
        return address.rstrip("]"), int(port or _PORT)
    if server.count(":") == 1:
        address, _, port = server.partition(":")
        return address, int(port)
    return server, _PORT
