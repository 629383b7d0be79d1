"""One HTTP exchange with a server that somebody else names: what lib/web_page.py and lib/outbound.py share.

A URL is somebody's wish, and this runs inside: so a host's name is resolved here, its address has to be on the public
internet (lib/identification/reserved.py; mapped and translated forms are reserved as well), and what is connected to is
the very address that was looked at, under the name that was asked for. No redirect is followed, no proxy is used.
"""

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from lib.domain.page import host_of
from lib.errors import Unreached
from lib.identification.reserved import is_special_purpose
from lib.tls import trusted

_PORTS = {"http": 80, "https": 443}
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Place = tuple[socket.AddressFamily, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads. host: lower-case ASCII, as it is resolved and as the server is told."""

    url: str
    parts: SplitResult
    host: str
    port: int

    @property
    def is_secure(self) -> bool:
        """Whether it is asked over TLS."""
        return self.parts.scheme == "https"

    @property
    def has_usual_port(self) -> bool:
        """Whether the port is the scheme's own."""
        return self.port == _PORTS[self.parts.scheme]

    @property
    def request_line(self) -> str:
        """Path and query as a request line may have them."""
        path = quote(self.parts.path or "/", safe="/%:@!$&'()*+,;=~")
        return f"{path}?{quote(self.parts.query, safe='/%:@!$&()*+,;=~?')}" if self.parts.query else path


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server answered. headers: by lower-case name, in order. body: as much of it as was wanted."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


# Why a target at a public address is not asked, as a word, or None.
Refuse = Callable[[Target], str | None]


def target_of(url: str) -> Target:
    """Take a URL apart. Raises Unreached: scheme for one that is not of the web, url for none at all."""
    try:
        parts = urlsplit(url)
        host, port = host_of(parts.hostname or ""), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Unreached("url") from None
    if parts.scheme not in _PORTS:
        raise Unreached("scheme")
    return Target(url, parts, host, port)


class GuardedHttp:
    """Asks servers until some seconds after it was made, all of them together.

    reachable_networks: those that may be asked although they are reserved, in CIDR notation; for a stack on one machine.
    refuse_public: what is not asked on the public internet. trust: whose certificates are taken; the machine's by default.
    """

    def __init__(
        self, reachable_networks: Sequence[str], refuse_public: Refuse, *, seconds: float, trust: ssl.SSLContext | None = None
    ) -> None:
        self._reachable: list[_Network] = [ipaddress.ip_network(network) for network in reachable_networks]
        self._refuse_public = refuse_public
        self._trust = trust or trusted()
        self._ends_at = time.monotonic() + seconds

    def find_places(self, target: Target) -> list[_Place]:
        """The addresses of a target that may be connected to. Raises Unreached, also with what refuse_public says."""
        places = self._resolve(target)
        public = [place for place in places if not is_special_purpose(_address(place))]
        if public and (reason := self._refuse_public(target)):
            raise Unreached(reason)
        allowed = [*public, *(place for place in places if any(_address(place) in network for network in self._reachable))]
        if not allowed:
            raise Unreached("address")
        return allowed

    def ask(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None = None, *, largest_bytes: int
    ) -> HttpAnswer:
        """Send a request and read the answer, of its body so many bytes. Raises Unreached with the reason."""
        connected = self._connect(self.find_places(target))
        # Told apart for who must know whether the other side may have acted on it.
        was_sent = False
        try:
            with contextlib.closing(connected), self._connection(connected, target) as connection:
                was_sent = True
                connection.request(method, target.request_line, body, {**headers, "Connection": "close"})
                answer = connection.getresponse()
                return _read(answer, largest_bytes)
        except ssl.SSLCertVerificationError:
            raise Unreached("certificate") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise Unreached("slow" if self._remaining() <= 0 else "answer", was_sent=was_sent) from None

    def _resolve(self, target: Target) -> list[_Place]:
        """The host's addresses. In a thread: the platform's resolver takes no bound, and may take longer than we have."""
        found: queue.SimpleQueue[list[_Place]] = queue.SimpleQueue()

        def resolve() -> None:
            places: list[_Place] = []
            with contextlib.suppress(OSError, UnicodeError):
                listed = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
                places = [(family, place) for family, _, _, _, place in listed]
            found.put(places)

        threading.Thread(target=resolve, daemon=True).start()
        try:
            known = found.get(timeout=max(self._remaining(), 0.001))
        except queue.Empty:
            raise Unreached("slow") from None
        if not known:
            raise Unreached("name")
        return known

    def _connect(self, places: list[_Place]) -> socket.socket:
        for number, (family, place) in enumerate(places):
            connected = socket.socket(family, socket.SOCK_STREAM)
            # A share of what is left: an address that does not answer must not cost the next one its turn.
            connected.settimeout(max(self._remaining() / (len(places) - number), 0.001))
            try:
                connected.connect(place)
            except OSError:
                connected.close()
            else:
                connected.settimeout(max(self._remaining(), 0.001))
                return connected
        raise Unreached("slow" if self._remaining() <= 0 else "connection")

    @contextlib.contextmanager
    def _connection(self, connected: socket.socket, target: Target) -> Iterator[http.client.HTTPConnection]:
        """A connection over the socket that was looked at; http.client would resolve the name once more."""
        connection = http.client.HTTPConnection(target.host, target.port)
        # What http.client compares with to say in Host which port is an unusual one.
        connection.default_port = _PORTS[target.parts.scheme]
        wire = self._secured(connected, target) if target.is_secure else connected
        connection.sock = wire
        with contextlib.closing(wire), contextlib.closing(connection), self._ended_in_time(wire):
            if isinstance(wire, ssl.SSLSocket):
                wire.do_handshake()
            yield connection

    def _secured(self, connected: socket.socket, target: Target) -> ssl.SSLSocket:
        # The handshake is made later, when the time is watched.
        return self._trust.wrap_socket(connected, server_hostname=target.host, do_handshake_on_connect=False)

    @contextlib.contextmanager
    def _ended_in_time(self, wire: socket.socket) -> Iterator[None]:
        """Cut the connection when the time is over: a bound of each read would not end a server that sends byte by byte."""

        def cut() -> None:
            # The socket's own, below TLS, which is busy in another thread.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(wire, socket.SHUT_RDWR)

        timer = threading.Timer(max(self._remaining(), 0.001), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
            if self._remaining() <= 0:
                raise TimeoutError
        finally:
            timer.cancel()

    def _remaining(self) -> float:
        return self._ends_at - time.monotonic()


def _read(answer: http.client.HTTPResponse, largest_bytes: int) -> HttpAnswer:
    body = answer.read(largest_bytes)
    if answer.length and len(body) < largest_bytes:
        raise http.client.IncompleteRead(body, answer.length)
    return HttpAnswer(answer.status, [(name.lower(), value) for name, value in answer.getheaders()], body)


def _address(place: _Place) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(str(place[1][0]).partition("%")[0])
