"""/api/v1/*: what the dashboard asks for beyond plain reads of the database.

GET network          -> 200 {network}, the caller's own, such as 198.51.100.7/32, for the button that excludes it
POST install-checks  {site_id, url}, with the user's access token as bearer -> 200 {url, findings}, what is wrong with a page

Refusals are 4xx with {error, message}; 503 with Retry-After when the database does not answer. There is no CORS header:
a page of another origin is told nothing. network needs no sign-in: it tells callers about themselves alone.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from functions.check_install import CheckedInstall, check_install
from lib.asgi import Receive, Scope, Send, answer_json, bearer_token, door, headers_of, read_body
from lib.db.member_sites import find_member_site
from lib.domain.install_check import LARGEST_BODY_BYTES, AskedCheck, parse_install_check
from lib.domain.pace import Pace
from lib.errors import InvalidRequest, MissingSetting, NotSignedIn, Refusal, StoreUnavailable, TooManyRequests, Unavailable
from lib.identification import InvalidAddress, client_address, own_network
from lib.settings import app_url, install_check_networks, project_settings
from lib.web_page import PageReader

# A read of the database and of the page, each with a bound of its own; the platform ends a function after ten.
_ANSWERED_WITHIN_SECONDS = 9
# Ours is not to be a means to ask somebody's server again and again.
_pace = Pace(most=12, seconds=60)
_log = logging.getLogger("leadsment.v1")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        await answer_json(send, 200, await _answer(scope, receive))
    except Refusal as refusal:
        allowed = {"allow": _methods(scope["path"])} if refusal.status == 405 else {}
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message}, allowed)
    except (Unavailable, MissingSetting) as error:
        _log.error("not served: %s %s", type(error).__name__, error)
        away = error if isinstance(error, Unavailable) else Unavailable("setting")
        retry = {"retry-after": str(away.retry_after_seconds)}
        await answer_json(send, 503, {"error": "unavailable", "message": away.message}, retry)


async def _answer(scope: Scope, receive: Receive) -> object:
    serve = _SERVED.get((scope["method"], scope["path"]))
    if serve is not None:
        return await serve(scope, receive)
    if _methods(scope["path"]):
        raise InvalidRequest("method_not_allowed", f"Ask with {_methods(scope['path'])}.", status=405)
    known = ", ".join(sorted({path for _, path in _SERVED}))
    raise InvalidRequest("not_found", f"There is nothing at this address. Known are {known}.", status=404)


async def _network(scope: Scope, receive: Receive) -> dict[str, str]:
    try:
        return {"network": own_network(client_address(scope["headers"]))}
    except InvalidAddress:
        raise InvalidRequest("no_client_address", "The platform did not say where this request came from.") from None


async def _install_check(scope: Scope, receive: Receive) -> dict[str, Any]:
    token = bearer_token(scope)
    if token is None:
        raise NotSignedIn
    if headers_of(scope).get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise InvalidRequest("unsupported_type", "Send the body as application/json.", status=415)
    asked = parse_install_check(await read_body(receive, largest_bytes=LARGEST_BODY_BYTES))
    if not _pace.takes(asked.site_id, time.monotonic()):
        raise TooManyRequests("too_many_checks", "You checked this site a dozen times within a minute. Try again in a minute.")
    try:
        checked = await asyncio.wait_for(asyncio.to_thread(_check, asked, token), _ANSWERED_WITHIN_SECONDS)
    except TimeoutError:
        raise StoreUnavailable("deadline") from None
    return {"url": checked.url, "findings": [asdict(finding) for finding in checked.findings]}


def _check(asked: AskedCheck, token: str) -> CheckedInstall:
    return check_install(
        asked,
        find_site=partial(find_member_site, token=token, settings=project_settings()),
        reader=PageReader(install_check_networks()),
        app_url=app_url(),
    )


_SERVED: dict[tuple[str, str], Callable[[Scope, Receive], Awaitable[object]]] = {
    ("GET", "/api/v1/network"): _network,
    ("POST", "/api/v1/install-checks"): _install_check,
}


def _methods(path: str) -> str:
    return ", ".join(sorted(method for method, known in _SERVED if known == path))
