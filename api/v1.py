"""/api/v1/*: what the dashboard asks for beyond plain reads of the database, and what customers' servers send.

GET  network         -> 200 {network}, the caller's own, such as 198.51.100.7/32, for the button that excludes it
POST install-checks  {site_id, url}, with the user's access token as bearer -> 200 {url, findings}, what is wrong with a page
GET  contact-providers -> 200 {providers}, by name: who is asked when contacts are looked for
POST contact-imports {company_id, csv, dry_run}, with the user's access token as bearer -> 200 {lines}, what became of each
POST page-views      {site, page_views}, with a site's secret as bearer -> 200 {results}, 503 when none was committed;
                     see lib/domain/page_view_batch.py and docs/install/server-side.md
POST webhook-endpoints {account_id, url, events, description?}, with the user's access token -> 201 {id, secret}
PUT  webhook-endpoints {id, url}, the same -> 200 {id}
GET  digest-preview?subscription=  with the user's access token as bearer -> 200 {subject, html, text}, the next digest so far
POST crm-connections {account_id, vendor, ...}, with the user's access token as bearer -> 200 the connection, whose token was
                     shown to the CRM and is kept encrypted; see lib/domain/crm.py
GET  openapi.json    -> 200 all of it as an OpenAPI document (lib/openapi.py)

Refusals are 4xx with {error, message}; 503 with Retry-After when the database does not answer. There is no CORS header:
a page of another origin is told nothing. network needs no sign-in: it tells callers about themselves alone, and nothing of
it is looked up, logged or kept.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from functions.check_install import CheckedInstall, check_install
from functions.connect_crm import connect_crm
from functions.import_contacts import ImportedLine, import_contacts
from functions.record_beacon import Sender, record_beacon
from functions.record_page_views import record_page_views, shown_result
from functions.save_webhook_endpoint import save_webhook_endpoint
from lib.asgi import Receive, Scope, Send, answer_json, bearer_token, content_type, door, headers_of, read_body
from lib.crm import open_crm
from lib.db.admission import admission
from lib.db.crm_store import MemberCrms
from lib.db.group_commit import group_commit
from lib.db.known_rules import known_rules
from lib.db.member_contacts import MemberContacts
from lib.db.member_digests import preview_digest
from lib.db.member_session import MemberSession
from lib.db.member_sites import find_member_site
from lib.db.site_secrets import stored_secrets
from lib.db.webhook_store import WebhookStore
from lib.domain import contact_import, crm, install_check, page_view_batch, webhook
from lib.domain.beacon import Beacon
from lib.domain.digest_preview import parse_preview
from lib.domain.outcome import Outcome
from lib.errors import (
    InvalidRequest,
    InvalidSecret,
    MissingSetting,
    NotSignedIn,
    Refusal,
    StoreUnavailable,
    TooManyRequests,
    Unavailable,
)
from lib.identification import InvalidAddress, VisitorAddress, client_address, identify, own_network
from lib.mail.digest_letter import digest_letter
from lib.mail.free_mail import is_free_mail
from lib.observe import report
from lib.openapi import document
from lib.outbound import Outbound
from lib.rate_limit import RateLimit
from lib.settings import (
    app_url,
    check_function_region,
    contact_provider_keys,
    crm_base_urls,
    install_check_networks,
    outbound_networks,
    project_settings,
    webhook_door_store_settings,
)
from lib.vault import vault
from lib.web_page import PageReader

Answer = tuple[int, Any]
Handler = Callable[[Scope, Receive], Awaitable[Answer]]
# Of the ten seconds the platform gives a function.
_ANSWERED_WITHIN_SECONDS = 9
# Ours is not to be a means to ask somebody's server again and again.
_checks = RateLimit(per_second=12 / 60, burst=12)
# Few at a time: each reads somebody's pages, for up to five seconds.
_checking = ThreadPoolExecutor(4, "check")
# Of what is left for it beside five answers of the database.
_LOOKS_FOR_SECONDS = 3
_looks = RateLimit(per_second=12 / 60, burst=12)
# Nor to try out tokens that somebody found.
_connects = RateLimit(per_second=6 / 60, burst=6)
# Three requests at most, and what is asked of the database, within the time of an answer.
_CRM_SECONDS = 2.2
_log = logging.getLogger("leadsment.v1")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        status, value = await _handler(scope)(scope, receive)
        await answer_json(send, status, value, _retry(StoreUnavailable.retry_after_seconds if status == 503 else None))
    except Refusal as refusal:
        allowed = {"allow": _methods(scope["path"])} if refusal.status == 405 else {}
        value = {"error": refusal.code, "message": refusal.message}
        await answer_json(send, refusal.status, value, {**allowed, **_retry(refusal.retry_after_seconds)})
    except (Unavailable, MissingSetting) as error:
        _log.error("not served: %s %s", type(error).__name__, error)
        away = error if isinstance(error, Unavailable) else Unavailable("setting")
        await answer_json(send, 503, {"error": "unavailable", "message": away.message}, _retry(away.retry_after_seconds))
        await report(error)


def _retry(seconds: int | None) -> dict[str, str]:
    return {} if seconds is None else {"retry-after": str(seconds)}


def _handler(scope: Scope) -> Handler:
    handler = SERVED.get((scope["method"], scope["path"]))
    if handler is not None:
        return handler
    if _methods(scope["path"]):
        raise InvalidRequest("method_not_allowed", f"Ask with {_methods(scope['path'])}.", status=405)
    raise InvalidRequest("not_found", "Nothing is here. /api/v1/openapi.json says what there is.", status=404)


def _methods(path: str) -> str:
    return ", ".join(sorted(method for method, known in SERVED if known == path))


async def _network(scope: Scope, receive: Receive) -> Answer:
    check_function_region()
    try:
        return 200, {"network": own_network(client_address(scope["headers"]))}
    except InvalidAddress:
        raise InvalidRequest("no_client_address", "The platform did not say where this request came from.") from None


async def _openapi(scope: Scope, receive: Receive) -> Answer:
    return 200, document()


async def _page_views(scope: Scope, receive: Receive) -> Answer:
    secret = bearer_token(scope)
    if secret is None:
        raise InvalidSecret
    body = await _json_body(scope, receive, largest_bytes=page_view_batch.LARGEST_BODY_BYTES)
    batch = page_view_batch.parse_page_views(body, read_address=VisitorAddress.parse, now=datetime.now(UTC))
    results = await record_page_views(batch, secret, secrets=stored_secrets(), record=_record)
    none_committed = not any(one.outcome for one in results) and any(one.error == "unavailable" for one in results)
    return 503 if none_committed else 200, {"results": [shown_result(one) for one in results]}


async def _record(beacon: Beacon, sender: Sender) -> Outcome:
    try:
        async with asyncio.timeout(_ANSWERED_WITHIN_SECONDS):
            return await record_beacon(
                beacon, sender, identify=identify, commits=group_commit(), rules=known_rules(), admission=admission()
            )
    except TimeoutError:
        # It may be committed all the same; the same batch sent again carries the same ids, so that it is kept once.
        raise StoreUnavailable("deadline") from None


async def _install_check(scope: Scope, receive: Receive) -> Answer:
    token = _token(scope)
    body = await _json_body(scope, receive, largest_bytes=install_check.LARGEST_BODY_BYTES)
    asked = install_check.parse_install_check(body)
    if _checks.seconds_to_wait(asked.site_id, time.monotonic()):
        message = "You checked this site a dozen times within a minute. Try again in a minute."
        raise TooManyRequests("too_many_checks", message, retry_after_seconds=60)
    try:
        checking = asyncio.get_running_loop().run_in_executor(_checking, _check, asked, token)
        checked = await asyncio.wait_for(checking, _ANSWERED_WITHIN_SECONDS)
    except TimeoutError:
        raise StoreUnavailable("deadline") from None
    return 200, {"url": checked.url, "findings": [asdict(finding) for finding in checked.findings]}


def _check(asked: install_check.AskedCheck, token: str) -> CheckedInstall:
    return check_install(
        asked,
        find_site=partial(find_member_site, token=token, settings=project_settings()),
        reader=PageReader(install_check_networks()),
        app_url=app_url(),
    )


async def _create_webhook(scope: Scope, receive: Receive) -> Answer:
    return 201, await _save_webhook(scope, receive, webhook.parse_endpoint)


async def _change_webhook(scope: Scope, receive: Receive) -> Answer:
    return 200, await _save_webhook(scope, receive, webhook.parse_url)


async def _save_webhook(scope: Scope, receive: Receive, parse: Callable[[bytes], webhook.Asked]) -> dict[str, str]:
    token = _token(scope)
    asked = parse(await _json_body(scope, receive, largest_bytes=webhook.LARGEST_BODY_BYTES))
    # Of each caller for themselves: who may not save a webhook must not keep away who may.
    if _looks.seconds_to_wait(f"{asked.subject} {token[-16:]}", time.monotonic()):
        message = "You saved webhooks a dozen times within a minute. Try again in a minute."
        raise TooManyRequests("too_many_looks", message, retry_after_seconds=60)
    try:
        saving = asyncio.get_running_loop().run_in_executor(_checking, _save, asked, token)
        return await asyncio.wait_for(saving, _ANSWERED_WITHIN_SECONDS)
    except TimeoutError:
        raise StoreUnavailable("deadline") from None


def _save(asked: webhook.Asked, token: str) -> dict[str, str]:
    return save_webhook_endpoint(
        asked,
        webhooks=WebhookStore(token, project_settings(), webhook_door_store_settings()),
        check_url=Outbound(outbound_networks(), seconds=_LOOKS_FOR_SECONDS).check_url,
    )


def _token(scope: Scope) -> str:
    token = bearer_token(scope)
    if token is None:
        raise NotSignedIn
    return token


async def _digest_preview(scope: Scope, receive: Receive) -> Answer:
    token = _token(scope)
    subscription_id = parse_preview(scope["query_string"])
    previewing = asyncio.to_thread(preview_digest, subscription_id, token, project_settings())
    try:
        letter = digest_letter(await asyncio.wait_for(previewing, _ANSWERED_WITHIN_SECONDS), app_url())
    except TimeoutError:
        raise StoreUnavailable("deadline") from None
    return 200, {"subject": letter.subject, "html": letter.html, "text": letter.text}


async def _crm_connection(scope: Scope, receive: Receive) -> Answer:
    token = _token(scope)
    asked = crm.parse_connection(await _json_body(scope, receive, largest_bytes=crm.LARGEST_BODY_BYTES))
    if _connects.seconds_to_wait(asked.account_id, time.monotonic()):
        message = "You tried to connect a CRM several times within a minute. Try again in a minute."
        raise TooManyRequests("too_many_tries", message, retry_after_seconds=60)
    try:
        connecting = asyncio.get_running_loop().run_in_executor(_checking, _connect, asked, token)
        return 200, await asyncio.wait_for(connecting, _ANSWERED_WITHIN_SECONDS)
    except TimeoutError:
        raise StoreUnavailable("deadline") from None


def _connect(asked: crm.AskedConnection, token: str) -> dict[str, Any]:
    http = Outbound(outbound_networks(), seconds=_CRM_SECONDS)
    return connect_crm(
        asked,
        connections=MemberCrms(MemberSession(token, project_settings())),
        open_crm=lambda wanted: open_crm(wanted.vendor, wanted.token, wanted.place, http=http, base_urls=crm_base_urls()),
        vault=vault(),
    )


async def _contact_providers(scope: Scope, receive: Receive) -> Answer:
    return 200, {"providers": sorted(contact_provider_keys())}


async def _contact_import(scope: Scope, receive: Receive) -> Answer:
    token = _token(scope)
    body = await _json_body(scope, receive, largest_bytes=contact_import.LARGEST_BODY_BYTES)
    asked = contact_import.parse_import(body)
    try:
        lines = await asyncio.wait_for(asyncio.to_thread(_import, asked, token), _ANSWERED_WITHIN_SECONDS)
    except TimeoutError:
        raise StoreUnavailable("deadline") from None
    return 200, {"lines": [asdict(line) for line in lines]}


def _import(asked: contact_import.AskedImport, token: str) -> list[ImportedLine]:
    return import_contacts(asked, contacts=MemberContacts(token, project_settings()), is_free_mail=is_free_mail)


async def _json_body(scope: Scope, receive: Receive, *, largest_bytes: int) -> bytes:
    if content_type(headers_of(scope)) != "application/json":
        raise InvalidRequest("unsupported_type", "Send the body as application/json.", status=415)
    return await read_body(receive, largest_bytes=largest_bytes)


SERVED: dict[tuple[str, str], Handler] = {
    ("GET", "/api/v1/network"): _network,
    ("GET", "/api/v1/digest-preview"): _digest_preview,
    ("GET", "/api/v1/openapi.json"): _openapi,
    ("POST", "/api/v1/page-views"): _page_views,
    ("POST", "/api/v1/install-checks"): _install_check,
    ("POST", "/api/v1/webhook-endpoints"): _create_webhook,
    ("PUT", "/api/v1/webhook-endpoints"): _change_webhook,
    ("POST", "/api/v1/crm-connections"): _crm_connection,
    ("GET", "/api/v1/contact-providers"): _contact_providers,
    ("POST", "/api/v1/contact-imports"): _contact_import,
}
