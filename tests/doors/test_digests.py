"""Digests through the doors: written, delivered, stopped by a mailbox's button, ended by what comes back."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from tests.builders import Customer, World
from tests.digests import posted, subscribe

PREVIEW = "/api/v1/digest-preview"
WEBHOOK = "/api/resend_webhook"


@pytest.fixture
def customer(world: World) -> Customer:
    customer = world.customer()
    world.database.execute("update public.digest_subscriptions set state = 'paused'")
    world.database.execute("delete from private.outbox where state in ('waiting', 'sending')")
    world.record(customer.beacon("acme"))
    customer.pass_time("36 hours")
    return customer


def address_of(world: World, customer: Customer) -> str:
    row = world.database.execute("select email from auth.users where id = %s", [customer.owner.user_id]).fetchone()
    assert row is not None
    return str(row[0])


def call(app: httpx.Client, stack: Stack, world: World, job: str) -> dict[str, Any]:
    world.database.execute("delete from private.job_runs")
    answer: dict[str, Any] = app.get(f"/api/cron/{job}", headers={"Authorization": f"Bearer {stack.secrets.cron_secret}"}).json()
    return answer


def mails_to(stack: Stack, address: str) -> list[dict[str, Any]]:
    mails = [json.loads(file.read_text()) for file in sorted((stack.state / "mail").glob("*.json"))]
    return [mail for mail in mails if mail["to"] == [address]]


def deliver_digest(app: httpx.Client, stack: Stack, world: World, customer: Customer) -> dict[str, Any]:
    """Subscribe, let both jobs run, and return the mail."""
    subscribe(customer, rhythm="weekly", weekday=1)
    today = "extract(isodow from now() at time zone 'UTC')::int"
    for change in (f"weekday = {today}, hour = 0", "settled_at = '2020-01-01'"):
        world.database.execute(
            f"update public.digest_subscriptions set {change} where user_id = %s",
            [customer.owner.user_id],
        )
    assert call(app, stack, world, "send_digests")["done"] == 1
    assert call(app, stack, world, "deliver_outbox")["done"] == 1
    [mail] = mails_to(stack, address_of(world, customer))
    return mail


def test_a_digest_arrives_once_and_can_be_stopped_by_one_click(
    app: httpx.Client, stack: Stack, world: World, customer: Customer
) -> None:
    mail = deliver_digest(app, stack, world, customer)
    assert mail["subject"] in ("1 new company: Acme", "1 company back: Acme")
    assert "Acme" in mail["html"] and "Acme" in mail["text"]
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for job in ("send_digests", "deliver_outbox"):
        assert call(app, stack, world, job)["done"] == 0
    assert len(mails_to(stack, address_of(world, customer))) == 1

    link = mail["headers"]["List-Unsubscribe"].strip("<>").removeprefix(stack.app_url)
    opened = app.get(link, follow_redirects=False)
    assert (opened.status_code, opened.headers["location"].partition("#")[0]) == (303, "/unsubscribe")
    assert customer.owner.rows("digest_subscriptions")[0]["state"] == "on"
    for _ in range(2):
        stopped = app.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (stopped.status_code, stopped.json()) == (200, {})
    assert customer.owner.rows("digest_subscriptions")[0]["state"] == "unsubscribed"


def test_the_page_of_a_link_asks_stops_and_undoes(app: httpx.Client, stack: Stack, world: World, customer: Customer) -> None:
    mail = deliver_digest(app, stack, world, customer)
    token = mail["headers"]["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert app.post("/api/public/mail-links/find", json={"token": token}).json()["stopped"] == "none"
    for wish, stopped in (("stop", "these"), ("stop_all", "all"), ("resume", "none")):
        answer = app.post("/api/public/mail-links", json={"token": token, "wish": wish})
        assert (answer.status_code, answer.json()["stopped"]) == (200, stopped)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"token": "x" * 43, "wish": "stop"}, 404),
        ({"token": "short", "wish": "stop"}, 404),
        ({"token": "x" * 43, "wish": "everything"}, 400),
        ({"token": "x" * 43}, 400),
        ({"token": 1, "wish": "stop"}, 400),
    ],
)
def test_a_link_that_is_none_is_refused_in_words(app: httpx.Client, body: dict[str, object], status: int) -> None:
    answer = app.post("/api/public/mail-links", json=body)
    assert answer.status_code == status and answer.json()["message"]


def test_one_click_on_a_link_that_is_no_more_is_fine(app: httpx.Client) -> None:
    assert app.post(f"/api/public/unsubscribe/{'x' * 43}", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert app.post("/api/public/unsubscribe/x").status_code == 404
    assert app.get("/api/public/unsubscribe/..%0d%0aSet-Cookie:x", follow_redirects=False).status_code == 404
    assert app.put(f"/api/public/unsubscribe/{'x' * 43}").status_code == 405


def test_the_next_digest_is_previewed_by_its_reader_alone(app: httpx.Client, world: World, customer: Customer) -> None:
    subscription = subscribe(customer, rhythm="weekly", weekday=1)

    def preview(**headers: str) -> httpx.Response:
        return app.get(PREVIEW, params={"subscription": subscription}, headers=headers)

    shown = preview(Authorization=f"Bearer {customer.owner.token}")
    assert shown.status_code == 200 and "Acme" in shown.json()["text"] and "unsubscribe" not in shown.json()["html"]
    assert posted(world, subscription) == []
    assert preview(Authorization=f"Bearer {world.teammate(customer.account_id, 'admin').token}").status_code == 404
    assert preview().status_code == preview(Authorization="Bearer x.y.z").status_code == 401
    owner = {"Authorization": f"Bearer {customer.owner.token}"}
    assert app.get(PREVIEW, params={"subscription": "x"}, headers=owner).status_code == 400


def signed(stack: Stack, event: dict[str, Any] | bytes, *, at: int | None = None, key: str | None = None) -> dict[str, Any]:
    """An event as the mail service sends it."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    secret, stamp = key or stack.secrets.mail_event_secret, str(int(time.time()) if at is None else at)
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"content": body, "headers": {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": signature}}


def event(kind: str, address: str, **data: object) -> dict[str, Any]:
    return {"type": kind, "created_at": "2026-11-25T03:00:00.000Z", "data": {"to": [address], "email_id": "1", **data}}


def test_a_bounce_and_a_complaint_end_the_mails(app: httpx.Client, stack: Stack, world: World, customer: Customer) -> None:
    address = address_of(world, customer)
    full = event("email.bounced", address, bounce={"type": "Transient", "message": "mailbox full"})
    assert app.post(WEBHOOK, **signed(stack, full)).json() == {"noted": False}
    assert app.post(WEBHOOK, **signed(stack, event("email.delivered", address))).json() == {"noted": False}
    assert customer.owner.result("own_mail")["suppressed"] is None
    gone = signed(stack, event("email.bounced", address, bounce={"type": "Permanent", "message": "no such user"}))
    for _ in range(2):
        assert app.post(WEBHOOK, **gone).json() == {"noted": True}
    assert customer.owner.result("own_mail")["suppressed"] == "bounced"
    assert app.post(WEBHOOK, **signed(stack, event("email.complained", f"Reader <{address.title()}>"))).status_code == 200
    # Of the same moment as the bounce: it counts all the same.
    assert customer.owner.result("own_mail") == {"address": address, "suppressed": "complained", "refused": ["all"]}


def test_what_the_mail_service_did_not_sign_is_refused(app: httpx.Client, stack: Stack, world: World, customer: Customer) -> None:
    bounce = event("email.bounced", address_of(world, customer), bounce={"type": "Permanent"})
    good, now = signed(stack, bounce), int(time.time())
    forged = [
        {"content": good["content"]},
        {"content": good["content"] + b" ", "headers": good["headers"]},
        signed(stack, bounce, key="whsec_" + base64.b64encode(b"another").decode()),
        signed(stack, bounce, at=now - 400),
        signed(stack, bounce, at=now + 400),
        *({**good, "headers": {**good["headers"], "svix-signature": text}} for text in ("", "v1,", "v1,????", "v2,eA==", "x")),
        *({**good, "headers": {**good["headers"], "svix-timestamp": text}} for text in ("", "nan", "9" * 30, "²")),
        {**good, "headers": {**good["headers"], "svix-id": "msg_2"}},
    ]
    for request in forged:
        request["headers"] = {name: value.encode() for name, value in request.get("headers", {}).items()}
        answer = app.post(WEBHOOK, **request)
        assert (answer.status_code, answer.json()["error"]) == (401, "bad_signature"), request
    assert customer.owner.result("own_mail")["suppressed"] is None
    assert app.get(WEBHOOK).status_code == 405


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": []}', b"\xff", b"[" * 100_000])
def test_a_signed_event_that_is_none_is_refused_in_words(app: httpx.Client, stack: Stack, body: bytes) -> None:
    answer = app.post(WEBHOOK, **signed(stack, body))
    assert answer.status_code in (400, 401) and answer.json()["message"]


def test_a_bounce_that_names_no_address_is_refused(app: httpx.Client, stack: Stack) -> None:
    for to in (None, "x@example.org", [1]):
        broken = {**event("email.complained", "x"), "data": {"to": to}}
        assert app.post(WEBHOOK, **signed(stack, broken)).status_code == 400
    undated = {**event("email.complained", "x"), "created_at": "soon"}
    assert app.post(WEBHOOK, **signed(stack, undated)).status_code == 400
