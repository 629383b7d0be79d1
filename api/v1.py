"""/api/v1/*: what the dashboard asks for beyond plain reads of the database.

GET network      answers the caller's own network, {"network": "198.51.100.7/32"}, for the button that excludes it. It needs
                 no sign-in: it tells callers about themselves alone, and no other page, there being no CORS header. Nothing is
                 looked up, logged or kept.
GET openapi.json answers what else is here, as an OpenAPI document (lib/openapi.py).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from lib.asgi import Receive, Scope, Send, answer_json, door
from lib.errors import InvalidRequest, Refusal
from lib.identification import InvalidAddress, client_address, own_network
from lib.openapi import document

Handler = Callable[[Scope, Receive], Awaitable[tuple[int, dict[str, Any]]]]


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        status, value = await _handler(scope)(scope, receive)
        await answer_json(send, status, value)
    except Refusal as refusal:
        allowed = {"allow": ", ".join(_methods(scope["path"]))} if refusal.status == 405 else {}
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message}, allowed)


def _handler(scope: Scope) -> Handler:
    methods = _methods(scope["path"])
    if not methods:
        raise InvalidRequest("not_found", "Nothing is here. /api/v1/openapi.json says what there is.", status=404)
    if scope["method"] not in methods:
        raise InvalidRequest("method_not_allowed", f"Ask with {' or '.join(methods)}.", status=405)
    return SERVED[scope["method"], scope["path"]]


def _methods(path: str) -> list[str]:
    return [method for method, known in SERVED if known == path]


async def _network(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
    try:
        return 200, {"network": own_network(client_address(scope["headers"]))}
    except InvalidAddress:
        raise InvalidRequest("no_client_address", "The platform did not say where this request came from.") from None


async def _openapi(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
    return 200, document()


SERVED: dict[tuple[str, str], Handler] = {
    ("GET", "/api/v1/network"): _network,
    ("GET", "/api/v1/openapi.json"): _openapi,
}
