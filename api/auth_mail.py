"""POST /api/auth_mail: the auth server's hook. It says which mail somebody is to get, and this sends it.

200 {} once the mail service has taken it; 401 without the hook's signature; 400 for a mail there is no letter for; 503 when the
mail was not taken, which the auth server tells the person who waits, and they ask again.
"""

import asyncio
import logging

from lib.asgi import Receive, Scope, Send, answer_json, door, read_body
from lib.domain.auth_mail import LARGEST_BODY_BYTES, parse_auth_mail
from lib.errors import InvalidRequest, MissingSetting, Refusal, Unavailable
from lib.mail.auth_mail import send_auth_mail
from lib.observe import report
from lib.settings import auth_hook_secrets
from lib.signed_hook import check_signature

_log = logging.getLogger("leadsment.auth")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        if scope["method"] != "POST":
            raise InvalidRequest("method_not_allowed", "The hook is called with POST.", status=405)
        body = await read_body(receive, largest_bytes=LARGEST_BODY_BYTES)
        check_signature(body, scope["headers"], auth_hook_secrets())
        await asyncio.to_thread(send_auth_mail, parse_auth_mail(body))
        await answer_json(send, 200, {})
    except Refusal as refusal:
        await _refuse(send, refusal.status, refusal.message)
    except (Unavailable, MissingSetting) as error:
        _log.error("a mail of the auth server was not sent: %s", error)
        await _refuse(send, 503, "The mail could not be sent. Please try again in a minute.")
        await report(error)


async def _refuse(send: Send, status: int, message: str) -> None:
    """As the auth server reads it and hands it on. Source: Supabase, "Auth Hooks", error handling."""
    await answer_json(send, status, {"error": {"http_code": status, "message": message}})
