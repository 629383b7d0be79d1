"""Read requests and send answers over ASGI, for doors that must start fast.

Source: ASGI 3, HTTP connection scope. Header names come in lower case, and so they are compared as they come.
"""

import functools
import json
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any

from lib.errors import InvalidRequest
from lib.observe import report

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Names as they come over the wire. What may stand once only says what the request is; of two, a proxy and we might
# believe different ones. Signals sent twice are joined (RFC 9110, 5.3).
_SINGLE = {name.encode(): name for name in ("origin", "content-type", "content-encoding", "user-agent")}
_SIGNALS = {name.encode(): name for name in ("dnt", "sec-gpc", "sec-purpose", "purpose", "x-purpose", "x-moz")}
_READ = {**_SINGLE, **_SIGNALS}
_BEARER = re.compile(rb"bearer ([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_log = logging.getLogger("leadsment.door")


def door(handle: Application) -> Application:
    """Make a handler of HTTP requests an ASGI application whose surprises tell nobody anything but us.

    An exception the handler did not expect becomes a 500 without detail, a log line with its type and place, and a
    report with no more. Its text is left out: it may quote the request, and so an address.
    """

    @functools.wraps(handle)
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await _follow_lifespan(receive, send)
        try:
            await handle(scope, receive, send)
        except Exception as error:  # noqa: BLE001  the outermost layer: nothing may leave it
            place = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("unexpected %s at %s:%s", type(error).__name__, place.name, place.lineno)
            await answer_json(send, 500, {"error": "internal", "message": "Our fault. It has been logged."})
            await report(error)

    return application


async def _follow_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers that a door reads, by lower-case name. Raises InvalidRequest when one that says what the
    request is stands twice.

    No other header goes any further: several of them carry the visitor's address.
    """
    read: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name in _READ:
            key, text = _READ[name], value.decode("latin-1")
            if key in read:
                text = _joined(name, read[key], text)
            read[key] = text
    return read


def _joined(name: bytes, first: str, second: str) -> str:
    if name in _SINGLE:
        raise InvalidRequest("duplicate_header", f"Send the header {_SINGLE[name]} once.")
    return f"{first}, {second}"


def content_type(headers: Mapping[str, str]) -> str:
    """The media type of a request's body in lower case, without parameters; empty where none is stated. Of `headers_of`."""
    return headers.get("content-type", "").split(";")[0].strip().lower()


def bearer_token(scope: Scope) -> str | None:
    """The token of the Authorization header (RFC 6750); None if there is none, several, or something that is no token.

    Apart from headers_of, so that it goes nowhere else.
    """
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    found = _BEARER.fullmatch(sent[0]) if len(sent) == 1 else None
    return found[1].decode("ascii") if found else None


async def read_body(receive: Receive, *, largest_bytes: int) -> bytes:
    """Read the body up to the bound; raises InvalidRequest (413) beyond it, or when the client went away."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidRequest("disconnected", "The connection was closed before the request had ended.")
        piece = message.get("body", b"")
        size += len(piece)
        if size > largest_bytes:
            raise InvalidRequest("too_large", f"The body has at most {largest_bytes} bytes.", status=413)
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


async def answer(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    """Send a whole answer."""
    named = headers if status == HTTPStatus.NO_CONTENT else {**headers, "content-length": str(len(body))}
    await answer_encoded(send, status, encoded(named), body)


async def answer_encoded(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    """The same, for a door that sends one answer so often that it keeps its headers encoded."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """An answer's headers as ASGI takes them. Nobody stores an answer unless they say so."""
    named = {"cache-control": "no-store", **headers}
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]


async def answer_json(send: Send, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
    """Send a JSON document."""
    await answer(send, status, {"content-type": "application/json", **(headers or {})}, json.dumps(value).encode())
