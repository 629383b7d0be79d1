"""What Sentry would receive, kept as it came; and a database that quotes whatever it is told to."""

import contextlib
import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class SentrySink:
    """A Sentry on loopback. dsn: what SENTRY_DSN is set to."""

    dsn: str
    received: list[bytes] = field(default_factory=list)

    def wait_for(self, events: int) -> list[dict[str, Any]]:
        """The events, when there are as many."""
        for _ in range(300):
            if len(self.events()) >= events:
                break
            time.sleep(0.05)
        return self.events()

    def events(self) -> list[dict[str, Any]]:
        lines = [line for content in self.received for line in content.splitlines() if line.startswith(b"{")]
        parsed = [json.loads(line) for line in lines]
        return [item for item in parsed if "exception" in item]


@contextlib.contextmanager
def running_sentry() -> Iterator[SentrySink]:
    received: list[bytes] = []

    class Handler(_Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            compressed = self.headers.get("content-encoding") == "gzip"
            head = f"{self.requestline}\n{self.headers}".encode()
            received.append(head + b"\n" + (gzip.decompress(body) if compressed else body))
            self.answer(b"{}")

    with _serving(Handler) as port:
        yield SentrySink(f"http://{'a' * 32}@127.0.0.1:{port}/1", received)


@contextlib.contextmanager
def running_nonsense(answers: dict[str, object]) -> Iterator[str]:
    """A database whose functions answer what they should not; gives its URL."""

    class Handler(_Quiet):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"] or 0))
            self.answer(json.dumps(answers[self.path.rpartition("/")[2]]).encode())

    with _serving(Handler) as port:
        yield f"http://127.0.0.1:{port}"


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """No access log."""


@contextlib.contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()
