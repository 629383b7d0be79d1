"""POST /api/resend_webhook: what the mail service tells of mails. Called by Resend alone, which signs what it sends.

200 {noted}: whether it was of consequence; 401 for what is not signed by it, or not of now; 400 for what is no event; 405, 413;
503 when it could not be written down, after which the service tells again. Addresses go no further than their hash.
"""

import asyncio
import logging

from functions.note_mail_event import note_mail_event
from lib.asgi import Receive, Scope, Send, answer_json, door, read_body
from lib.db.mail_store import mail_event_store
from lib.domain.mail_event import LARGEST_BODY_BYTES
from lib.errors import InvalidRequest, MissingSetting, Refusal, Unavailable
from lib.observe import report
from lib.settings import mail_event_secrets
from lib.signed_hook import check_signature

_SIGNED = {b"svix-id": b"webhook-id", b"svix-timestamp": b"webhook-timestamp", b"svix-signature": b"webhook-signature"}
_log = logging.getLogger("leadsment.mail")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        if scope["method"] != "POST":
            raise InvalidRequest("method_not_allowed", "Events are sent with POST.", status=405)
        body = await read_body(receive, largest_bytes=LARGEST_BODY_BYTES)
        noted = await asyncio.to_thread(_note, body, list(scope["headers"]))
        await answer_json(send, 200, {"noted": noted})
    except Refusal as refusal:
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message})
    except (Unavailable, MissingSetting) as error:
        _log.error("a mail's event was not written down: %s %s", type(error).__name__, error)
        await answer_json(send, 503, {"error": "unavailable", "message": "Send it again later."}, {"retry-after": "60"})
        await report(error)


def _note(body: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
    check_signature(body, _standard(headers), mail_event_secrets())
    return note_mail_event(body, events=mail_event_store())


def _standard(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The signature's headers under their standard names; Resend's are those of Svix. One that stands twice is none."""
    sent = [(name, value) for name, value in headers if name in _SIGNED]
    names = [name for name, _ in sent]
    return [(_SIGNED[name], value) for name, value in sent if names.count(name) == 1]
