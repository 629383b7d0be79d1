"""The proxies the dashboard hands out, run for real before a deployment that records what reaches it."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from dev.stack.layout import ROOT
from lib.identification import signed_hop
from tests.proxies import ADDRESS_HEADERS, proxy, recipes, runs_here

SECRET = "lmsk_" + "A" * 43
VISITOR, FORGED = "155.56.12.34", "155.56.99.99"
BODY = json.dumps({"k": "site_" + "0" * 24, "i": "0123456789", "u": "https://example.com/für"}).encode()
KEPT = {
    "Content-Type": "text/plain;charset=UTF-8",
    "Origin": "https://example.com",
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0)",
    "DNT": "0",
    "Sec-GPC": "0",
    "Sec-Purpose": "none",
}
# What the proxies' own HTTP clients add. None of it is the visitor's.
_OF_CLIENTS = {"host", "connection", "content-length", "accept", "accept-encoding", "accept-language", "sec-fetch-mode"}


@dataclass
class Deployment:
    """The wire of a deployment: it answers beacons as the product does, and keeps what it was sent."""

    url: str = ""
    status: int = 204
    requests: list[tuple[str, list[tuple[str, str]], bytes]] = field(default_factory=list)

    def last(self) -> tuple[dict[str, str], bytes]:
        path, headers, body = self.requests[-1]
        named = {name.lower(): value for name, value in headers}
        assert path == "/b" and len(named) == len(headers), "a header stands twice"
        return named, body

    def stated_address(self) -> bytes:
        """The visitor's address as the product reads it from the last request."""
        headers, body = self.last()
        hop = signed_hop([(name.encode(), value.encode("latin-1")) for name, value in headers.items()])
        assert hop
        return hop.address(body, [SECRET], time.time()).packed()


@pytest.fixture(scope="module")
def wire() -> Iterator[Deployment]:
    deployment = Deployment()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(200, b"/* the snippet */", {"Content-Type": "text/javascript", "Strict-Transport-Security": "max-age=1"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            deployment.requests.append((self.path, list(self.headers.items()), body))
            said = b"" if deployment.status == 204 else b'{"error":"unavailable"}'
            self.answer(deployment.status, said, {"Leadsment-Outcome": "identified", "Strict-Transport-Security": "max-age=1"})

        def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, **({} if status == 204 else {"Content-Length": str(len(body))})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    deployment.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield deployment
    server.shutdown()
    server.server_close()


@pytest.fixture
def deployment(wire: Deployment) -> Deployment:
    wire.status = 204
    wire.requests.clear()
    return wire


@pytest.fixture(scope="module", params=list(ADDRESS_HEADERS))
def kind(request: pytest.FixtureRequest) -> str:
    kind = str(request.param)
    if not runs_here(kind):
        pytest.skip(f"{kind} is not installed here")
    return kind


@pytest.fixture(scope="module")
def visitor(kind: str, wire: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with proxy(kind, wire.url, SECRET, tmp_path_factory.mktemp(kind)) as visitor:
        yield visitor


def view(visitor: httpx.Client, kind: str, content: bytes = BODY, headers: dict[str, str] | None = None) -> httpx.Response:
    return visitor.post("/lm/b", content=content, headers={**KEPT, ADDRESS_HEADERS[kind]: VISITOR, **(headers or {})})


def test_a_page_view_goes_on_with_the_visitors_signed_address(visitor: httpx.Client, kind: str, deployment: Deployment) -> None:
    answer = view(visitor, kind)
    assert (answer.status_code, answer.headers["leadsment-outcome"]) == (204, "identified")
    assert "strict-transport-security" not in answer.headers  # which would speak of the customer's domain
    headers, body = deployment.last()
    assert body == BODY and deployment.stated_address() == bytes([155, 56, 12, 34])
    assert {name: headers[name.lower()] for name in KEPT} == KEPT


def test_nothing_else_of_the_visitor_goes_on(visitor: httpx.Client, kind: str, deployment: Deployment) -> None:
    private = {"Cookie": "session=1", "Authorization": "Basic x", "Referer": "https://example.com/private"}
    view(visitor, kind, headers={**private, "X-Forwarded-For": FORGED, "Forwarded": f"for={FORGED}"})
    headers, _ = deployment.last()
    assert headers.keys() - _OF_CLIENTS == {name.lower() for name in KEPT} | {"leadsment-forwarded"}
    assert FORGED not in str(headers) and "session" not in str(headers)


@pytest.mark.parametrize("name", ["Leadsment-Forwarded", "leadsment-forwarded", "LEADSMENT_FORWARDED"])
def test_a_visitor_cannot_state_an_address(visitor: httpx.Client, kind: str, deployment: Deployment, name: str) -> None:
    forged = f"v1 t={int(time.time())} a={FORGED} b={'0' * 64} s={'0' * 64}"
    stated = {ADDRESS_HEADERS[kind]: VISITOR}
    visitor.post("/lm/b", content=BODY, headers=[*KEPT.items(), *stated.items(), (name, forged), (name, forged)])
    assert deployment.stated_address() == bytes([155, 56, 12, 34])
    assert FORGED not in str(deployment.requests)


def test_what_a_visitor_does_not_send_is_not_made_up(visitor: httpx.Client, kind: str, deployment: Deployment) -> None:
    sent = {"Content-Type": "text/plain", ADDRESS_HEADERS[kind]: VISITOR, "User-Agent": "curl/8"}
    visitor.request("POST", "/lm/b", content=BODY, headers=sent)
    headers, _ = deployment.last()
    assert headers.keys() - _OF_CLIENTS == {"content-type", "user-agent", "leadsment-forwarded"}


def test_the_script_comes_from_the_sites_own_domain(visitor: httpx.Client, kind: str) -> None:
    answer = visitor.get("/lm/s.js")
    assert (answer.status_code, answer.text) == (200, "/* the snippet */")
    assert "javascript" in answer.headers["content-type"]
    assert "strict-transport-security" not in answer.headers and "set-cookie" not in answer.headers


def test_a_refusal_and_an_outage_reach_the_page(visitor: httpx.Client, kind: str, deployment: Deployment) -> None:
    for status in (401, 503):
        deployment.status = status
        assert view(visitor, kind).status_code == status


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/lm/b"), ("POST", "/lm/s.js"), ("GET", "/lm/"), ("GET", "/lm/x"), ("POST", "/b")]
)
def test_nothing_else_is_served(visitor: httpx.Client, kind: str, deployment: Deployment, method: str, path: str) -> None:
    if kind == "nginx":
        pytest.skip("its two locations take every method; the deployment refuses the wrong one")
    assert visitor.request(method, path).status_code == 404
    assert deployment.requests == []


def test_a_large_body_is_not_taken_on(visitor: httpx.Client, kind: str, deployment: Deployment) -> None:
    view(visitor, kind, b"x" * 100_000)
    assert all(len(body) <= 2049 for _, _, body in deployment.requests)


def test_without_a_deployment_the_page_is_told_to_try_again(kind: str, tmp_path: Path) -> None:
    with proxy(kind, "http://127.0.0.1:9", SECRET, tmp_path) as visitor:
        assert view(visitor, kind).status_code in (502, 503)


def test_the_guide_shows_what_the_dashboard_shows() -> None:
    guide = (ROOT / "docs" / "install" / "proxy.md").read_text()
    for recipe in recipes().values():
        for file in recipe["files"]:
            assert f"\n{file['code']}```" in guide, file["name"]
