"""Saving a webhook through the door: who may, what is looked at, and where nothing ever is sent."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from dev.stack.layout import ROOT
from lib.domain.webhook import EVENTS
from tests.builders import Caller, Customer, World
from tests.deployments import deployment
from tests.webhooks import Endpoint, add_endpoint, announce
from tests.website import Website, running_website

PATH = "/api/v1/webhook-endpoints"


@pytest.fixture
def website() -> Iterator[Website]:
    with running_website() as website:
        website.show("")
        yield website


def create(app: httpx.Client, caller: Caller, account_id: str, url: str, **more: object) -> httpx.Response:
    body = {"account_id": account_id, "url": url, "events": ["company.identified"], **more}
    return app.post(PATH, json=body, headers=signed(caller))


def signed(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.token}"} if caller.token else {}


def saved(customer: Customer) -> list[dict[str, Any]]:
    return customer.owner.rows("webhook_endpoints", account_id=f"eq.{customer.account_id}")


def run_jobs(stack: Stack, world: World) -> None:
    """Announce and deliver, as the jobs do."""
    announce(world)
    script = (
        "from api.cron import WORK\nfrom lib.domain.job import Run\nimport time, datetime\n"
        "WORK['deliver_outbox'](Run(datetime.datetime.now(datetime.UTC), time.monotonic, time.monotonic() + 30))"
    )
    environment = {**os.environ, **stack.function_environment()}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_a_webhook_is_saved_and_its_secret_shown(
    app: httpx.Client, world: World, customer: Customer, website: Website, role: str
) -> None:
    caller = customer.owner if role == "owner" else world.teammate(customer.account_id, role)
    answer = create(
        app, caller, customer.account_id, f" {website.url.replace('http', 'HTTP')}/in ", events=list(EVENTS), description="CRM"
    )
    assert answer.status_code == 201 and answer.json()["secret"].startswith("whsec_")
    assert answer.headers["cache-control"] == "no-store" and "access-control-allow-origin" not in answer.headers
    [row] = saved(customer)
    assert (row["id"], row["url"], row["events"]) == (
        answer.json()["id"],
        f"{website.url.replace('http', 'HTTP')}/in",
        list(EVENTS),
    )
    assert website.requests == []  # saving sends nothing
    changed = app.put(PATH, json={"id": row["id"], "url": f"{website.url}/other"}, headers=signed(caller))
    assert (changed.status_code, changed.json()) == (200, {"id": row["id"]})
    assert saved(customer)[0]["url"] == f"{website.url}/other"


def test_nobody_else_saves_one_or_learns_where_a_name_leads(
    app: httpx.Client, world: World, customer: Customer, website: Website
) -> None:
    endpoint = add_endpoint(customer)
    for caller, status, code in (
        (world.teammate(customer.account_id, "member"), 403, "not_allowed"),
        (world.teammate(customer.account_id, "viewer"), 403, "not_allowed"),
        (world.customer().owner, 404, "not_found"),
        (world.anonymous(), 401, "not_signed_in"),
        (Caller(app, "a.b.c"), 401, "not_signed_in"),
        (world.beacon_door(), 401, "not_signed_in"),
        (world.role("webhook_door"), 401, "not_signed_in"),
    ):
        # The same answer for a URL that would be refused: nobody is told what it leads to.
        for url in (website.url, "https://10.0.0.1/"):
            answer = create(app, caller, customer.account_id, url)
            assert (answer.status_code, answer.json()["error"]) == (status, code)
            answer = app.put(PATH, json={"id": endpoint.id, "url": url}, headers=signed(caller))
            assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert [row["url"] for row in saved(customer)] == [endpoint.url]


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://9.9.9.9/", "not_https"), ("https://10.0.0.1/", "address_not_public"),
     ("https://169.254.169.254/", "address_not_public"),
     ("https://0x0a000001/", "address_not_public"), ("https://167772161/", "address_not_public"), ("https://[::1]/", "bad_url"),
     ("https://[::ffff:10.0.0.1]/", "bad_url"), ("https://user:pw@localhost/", "url_has_password"),
     ("ftp://localhost/", "not_https"),
     ("https://nothing.invalid/", "unknown_host"), ("nonsense", "bad_url"), ("", "bad_url")],
)  # fmt: skip
def test_a_url_that_leads_where_nothing_is_sent_is_refused_in_words(app: httpx.Client, world: World, url: str, code: str) -> None:
    customer = world.customer()
    endpoint = add_endpoint(customer)
    changed = app.put(PATH, json={"id": endpoint.id, "url": url}, headers=signed(customer.owner))
    for answer in (create(app, customer.owner, customer.account_id, url), changed):
        assert (answer.status_code, answer.json()["error"]) == (422, code), answer.text
        assert len(answer.json()["message"]) > 20
    assert [row["url"] for row in saved(customer)] == [endpoint.url]


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://localhost./", "https://127.0.0.1/", "https://127.1:8443/", "https://0/"]
)
def test_without_the_setting_this_machine_is_not_sent_to(stack: Stack, customer: Customer, website: Website, url: str) -> None:
    with deployment(stack, OUTBOUND_NETWORKS="") as production:
        answer = create(production, customer.owner, customer.account_id, url)
        assert (answer.status_code, answer.json()["error"]) == (422, "address_not_public")
        assert create(production, customer.owner, customer.account_id, website.url).status_code == 422


def test_the_databases_words_reach_the_reader(app: httpx.Client, customer: Customer, website: Website) -> None:
    for number in range(10):
        add_endpoint(customer, url=f"https://hooks.example/{number}")
    answer = create(app, customer.owner, customer.account_id, website.url)
    assert (answer.status_code, answer.json()["error"]) == (422, "not_accepted")
    assert answer.json()["message"] == "This account has 10 webhooks already, which is the most. Delete one you no longer need."
    answer = app.put(PATH, json={"id": str(uuid.uuid4()), "url": website.url}, headers=signed(customer.owner))
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_saving_a_dozen_times_a_minute_is_the_most(app: httpx.Client, world: World) -> None:
    customer = world.customer()
    answers = [create(app, customer.owner, customer.account_id, "nonsense").status_code for _ in range(13)]
    assert answers == [422] * 12 + [429]


def test_hostile_bodies_are_refused_in_words(app: httpx.Client, customer: Customer) -> None:
    for body, status in (
        (b"", 400),
        (b"[]", 400),
        (b"x" * 9000, 413),
        (b"[" * 4000, 400),
        (b'{"url":"\\ud800"}', 400),
        (b"\xff", 400),
    ):
        for ask in (app.post, app.put):
            answer = ask(PATH, content=body, headers={**signed(customer.owner), "Content-Type": "application/json"})
            assert (answer.status_code, len(answer.json()["message"]) > 15) == (status, True)
    asked = {"account_id": customer.account_id, "url": "https://x\ud800.example/", "events": ["company.identified"]}
    headers = {**signed(customer.owner), "Content-Type": "application/json"}
    answer = app.post(PATH, content=json.dumps(asked), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_url")


def test_an_unreachable_database_is_said_so(stack: Stack, customer: Customer) -> None:
    with deployment(stack, SUPABASE_URL="http://127.0.0.1:9") as cut_off:
        answer = create(cut_off, customer.owner, customer.account_id, "https://localhost/")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_from_a_visit_to_the_receiver_and_its_log(
    stack: Stack, app: httpx.Client, world: World, customer: Customer, website: Website
) -> None:
    world.database.execute("delete from private.outbox")
    made = create(app, customer.owner, customer.account_id, f"{website.url}/in").json()
    world.record(customer.beacon())
    customer.owner.result("send_webhook_test", endpoint_id=made["id"])
    run_jobs(stack, world)
    bodies = [asked.partition("\r\n\r\n")[2] for asked in website.requests]
    assert sum('"type":"company.identified"' in body and '"name":"Acme"' in body for body in bodies) == 1
    assert sum('"type":"test"' in body for body in bodies) == 1 and len(bodies) == 2
    messages = customer.owner.result("list_webhook_messages", endpoint_id=made["id"])
    assert {(message["type"], message["state"]) for message in messages} == {
        ("test", "delivered"),
        ("company.identified", "delivered"),
    }
    assert [(attempt["outcome"], attempt["status"]) for message in messages for attempt in message["attempts"]] == [
        ("delivered", 200)
    ] * 2
    [identified] = [message for message in messages if message["type"] == "company.identified"]
    customer.owner.call("replay_webhook_message", message_id=identified["id"])
    run_jobs(stack, world)
    again = website.requests[-1]
    assert f"webhook-id: {identified['id']}" in again and len(website.requests) == 3


def test_a_name_that_leads_inside_by_now_is_refused_at_delivery(stack: Stack, world: World, customer: Customer) -> None:
    """It was allowed when it was saved; the attempt looks again."""
    endpoint: Endpoint = add_endpoint(customer, url="https://10.0.0.1/in")
    customer.owner.result("send_webhook_test", endpoint_id=endpoint.id)
    run_jobs(stack, world)
    [message] = customer.owner.result("list_webhook_messages", endpoint_id=endpoint.id)
    [attempt] = message["attempts"]
    assert (message["state"], attempt["outcome"], attempt["status"]) == ("dead", "refused", None)
    assert "not on the public internet" in attempt["detail"]
