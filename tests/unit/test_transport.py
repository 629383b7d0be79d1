"""What leaves is encrypted: the checker sees what is not, and the clients turn away servers that are old or unknown."""

import argparse
import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from dev.database import with_database
from dev.transport import violations
from lib.contacts.over_http import OverHttp
from lib.db.async_postgrest import AsyncPostgrest
from lib.db.member_session import MemberSession
from lib.db.postgrest import Postgrest
from lib.errors import LeadsmentError
from lib.heartbeat import beat
from lib.mail.letter import plain_letter
from lib.mail.mailer import Mail, Mailer
from lib.outbound import Outbound
from lib.settings import MailSettings, ProjectSettings, StoreSettings
from lib.tls import trusted
from tests.tls import Certificate, running_tls_server

TLS = "a URL has TLS: write https://"
WEAKENED = "nothing checks less than certificates, names and TLS 1.2"
CONTEXT = "only lib/tls.py makes a context for TLS"
PLAIN = "only lib/db/postgrest.py and lib/guarded_http.py make a connection without TLS"
NETWORKS = ["127.0.0.0/8"]
TLS_1_1, TLS_1_2, TLS_1_3 = 0x0302, 0x0303, 0x0304


def test_nothing_of_ours_speaks_without_tls() -> None:
    assert [str(violation) for violation in violations()] == []


@pytest.mark.parametrize(
    ("file", "code", "rule"),
    [
        ("lib/x.py", 'URL = "http://vendor.example/"', TLS),
        ("lib/x.py", 'URL = f"http://{host}/"', TLS),
        ("web/site/x.ts", "fetch('HTTP://vendor.example')", TLS),
        ("web/x.html", '<img src="http://vendor.example/x.png">', TLS),
        ("web/x.ts", "new WebSocket('ws://vendor.example')", TLS),
        ("vercel.json", '{"destination": "http://vendor.example"}', TLS),
        (".env.example", "# such as http://vendor.example", TLS),
        ("lib/x.py", "requests.get(url, verify=False)", WEAKENED),
        ("lib/x.py", "context.verify_mode = ssl.CERT_NONE", WEAKENED),
        ("lib/x.py", "context.check_hostname = False", WEAKENED),
        ("lib/x.py", "ssl._create_unverified_context()", WEAKENED),
        ("lib/x.py", "context.minimum_version = ssl.TLSVersion.TLSv1", WEAKENED),
        ("lib/x.py", "context.minimum_version = ssl.TLSVersion.TLSv1_1", WEAKENED),
        ("web/x.mjs", "new Agent({ rejectUnauthorized: false })", WEAKENED),
        (".ci/run", "curl --insecure https://vendor.example", WEAKENED),
        ("lib/x.py", "ssl.create_default_context()", CONTEXT),
        ("lib/x.py", "ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)", CONTEXT),
        ("lib/x.py", "http.client.HTTPConnection(host)", PLAIN),
        ("functions/x.py", "import smtplib", PLAIN),
    ],
)
def test_what_would_is_seen(tmp_path: Path, file: str, code: str, rule: str) -> None:
    assert found_in(tmp_path, file, code) == {rule}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("lib/x.py", 'URL = "https://vendor.example/"'),
        ("dev/x.py", 'URL = f"http://127.0.0.1:{port}"'),
        ("web/x.svg", '<svg xmlns="http://www.w3.org/2000/svg">'),
        ("lib/tls.py", "context = ssl.create_default_context()\ncontext.minimum_version = ssl.TLSVersion.TLSv1_2"),
        ("lib/x.py", "http.client.HTTPSConnection(host, context=trusted())"),
        ("tests/x.py", 'URL = "http://vendor.example/"'),
    ],
)
def test_what_does_not_is_let_through(tmp_path: Path, file: str, code: str) -> None:
    assert found_in(tmp_path, file, code) == set()


def test_the_one_context_checks_certificates_and_names_and_takes_nothing_older_than_tls_1_2() -> None:
    assert trusted().minimum_version is ssl.TLSVersion.TLSv1_2
    assert (trusted().verify_mode, trusted().check_hostname) == (ssl.CERT_REQUIRED, True)


def through_the_beacon(url: str) -> None:
    asyncio.run(AsyncPostgrest(store(url)).call("x"))


def through_a_door(url: str) -> None:
    Postgrest(store(url)).call("x")


def through_a_member(url: str) -> None:
    MemberSession("token", ProjectSettings(url, "key")).call("x")


def through_the_way_out(url: str) -> None:
    Outbound(NETWORKS, seconds=3).post(f"{url}/x", b"{}", {})


def through_a_provider(url: str) -> None:
    OverHttp(Outbound(NETWORKS, seconds=3)).get(f"{url}/x", {})


def through_the_mailer(url: str) -> None:
    import resend  # noqa: PLC0415

    usual, resend.api_url = resend.api_url, url
    try:
        letter = plain_letter(subject="s", title="t", paragraphs=["p"], action=("a", "https://x.example"), footnote="f")
        Mailer(MailSettings("re_x", "hello@leadsment.example", "https://x.example")).send(Mail("a@b.example", letter, "key"))
    finally:
        resend.api_url = usual


CLIENTS = [through_the_beacon, through_a_door, through_a_member, through_the_way_out, through_a_provider, through_the_mailer]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(client: Callable[[str], None], tmp_path: Path) -> None:
    got: list[bytes] = []
    server = running_tls_server(Certificate(tmp_path), lambda wire: got.append(wire.recv(100)))
    with server as port, pytest.raises(LeadsmentError):
        client(f"https://localhost:{port}")
    assert got == []


@pytest.mark.parametrize("client", CLIENTS)
def test_no_version_older_than_tls_1_2_is_offered(client: Callable[[str], None]) -> None:
    with first_bytes() as (port, hello):
        with pytest.raises(LeadsmentError):
            client(f"https://localhost:{port}")
        offered = versions(hello[0])
    assert offered and min(offered) >= TLS_1_2 and TLS_1_3 in offered


def test_a_mail_service_without_tls_is_never_spoken_to() -> None:
    with pytest.raises(LeadsmentError, match="RESEND_API_URL"):
        through_the_mailer("http://mail.example")


def test_a_heartbeat_follows_no_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    from lib.domain.job import JOBS  # noqa: PLC0415

    asked: list[bytes] = []
    with plain_server(asked, b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/there\r\nContent-Length: 0\r\n\r\n") as port:
        monkeypatch.setenv("HEARTBEAT_URL", f"http://127.0.0.1:{port}/{{job}}")
        beat(JOBS["deliver_outbox"])
    assert [line.split(b" ")[1] for line in asked] == [b"/deliver-outbox"]


def say_to(host: str, mode: str = "") -> int:
    arguments = argparse.Namespace(database=f"postgresql://postgres:x@{host}/postgres{mode}")
    return with_database(arguments, lambda connection: 0)


def test_an_operators_commands_do_not_go_on_without_tls(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, str]] = []

    def connect(conninfo: str) -> None:
        told.append({name: str(value) for name, value in conninfo_to_dict(conninfo).items() if name.startswith("ssl")})
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", connect)
    for host in ("db.project.example", "127.0.0.1,db.project.example", "127.evil.example"):
        assert say_to(host) == 2
        assert told.pop() == {"sslmode": "require", "ssl_min_protocol_version": "TLSv1.2"}
        for mode in ("disable", "allow", "prefer"):
            assert say_to(host, f"?sslmode={mode}") == 2
            assert "with TLS alone" in capsys.readouterr().err and told == []
    say_to("db.project.example", "?sslmode=verify-full")
    assert told.pop()["sslmode"] == "verify-full"
    for here in ("127.0.0.1:5432", "localhost", ""):
        say_to(here)
        assert told.pop() == {}


def store(url: str) -> StoreSettings:
    return StoreSettings(url, "key", "token")


def found_in(root: Path, file: str, code: str) -> set[str]:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(code)
    return {violation.rule for violation in violations(root)}


@contextlib.contextmanager
def first_bytes() -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads what a client says first, and hangs up."""
    hello: list[bytes] = []

    def take(wire: socket.socket) -> None:
        received = b""
        while len(received) < 5 or len(received) < 5 + int.from_bytes(received[3:5]):
            piece = wire.recv(4096)
            if not piece:
                break
            received += piece
        hello.append(received)

    with listening(take) as port:
        yield port, hello


@contextlib.contextmanager
def plain_server(asked: list[bytes], answer: bytes) -> Iterator[int]:
    def take(wire: socket.socket) -> None:
        asked.append(wire.recv(4096).partition(b"\r\n")[0])
        wire.sendall(answer % wire.getsockname()[1])

    with listening(take) as port:
        yield port


@contextlib.contextmanager
def listening(take: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    wire, _ = listener.accept()
                    with wire:
                        take(wire)

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def versions(hello: bytes) -> list[int]:
    """The versions that a ClientHello offers. Source: RFC 8446, 4.1.2 and 4.2.1."""
    place = 5 + 4 + 2 + 32  # record, handshake, legacy version, random
    place += 1 + hello[place]  # session
    place += 2 + int.from_bytes(hello[place : place + 2])  # ciphers
    place += 1 + hello[place]  # compression
    place += 2
    while place < len(hello):
        kind, length = int.from_bytes(hello[place : place + 2]), int.from_bytes(hello[place + 2 : place + 4])
        if kind == 43:  # supported_versions
            listed = hello[place + 5 : place + 4 + length]
            return [int.from_bytes(listed[at : at + 2]) for at in range(0, len(listed), 2)]
        place += 4 + length
    return []
