"""Read requests and send answers over ASGI, for doors that must start fast.

Source: ASGI 3, HTTP connection scope. Header names come in lower case.
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

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_READ = frozenset(
    ("origin", "content-type", "content-encoding", "user-agent", "dnt", "sec-gpc", "sec-purpose", "purpose", "x-purpose", "x-moz")
)
_BEARER = re.compile(rb"bearer ([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_log = logging.getLogger("leadsment.door")


def door(handle: Application) -> Application:
    """Make a handler of HTTP requests an ASGI application whose surprises tell nobody anything but us.

    An exception the handler did not expect becomes a 500 without detail, and a log line with its type and place.
    Its text is left out: it may quote the request, and so an address.
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

    return application


async def _follow_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers that a door reads, by lower-case name. Of a header sent twice the last is taken.

    No other header goes any further: several of them carry the visitor's address.
    """
    named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    return {name: value for name, value in named if name in _READ}


def bearer_token(scope: Scope) -> str | None:
    """The token of the Authorization header (RFC 6750); None if there is none, or something that is no token.

    Apart from headers_of, so that it goes nowhere else.
    """
    for name, value in scope["headers"]:
        if name.lower() == b"authorization":
            found = _BEARER.fullmatch(value)
            return found[1].decode("ascii") if found else None
    return None


async def read_body(receive: Receive, *, largest_bytes: int) -> bytes:
    """Read the body up to the bound; raises InvalidRequest (413) beyond it, or when the client went away."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidRequest("disconnected", "The connection was closed before the request had ended.")
        body += bytes(message.get("body", b""))
        if len(body) > largest_bytes:
            raise InvalidRequest("too_large", f"The body has at most {largest_bytes} bytes.", status=413)
        if not message.get("more_body", False):
            return body


async def answer(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    """Send a whole answer."""
    named = {"cache-control": "no-store", **headers}
    if status != HTTPStatus.NO_CONTENT:
        named["content-length"] = str(len(body))
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Send, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
    """Send a JSON document."""
    await answer(send, status, {"content-type": "application/json", **(headers or {})}, json.dumps(value).encode())
