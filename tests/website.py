"""A customer's website on loopback, which answers whatever a test writes, byte for byte."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_SECONDS_BETWEEN_BYTES = 0.05


@dataclass
class Website:
    """Answers each request with `answer`, or with what `answers` has for the path; slowly if `is_slow`.

    url: http://localhost:port. requests: what came, headers and all.
    """

    url: str = ""
    answer: bytes = b""
    answers: dict[str, bytes] = field(default_factory=dict)
    is_slow: bool = False
    requests: list[str] = field(default_factory=list)

    def show(self, html: str, *headers: str, status: str = "200 OK") -> None:
        """Let every path show a page."""
        self.answer = page(html, *headers, status=status)


def page(html: str, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    """A whole HTTP answer."""
    body = html.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextlib.contextmanager
def running_website() -> Iterator[Website]:
    """Run it until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        site = Website(f"http://localhost:{listener.getsockname()[1]}")
        threading.Thread(target=_serve, args=[listener, site], daemon=True).start()
        yield site
        # A blocked accept() survives close(); what is shut down wakes.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, site: Website) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=[connection, site], daemon=True).start()


def _answer(connection: socket.socket, site: Website) -> None:
    with connection, contextlib.suppress(OSError):
        asked = _read(connection)
        site.requests.append(asked)
        answer = site.answers.get(asked.split(" ")[1] if " " in asked else "", site.answer)
        for part in [bytes([byte]) for byte in answer] if site.is_slow else [answer]:
            connection.sendall(part)
            time.sleep(_SECONDS_BETWEEN_BYTES if site.is_slow else 0)


def _read(connection: socket.socket) -> str:
    """A request with its whole body, which may come in pieces."""
    asked = connection.recv(65_536).decode("latin-1")
    head, _, body = asked.partition("\r\n\r\n")
    [length] = re.findall(r"(?i)\r\ncontent-length: (\d+)", head) or [0]
    while len(body) < int(length) and (more := connection.recv(65_536)):
        body += more.decode("latin-1")
    return f"{head}\r\n\r\n{body}"
