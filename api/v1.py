"""/api/v1/*: what the dashboard asks for beyond plain reads of the database, and what customers' servers send.

GET network      answers the caller's own network, {"network": "198.51.100.7/32"}, for the button that excludes it. It needs
                 no sign-in: it tells callers about themselves alone, and no other page, there being no CORS header. Nothing is
                 looked up, logged or kept.
GET openapi.json answers what else is here, as an OpenAPI document (lib/openapi.py).
POST page-views  takes a batch of page views from the holder of a site's secret; see lib/domain/page_view_batch.py and
                 docs/install/server-side.md. 200 {"results": [...]}, 503 when none was committed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from functions.record_beacon import Sender, record_beacon
from functions.record_page_views import Recorded, record_page_views
from lib.asgi import Receive, Scope, Send, answer_json, door, headers_of, read_body
from lib.db.admission import admission
from lib.db.group_commit import group_commit
from lib.db.known_rules import known_rules
from lib.db.site_secrets import stored_secrets
from lib.domain.beacon import Beacon
from lib.domain.outcome import Outcome
from lib.domain.page_view_batch import LARGEST_BODY_BYTES, parse_page_views
from lib.errors import InvalidRequest, InvalidSecret, MissingSetting, Refusal, StoreUnavailable
from lib.identification import InvalidAddress, VisitorAddress, client_address, identify, own_network
from lib.observe import report
from lib.openapi import document

Handler = Callable[[Scope, Receive], Awaitable[tuple[int, dict[str, Any]]]]
# Of the ten seconds the platform gives a function.
_ENTRY_ANSWERED_WITHIN_SECONDS = 8
_log = logging.getLogger("leadsment.v1")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        status, value = await _handler(scope)(scope, receive)
        await answer_json(send, status, value, _retry(status))
    except Refusal as refusal:
        allowed = {"allow": ", ".join(_methods(scope["path"]))} if refusal.status == 405 else {}
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message}, allowed)
    except (StoreUnavailable, MissingSetting) as error:
        _log.error("not served: %s %s", type(error).__name__, error)
        await answer_json(send, 503, {"error": "unavailable", "message": StoreUnavailable.message}, _retry(503))
        await report(error)


def _handler(scope: Scope) -> Handler:
    methods = _methods(scope["path"])
    if not methods:
        raise InvalidRequest("not_found", "Nothing is here. /api/v1/openapi.json says what there is.", status=404)
    if scope["method"] not in methods:
        raise InvalidRequest("method_not_allowed", f"Ask with {' or '.join(methods)}.", status=405)
    return SERVED[scope["method"], scope["path"]]


def _methods(path: str) -> list[str]:
    return [method for method, known in SERVED if known == path]


def _retry(status: int) -> dict[str, str]:
    return {"retry-after": str(StoreUnavailable.retry_after_seconds)} if status == 503 else {}


async def _network(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
    try:
        return 200, {"network": own_network(client_address(scope["headers"]))}
    except InvalidAddress:
        raise InvalidRequest("no_client_address", "The platform did not say where this request came from.") from None


async def _page_views(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
    secret = _bearer(scope)
    if headers_of(scope).get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise InvalidRequest("unsupported_type", "Send the body as application/json.", status=415)
    body = await read_body(receive, largest_bytes=LARGEST_BODY_BYTES)
    batch = parse_page_views(body, read_address=VisitorAddress.parse, now=datetime.now(UTC))
    results = await record_page_views(batch, secret, secrets=stored_secrets(), record=_record)
    none_committed = not any(one.outcome for one in results) and any(one.error == "unavailable" for one in results)
    return 503 if none_committed else 200, {"results": [_shown(one) for one in results]}


async def _record(beacon: Beacon, sender: Sender) -> Outcome:
    try:
        async with asyncio.timeout(_ENTRY_ANSWERED_WITHIN_SECONDS):
            return await record_beacon(
                beacon, sender, identify=identify, commits=group_commit(), rules=known_rules(), admission=admission()
            )
    except TimeoutError:
        # It may be committed all the same; the same batch sent again carries the same ids, so that it is kept once.
        raise StoreUnavailable("deadline") from None


def _bearer(scope: Scope) -> str:
    """The secret a server shows. Raises InvalidSecret when it shows none, or several."""
    values = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"authorization"]
    scheme, _, secret = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not secret:
        raise InvalidSecret
    return secret.strip()


def _shown(one: Recorded) -> dict[str, Any]:
    if one.outcome:
        return {"id": one.id, "outcome": one.outcome}
    wait = {} if one.retry_after_seconds is None else {"retry_after": one.retry_after_seconds}
    return {"id": one.id, "error": one.error, "message": one.message, **wait}


async def _openapi(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
    return 200, document()


SERVED: dict[tuple[str, str], Handler] = {
    ("GET", "/api/v1/network"): _network,
    ("GET", "/api/v1/openapi.json"): _openapi,
    ("POST", "/api/v1/page-views"): _page_views,
}
