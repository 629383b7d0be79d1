"""/api/v1/*: what the dashboard asks for beyond plain reads of the database.

GET /api/v1/network answers the caller's own network, {"network": "198.51.100.7/32"}, for the button that excludes it.
It needs no sign-in: it tells callers about themselves alone, and no other page, there being no CORS header. Nothing is
looked up, logged or kept.
"""

from lib.asgi import Receive, Scope, Send, answer_json, door
from lib.errors import InvalidRequest, Refusal
from lib.identification import InvalidAddress, client_address, own_network


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        await answer_json(send, 200, {"network": _network(scope)})
    except Refusal as refusal:
        allowed = {"allow": "GET"} if refusal.status == 405 else {}
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message}, allowed)


def _network(scope: Scope) -> str:
    if scope["path"] != "/api/v1/network":
        raise InvalidRequest("not_found", "There is nothing at this address. Known is /api/v1/network.", status=404)
    if scope["method"] != "GET":
        raise InvalidRequest("method_not_allowed", "Ask with GET.", status=405)
    try:
        return own_network(client_address(scope["headers"]))
    except InvalidAddress:
        raise InvalidRequest("no_client_address", "The platform did not say where this request came from.") from None
