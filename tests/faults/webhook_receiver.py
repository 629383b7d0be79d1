"""A customer's server that verifies webhooks as the specification asks, takes each id once, and has bad manners.

What it does with a request is drawn: answer well, late, byte by byte, wrongly, without end, or not at all, after it has taken
the message or before.
"""

import contextlib
import json
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

# What becomes of a request, how often, and whether the message is taken before.
MANNERS = {
    "good": (560, True),
    "answers 500": (80, False),
    "takes it and answers 500": (60, True),
    "answers 429": (90, False),
    "drops the connection": (60, False),
    "takes it and drops the connection": (50, True),
    "takes it and drops the connection within the answer": (50, True),
    "takes it and answers without end": (30, True),
    "takes it and answers too late": (10, True),
    "takes it and answers byte by byte": (10, True),
}
_TOO_LATE_SECONDS = 1.5


class WebhookReceiver:
    """Remembers what it took, by path and in order. secrets: by path. Start it with `with`."""

    def __init__(self, dice: random.Random, secrets: dict[str, str]) -> None:
        self.taken: defaultdict[str, list[int]] = defaultdict(list)
        self.manners: Counter[str] = Counter()
        self.repeated = 0
        self.secrets = secrets
        self._ids: set[str] = set()
        self._lock = threading.Lock()
        self._dice = dice
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) == length:  # else whoever sent it was killed meanwhile
                    with contextlib.suppress(OSError):
                        receiver.answer(self, body)
                self.close_connection = True

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "WebhookReceiver":
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer a request in one of the manners."""
        with self._lock:
            manner = self._dice.choices(list(MANNERS), [share for share, _ in MANNERS.values()])[0]
            self.manners[manner] += 1
            if MANNERS[manner][1]:
                self._take(request.path, dict(request.headers), body)
        if manner.endswith("too late"):
            time.sleep(_TOO_LATE_SECONDS)
        _say(request.connection, manner)

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        event = Webhook(self.secrets[path]).verify(body, headers)
        message_id = {name.lower(): value for name, value in headers.items()}["webhook-id"]
        if message_id in self._ids:
            self.repeated += 1
            return
        self._ids.add(message_id)
        self.taken[path].append(event["data"]["number"])


def _say(connection: socket.socket, manner: str) -> None:
    if manner.endswith("drops the connection"):
        return
    status = "500 Oops" if manner.endswith("500") else "429 Slow" if manner.endswith("429") else "200 OK"
    body = json.dumps({"said": manner}).encode()
    answer = f"HTTP/1.1 {status}\r\nRetry-After: 1\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    if manner.endswith("within the answer"):
        connection.sendall(answer[:-10])
    elif manner.endswith("without end"):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5_000_000)
    elif manner.endswith("byte by byte"):
        for byte in answer:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    else:
        connection.sendall(answer)
