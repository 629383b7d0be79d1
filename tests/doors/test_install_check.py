"""Checking an installation through the door: who may, what it reads, and what it must never ask."""

import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dev.snippet import list_releases
from dev.stack import Stack
from lib.errors import PageUnreachable
from lib.web_page import PageReader
from tests.builders import Caller, Customer, World
from tests.deployments import deployment
from tests.website import Website, page, running_website

PATH = "/api/v1/install-checks"


@pytest.fixture
def website() -> Iterator[Website]:
    with running_website() as website:
        yield website


@pytest.fixture
def own(world: World) -> Customer:
    """A customer whose website is on this machine."""
    return world.customer("localhost")


def ask(app: httpx.Client, caller: Caller, site_id: str, url: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    return app.post(PATH, json={"site_id": site_id, "url": url}, headers=headers)


def codes(app: httpx.Client, customer: Customer, url: str) -> list[str]:
    return [finding["code"] for finding in found(app, customer, url)]


def found(app: httpx.Client, customer: Customer, url: str) -> list[dict[str, Any]]:
    answer = ask(app, customer.owner, customer.site_id, url)
    assert answer.status_code == httpx.codes.OK, answer.text
    findings: list[dict[str, Any]] = answer.json()["findings"]
    return findings


def tag(app: httpx.Client, customer: Customer, src: str = "/s.js", more: str = "") -> str:
    return f'<head><script defer src="{app.base_url}{src}" data-site="{customer.site["public_key"]}"{more}></script>'.replace(
        "//s.", "/s."
    )


def test_a_page_with_the_snippet_is_fine(app: httpx.Client, own: Customer, website: Website) -> None:
    website.show(tag(app, own))
    answer = ask(app, own.owner, own.site_id, f"{website.url}/pricing?x=1#y")
    assert answer.json()["url"] == f"{website.url}/pricing?x=1"
    [finding] = answer.json()["findings"]
    assert finding == {**finding, "code": "all_fine", "severity": "good"}
    assert answer.headers["cache-control"] == "no-store" and "access-control-allow-origin" not in answer.headers


def test_the_page_is_asked_for_without_a_word_about_who_asked(app: httpx.Client, own: Customer, website: Website) -> None:
    website.show("")
    assert codes(app, own, website.url) == ["no_tag"]
    [asked] = website.requests
    lines = asked.strip().lower().split("\r\n")
    assert lines[0] == "get / http/1.1"
    assert {line.split(":")[0] for line in lines[1:]} == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert "accept-encoding: identity" in lines


def test_policies_of_headers_and_meta_tags_are_read(app: httpx.Client, own: Customer, website: Website) -> None:
    website.show(tag(app, own), "Content-Security-Policy: default-src 'self'", "Content-Security-Policy: connect-src *")
    findings = found(app, own, website.url)
    assert [finding["code"] for finding in findings] == ["policy_blocks_script", "policy_blocks_beacon"]
    origin = str(app.base_url).rstrip("/")
    assert [finding["add"] for finding in findings] == [f"script-src 'self' {origin}", f"connect-src 'self' {origin}"]


def test_a_pinned_version_is_compared_with_what_we_serve(app: httpx.Client, own: Customer, website: Website) -> None:
    for release in list_releases():
        more = f' integrity="{release.integrity}" crossorigin="anonymous"'
        website.show(tag(app, own, f"/s.{release.version}.js", more))
        assert codes(app, own, website.url) == ["all_fine"]
        website.show(tag(app, own, f"/s.{release.version}.js", more.replace("sha384-", "sha384-A")))
        assert codes(app, own, website.url) == ["integrity_differs"]
    website.show(tag(app, own, "/s.99.0.0.js"))
    assert codes(app, own, website.url) == ["script_unreachable"]


def test_a_proxy_of_the_sites_own_is_asked_for_its_script(app: httpx.Client, own: Customer, website: Website) -> None:
    website.show(f'<script src="/lm/s.js" data-site="{own.site["public_key"]}"></script>')
    website.answers = {"/lm/s.js": page("console", kind="text/javascript")}
    assert codes(app, own, website.url) == ["first_party", "all_fine"]
    website.answers = {"/lm/s.js": page("<h1>Not found</h1>", status="404 Not Found")}
    assert codes(app, own, website.url) == ["first_party", "script_unreachable"]


@pytest.mark.parametrize("role", ["admin", "member", "viewer", "billing"])
def test_every_member_may_check(app: httpx.Client, world: World, own: Customer, website: Website, role: str) -> None:
    website.show(tag(app, own))
    assert ask(app, world.teammate(own.account_id, role), own.site_id, website.url).status_code == httpx.codes.OK


def test_nobody_else_may(app: httpx.Client, world: World, own: Customer, website: Website) -> None:
    stranger = world.customer("localhost").owner
    for caller, status, code in (
        (stranger, 404, "unknown_site"),
        (world.person(), 404, "unknown_site"),
        (world.anonymous(), 401, "not_signed_in"),
        (Caller(app, "nonsense"), 401, "not_signed_in"),
        (Caller(app, "a.b.c"), 401, "not_signed_in"),
        (world.beacon_door(), 401, "not_signed_in"),
    ):
        answer = ask(app, caller, own.site_id, website.url)
        assert (answer.status_code, answer.json()["error"]) == (status, code)
        assert len(answer.json()["message"]) > 20
    assert ask(app, own.owner, str(uuid.uuid4()), website.url).status_code == 404
    assert website.requests == []


@pytest.mark.parametrize("value", ["", "Bearer", "Basic abc", "Bearer a b", "Bearer é", "bearer\ta"])
def test_a_header_that_is_no_token_is_refused(app: httpx.Client, own: Customer, value: str) -> None:
    body = {"site_id": own.site_id, "url": "http://localhost/"}
    answer = app.post(PATH, json=body, headers=[(b"Authorization", value.encode())])
    assert (answer.status_code, answer.json()["error"]) == (401, "not_signed_in")


def test_hosts_that_are_not_the_sites_are_not_asked(app: httpx.Client, world: World, website: Website) -> None:
    customer = world.customer("example.com")
    answer = ask(app, customer.owner, customer.site_id, website.url)
    assert (answer.status_code, answer.json()["error"]) == (422, "host_not_listed")
    assert "localhost" in answer.json()["message"] and website.requests == []


def test_a_redirect_is_followed_to_hosts_of_the_site_alone(app: httpx.Client, own: Customer, website: Website) -> None:
    website.show(tag(app, own))
    website.answers = {
        "/old": page("", "Location: /new", status="301 Moved"),
        "/away": page("", f"Location: {website.url.replace('localhost', '127.0.0.1')}/", status="302 Found"),
        "/file": page("", "Location: file:///etc/passwd", status="302 Found"),
        "/bad": page("", "Location: http://[bad", status="302 Found"),
        "/port": page("", "Location: http://localhost:99999/", status="302 Found"),
        "/loop": page("", "Location: /loop", status="308 Again"),
        "/nowhere": page("", status="302 Found"),
    }
    answer = ask(app, own.owner, own.site_id, f"{website.url}/old")
    assert (answer.json()["url"], answer.json()["findings"][0]["code"]) == (f"{website.url}/new", "all_fine")
    [elsewhere] = found(app, own, f"{website.url}/away")
    assert (elsewhere["code"], elsewhere["add"]) == ("other_host", "127.0.0.1")
    for path in ("/file", "/bad", "/port", "/loop", "/nowhere"):
        assert codes(app, own, website.url + path) == ["page_unreachable"], path
    assert sum("GET /loop " in asked for asked in website.requests) == 4
    assert not [asked for asked in website.requests if "Host: 127.0.0.1" in asked]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1",
     "198.18.0.1", "224.0.0.1", "255.255.255.255", "localhost"],
)  # fmt: skip
def test_without_the_setting_no_inner_address_is_asked(stack: Stack, world: World, website: Website, host: str) -> None:
    customer = world.customer(host)
    port = website.url.rpartition(":")[2]
    with deployment(stack, INSTALL_CHECK_NETWORKS="") as deployed:
        for url in (f"http://{host}/", f"http://{host}:{port}/", f"https://{host}/"):
            [finding] = found(deployed, customer, url)
            assert (finding["code"], "public internet" in finding["message"] or "resolved" in finding["message"]) == (
                "page_unreachable", True,
            )  # fmt: skip
    assert website.requests == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
     "2002:7f00:1::", "2001:0:7f00:1::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::", "ff02::1",
     "100::1", "2001:db8::1"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Whatever form the name server gives the address, and also when the name leads outside as well."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    place: tuple[Any, ...] = (address, 80, 0, 0) if ":" in address else (address, 80)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", place)])
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))
    with pytest.raises(PageUnreachable) as refused:
        PageReader().read("http://shop.example/", lambda host: True)
    assert refused.value.reason == "address"


def test_what_is_connected_to_is_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time gets no second time."""
    answers = iter(["9.9.9.9", "127.0.0.1", "127.0.0.1"])
    connected: list[object] = []

    def resolve(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 80))]

    def connect(_: socket.socket, place: object) -> None:
        connected.append(place)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(PageUnreachable):
        PageReader().read("http://shop.example/", lambda host: True)
    assert connected == [("9.9.9.9", 80)]


def test_public_hosts_are_asked_on_the_usual_ports_only(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("9.9.9.9", 22))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))
    for url in ("http://shop.example:22/", "http://shop.example:443/", "https://shop.example:80/", "https://shop.example:8443/"):
        with pytest.raises(PageUnreachable) as refused:
            PageReader().read(url, lambda host: True)
        assert refused.value.reason == "port"


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense", b"HTTP/1.1 200\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200, b"HTTP/1.1 abc OK\r\n\r\n",
     b"HTTP/1.1 200 OK\r\n" + b"a" * 70_000,
     b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\nshort", b"\x16\x03\x01\x00\x00"],
)  # fmt: skip
def test_no_answer_breaks_the_door(app: httpx.Client, own: Customer, website: Website, answer: bytes) -> None:
    website.answer = answer
    assert codes(app, own, website.url) in (["page_unreachable"], ["no_tag"], ["not_html"])
    assert codes(app, own, website.url.replace("http:", "https:")) == ["page_unreachable"]


@pytest.mark.parametrize("status", ["401 Who", "403 Forbidden", "404 Not Found", "500 Oops", "503 Later", "304 Same", "204 None"])
def test_a_page_that_is_refused_is_said_so(app: httpx.Client, own: Customer, website: Website, status: str) -> None:
    website.show("", status=status)
    [finding] = found(app, own, website.url)
    if status.startswith("204"):
        assert finding["code"] == "no_tag"
    else:
        assert finding["code"] == "page_unreachable" and status[:3] in finding["message"]


def test_a_server_that_takes_its_time_does_not_take_ours(app: httpx.Client, own: Customer, website: Website) -> None:
    website.is_slow = True
    website.show(tag(app, own) + "x" * 1000)
    started = time.monotonic()
    [finding] = found(app, own, website.url)
    assert time.monotonic() - started < 7
    assert finding["code"] == "page_unreachable" and "five seconds" in finding["message"]


def test_of_an_endless_page_the_beginning_is_read(app: httpx.Client, own: Customer, website: Website) -> None:
    website.answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + (tag(app, own) + "x" * 30_000_000).encode()
    assert codes(app, own, website.url) == ["all_fine"]


def test_a_host_that_is_away_is_said_so(app: httpx.Client, own: Customer, world: World) -> None:
    with running_website() as gone:
        url = gone.url
    assert codes(app, own, url) == ["page_unreachable"]
    customer = world.customer("nothing-here.invalid")
    assert codes(app, customer, "http://nothing-here.invalid/") == ["page_unreachable"]


def test_one_site_is_checked_a_dozen_times_a_minute(app: httpx.Client, world: World, website: Website) -> None:
    website.show("")
    busy, other = world.customer("localhost"), world.customer("localhost")
    answers = [ask(app, busy.owner, busy.site_id, website.url) for _ in range(13)]
    assert [answer.status_code for answer in answers] == [200] * 12 + [429]
    assert "minute" in answers[-1].json()["message"]
    assert ask(app, other.owner, other.site_id, website.url).status_code == httpx.codes.OK


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"{}", 400), (b'{"site_id":"x","url":"http://localhost/"}', 400), (b"x" * 5000, 413),
     (b"\xff", 400), (b"[" * 2000, 400), (b'{"site_id":{},"url":1}', 400), (b'{"site_id":"x","url":"x","z":""}', 400)],
)  # fmt: skip
def test_hostile_bodies_are_refused_in_words(app: httpx.Client, own: Customer, body: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {own.owner.token}", "Content-Type": "application/json"}
    answer = app.post(PATH, content=body, headers=headers)
    assert (answer.status_code, len(answer.json()["message"]) > 20) == (status, True)


def test_other_methods_and_types_are_refused(app: httpx.Client, own: Customer) -> None:
    answer = app.get(PATH)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    headers = {"Authorization": f"Bearer {own.owner.token}", "Content-Type": "text/plain"}
    assert app.post(PATH, content=b"{}", headers=headers).status_code == 415


def test_an_unreachable_database_is_said_so(stack: Stack, own: Customer) -> None:
    with deployment(stack, SUPABASE_URL="http://127.0.0.1:9") as cut_off:
        answer = ask(cut_off, own.owner, own.site_id, "http://localhost/")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
