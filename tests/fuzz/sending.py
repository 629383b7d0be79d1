"""Send requests over keep-alive connections, without a client that would mend or refuse what is broken in them."""

import contextlib
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.fuzz.beacons import Beacon

_SENDERS = 12
_SECONDS_PER_ANSWER = 20
_TOO_MANY = 429
_MOST_TRIES = 30


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and every byte."""

    status: int
    content: bytes

    @property
    def outcome(self) -> str:
        """The outcome of an acknowledged beacon, or the code of a refusal."""
        if self.status == 204:
            return self.content.partition(b"leadsment-outcome: ")[2].partition(b"\r\n")[0].decode()
        return self.content.partition(b'"error": "')[2].partition(b'"')[0].decode() or "none"


@dataclass
class Report:
    """Counts of a run, and the beacons whose answers were wrong."""

    sent: int = 0
    throttled: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        self.sent += other.sent
        self.throttled += other.throttled
        for mine, theirs in ((self.statuses, other.statuses), (self.outcomes, other.outcomes), (self.planted, other.planted)):
            mine.update(theirs)  # type: ignore[arg-type]
        self.failed += other.failed


class Connection:
    """One keep-alive connection, opened again when the other side has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """Send a request and read its answer; once more when the connection turns out to have been closed meanwhile."""
        for _ in range(2):
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), _SECONDS_PER_ANSWER)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(ConnectionError):
                self._socket.sendall(request)
                answer = _read(self._socket)
                if answer:
                    if b"\r\nconnection: close" in answer.content.lower():
                        self.close()
                    return answer
            self.close()
        return Answer(0, b"")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _read(connection: socket.socket) -> Answer | None:
    content = b""
    while b"\r\n\r\n" not in content:
        piece = connection.recv(65536)
        if not piece:
            return None
        content += piece
    head, _, body = content.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return Answer(int(head.split(b" ", 2)[1]), head + b"\r\n\r\n" + body)


def send_all(port: int, numbers: range, draw: Callable[[int], Beacon], judge: Callable[[Beacon, Answer], str | None]) -> Report:
    """Send beacons from several connections at once. `judge` says what is wrong with an answer, if anything."""
    report = Report()
    with ThreadPoolExecutor(_SENDERS) as senders:
        shares = [numbers[place::_SENDERS] for place in range(_SENDERS)]
        for share in senders.map(lambda share: _send(port, share, draw, judge), shares):
            report.add(share)
    return report


def _send(
    port: int, numbers: Iterable[int], draw: Callable[[int], Beacon], judge: Callable[[Beacon, Answer], str | None]
) -> Report:
    report, connection = Report(), Connection(port)
    for number in numbers:
        beacon = draw(number)
        answer = connection.ask(beacon.request)
        for _ in range(_MOST_TRIES):
            if answer.status != _TOO_MANY:
                break
            report.throttled += 1
            time.sleep(0.5)
            answer = connection.ask(beacon.request)
        if not beacon.keeps_connection:
            connection.close()
        report.sent += 1
        report.statuses[answer.status] += 1
        report.outcomes[answer.outcome] += 1
        report.planted.update(secret.kind for secret in beacon.secrets)
        if wrong := judge(beacon, answer):
            report.failed.append((number, wrong))
    connection.close()
    return report


def shrunk(text: str, still_fails: Callable[[str], bool]) -> str:
    """The shortest text found by cutting pieces out that still fails."""
    size = len(text) // 2
    while size:
        for start in range(0, len(text), size):
            shorter = text[:start] + text[start + size :]
            if still_fails(shorter):
                text = shorter
                break
        else:
            size //= 2
    return text
