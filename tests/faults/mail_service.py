"""A mail service with Resend's promise and bad manners: it takes a key once, and answers late, wrongly or not at all.

Source: Resend's API reference, "Idempotency keys": the same key with the same mail answers as the first time did.
"""

import json
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What becomes of a request, how often, and whether the mail is taken before.
MANNERS = {
    "good": (56, True),
    "takes it and drops the connection": (8, True),
    "takes it and answers 500": (6, True),
    "takes it and answers too late": (2, True),
    "answers 500": (8, False),
    "answers 429": (12, False),
    "drops the connection": (8, False),
}
_TOO_LATE_SECONDS = 4.6
_SAID: dict[int, dict[str, Any]] = {
    200: {"id": "taken"},
    429: {"statusCode": 429, "name": "rate_limit_exceeded", "message": "Too many requests."},
    500: {"statusCode": 500, "name": "application_error", "message": "An unexpected error occurred."},
}


class MailService:
    """Remembers what it took, in order: to whom and with which note. Start it with `with`."""

    def __init__(self, dice: random.Random) -> None:
        self.taken: list[tuple[str, str]] = []
        self.manners: Counter[str] = Counter()
        self.repeated = 0
        self.clashes = 0
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()
        self._dice = dice
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) == length:  # else whoever sent it was killed meanwhile
                    service.answer(self, body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "MailService":
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
                self._take(request.headers["Idempotency-Key"], body)
        if manner.endswith("too late"):
            time.sleep(_TOO_LATE_SECONDS)
        if manner.endswith("drops the connection") or manner == "drops the connection":
            request.close_connection = True
            request.connection.close()
            return
        status = 500 if manner.endswith("500") else 429 if manner.endswith("429") else 200
        _send(request, status, _SAID[status])

    def _take(self, key: str, body: bytes) -> None:
        mail = json.loads(body)
        note = mail["text"].split("Sent by hand: ")[1].split(".")[0]
        if key in self._keys:
            self.repeated += 1
            self.clashes += self._keys[key] != note
            return
        self._keys[key] = note
        self.taken.append((mail["to"][0], note))


def _send(request: BaseHTTPRequestHandler, status: int, value: dict[str, Any]) -> None:
    body = json.dumps(value).encode()
    try:
        request.send_response(status)
        if status == 429:
            request.send_header("Retry-After", "1")
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
    except OSError:
        # Whoever asked is dead, or has given up.
        request.close_connection = True
