"""Read a page of a customer's website: the only place that asks servers which somebody else names.

A URL is somebody's wish, and this runs inside: so a host's name is resolved here, its address has to be on the public
internet (lib/identification/reserved.py; mapped and translated forms are reserved as well), and what is connected to is
the very address that was looked at. Redirects are looked at again, one by one. Nothing is sent that says who asked.
"""

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from lib.domain.page import host_of
from lib.errors import PageUnreachable
from lib.identification.reserved import is_special_purpose

_LARGEST_BYTES = 1_000_000
_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
_HEADERS = {"User-Agent": "LeadsmentInstallCheck/1.0", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Place = tuple[socket.AddressFamily, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a URL answered, after redirects. headers: by lower-case name, in order. body: its first megabyte."""

    url: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def values_of(self, name: str) -> list[str]:
        """The values of a header, in order."""
        return [value for known, value in self.headers if known == name]


class PageReader:
    """Reads pages until some seconds after it was made, all of them together.

    reachable_networks: those that may be asked although they are reserved, in CIDR notation; for a stack on one machine.
    """

    def __init__(self, reachable_networks: Sequence[str] = (), *, seconds: float = 5.0) -> None:
        self._reachable: list[_Network] = [ipaddress.ip_network(network) for network in reachable_networks]
        self._ends_at = time.monotonic() + seconds

    def read(self, url: str, may_visit: Callable[[str], bool]) -> WebPage:
        """Ask for a page and follow its redirects, as long as each host is one of those that may be visited.

        Raises PageUnreachable with the reason, also for an answer whose status is none of success.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            page = self._ask(url, may_visit)
            target = dict(page.headers).get("location")
            if page.status not in _REDIRECTS or not target:
                if not 200 <= page.status < 300:
                    raise PageUnreachable("status", str(page.status))
                return page
            url = _joined(url, target)
        raise PageUnreachable("redirects")

    def _ask(self, url: str, may_visit: Callable[[str], bool]) -> WebPage:
        parts, host, port = _place_of(url)
        if not may_visit(host):
            raise PageUnreachable("other_host", host)
        places = self._allowed(self._resolve(host, port), parts)
        connected = self._connect(places)
        try:
            with self._ended_in_time(connected):
                return _exchange(connected, url, parts, host, port)
        except ssl.SSLCertVerificationError:
            raise PageUnreachable("certificate") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise PageUnreachable("slow" if self._remaining() <= 0 else "answer") from None
        finally:
            connected.close()

    def _resolve(self, host: str, port: int) -> list[_Place]:
        """The host's addresses. In a thread: the platform's resolver takes no bound, and may take longer than we have."""
        found: queue.SimpleQueue[list[_Place]] = queue.SimpleQueue()

        def resolve() -> None:
            places: list[_Place] = []
            with contextlib.suppress(OSError, UnicodeError):
                listed = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                places = [(family, place) for family, _, _, _, place in listed]
            found.put(places)

        threading.Thread(target=resolve, daemon=True).start()
        try:
            known = found.get(timeout=max(self._remaining(), 0.001))
        except queue.Empty:
            raise PageUnreachable("slow") from None
        if not known:
            raise PageUnreachable("name")
        return known

    def _allowed(self, places: list[_Place], parts: SplitResult) -> list[_Place]:
        public = [place for place in places if not is_special_purpose(_address(place))]
        if public and _port(parts) != _PORTS[parts.scheme]:
            raise PageUnreachable("port")
        allowed = [*public, *(place for place in places if any(_address(place) in network for network in self._reachable))]
        if not allowed:
            raise PageUnreachable("address")
        return allowed

    def _connect(self, places: list[_Place]) -> socket.socket:
        for family, place in places:
            connected = socket.socket(family, socket.SOCK_STREAM)
            connected.settimeout(max(self._remaining(), 0.001))
            try:
                connected.connect(place)
            except OSError:
                connected.close()
            else:
                return connected
        raise PageUnreachable("slow" if self._remaining() <= 0 else "connection")

    @contextlib.contextmanager
    def _ended_in_time(self, connected: socket.socket) -> Iterator[None]:
        """Cut the connection when the time is over: a bound of each read would not end a server that sends byte by byte."""

        def cut() -> None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

        timer = threading.Timer(max(self._remaining(), 0.001), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
            if self._remaining() <= 0:
                raise PageUnreachable("slow")
        finally:
            timer.cancel()

    def _remaining(self) -> float:
        return self._ends_at - time.monotonic()


def _exchange(connected: socket.socket, url: str, parts: SplitResult, host: str, port: int) -> WebPage:
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(host, port)
    # The socket that was looked at; http.client would resolve the name once more.
    connection.sock = ssl.create_default_context().wrap_socket(connected, server_hostname=host) if secure else connected
    try:
        connection.request("GET", _target(parts), headers=_HEADERS)
        answer = connection.getresponse()
        headers = [(name.lower(), value) for name, value in answer.getheaders()]
        return WebPage(url, answer.status, headers, answer.read(_LARGEST_BYTES))
    finally:
        connection.close()


def _place_of(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host, port = host_of(parts.hostname or ""), _port(parts)
    except ValueError:
        raise PageUnreachable("answer") from None
    if parts.scheme not in _PORTS:
        raise PageUnreachable("scheme")
    return parts, host, port


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)


def _address(place: _Place) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(str(place[1][0]).partition("%")[0])


def _target(parts: SplitResult) -> str:
    """Path and query as a request line may have them."""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return f"{path}?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else path


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target.encode("latin-1").decode("utf-8", "replace"))
    except ValueError:
        raise PageUnreachable("answer") from None
