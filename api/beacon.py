"""POST /b: the snippet's beacons. Open to the whole internet, on every page view of every customer.

Answers 204 once the beacon is committed, or deliberately not kept, with the outcome in the header Leadsment-Outcome;
4xx with a JSON reason for what is wrong, 429 with Retry-After for a site that sends too much; 503 with Retry-After when
the database did not commit in time.
"""

import asyncio
import gc
import logging
import time

from functions.record_beacon import Sender, record_beacon
from lib.asgi import Receive, Scope, Send, answer_encoded, answer_json, content_type, door, encoded, headers_of, read_body
from lib.db.admission import admission
from lib.db.group_commit import group_commit
from lib.db.known_rules import known_rules
from lib.domain.beacon import LARGEST_BODY_BYTES, parse_beacon
from lib.domain.outcome import Outcome
from lib.domain.page import host_of_origin
from lib.errors import InvalidRequest, MissingSetting, OriginNotAllowed, Refusal, StoreUnavailable
from lib.identification import InvalidAddress, VisitorAddress, client_address, identify, signed_hop
from lib.observe import report, spare_start

_CONTENT_TYPES = ("text/plain", "application/json")
# A page is never kept waiting longer, whatever queueing, connecting and committing add up to.
_ANSWERED_WITHIN_SECONDS = 2.6
# The page that sent a beacon may read its outcome. Any origin may ask: the answer holds nothing of anyone.
_CORS = {"access-control-allow-origin": "*", "access-control-expose-headers": "leadsment-outcome, retry-after"}
_PREFLIGHT = encoded(
    {
        **_CORS,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "86400",
    }
)
_ACKNOWLEDGED = {outcome: encoded({**_CORS, "leadsment-outcome": outcome}) for outcome in Outcome}
_log = logging.getLogger("leadsment.beacon")
spare_start()
# What was imported stays: the garbage collector need not go through it again every few hundred beacons.
gc.freeze()


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        if scope["method"] == "OPTIONS":
            return await answer_encoded(send, 204, _PREFLIGHT)
        outcome = await _record(scope, receive)
        await answer_encoded(send, 204, _ACKNOWLEDGED[outcome])
    except Refusal as refusal:
        await _refuse(send, refusal.status, refusal.code, refusal.message, refusal.retry_after_seconds)
    except (StoreUnavailable, MissingSetting) as error:
        _log.error("beacon not committed: %s", error)
        message = "Not recorded. Send the same beacon again."
        await _refuse(send, 503, "unavailable", message, StoreUnavailable.retry_after_seconds)
        await report(error)


async def _refuse(send: Send, status: int, code: str, message: str, retry_after_seconds: int | None) -> None:
    retry = {} if retry_after_seconds is None else {"retry-after": str(retry_after_seconds)}
    await answer_json(send, status, {"error": code, "message": message}, {**_CORS, **retry})


async def _record(scope: Scope, receive: Receive) -> Outcome:
    headers = headers_of(scope)
    _check_form(scope["method"], headers)
    body = await read_body(receive, largest_bytes=LARGEST_BODY_BYTES)
    beacon = parse_beacon(body)
    hop = signed_hop(scope["headers"])
    signed = None if hop is None else lambda secrets: hop.address(body, secrets, time.time())
    sender = Sender(_origin_host(headers), headers, _client_address(scope), signed)
    try:
        async with asyncio.timeout(_ANSWERED_WITHIN_SECONDS):
            return await record_beacon(
                beacon, sender, identify=identify, commits=group_commit(), rules=known_rules(), admission=admission()
            )
    except TimeoutError:
        # It may be committed all the same; the snippet's retry carries the same id, so that it is kept once.
        raise StoreUnavailable("deadline") from None


def _check_form(method: str, headers: dict[str, str]) -> None:
    if method != "POST":
        raise InvalidRequest("method_not_allowed", "Send beacons with POST.", status=405)
    if content_type(headers) not in _CONTENT_TYPES:
        raise InvalidRequest("unsupported_type", "Send the beacon as text/plain or application/json.", status=415)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise InvalidRequest("unsupported_encoding", "Send the beacon uncompressed.", status=415)


def _origin_host(headers: dict[str, str]) -> str:
    try:
        return host_of_origin(headers.get("origin", ""))
    except ValueError:
        raise OriginNotAllowed from None


def _client_address(scope: Scope) -> VisitorAddress:
    try:
        return client_address(scope["headers"])
    except InvalidAddress:
        raise InvalidRequest("no_client_address", "The platform did not say where this request came from.") from None
