"""/api/public/*: what anyone may ask without an account: never to be identified, or to be identified again, as a company;
and, as a person, what is kept of one's work address, that it no longer is, and to get no more mails; to exercise one's rights
under Art. 15 to 21 GDPR, and to read what would be shown about oneself now.

POST opt-out-requests       {domain, proof, wish, email?} -> 202 the request, waiting for its proof
POST opt-out-requests/find  {token}                       -> 200 the open request; changes nothing
POST opt-outs               {token}                       -> 200 {companies, domain, state}; checks the proof, and acts
POST contacts/find          {token}                       -> 200 what is kept of a person, by whom; changes nothing
POST contact-objections     {token}                       -> 200 {state, is_mailed}: objected, and deleted in one account; or gone
POST contact-objections/everywhere {token}                -> 200 {state}: objected, and deleted everywhere; or gone
POST mail-links/find        {token}                       -> 200 {kind, about, rhythm, stopped}; changes nothing
POST mail-links             {token, wish}                 -> 200 the same; stops mails, or lets them come again
POST data-requests          {kind, email, details?}       -> 202 {reference, kind, received_at, due_at}; mails the link
POST data-requests/find     {token}                       -> 200 what it asks for and would do; changes nothing
POST data-requests/prove    {token}                       -> 200 {state, kind, outcome, files, ...}: carried out, or open
POST personal-data          {token, email}                -> 200 everything that is kept of the person, for seven days
GET  shown                                                -> 200 {company, reason}: what would be shown of the caller
POST unsubscribe/{token}                                  -> 200 {}; what a mailbox's own button does (RFC 8058)
GET  unsubscribe/{token}                                  -> 303 to the page that asks once more

Else everything is a POST with a JSON body: a token in a URL would end in logs, and what opens links must not act. Refusals
are 4xx with {error, message}; 503 with Retry-After when something beyond us does not answer. Reads the caller's address for
GET shown alone, in memory.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Any

from functions.find_contact import find_contact
from functions.find_opt_out import find_opt_out
from functions.object_to_contact import object_everywhere, object_to_contact
from functions.prove_data_request import fetch_personal_data, find_data_request, prove_data_request
from functions.prove_opt_out import prove_opt_out
from functions.request_data import request_data
from functions.request_opt_out import request_opt_out
from functions.show_caller import show_caller
from functions.use_mail_link import stop_by_one_click, use_mail_link
from lib.asgi import Receive, Scope, Send, answer, answer_json, content_type, door, headers_of, read_body
from lib.db.data_request_store import data_request_store
from lib.db.known_opt_outs import known_opt_outs
from lib.db.mail_store import mail_link_store
from lib.db.objection_store import objection_store
from lib.db.opt_out_store import opt_out_store
from lib.dns import find_texts
from lib.domain import data_request
from lib.domain.mail_link import ONE_CLICK_PATH, parse_link, parse_link_path, parse_wish
from lib.domain.opt_out import LARGEST_BODY_BYTES, Proof, parse_opt_out, parse_token, record_of
from lib.errors import InvalidRequest, MissingSetting, Refusal, StoreUnavailable, TooManyRequests, Unavailable
from lib.identification import InvalidAddress, Organisation, VisitorAddress, client_address, identify
from lib.identification.search import companies_of_domain
from lib.mail.free_mail import is_free_mail
from lib.mail.opt_out_link import send_opt_out_link
from lib.observe import report
from lib.rate_limit import RateLimit
from lib.settings import dns_resolvers

# Two calls of the database and a mail, each with a bound of its own; the platform ends a function after ten.
_ANSWERED_WITHIN_SECONDS = 9
Serve = Callable[[bytes], tuple[int, dict[str, Any]]]
_SHOWN = "/api/public/shown"
# Of everybody together: to count a caller's questions, something of their address would have to be kept.
_shown_limit = RateLimit(per_second=5, burst=30)
_log = logging.getLogger("leadsment.public")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        if scope["path"].startswith(ONE_CLICK_PATH) and scope["method"] in ("GET", "HEAD"):
            # What opens links, such as a scanner of mails, must not act. The token goes behind the #, past logs.
            await answer(send, 303, {"location": f"/unsubscribe#{parse_link_path(scope['path'])}"})
            return
        status, value = await _answer(scope, receive)
        await answer_json(send, status, value)
    except Refusal as refusal:
        seconds = refusal.retry_after_seconds
        retry = {} if seconds is None else {"retry-after": str(seconds)}
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message}, retry)
    except (Unavailable, MissingSetting) as error:
        _log.error("not served: %s %s", type(error).__name__, error)
        away = error if isinstance(error, Unavailable) else Unavailable("setting")
        retry = {"retry-after": str(away.retry_after_seconds)}
        await answer_json(send, 503, {"error": "unavailable", "message": away.message}, retry)
        await report(error)


async def _answer(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
    if scope["path"].startswith(ONE_CLICK_PATH):
        # A mailbox sends a form, of which nothing is needed.
        _check_method(scope["method"])
        token = parse_link_path(scope["path"])
        return await _in_time(lambda _: _one_click(token), b"")
    if scope["path"].rstrip("/") == _SHOWN:
        return await _shown_about_caller(scope)
    serve = _SERVED.get(scope["path"].rstrip("/"))
    if serve is None:
        raise InvalidRequest("not_found", "There is nothing at this address.", status=404)
    _check_form(scope["method"], headers_of(scope))
    largest = data_request.LARGEST_BODY_BYTES if serve is _request_data else LARGEST_BODY_BYTES
    return await _in_time(serve, await read_body(receive, largest_bytes=largest))


async def _shown_about_caller(scope: Scope) -> tuple[int, dict[str, Any]]:
    if scope["method"] != "GET":
        raise InvalidRequest("method_not_allowed", "Ask for this with GET.", status=405)
    wait = _shown_limit.seconds_to_wait("", time.monotonic())
    if wait:
        raise TooManyRequests("too_many_requests", "Many ask at this moment. Try again shortly.", retry_after_seconds=ceil(wait))
    headers = headers_of(scope)
    address = _address_of(scope)
    # Who opted out is fetched whole, so that nothing of the caller is asked about elsewhere.
    return await _in_time(lambda _: (200, show_caller(address, headers, identify=identify, opt_outs=known_opt_outs().get())), b"")


def _address_of(scope: Scope) -> VisitorAddress:
    try:
        return client_address(scope["headers"])
    except InvalidAddress:
        raise InvalidRequest("no_client_address", "The platform did not say where this request came from.") from None


async def _in_time(serve: Serve, body: bytes) -> tuple[int, dict[str, Any]]:
    try:
        return await asyncio.wait_for(asyncio.to_thread(serve, body), _ANSWERED_WITHIN_SECONDS)
    except TimeoutError:
        raise StoreUnavailable("deadline") from None


def _check_method(method: str) -> None:
    if method != "POST":
        raise InvalidRequest("method_not_allowed", "Send this with POST.", status=405)


def _check_form(method: str, headers: dict[str, str]) -> None:
    _check_method(method)
    # A page of another origin cannot send this type without asking first, and is not answered.
    if content_type(headers) != "application/json":
        raise InvalidRequest("unsupported_type", "Send the body as application/json.", status=415)


def _request(body: bytes) -> tuple[int, dict[str, Any]]:
    requested = request_opt_out(
        parse_opt_out(body),
        companies_of_domain=companies_of_domain,
        is_free_mail=is_free_mail,
        store=opt_out_store(),
        send_link=send_opt_out_link,
    )
    asked = requested.asked
    shown = _shown(asked.domain, asked.proof, asked.wish, requested.companies, requested.expires_at)
    return 202, {**shown, **_record(asked.domain, requested.token)}


def _find(body: bytes) -> tuple[int, dict[str, Any]]:
    token = parse_token(body)
    found = find_opt_out(token, store=opt_out_store(), companies_of_domain=companies_of_domain)
    request = found.request
    shown = _shown(request.domain, request.proof, request.wish, found.companies, request.expires_at)
    return 200, {**shown, **_record(request.domain, token if request.proof is Proof.DNS else None)}


def _prove(body: bytes) -> tuple[int, dict[str, Any]]:
    proved = prove_opt_out(
        parse_token(body),
        store=opt_out_store(),
        companies_of_domain=companies_of_domain,
        find_texts=partial(find_texts, resolvers=dns_resolvers()),
    )
    return 200, {"companies": _companies(proved.companies), "domain": proved.domain, "state": proved.state}


def _find_link(body: bytes) -> tuple[int, dict[str, Any]]:
    return 200, use_mail_link(parse_link(body), None, links=mail_link_store())


def _use_link(body: bytes) -> tuple[int, dict[str, Any]]:
    token, wish = parse_wish(body)
    return 200, use_mail_link(token, wish, links=mail_link_store())


def _one_click(token: str) -> tuple[int, dict[str, Any]]:
    stop_by_one_click(token, links=mail_link_store())
    return 200, {}


def _find_contact(body: bytes) -> tuple[int, dict[str, Any]]:
    return 200, find_contact(parse_token(body), objections=objection_store())


def _object(body: bytes) -> tuple[int, dict[str, Any]]:
    return 200, object_to_contact(parse_token(body), objections=objection_store())


def _object_everywhere(body: bytes) -> tuple[int, dict[str, Any]]:
    return 200, object_everywhere(parse_token(body), objections=objection_store())


def _request_data(body: bytes) -> tuple[int, dict[str, Any]]:
    return 202, request_data(data_request.parse_data_request(body), requests=data_request_store())


def _find_data_request(body: bytes) -> tuple[int, dict[str, Any]]:
    return 200, find_data_request(parse_token(body), requests=data_request_store())


def _prove_data_request(body: bytes) -> tuple[int, dict[str, Any]]:
    return 200, prove_data_request(parse_token(body), requests=data_request_store())


def _fetch_personal_data(body: bytes) -> tuple[int, dict[str, Any]]:
    token, email = data_request.parse_files_request(body)
    return 200, fetch_personal_data(token, email, requests=data_request_store())


_SERVED: dict[str, Serve] = {
    "/api/public/data-requests": _request_data,
    "/api/public/data-requests/find": _find_data_request,
    "/api/public/data-requests/prove": _prove_data_request,
    "/api/public/personal-data": _fetch_personal_data,
    "/api/public/mail-links": _use_link,
    "/api/public/mail-links/find": _find_link,
    "/api/public/opt-out-requests": _request,
    "/api/public/opt-out-requests/find": _find,
    "/api/public/opt-outs": _prove,
    "/api/public/contacts/find": _find_contact,
    "/api/public/contact-objections": _object,
    "/api/public/contact-objections/everywhere": _object_everywhere,
}


def _shown(domain: str, proof: str, wish: str, companies: list[Organisation], expires_at: str) -> dict[str, Any]:
    return {"domain": domain, "proof": proof, "wish": wish, "companies": _companies(companies), "expires_at": expires_at}


def _record(domain: str, token: str | None) -> dict[str, Any]:
    if token is None:
        return {}
    name, value = record_of(domain, token)
    return {"token": token, "record": {"type": "TXT", "name": name, "value": value}}


def _companies(companies: list[Organisation]) -> list[dict[str, str | None]]:
    return [{"name": company.name, "domain": company.domain} for company in companies]
