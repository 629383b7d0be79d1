"""A website and the beacon's other end, both recorded at the wire.

Pages are served on localhost, the script and /b on 127.0.0.1: another origin, as in production.
"""

import http.server
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ATTRIBUTES = 'defer data-site="site_0123456789abcdef01234567"'


@dataclass
class Request:
    """One request that reached /b, or a path that a proxy would send there."""

    method: str
    path: str
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.text)
        return parsed


@dataclass
class Recorder:
    """What the server serves and what it has received. `answers` are given in turn, then 204 for ever.

    `files` are scripts at further paths, served as the product serves its own.
    """

    script: Path
    requests: list[Request] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    html: str = ""
    policy: str = ""
    files: dict[str, Path] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.site = f"http://localhost:{self._server.server_port}"
        self.leadsment = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self, *, attributes: str = ATTRIBUTES, before: str = "", after: str = "", src: str | None = None) -> None:
        """Set the page that every path of the site shows: scripts of its own before and after the snippet's tag."""
        tag = f'<script {attributes} src="{src or f"{self.leadsment}/s.js"}"></script>'
        own = [f"<script src='/own.js?{place}'></script>" if code else "" for place, code in enumerate((before, after))]
        self.own = [before, after]
        self.html = f"<!doctype html><title>A page</title>{own[0]}{tag}{own[1]}<h1>Hello</h1>"
        self.policy = f"default-src 'none'; script-src 'self' {self.leadsment}; connect-src {self.leadsment}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        recorder = self.server.recorder
        script = {"/s.js": recorder.script, **recorder.files}.get(self.path)
        if script:
            self._send(200, script.read_bytes(), "text/javascript", {"Access-Control-Allow-Origin": "*"})
        elif self.path.startswith("/own.js?"):
            self._send(200, recorder.own[int(self.path[-1])].encode(), "text/javascript")
        elif self.path == "/favicon.ico":
            self._send(204, b"", "image/x-icon")
        else:
            self._send(200, recorder.html.encode(), "text/html", {"Content-Security-Policy": recorder.policy})

    def do_POST(self) -> None:
        recorder = self.server.recorder
        text = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        recorder.requests.append(Request(self.command, self.path, headers, text))
        status = recorder.answers.pop(0) if recorder.answers else 204
        if status == 0:  # the network fails
            self.connection.close()
            return
        allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "leadsment-outcome"}
        self._send(status, b"", "text/plain", {**allowed, "Leadsment-Outcome": "carrier"})

    def do_OPTIONS(self) -> None:
        self.server.recorder.others.append(f"OPTIONS {self.path}")
        self._send(204, b"", "text/plain")

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.recorder = recorder
