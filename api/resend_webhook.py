"""POST /api/resend_webhook: what the mail service tells of mails. Called by Resend alone, which signs what it sends.

200 {noted}: whether it was of consequence; 400 for what is not signed by it, not of now or no event; 405, 413; 503 when it
could not be written down, after which the service tells again. Addresses go no further than their hash.
"""

import asyncio
import logging
from datetime import UTC, datetime

from functions.note_mail_event import note_mail_event
from lib.asgi import Receive, Scope, Send, answer_json, door, read_body
from lib.db.mail_store import mail_event_store
from lib.domain.mail_event import LARGEST_BODY_BYTES
from lib.errors import InvalidRequest, MissingSetting, Refusal, Unavailable
from lib.observe import report
from lib.settings import mail_event_secrets

_READ = (b"svix-id", b"svix-timestamp", b"svix-signature")
_log = logging.getLogger("leadsment.mail")


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    try:
        if scope["method"] != "POST":
            raise InvalidRequest("method_not_allowed", "Events are sent with POST.", status=405)
        body = await read_body(receive, largest_bytes=LARGEST_BODY_BYTES)
        noted = await asyncio.to_thread(_note, body, _signature_headers(scope))
        await answer_json(send, 200, {"noted": noted})
    except Refusal as refusal:
        await answer_json(send, refusal.status, {"error": refusal.code, "message": refusal.message})
    except (Unavailable, MissingSetting) as error:
        _log.error("a mail's event was not written down: %s %s", type(error).__name__, error)
        await answer_json(send, 503, {"error": "unavailable", "message": "Send it again later."}, {"retry-after": "60"})
        await report(error)


def _note(body: bytes, headers: dict[str, str]) -> bool:
    return note_mail_event(body, headers, secrets=mail_event_secrets(), events=mail_event_store(), now=datetime.now(UTC))


def _signature_headers(scope: Scope) -> dict[str, str]:
    """Those of the signature alone. One that stands twice is none."""
    sent = [(name, value) for name, value in scope["headers"] if name in _READ]
    names = [name for name, _ in sent]
    return {name.decode(): value.decode("latin-1") for name, value in sent if names.count(name) == 1}
