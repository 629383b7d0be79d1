"""A customer's server that verifies webhooks as the specification asks, takes each id once, and has bad manners.

What it does with a request is drawn: answer well, late, byte by byte, wrongly, without end, or not at all, after it has taken
the message or before.
"""

import json
import random
import socket
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler

from standardwebhooks.webhooks import Webhook

from tests.faults.bad_manners import BadManners

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


class WebhookReceiver(BadManners):
    """Remembers what it took, by path and in order. secrets: by path."""

    def __init__(self, dice: random.Random, secrets: dict[str, str]) -> None:
        super().__init__(dice, MANNERS)
        self.taken: defaultdict[str, list[int]] = defaultdict(list)
        self.repeated = 0
        self.secrets = secrets
        self._ids: set[str] = set()

    def take(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        event = Webhook(self.secrets[request.path]).verify(body, dict(request.headers))
        message_id = request.headers["webhook-id"]
        if message_id in self._ids:
            self.repeated += 1
            return
        self._ids.add(message_id)
        self.taken[request.path].append(event["data"]["number"])

    def answer(self, request: BaseHTTPRequestHandler, manner: str) -> None:
        if manner.endswith("too late"):
            time.sleep(_TOO_LATE_SECONDS)
        _say(request.connection, manner)


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
