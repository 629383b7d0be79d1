"""Send prepared HTTP requests over keep-alive connections, as fast as they are answered, and time each answer.

One thread, non-blocking sockets and epoll, so that a sender costs a fraction of what it measures; `Round.sender_cpu`
says how much. Source: RFC 9112 for where an answer ends.
"""

import contextlib
import gc
import re
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_SILENCE_SECONDS = 30
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_WITHOUT_BODY = (b"204", b"304")


class SenderStuck(Exception):
    """Nothing was answered for half a minute."""


@dataclass
class Round:
    """What came of sending for a while. Latencies in seconds, in the order of the answers; statuses as three digits."""

    senders: int
    seconds: float = 0.0
    sender_cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    first_refusal: bytes = b""

    def note(self, answer: bytes, latency: float) -> None:
        """Count an answer."""
        self.latencies.append(latency)
        status = answer[9:12].decode()
        self.statuses[status] += 1
        if status >= "300" and not self.first_refusal:
            self.first_refusal = answer

    def refused(self, expected: str) -> int:
        """How many requests were not answered as they should have been."""
        return self.cut + sum(count for status, count in self.statuses.items() if status != expected)


def send_for(address: tuple[str, int], requests: Iterator[bytes], *, senders: int, seconds: float) -> Round:
    """Keep every sender busy with one request at a time until the time is up, and wait for what is under way.

    A round ends earlier when there are no more requests. Raises SenderStuck.
    """
    connections = [_connected(address) for _ in range(senders)]
    done = Round(senders)
    gc.collect()
    gc.disable()
    try:
        cpu, started = time.thread_time(), time.perf_counter()
        _exchange({connection.fileno(): connection for connection in connections}, requests, done, started + seconds)
        done.seconds, done.sender_cpu = time.perf_counter() - started, time.thread_time() - cpu
    finally:
        gc.enable()
        for connection in connections:
            connection.close()
    return done


def _exchange(connections: dict[int, socket.socket], requests: Iterator[bytes], done: Round, until: float) -> None:
    poll, clock = select.epoll(), time.perf_counter
    sent_at: dict[int, float] = {}
    unfinished: dict[int, bytes] = {}

    def send_next(number: int) -> None:
        request = next(requests, None)
        if request is not None:
            sent_at[number] = clock()
            # What cannot be sent is a connection that was cut: reading it says so too.
            with contextlib.suppress(ConnectionError):
                connections[number].sendall(request)

    for number in connections:
        poll.register(number, select.EPOLLIN)
        send_next(number)
    while sent_at:
        for number, _ in _ready(poll, len(sent_at)):
            received = _received(connections[number])
            now = clock()
            if not received:
                # A connection that was cut stays so: what is measured is the one kept alive.
                poll.unregister(number)
                done.cut += sent_at.pop(number, None) is not None
                continue
            answer = unfinished.pop(number, b"") + received
            if _is_complete(answer):
                done.note(answer, now - sent_at.pop(number))
                if now < until:
                    send_next(number)
            else:
                unfinished[number] = answer


def _received(connection: socket.socket) -> bytes:
    """What has come; nothing from a connection that was closed, or reset."""
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


def _ready(poll: select.epoll, awaited: int) -> list[tuple[int, int]]:
    ready = poll.poll(_SILENCE_SECONDS)
    if not ready:
        raise SenderStuck(f"{awaited} requests were not answered within {_SILENCE_SECONDS} s")
    return ready


def _is_complete(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if head[9:12] in _WITHOUT_BODY:
        return True
    if _CHUNKED.search(head):
        return body.endswith(b"0\r\n\r\n")
    length = _LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])


def _connected(address: tuple[str, int]) -> socket.socket:
    connection = socket.create_connection(address, timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
