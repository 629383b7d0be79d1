"""A keep-alive HTTP connection that can be cut at any byte, which no ordinary client lets one do."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST_SECONDS = 6.0


@dataclass(frozen=True)
class Answer:
    """What came back; `status` is None when the connection broke, or nothing came in time: nobody knows what happened."""

    status: int | None
    outcome: str | None = None
    retry_after: str | None = None
    seconds: float = 0.0

    @property
    def acknowledged(self) -> bool:
        return self.status == 204

    @property
    def is_for_now(self) -> bool:
        """Whether a sender may hope for another answer later: cut, over a limit, or unavailable."""
        return self.status in (None, 429, 503)


class Line:
    """One connection to a port of the loopback interface, opened when needed. Not for several tasks at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and read its answer."""
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                reader, writer = await self._open()
                writer.write(request)
                status, headers = await _read_answer(reader)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, ValueError):
            self.cut()
            return Answer(None)
        if headers.get("connection") == "close":
            self.cut()
        seconds = asyncio.get_running_loop().time() - started
        return Answer(status, headers.get("leadsment-outcome"), headers.get("retry-after"), seconds)

    async def send_and_cut(self, request: bytes, *, after_seconds: float) -> Answer:
        """Send a request, or a part of one, and break the connection without reading."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_LONGEST_SECONDS):
                _, writer = await self._open()
                writer.write(request)
                await asyncio.sleep(after_seconds)
        self.cut()
        return Answer(None)

    def cut(self) -> None:
        """Break the connection at once; the next request opens another."""
        if self._streams:
            self._streams[1].transport.abort()
            self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # As in a browser: a connection the other side has closed is not tried again.
        if self._streams and (self._streams[0].at_eof() or self._streams[1].is_closing()):
            self.cut()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return self._streams


def request_bytes(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST request as it travels."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return int(first.split()[1]), headers
