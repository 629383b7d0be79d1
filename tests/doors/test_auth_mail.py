"""The auth server's hook: whoever has its secret has mails sent, and nobody else does."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from dev.stack import Stack
from tests.deployments import deployment, free_port

HOOK = "/api/auth_mail"
TOKEN_HASH = "pkce_0123456789abcdef0123456789abcdef"
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of thirty-two byte").decode()


def asked(to: str = "new@example.org", action: str = "signup", token_hash: str = TOKEN_HASH) -> dict[str, Any]:
    return {
        "user": {"id": "8484b834-f29e-4af2-bf42-80644d154f76", "email": to},
        "email_data": {
            "token": "123456",
            "token_hash": token_hash,
            "email_action_type": action,
            "site_url": "https://evil.example",
        },
    }


def signed(secret: str, body: bytes, *, at: datetime | None = None) -> dict[str, str]:
    moment = at or datetime.now(UTC)
    signature = Webhook(secret.removeprefix("v1,")).sign("msg_1", moment, body.decode())
    stamp = str(int(moment.timestamp()))
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature, "content-type": "application/json"}


def call(app: httpx.Client, secret: str, value: object, **more: Any) -> httpx.Response:
    body = json.dumps(value).encode()
    return app.post(HOOK, content=body, headers=signed(secret, body, **more))


@pytest.fixture
def secret(stack: Stack) -> str:
    return stack.secrets.auth_hook_secret


def mails_to(stack: Stack, to: str) -> list[dict[str, Any]]:
    mails = [json.loads(file.read_text()) for file in sorted((stack.state / "mail").glob("*.json"))]
    return [mail for mail in mails if mail["to"] == [to]]


@pytest.mark.parametrize(
    ("action", "link"),
    [
        ("signup", f"/app/confirm?token_hash={TOKEN_HASH}&type=signup"),
        ("recovery", f"/app/reset?token_hash={TOKEN_HASH}&type=recovery"),
    ],
)
def test_a_mail_is_sent_with_a_link_to_this_deployment(
    app: httpx.Client, stack: Stack, secret: str, action: str, link: str
) -> None:
    to = f"{action}@example.org"
    assert call(app, secret, asked(to, action, f"{TOKEN_HASH}{action}")).status_code == 200
    [mail] = mails_to(stack, to)
    assert f"{stack.app_url}{link.replace(TOKEN_HASH, TOKEN_HASH + action)}" in mail["text"]
    assert "evil.example" not in mail["html"] + mail["text"]


def test_the_same_call_twice_sends_one_mail(app: httpx.Client, stack: Stack, secret: str) -> None:
    for _ in range(2):
        assert call(app, secret, asked("twice@example.org", token_hash="twice_0123456789abcdef")).status_code == 200
    assert len(mails_to(stack, "twice@example.org")) == 1


def test_nothing_is_sent_without_the_signature(app: httpx.Client, stack: Stack, secret: str) -> None:
    body = json.dumps(asked("forged@example.org")).encode()
    good = signed(secret, body)
    tampered = body.replace(b"forged@", b"other@")
    for content, headers in (
        (body, {}),
        (body, signed(OTHER_SECRET, body)),
        (tampered, good),
        (body, {**good, "webhook-id": "msg_2"}),
        (body, {**good, "webhook-signature": "v1"}),
        (body, {**good, "webhook-signature": "v1,%%%"}),
        (body, {**good, "webhook-signature": "v1,a,b,c"}),
        (body, {**good, "webhook-timestamp": "soon"}),
        (body, {**good, "webhook-timestamp": "1e400"}),
        (b"\xff\xfe", good),
        (body, signed(secret, body, at=datetime.now(UTC) - timedelta(minutes=6))),
        (body, signed(secret, body, at=datetime.now(UTC) + timedelta(minutes=6))),
    ):
        assert app.post(HOOK, content=content, headers=headers).status_code == 401
    assert mails_to(stack, "forged@example.org") == mails_to(stack, "other@example.org") == []


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"user": None, "email_data": None},
        {"user": {"email": 1}, "email_data": {"email_action_type": "signup", "token_hash": TOKEN_HASH}},
        asked(action="magiclink"),
        asked(to=""),
        asked(token_hash=""),
        asked(token_hash="x&next=https://evil.example"),
        asked(token_hash='"><script>alert(1)</script>'),
    ],
)
def test_what_is_no_mail_of_ours_is_refused(app: httpx.Client, secret: str, value: object) -> None:
    answer = call(app, secret, value)
    assert answer.status_code == 400
    assert "evil" not in answer.text and "script" not in answer.text


def test_a_body_that_is_too_large_is_refused_before_it_is_read(app: httpx.Client, secret: str) -> None:
    assert call(app, secret, {"user": "x" * 70_000}).status_code == 413
    assert app.get(HOOK).status_code == 405


def test_both_secrets_hold_while_one_is_changed(stack: Stack, secret: str) -> None:
    with deployment(stack, SEND_EMAIL_HOOK_SECRET=f"v1,{OTHER_SECRET}|{secret}") as app:
        for one in (secret, OTHER_SECRET):
            assert (
                call(
                    app, one, asked("both@example.org", token_hash=f"both_0123456789abcdef{one[-8:-4].encode().hex()}")
                ).status_code
                == 200
            )


def test_whoever_waits_is_told_when_the_mail_service_is_away(stack: Stack, secret: str) -> None:
    with deployment(stack, RESEND_API_URL=f"http://127.0.0.1:{free_port()}") as app:
        answer = call(app, secret, asked())
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        503,
        "The mail could not be sent. Please try again in a minute.",
    )
    with deployment(stack, SEND_EMAIL_HOOK_SECRET="") as app:
        assert call(app, secret, asked()).status_code == 503
