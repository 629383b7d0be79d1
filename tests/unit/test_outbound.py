"""What is sent to servers that customers name: where to, how, and where never."""

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from lib.errors import OutboundRefused, OutboundUnavailable
from lib.outbound import Outbound
from tests.tls import Certificate, running_tls_server
from tests.website import Website, page, running_website

LOOPBACK = ["127.0.0.0/8", "::1/128"]


@pytest.fixture
def website() -> Iterator[Website]:
    with running_website() as website:
        yield website


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"))


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str, port: int = 443) -> None:
    """Let every name lead to these addresses: one look-up after the other, the last for all that follow."""
    left = list(addresses)

    def resolve(*_: object, **__: object) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, port, 0, 0) if ":" in address else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def connect_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))


def test_a_body_arrives_with_its_headers_and_the_answer_comes_back(website: Website) -> None:
    website.answer = page("taken", "Retry-After: 7", status="503 Later")
    answer = Outbound(LOOPBACK).post(f"{website.url}/in?a=ü&b=%20", b'{"a":1}', {"Content-Type": "application/json"})
    assert (answer.status, answer.text, answer.retry_after_seconds, answer.is_success) == (503, "taken", 7, False)
    head, _, body = website.requests[0].partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert lines[0] == "POST /in?a=%C3%BC&b=%20 HTTP/1.1" and body == '{"a":1}'
    assert {"Content-Type: application/json", "Content-Length: 7", "Connection: close", "User-Agent: Leadsment/1.0"} <= set(lines)
    assert f"Host: {website.url.removeprefix('http://')}" in lines


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_sent_too(website: Website, method: str) -> None:
    website.show("")
    assert Outbound(LOOPBACK).request(method, f"{website.url}/x").is_success
    assert website.requests[0].startswith(f"{method} /x HTTP/1.1\r\n")


def test_no_redirect_is_followed(website: Website) -> None:
    website.answer = page("", "Location: http://169.254.169.254/", status="307 There")
    answer = Outbound(LOOPBACK).post(website.url, b"", {})
    assert (answer.status, answer.location, len(website.requests)) == (307, "http://169.254.169.254/", 1)


ATTACKS = [
    "https://127.0.0.1/", "https://127.1/", "https://0x7f000001/", "https://0x7f.1/", "https://2130706433/", "https://017700000001/",
    "https://0/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[::ffff:a00:1]/", "https://[64:ff9b::a00:1]/",
    "https://localhost/", "https://localhost./", "https://LOCALHOST:8443/", "https://10.0.0.1/", "https://169.254.169.254/latest/",
    "https://100.64.0.1/", "https://192.168.1.1:8080/", "https://172.16.0.1/", "https://198.18.0.1/", "https://224.0.0.1/",
    "https://255.255.255.255/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "http://example.com/", "ftp://example.com/",
    "file:///etc/passwd", "gopher://example.com/", "https://user@example.com/", "https://user:pass@example.com/",
    "https://example.com@127.0.0.1/", "https://example.com\\@127.0.0.1/", "https://127.0.0.1\t/", "https://exa\nmple.com/",
    "https://exam ple.com/", "https://", "https:///path", "https:127.0.0.1", "//example.com/", "example.com", "",
    "https://example.com:0x50/",
    "https://example.com:99999/", "https://[fe80::1%25eth0]/", "https://[bad/", "https://.../",
    f"https://example.com/{'x' * 2000}", "https://-.example/", "javascript:alert(1)", "https://example.com\x00.evil.example/", "https://exa\u202emple.com/",
]  # fmt: skip


@pytest.mark.parametrize("url", ATTACKS)
def test_what_leads_inside_or_is_no_plain_https_url_is_refused_when_saved_and_when_sent(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    connect_nowhere(monkeypatch)
    real = socket.getaddrinfo

    def resolve(host: str, *more: Any, **named: Any) -> list[Any]:
        # Names that are none of this machine's lead outside here, so that a refusal is about the URL.
        return real("9.9.9.9" if host.endswith((".com", ".example")) else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for ask in (Outbound().check_url, lambda url: Outbound().post(url, b"", {})):
        with pytest.raises(OutboundRefused) as refused:
            ask(url)
        assert refused.value.status == 422 and len(refused.value.message) > 20


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
     "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::1", "fe80::1", "fe80::1%eth0",
     "fc00::1", "fd00:ec2::254", "::", "ff02::1", "100::1", "2001:db8::1", "10.1.2.3"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_in_whatever_form(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    connect_nowhere(monkeypatch)
    resolve_to(monkeypatch, address)
    for ask in (Outbound().check_url, lambda url: Outbound().post(url, b"", {})):
        with pytest.raises(OutboundRefused) as refused:
            ask("https://hooks.example/in")
        assert refused.value.code == "address_not_public"


def test_a_name_that_changes_after_it_was_saved_is_refused_when_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    connect_nowhere(monkeypatch)
    resolve_to(monkeypatch, "9.9.9.9", "127.0.0.1")
    Outbound().check_url("https://hooks.example/in")
    with pytest.raises(OutboundRefused):
        Outbound().post("https://hooks.example/in", b"", {})


def test_what_is_connected_to_is_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "9.9.9.9", "127.0.0.1")
    connected: list[object] = []

    def connect(_: socket.socket, place: object) -> None:
        connected.append(place)
        raise OSError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(OutboundUnavailable) as away:
        Outbound().post("https://hooks.example/in", b"", {})
    assert connected == [("9.9.9.9", 443)] and not away.value.was_sent


def test_ports_of_the_receivers_choice_are_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "9.9.9.9")
    Outbound().check_url("https://hooks.example:8443/in")


def test_only_networks_that_are_named_are_asked_without_tls(monkeypatch: pytest.MonkeyPatch, website: Website) -> None:
    website.show("")
    assert Outbound(LOOPBACK).post(website.url, b"", {}).status == 200
    with pytest.raises(OutboundRefused):
        Outbound().post(website.url, b"", {})
    resolve_to(monkeypatch, "9.9.9.9")
    with pytest.raises(OutboundRefused) as refused:
        Outbound(LOOPBACK).check_url("http://hooks.example/")
    assert refused.value.code == "not_https"


def test_a_name_there_is_none_of_is_refused_when_saved_and_tried_again_when_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(OutboundRefused):
        Outbound().check_url("https://hooks.example/")
    with pytest.raises(OutboundUnavailable) as away:
        Outbound().post("https://hooks.example/", b"", {})
    assert (away.value.reason, away.value.was_sent) == ("name", False)


def test_name_servers_that_are_slow_are_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> list[Any]:
        time.sleep(0.4)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(OutboundUnavailable) as slow:
        Outbound(seconds=0.1).check_url("https://hooks.example/")
    assert "name servers" in slow.value.message and not slow.value.was_sent


def test_the_certificate_is_compared_with_the_name(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def answer(connection: ssl.SSLSocket) -> None:
        asked.append(connection.recv(65_536) + connection.recv(65_536))  # its head, and its body
        connection.sendall(page("ok"))

    with running_tls_server(certificate, answer) as port:
        sender = Outbound(LOOPBACK, trust=certificate.trust)
        assert sender.post(f"https://localhost:{port}/in", b"x", {}).text == "ok"
        with pytest.raises(OutboundUnavailable) as unknown:
            Outbound(LOOPBACK).post(f"https://localhost:{port}/in", b"x", {})
        resolve_to(monkeypatch, "127.0.0.1", port=port)
        assert sender.post(f"https://shop.example:{port}/in", b"x", {}).text == "ok"
        with pytest.raises(OutboundUnavailable) as other:
            sender.post(f"https://other.example:{port}/in", b"x", {})
    assert [(error.value.reason, error.value.was_sent) for error in (unknown, other)] == [("certificate", False)] * 2
    assert b"Host: shop.example:%d\r\n" % port in asked[1]


@pytest.mark.parametrize("secure", [True, False])
def test_a_server_that_sends_byte_by_byte_is_cut_in_time(certificate: Certificate, website: Website, secure: bool) -> None:
    def answer(connection: ssl.SSLSocket) -> None:
        connection.recv(65_536)
        for byte in page("x" * 1000):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    website.show("x" * 1000)
    website.is_slow = True
    with running_tls_server(certificate, answer) as port:
        url = f"https://localhost:{port}/" if secure else website.url
        started = time.monotonic()
        with pytest.raises(OutboundUnavailable) as slow:
            Outbound(LOOPBACK, seconds=1, trust=certificate.trust).post(url, b"", {})
    assert 0.9 < time.monotonic() - started < 2
    assert (slow.value.reason, slow.value.was_sent) == ("slow", True)


def test_a_server_that_never_finishes_the_handshake_is_cut_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(OutboundUnavailable) as slow:
        Outbound(LOOPBACK, seconds=0.5).post(f"https://localhost:{listener.getsockname()[1]}/", b"", {})
    assert (slow.value.reason, slow.value.was_sent) == ("slow", False)


def test_of_a_large_answer_the_beginning_is_read(website: Website) -> None:
    website.answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000
    assert len(Outbound(LOOPBACK).post(website.url, b"", {}).body) == 65_536


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense", b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200,
     b"HTTP/1.1 200 OK\r\n" + b"a" * 70_000,
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"],
)  # fmt: skip
def test_where_no_whole_answer_comes_it_may_have_arrived(website: Website, answer: bytes) -> None:
    website.answer = answer
    with pytest.raises(OutboundUnavailable) as broken:
        Outbound(LOOPBACK).post(website.url, b"x", {})
    assert (broken.value.reason, broken.value.was_sent) == ("answer", True)


def test_a_server_that_is_away_got_nothing() -> None:
    with running_website() as gone:
        url = gone.url
    with pytest.raises(OutboundUnavailable) as away:
        Outbound(LOOPBACK).post(url, b"x", {})
    assert (away.value.reason, away.value.was_sent) == ("connection", False)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, website: Website) -> None:
    website.show("")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Outbound(LOOPBACK).post(website.url, b"", {}).status == 200


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), ("999999999999", 86_400), ("-5", None), ("soon", None), ("", None), ("٣", None), ("1.5", None),
     # What breaks Python's own reader of dates.
     ("Mon, 01 Jan 2024 00:00:00 +9999999999999999999999", None), ("Mon, 01 Jan 9999999999 00:00:00 GMT", None)],
)  # fmt: skip
def test_retry_after_is_read_in_seconds(website: Website, value: str, seconds: int | None) -> None:
    website.answer = f"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: {value}\r\n\r\n".encode()
    assert Outbound(LOOPBACK).post(website.url, b"", {}).retry_after_seconds == seconds


def test_retry_after_is_read_as_a_date(website: Website) -> None:
    for ahead, least, most in ((90, 80, 90), (-90, 0, 0), (10_000_000, 86_400, 86_400)):
        at = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        website.answer = page("", f"Retry-After: {at}", status="429 Slow")
        wait = Outbound(LOOPBACK).post(website.url, b"", {}).retry_after_seconds
        assert wait is not None and least <= wait <= most
