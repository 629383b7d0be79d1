"""A server with bad manners: what it does with a request is drawn, and whether it has acted on it before."""

import contextlib
import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class BadManners(ABC):
    """Takes requests on loopback while it is entered with `with`.

    manners: what may become of a request, with how often it does and whether the request is taken before.
    """

    def __init__(self, dice: random.Random, manners: Mapping[str, tuple[int, bool]]) -> None:
        self.manners: Counter[str] = Counter()
        self._drawn_from = manners
        self._dice = dice
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @abstractmethod
    def take(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Act on a request. One at a time."""

    @abstractmethod
    def answer(self, request: BaseHTTPRequestHandler, manner: str) -> None:
        """Answer a request in a manner; OSError is of whoever asked, who is dead or has given up."""

    def _serve(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            manner = self._dice.choices(list(self._drawn_from), [share for share, _ in self._drawn_from.values()])[0]
            self.manners[manner] += 1
            if self._drawn_from[manner][1]:
                self.take(request, body)
        self.answer(request, manner)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        serve = self._serve

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) == length:  # else whoever sent it was killed meanwhile
                    with contextlib.suppress(OSError):
                        serve(self, body)
                self.close_connection = True

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler
