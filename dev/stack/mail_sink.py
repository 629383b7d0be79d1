"""A mail sink that speaks the part of Resend's API the product uses, and shows in a page what was sent.

Source: Resend's API reference, "Send Email" and "Idempotency keys". Run as `python -m dev.stack.mail_sink`.
"""

import hashlib
import json
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dev.stack.serving import serve

_REQUIRED = ("from", "to", "subject")
_SANDBOX = "allow-popups allow-top-navigation-by-user-activation"
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:860px;
margin:40px auto;padding:0 16px;color:#1a1f2b;background:#f6f7f9}
a{color:inherit;text-decoration:none}
li{list-style:none;background:#fff;border-radius:10px;margin:8px 0;padding:12px 16px}
ul{padding:0}small{color:#5b6475}iframe{width:100%;height:620px;border:0;border-radius:10px;background:#fff}
pre{white-space:pre-wrap;background:#fff;padding:16px;border-radius:10px}
"""


class Mailbox:
    """The messages taken so far, newest last, one file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.messages: list[dict[str, Any]] = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]

    def take(self, message: dict[str, Any], idempotency_key: str | None) -> tuple[str, bool]:
        """Keep a message and return its id, and whether the key was used before with another message."""
        digest = hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()
        for earlier in self.messages:
            if idempotency_key and earlier["idempotency_key"] == idempotency_key:
                return str(earlier["id"]), earlier["digest"] != digest
        kept = {**message, "id": str(uuid.uuid4()), "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        kept |= {"idempotency_key": idempotency_key, "digest": digest}
        self.messages.append(kept)
        (self._folder / f"{len(self.messages):06d}.json").write_text(json.dumps(kept, indent=2))
        return kept["id"], False


def _mailbox(request: Request) -> Mailbox:
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox


async def send(request: Request) -> Response:
    """POST /emails."""
    if not request.headers.get("authorization", "").startswith("Bearer re_"):
        return _error(401, "missing_api_key", "Missing API Key")
    message = await request.json()
    missing = [name for name in _REQUIRED if not message.get(name)]
    if missing or not (message.get("html") or message.get("text")):
        return _error(422, "missing_required_field", f"Missing `{(missing or ['html` or `text'])[0]}` field.")
    if len(message["subject"].splitlines()) > 1:
        return _error(422, "validation_error", "The `\\n` is not allowed in the `subject` field.")
    message_id, clashes = _mailbox(request).take(message, request.headers.get("idempotency-key"))
    if clashes:
        return _error(409, "invalid_idempotent_request", "The idempotency key was used with another message.")
    return JSONResponse({"id": message_id})


async def find(request: Request) -> Response:
    """GET /emails/{id}."""
    for message in _mailbox(request).messages:
        if message["id"] == request.path_params["id"]:
            return JSONResponse({"object": "email", "last_event": "delivered", **message})
    return _error(404, "not_found", "Email not found")


async def list_messages(request: Request) -> Response:
    """GET /messages.json: everything, newest first."""
    return JSONResponse(_mailbox(request).messages[::-1])


async def overview(request: Request) -> Response:
    """GET /: what was sent, newest first."""
    rows = [
        f'<li><a href="/message/{message["id"]}"><strong>{escape(message["subject"])}</strong><br>'
        f"<small>to {escape(_recipients(message))} · {message['created_at']}</small></a></li>"
        for message in _mailbox(request).messages[::-1]
    ]
    empty = "<p>Nothing was sent yet. Sign up in the dashboard and the confirmation appears here.</p>"
    return _page("Sent mail", f"<ul>{''.join(rows)}</ul>" if rows else empty)


async def show(request: Request) -> Response:
    """GET /message/{id}: one message as a mail program would show it, links usable, scripts not."""
    for message in _mailbox(request).messages:
        if message["id"] == request.path_params["id"]:
            html = f'<iframe sandbox="{_SANDBOX}" srcdoc="{escape(_html(message))}"></iframe>'
            text = f"<pre>{escape(message.get('text') or '')}</pre>"
            return _page(message["subject"], f"<p><small>to {escape(_recipients(message))}</small></p>{html}{text}")
    return _page("No such message", '<p><a href="/">Back to all messages</a></p>', status=404)


def _html(message: dict[str, Any]) -> str:
    return f'<base target="_top">{message.get("html") or ""}'


def _recipients(message: dict[str, Any]) -> str:
    to = message["to"]
    return to if isinstance(to, str) else ", ".join(to)


def _page(title: str, body: str, status: int = 200) -> Response:
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title><style>{_STYLE}</style>"
    return HTMLResponse(f"{head}<h1>{escape(title)}</h1>{body}", status)


def _error(status: int, name: str, message: str) -> Response:
    return JSONResponse({"statusCode": status, "name": name, "message": message}, status)


@asynccontextmanager
async def _open_mailbox(app: Starlette) -> AsyncIterator[None]:
    app.state.mailbox = Mailbox(Path(os.environ["MAIL_FOLDER"]))
    yield


app = Starlette(
    routes=[
        Route("/", overview),
        Route("/message/{id}", show),
        Route("/messages.json", list_messages),
        Route("/emails", send, methods=["POST"]),
        Route("/emails/{id}", find),
    ],
    lifespan=_open_mailbox,
)

if __name__ == "__main__":
    serve(app)
