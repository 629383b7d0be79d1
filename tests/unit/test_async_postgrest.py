"""What the beacon's calls make of whatever comes back over the wire. The server is real; what it says is the test's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from lib.db.async_postgrest import AsyncPostgrest
from lib.errors import RowsLocked, RowsRefused, StoreUnavailable
from lib.settings import StoreSettings

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
KEPT = GOOD + b'["one"]'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n["ch\r\n6\r\nunks"]\r\n0\r\n\r\n'


def failure(code: str) -> bytes:
    body = f'{{"code":"{code}","message":"someone@example.com"}}'
    return f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


class Server:
    """Gives one answer after another, a list of pieces each; an empty piece closes. Remembers what it was asked on which
    connection."""

    def __init__(self, *answers: list[bytes]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, bytes]] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                self.asked.append((number, await reader.readexactly(length)))
                for piece in self.answers.pop(0):
                    if not piece:
                        return
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.01)
            await reader.read()


@contextlib.asynccontextmanager
async def serving(server: Server) -> AsyncIterator[AsyncPostgrest]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        with contextlib.closing(AsyncPostgrest(StoreSettings(f"http://127.0.0.1:{port}", "public", "token"))) as postgrest:
            yield postgrest


def run(server: Server, *asks: Callable[[AsyncPostgrest], Awaitable[Any]]) -> list[Any]:
    """What one question after another is answered, errors as they are."""

    async def ask() -> list[Any]:
        answers: list[Any] = []
        async with serving(server) as postgrest:
            for question in asks:
                answers += await asyncio.gather(question(postgrest), return_exceptions=True)
        return answers

    return asyncio.run(ask())


def question(postgrest: AsyncPostgrest) -> Awaitable[Any]:
    return postgrest.call("record_beacons", beacons=[])


def test_answers_come_in_pieces_chunks_and_after_notices_over_one_connection() -> None:
    pieces = [KEPT[:10], KEPT[10:-3], KEPT[-3:]]
    notice = [b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n", KEPT]
    server = Server(pieces, [CHUNKED], notice, [b"HTTP/1.1 204 No Content\r\n\r\n"])
    assert run(server, *[question] * 4) == [["one"], ["chunks"], ["one"], None]
    assert server.asked == [(1, b'{"beacons": []}')] * 4


@pytest.mark.parametrize(
    ("code", "error"), [("55P03", RowsLocked), ("22P05", RowsRefused), ("23514", RowsRefused), ("57014", StoreUnavailable)]
)
def test_what_the_database_says_decides_what_is_raised_and_its_words_are_left_out(code: str, error: type[Exception]) -> None:
    told, kept = run(Server([failure(code)], [KEPT]), question, question)
    assert (type(told), kept) == (error, ["one"])
    assert "example" not in str(told)


@pytest.mark.parametrize(
    "answer",
    [
        [b""],
        [KEPT[:30], b""],
        [KEPT[:-2], b""],
        [b"SSH-2.0-server\r\n"],
        [GOOD + b"no json"],
        [b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
        [b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"],
    ],
    ids=["nothing", "half a head", "half a body", "no HTTP", "no JSON", "an upgrade", "a gateway's error"],
)
def test_what_is_no_answer_is_not_known_to_be_committed_and_the_next_call_goes_well(answer: list[bytes]) -> None:
    told, kept = run(Server(answer, [KEPT]), question, question)
    assert (type(told), kept) == (StoreUnavailable, ["one"])


def test_an_answer_nobody_asked_for_is_not_taken_for_the_next_ones() -> None:
    other = KEPT.replace(b"one", b"two")
    server = Server([KEPT + other], [KEPT])
    assert run(server, question, question) == [["one"], ["one"]]
    assert [number for number, _ in server.asked] == [1, 2]
    late = Server([KEPT, other], [KEPT])
    assert run(late, question, lambda _: asyncio.sleep(0.05), question) == [["one"], None, ["one"]]
    assert [number for number, _ in late.asked] == [1, 2]


@pytest.mark.parametrize("farewell", [[KEPT, b""], [KEPT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")]])
def test_a_connection_the_server_has_closed_is_not_used_again(farewell: list[bytes]) -> None:
    server = Server(farewell, [KEPT])
    assert run(server, question, lambda _: asyncio.sleep(0.05), question) == [["one"], None, ["one"]]
    assert [number for number, _ in server.asked] == [1, 2]


def test_calls_beside_each_other_have_connections_of_their_own_and_keep_them() -> None:
    server = Server(*[[KEPT[:9], KEPT[9:]]] * 6)

    def three(postgrest: AsyncPostgrest) -> Awaitable[Any]:
        return asyncio.gather(*(question(postgrest) for _ in range(3)))

    assert run(server, three, three) == [[["one"]] * 3] * 2
    assert sorted(number for number, _ in server.asked) == [1, 1, 2, 2, 3, 3]


def test_who_stops_waiting_leaves_no_answer_behind_for_another() -> None:
    async def impatient(postgrest: AsyncPostgrest) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(question(postgrest), 0.005)

    server = Server([KEPT[:20], KEPT[20:].replace(b"one", b"old")], [KEPT])
    assert run(server, impatient, question) == [None, ["one"]]


def test_where_nobody_listens_is_said_at_once() -> None:
    async def ask() -> Any:
        async with serving(Server([KEPT])) as postgrest:
            pass
        return await asyncio.wait_for(postgrest.call("record_beacons"), 1)

    with pytest.raises(StoreUnavailable):
        asyncio.run(ask())
