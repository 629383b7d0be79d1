"""Every answer of the built deployment asks for TLS and carries a policy: whatever the route, the method and the status.

The paths are read out of what `vercel build` wrote, so that a new page, function or rewrite is asked as well.
"""

import asyncio
import contextlib
import html
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import find
from hypothesis import strategies as st

from dev.deploy.build import OUTPUT
from dev.deploy.runtime import compile_again, running_function, unpack_bundle
from dev.stack import Stack
from dev.stack.edge import Edge, Message, Receive, Send
from dev.stack.routing import Routes

TWO_YEARS = "max-age=63072000; includeSubDomains; preload"
STATED = {
    "strict-transport-security": TWO_YEARS,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}
SWITCHED_OFF = ("camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()", "browsing-topics=()")
JSON = {"content-type": "application/json"}
LARGE = b"x" * 4_000_000


def paths_of_routes(config: dict[str, Any]) -> list[str]:
    """The shortest path that each route with a destination takes, as JavaScript's pattern says."""
    letters = string.ascii_letters + string.digits + "/.-_"
    patterns = [route["src"] for route in config["routes"] if "src" in route and not route["src"].startswith("^(?!")]
    return [find(st.from_regex(pattern, fullmatch=True, alphabet=letters), lambda path: True) for pattern in patterns]


def every_path(config: dict[str, Any], bundles: dict[str, Path]) -> list[str]:
    """Every file, function, route and job of the output, and what is none of them."""
    files = [f"/{file.relative_to(OUTPUT / 'static')}" for file in (OUTPUT / "static").rglob("*") if file.is_file()]
    jobs = [job["path"] for job in config["crons"]]
    nowhere = ["/nothing-here", "/api/nothing-here", "/api/beacon.py", "/assets/nothing.js", "/.env", "/%00", "/app/a/b/c"]
    found = {"/", *files, *(f"/{name}" for name in bundles), *paths_of_routes(config), *jobs, *nowhere}
    return sorted(path for path in found if path.startswith("/"))


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";")) if name}


def assert_hardened(headers: dict[str, str], what: str) -> None:
    assert {name: headers.get(name) for name in STATED} == STATED, what
    assert all(off in headers["permissions-policy"] for off in SWITCHED_OFF), what
    policy = directives(headers["content-security-policy"])
    assert policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'", what
    for directive in ("script-src", "style-src", "object-src"):
        # What a page may load comes from the page's own host; an answer that is no page may load nothing.
        assert policy.get(directive, policy.get("default-src")) in ("'self'", "'none'"), (what, directive)
    assert not re.search(r"unsafe|\*|http:|blob:", headers["content-security-policy"]), what


@pytest.fixture(scope="module")
def routes(config: dict[str, Any], bundles: dict[str, Path]) -> Routes:
    return Routes(config["routes"], OUTPUT / "static", set(bundles))


class Built:
    """The built deployment behind its own routes, as it answers over HTTP."""

    def __init__(self, routes: Routes, urls: dict[str, str]) -> None:
        self._edge = Edge(routes, {name: self._forwarding_to(url) for name, url in urls.items()})

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._edge, client=("127.0.0.1", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **request)

        return asyncio.run(ask())

    @staticmethod
    def _forwarding_to(url: str) -> Any:
        async def forward(scope: Message, receive: Receive, send: Send) -> None:
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
                headers = [(name, value) for name, value in scope["headers"] if name not in (b"host", b"content-length")]
                answer = await client.request(scope["method"], scope["path"], content=body, headers=headers)
            kept = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() != b"transfer-encoding"]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": kept})
            await send({"type": "http.response.body", "body": answer.content})

        return forward


@pytest.fixture(scope="module")
def built(routes: Routes, functions: dict[str, httpx.Client]) -> Built:
    return Built(routes, {name: str(client.base_url) for name, client in functions.items()})


@pytest.fixture(scope="module")
def without_settings(routes: Routes, bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("w")
    with contextlib.ExitStack() as booted:
        yield Built(
            routes,
            {name: booted.enter_context(running_function(unpack_bundle(name, folder), {})) for name in bundles},
        )


def test_every_path_of_the_output_is_answered_with_the_headers(
    config: dict[str, Any], bundles: dict[str, Path], built: Built
) -> None:
    asked = every_path(config, bundles)
    assert {"/", "/app.html", "/404.html", "/b", "/api/cron", "/s.js", "/nothing-here"} <= set(asked)
    statuses = set()
    for path in asked:
        answer = built.ask("GET", path)
        assert_hardened(dict(answer.headers), f"GET {path}: {answer.status_code}")
        statuses.add(answer.status_code)
    assert {200, 401, 404, 405} <= statuses


def test_what_a_function_refuses_is_answered_with_the_headers(
    config: dict[str, Any], bundles: dict[str, Path], built: Built
) -> None:
    requests: list[tuple[str, dict[str, Any]]] = [
        ("HEAD", {}),
        ("OPTIONS", {"headers": {"origin": "https://shop.example", "access-control-request-method": "POST"}}),
        ("DELETE", {}),
        ("PUT", {"content": b"{}", "headers": JSON}),
        ("POST", {}),
        ("POST", {"content": b"{", "headers": JSON}),
        ("POST", {"content": b"[[[", "headers": {"content-type": "text/html"}}),
        ("POST", {"content": LARGE, "headers": JSON}),
    ]
    leads = Routes(config["routes"], OUTPUT / "static", set(bundles))
    paths = [path for path in every_path(config, bundles) if leads.find_answer(path).function]
    assert {leads.find_answer(path).function for path in paths} == set(bundles)
    statuses = set()
    for path in paths:
        for method, request in requests:
            answer = built.ask(method, path, **request)
            assert_hardened(dict(answer.headers), f"{method} {path}: {answer.status_code}")
            statuses.add(answer.status_code)
    assert {400, 401, 404, 405, 413} <= statuses


def test_what_a_deployment_without_settings_answers_has_the_headers(bundles: dict[str, Path], without_settings: Built) -> None:
    answers = {name: without_settings.ask("GET", f"/{name}") for name in bundles}
    for name, answer in answers.items():
        assert_hardened(dict(answer.headers), f"{name}: {answer.status_code}")
    assert answers["api/health"].status_code == 503


def test_a_fault_of_our_own_is_answered_with_the_headers(routes: Routes, stack: Stack, tmp_path: Path) -> None:
    bundle = unpack_bundle("api/health", tmp_path)
    door = bundle / "api" / "health.py"
    door.write_text(door.read_text().replace("    database, jobs = await", "    raise RuntimeError\n    database, jobs = await"))
    compile_again(door)
    with running_function(bundle, stack.function_environment()) as url:
        answer = Built(routes, {"api/health": url}).ask("GET", "/api/health")
    assert answer.status_code == 500
    assert_hardened(dict(answer.headers), "a fault")


def test_every_page_states_that_nothing_may_be_loaded_but_what_it_names(config: dict[str, Any]) -> None:
    pages = sorted((OUTPUT / "static").rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text()
        stated = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
        policy = directives(html.unescape(stated[1])) if stated else {}
        assert policy.get("default-src") == "'none'", page.name
        assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'"), page.name
        assert all(source in ("'self'", "https://abcdefghijklmnopqrst.supabase.co") for source in policy["connect-src"].split())
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text), page.name


def test_no_page_script_or_style_of_the_output_names_a_place_without_tls(config: dict[str, Any]) -> None:
    named = re.compile(r"\bhttp://(?!www\.w3\.org/|localhost|127\.0\.0\.1|\[)[\w.-]+")
    for file in (OUTPUT / "static").rglob("*"):
        if file.suffix in (".html", ".js", ".css", ".svg", ".txt", ".json"):
            assert named.findall(file.read_text()) == [], file.name


WELL = {
    **STATED,
    "permissions-policy": ", ".join(SWITCHED_OFF),
    "content-security-policy": "script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in WELL),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("permissions-policy", "camera=()"),
        (
            "content-security-policy",
            WELL["content-security-policy"].replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
        ),
        ("content-security-policy", WELL["content-security-policy"].replace("script-src 'self'", "script-src *")),
        ("content-security-policy", WELL["content-security-policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'")),
        ("content-security-policy", "default-src 'self'; base-uri 'none'"),
    ],
)
def test_an_answer_that_says_less_is_seen(name: str, value: str) -> None:
    assert_hardened(WELL, "well")
    with pytest.raises((AssertionError, KeyError)):
        assert_hardened({**WELL, name: value}, name)
