"""Call database functions over PostgREST on an event loop, for the beacon: to hand each call to a thread and wait for it
would cost more than all the rest of a call.

Answers are parsed by httptools, which Vercel's runtime has imported already to read requests with.
"""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

from lib.db.postgrest import answer_of, request_headers
from lib.errors import StoreUnavailable
from lib.settings import StoreSettings
from lib.tls import trusted

# Connecting included; the database itself gives up after 2.5 s (a setting of the beacon's role).
_TIMEOUT_SECONDS = 2.7


class AsyncPostgrest:
    """Calls database functions as one role. For one event loop; each call has a connection of its own while it lasts."""

    def __init__(self, settings: StoreSettings, *, sees: Callable[[bytes], None] | None = None) -> None:
        """sees: is shown every byte that leaves, for the nightly proof."""
        self._sees = sees
        self._url = urlsplit(settings.supabase_url)
        self._tried_headers = [self._encoded_headers(request_headers(settings, token)) for token in settings.tokens]
        self._idle: list[_Connection] = []

    async def call(self, function: str, **arguments: object) -> Any:
        """Execute a function and return its JSON answer, None where it answers nothing.

        When this returns the transaction is committed. Raises StoreUnavailable when it is not known to be; where the
        database said why, RowsRefused or RowsLocked.
        """
        return await self.call_encoded(function, json.dumps(arguments))

    async def call_encoded(self, function: str, arguments: str) -> Any:
        """The same, for a caller that has its arguments as a JSON object already."""
        body = arguments.encode()
        line, length = f"POST /rest/v1/rpc/{function} HTTP/1.1\r\n", f"Content-Length: {len(body)}\r\n\r\n"
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                for headers in self._tried_headers:
                    status, answer = await self._exchange(f"{line}{headers}{length}".encode() + body)
                    if status != HTTPStatus.UNAUTHORIZED:
                        break
        except OSError as error:
            raise StoreUnavailable(type(error).__name__) from None
        if headers is not self._tried_headers[0]:
            # What is taken now is asked with first from now on.
            self._tried_headers = [headers, *(other for other in self._tried_headers if other is not headers)]
        return answer_of(status, answer)

    def close(self) -> None:
        """Close the idle connections; a later call opens new ones."""
        while self._idle:
            self._idle.pop().close()

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        connection = self._idle_connection() or await self._new_connection()
        status, answer = await connection.exchange(request)
        if connection.is_open:
            self._idle.append(connection)
        return status, answer

    def _encoded_headers(self, headers: dict[str, str]) -> str:
        named = {"Host": self._url.netloc, "Accept": "application/json", **headers}
        return "".join(f"{name}: {value}\r\n" for name, value in named.items())

    def _idle_connection(self) -> "_Connection | None":
        """The connection used last, if it is still open. A request is never sent twice to find out."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def _new_connection(self) -> "_Connection":
        is_secure = self._url.scheme == "https"
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(self._sees),
            self._url.hostname or "",
            self._url.port or (443 if is_secure else 80),
            ssl=trusted() if is_secure else None,
        )
        return connection


class _Connection(asyncio.Protocol):
    """A connection over HTTP/1.1 that carries one request at a time. Source: RFC 9112, 9.3."""

    def __init__(self, sees: Callable[[bytes], None] | None) -> None:
        self.is_open = False
        self._sees = sees
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None

    async def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return the answer's status and body. Raises OSError.

        Who stops waiting takes the connection along: what comes on it then is the answer to another's question.
        """
        self._answered = asyncio.get_running_loop().create_future()
        try:
            if self._sees:
                self._sees(request)
            self._transport.write(request)
            return await self._answered
        except BaseException:
            self.close()
            raise
        finally:
            self._answered = None

    def close(self) -> None:
        """Close it at once, whatever is on its way."""
        self.is_open = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio: it is open."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Of asyncio: a piece of an answer; where nobody asked, a farewell."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._end(ConnectionAbortedError())

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio: it is closed."""
        self._end(error if isinstance(error, OSError) else ConnectionResetError())

    def on_body(self, body: bytes) -> None:
        """Of httptools: a piece of a body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Of httptools: the end of an answer, or of a notice before it (1xx)."""
        status, body = self._parser.get_status_code(), b"".join(self._body)
        self._body.clear()
        if status < 200:
            return
        answers = self._answered is not None and not self._answered.done()
        if not answers or not self._parser.should_keep_alive():
            self.close()
        if self._answered and answers:
            self._answered.set_result((status, body))

    def _end(self, error: OSError) -> None:
        self.close()
        if self._answered and not self._answered.done():
            self._answered.set_exception(error)
