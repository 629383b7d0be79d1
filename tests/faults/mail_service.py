"""A mail service with Resend's promise and bad manners: it takes a key once, and answers late, wrongly or not at all.

Source: Resend's API reference, "Idempotency keys": the same key with the same mail answers as the first time did.
"""

import json
import random
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.faults.bad_manners import BadManners

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


class MailService(BadManners):
    """Remembers what it took, in order: to whom and with which note."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__(dice, MANNERS)
        self.taken: list[tuple[str, str]] = []
        self.repeated = 0
        self.clashes = 0
        self._keys: dict[str, str] = {}

    def take(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        mail, key = json.loads(body), request.headers["Idempotency-Key"]
        note = mail["text"].split("Sent by hand: ")[1].split(".")[0]
        if key in self._keys:
            self.repeated += 1
            self.clashes += self._keys[key] != note
            return
        self._keys[key] = note
        self.taken.append((mail["to"][0], note))

    def answer(self, request: BaseHTTPRequestHandler, manner: str) -> None:
        if manner.endswith("too late"):
            time.sleep(_TOO_LATE_SECONDS)
        if manner.endswith("drops the connection"):
            return
        status = 500 if manner.endswith("500") else 429 if manner.endswith("429") else 200
        body = json.dumps(_SAID[status]).encode()
        request.send_response(status)
        if status == 429:
            request.send_header("Retry-After", "1")
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
