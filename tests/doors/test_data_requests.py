"""The public door for people's rights: what it takes, what it refuses in words, and that looking leaves nothing behind."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from lib.identification.search import companies_of_domain
from tests.builders import Customer, World
from tests.contacts import ANNA, bring, visited_by
from tests.data_requests import Asker, forget_requests
from tests.deployments import deployment
from tests.doors.page_views import BROWSER, CARRIER, COMPANY, COMPANY_NAME, HOSTER
from tests.doors.test_no_address_is_kept import everything_in

EMAIL = ANNA["work_email"]
REQUESTS, SHOWN = "/api/public/data-requests", "/api/public/shown"
TOKEN = "A" * 43  # has the form of one


@pytest.fixture(autouse=True)
def fresh(world: World) -> Iterator[None]:
    forget_requests(world)
    yield
    forget_requests(world)
    world.database.execute("delete from private.opt_outs")


def show(app: httpx.Client, address: str = COMPANY, **headers: str) -> httpx.Response:
    return app.get(SHOWN, headers={"X-Simulated-Address": address, "User-Agent": BROWSER, **headers})


def test_a_request_is_kept_found_and_carried_out(app: httpx.Client, world: World, customer: Customer) -> None:
    company_id = visited_by(customer)
    bring(customer, company_id)
    answer = app.post(REQUESTS, json={"kind": "erasure", "email": f" {EMAIL.upper()} "})
    assert (answer.status_code, answer.json()["kind"]) == (202, "erasure")
    assert answer.json().keys() == {"reference", "kind", "received_at", "due_at"}
    token = Asker(world, EMAIL).token()
    assert token not in answer.text
    assert app.post(f"{REQUESTS}/find", json={"token": token}).json()["contacts"] == 1
    assert app.post(f"{REQUESTS}/prove", json={"token": token}).json()["state"] == "done"
    assert app.post(f"{REQUESTS}/prove", json={"token": token}).status_code == 410


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "erasure"}, "invalid_fields"),
        ({"kind": "erasure", "email": EMAIL, "x": "y"}, "invalid_fields"),
        ({"kind": "everything", "email": EMAIL}, "invalid_kind"),
        ({"kind": "access", "email": "anna"}, "invalid_email"),
        ({"kind": "access", "email": f"{EMAIL},b@c.de"}, "invalid_email"),
        ({"kind": "rectification", "email": EMAIL}, "missing_details"),
        ({"kind": "rectification", "email": EMAIL, "details": "x" * 2001}, "details_too_long"),
        ({"kind": "rectification", "email": EMAIL, "details": "a\0b"}, "invalid_details"),
        ({"kind": "rectification", "email": EMAIL, "details": "My address is 198.51.100.7."}, "invalid_details"),
        ({"kind": "access", "email": EMAIL, "details": "[2001:db8::1]:443"}, "invalid_details"),
        ({"kind": "access", "email": "anna@198.51.100.7"}, "invalid_email"),
        ({"kind": 7, "email": EMAIL}, "invalid_json"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_words(app: httpx.Client, world: World, body: dict[str, Any], code: str) -> None:
    answer = app.post(REQUESTS, json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert answer.json()["message"] and Asker(world, EMAIL).letters() == []


@pytest.mark.parametrize("path", [f"{REQUESTS}/find", f"{REQUESTS}/prove", "/api/public/personal-data"])
def test_a_link_nobody_was_sent_opens_nothing(app: httpx.Client, path: str) -> None:
    email = {"email": EMAIL} if path.endswith("data") else {}
    assert app.post(path, json={"token": TOKEN, **email}).status_code == 410
    assert app.post(path, json={"token": "short", **email}).status_code == 400
    assert app.get(path).status_code == 405


def test_whoever_asks_too_often_is_told_to_look_for_the_mail(app: httpx.Client) -> None:
    answers = [app.post(REQUESTS, json={"kind": "access", "email": EMAIL}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]


def test_a_callers_company_is_named_as_a_customer_would_read_it(app: httpx.Client) -> None:
    answer = show(app)
    assert answer.headers["cache-control"] == "no-store" and answer.json()["reason"] is None
    company = answer.json()["company"]
    assert COMPANY_NAME in company["name"]
    assert company.keys() == {"name", "kind", "domain", "industry", "country", "employee_range"}


@pytest.mark.parametrize(
    ("address", "headers", "reason"),
    [
        (CARRIER, {}, "carrier"),
        (HOSTER, {}, "hoster"),
        ("10.1.2.3", {}, "reserved"),
        (COMPANY, {"DNT": "1"}, "browser_opted_out"),
        (COMPANY, {"Sec-GPC": "1"}, "browser_opted_out"),
        (COMPANY, {"User-Agent": "curl/8.0"}, "bot"),
    ],
)
def test_it_says_why_nobody_would_be_named(app: httpx.Client, address: str, headers: dict[str, str], reason: str) -> None:
    assert show(app, address, **headers).json() == {"company": None, "reason": reason}


def test_whoever_opted_out_is_not_named_within_a_minute(stack: Stack, world: World) -> None:
    # Another process than the other tests': it has not asked yet who opted out.
    [key, *_] = [company.key for company in companies_of_domain("sap.com")]
    world.database.execute("insert into private.opt_outs (company_key, proof) values (%s, 'operator')", [key])
    with deployment(stack) as app:
        assert show(app).json() == {"company": None, "reason": "company_opted_out"}
    world.database.execute("delete from private.opt_outs")
    world.database.execute("insert into private.opt_outs (network, proof) values ('155.56.0.0/16', 'operator')")
    with deployment(stack) as app:
        assert show(app).json() == {"company": None, "reason": "company_opted_out"}


def test_asking_what_would_be_shown_writes_nothing(app: httpx.Client, world: World) -> None:
    show(app)
    before = everything_in(world.database)
    for address in (COMPANY, CARRIER, "155.56.200.201"):
        assert show(app, address).status_code == 200
    assert everything_in(world.database) == before


def test_asking_what_would_be_shown_again_and_again_is_slowed(app: httpx.Client) -> None:
    answers = [show(app) for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and all(answer.headers["retry-after"] for answer in refused)
    assert {answer.status_code for answer in answers} == {200, 429}


def test_what_would_be_shown_is_asked_for_with_get_and_a_known_address(app: httpx.Client) -> None:
    assert app.post(SHOWN, json={}).status_code == 405
