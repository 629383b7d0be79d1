"""CRMs on loopback that behave as their vendors document, faults and all. What a customer has there is in `records`."""

import abc
import contextlib
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_SLOW_SECONDS = 10.0
Headers = dict[str, str]
Answer = tuple[int, Any, Headers]


@dataclass(frozen=True)
class Request:
    """What came. query and form: by name. value: of a JSON body."""

    method: str
    path: str
    query: dict[str, str]
    headers: Headers
    value: Any
    form: dict[str, str]


@dataclass
class Fault:
    """What happens instead of an answer. acts: the request takes effect all the same. raw: a body that is no JSON."""

    status: int = 500
    value: Any = None
    raw: bytes | None = None
    headers: Headers = field(default_factory=dict)
    acts: bool = False
    is_dropped: bool = False
    is_slow: bool = False


class CrmDouble(abc.ABC):
    """What the vendors have in common. `faults` happen to the next requests, one each, or to those `picks` chooses."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.picks: Callable[[Request], bool] = lambda request: True
        self.serial = itertools.count(1001)
        self.lock = threading.Lock()

    @abc.abstractmethod
    def answer(self, request: Request) -> Answer:
        """As the vendor answers."""

    def serve(self, request: Request) -> tuple[Answer, Fault | None]:
        """Let it act, or a fault happen."""
        with self.lock:
            self.requests.append(request)
            fault = self.faults.pop(0) if self.faults and self.picks(request) else None
            if fault is None or fault.acts:
                answer = self.answer(request)
            return (answer if fault is None else (fault.status, fault.value, fault.headers)), fault

    def writes(self) -> list[Request]:
        """The requests that may have changed a record."""
        return [asked for asked in self.requests if asked.method in ("POST", "PATCH") and "search" not in asked.path]


@contextlib.contextmanager
def running_crms(port: int, doubles: dict[str, CrmDouble]) -> Iterator[None]:
    """Serve each below its name until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            request, vendor = _read(self)
            (status, value, headers), fault = doubles[vendor].serve(request)
            if fault and fault.is_dropped:
                self.close_connection = True
                return
            if fault and fault.is_slow:
                time.sleep(_SLOW_SECONDS)
            raw = fault.raw if fault and fault.raw is not None else b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(raw)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the requests are kept."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _read(handler: BaseHTTPRequestHandler) -> tuple[Request, str]:
    parts = urlsplit(handler.path)
    vendor, _, path = parts.path.lstrip("/").partition("/")
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    headers = {name.lower(): value for name, value in handler.headers.items()}
    is_form = headers.get("content-type") == "application/x-www-form-urlencoded"
    return (
        Request(
            method=handler.command,
            path=f"/{path}",
            query=dict(parse_qsl(parts.query)),
            headers=headers,
            value=json.loads(body) if body and not is_form else None,
            form=dict(parse_qsl(body.decode())) if is_form else {},
        ),
        vendor,
    )
