"""Connecting a CRM through the door: the token is shown to the CRM, kept encrypted, and answered to nobody."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from dev.stack import Stack
from tests.builders import Caller, Customer, World
from tests.crms import CrmDouble, Fault, running_crms
from tests.crms.hubspot import HubSpotDouble
from tests.crms.pipedrive import PipedriveDouble
from tests.crms.pushing import rows_of_everything
from tests.crms.salesforce import KEY_FIELD, SalesforceDouble

TOKENS = {
    "hubspot": {"access_token": HubSpotDouble.token},
    "pipedrive": {"api_token": PipedriveDouble.token},
    "salesforce": {
        "consumer_key": SalesforceDouble.key,
        "consumer_secret": SalesforceDouble.secret,
        "my_domain": "https://Acme--Test.sandbox.my.salesforce.com/",
        "external_id_field": KEY_FIELD,
    },
}


@pytest.fixture
def crms(stack: Stack) -> Iterator[dict[str, CrmDouble]]:
    doubles = {"hubspot": HubSpotDouble(), "pipedrive": PipedriveDouble(), "salesforce": SalesforceDouble()}
    with running_crms(stack.ports.crm, doubles):
        yield doubles


def connect(app: httpx.Client, caller: Caller, account_id: str, vendor: str = "hubspot", **changes: str) -> httpx.Response:
    body = {"account_id": account_id, "vendor": vendor, **TOKENS[vendor], **changes}
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    return app.post("/api/v1/crm-connections", json=body, headers=headers)


@pytest.fixture
def own(world: World) -> Customer:
    return world.customer()


PLACES = {"hubspot": "146230000", "pipedrive": "acme-sandbox", "salesforce": "acme--test.sandbox"}


@pytest.mark.parametrize("vendor", TOKENS)
def test_a_token_that_is_taken_connects(
    app: httpx.Client, own: Customer, world: World, crms: dict[str, CrmDouble], vendor: str
) -> None:
    answer = connect(app, own.owner, own.account_id, vendor)
    assert answer.status_code == 200, answer.text
    saved = answer.json()
    assert (saved["vendor"], saved["place"], saved["state"], saved["pushes"]) == (vendor, PLACES[vendor], "connected", "by_hand")
    assert own.owner.rows("crm_connections", account_id=f"eq.{own.account_id}") == [saved]
    everything = rows_of_everything(world) + answer.text
    assert not [
        secret for name, secret in TOKENS[vendor].items() if "domain" not in name and "field" not in name and secret in everything
    ]


@pytest.mark.parametrize("vendor", TOKENS)
def test_a_token_that_is_not_taken_is_refused_at_once_and_kept_nowhere(
    app: httpx.Client, own: Customer, stack: Stack, crms: dict[str, CrmDouble], vendor: str
) -> None:
    part = {"hubspot": "access_token", "pipedrive": "api_token", "salesforce": "consumer_secret"}[vendor]
    answer = connect(app, own.owner, own.account_id, vendor, **{part: "wrong-token-0123456789"})
    assert (answer.status_code, answer.json()["error"]) == (422, "crm_refused")
    assert "does not" in answer.json()["message"] and "wrong-token" not in answer.text
    assert own.owner.rows("crm_connections") == []
    assert "wrong-token" not in "".join(log.read_text(errors="ignore") for log in stack.logs.iterdir())


def test_another_token_takes_the_place_of_the_one_before(app: httpx.Client, own: Customer, crms: dict[str, CrmDouble]) -> None:
    first = connect(app, own.owner, own.account_id).json()
    again = connect(app, own.owner, own.account_id)
    assert again.status_code == 409 and "connected already" in again.json()["message"]
    mended = connect(app, own.owner, own.account_id, connection_id=first["id"])
    assert mended.status_code == 200 and mended.json()["id"] == first["id"]


def test_a_crm_that_is_away_or_slow_is_said_to_be(app: httpx.Client, own: Customer, crms: dict[str, CrmDouble]) -> None:
    for fault in (Fault(503, {}), Fault(is_slow=True), Fault(is_dropped=True), Fault(200, None, b"<html>")):
        crms["hubspot"].faults = [fault]
        answer = connect(app, own.owner, own.account_id)
        assert (answer.status_code, answer.json()["error"]) == (422, "crm_unavailable")
        assert "Nothing was kept" in answer.json()["message"]
    assert own.owner.rows("crm_connections") == []


@pytest.mark.parametrize("role", ["member", "viewer", "billing"])
def test_who_may_not_connect_is_told_so_before_the_crm_sees_a_token(
    app: httpx.Client, own: Customer, world: World, crms: dict[str, CrmDouble], role: str
) -> None:
    assert connect(app, world.teammate(own.account_id, role), own.account_id).status_code == 403
    assert connect(app, world.person(), own.account_id).status_code == 404
    assert connect(app, world.anonymous(), own.account_id).status_code == 401
    assert connect(app, Caller(world.client, "spent.token.x"), own.account_id).status_code == 401
    assert crms["hubspot"].requests == []
    assert connect(app, world.teammate(own.account_id, "admin"), own.account_id).status_code == 200


@pytest.mark.parametrize(
    ("vendor", "changes", "code"),
    [
        ("hubspot", {"vendor": "zoho"}, "unknown_vendor"),
        ("hubspot", {"account_id": "mine"}, "invalid_id"),
        ("hubspot", {"connection_id": ""}, "invalid_id"),
        ("hubspot", {"access_token": "short"}, "invalid_token"),
        ("hubspot", {"access_token": "with\r\nX-Header: 0123456789"}, "invalid_token"),
        ("hubspot", {"access_token": "ü" * 20}, "invalid_token"),
        ("hubspot", {"api_token": "0123456789"}, "invalid_fields"),
        ("salesforce", {"my_domain": "evil.example/x"}, "invalid_my_domain"),
        ("salesforce", {"my_domain": "127.0.0.1:80/"}, "invalid_my_domain"),
        ("salesforce", {"my_domain": "acme.my.salesforce.com.evil"}, "invalid_my_domain"),
        ("salesforce", {"external_id_field": "Name"}, "invalid_field"),
        ("salesforce", {"external_id_field": "X FROM User--__c"}, "invalid_field"),
    ],
)
def test_what_is_no_connection_is_refused_in_words(
    app: httpx.Client, own: Customer, crms: dict[str, CrmDouble], vendor: str, changes: dict[str, str], code: str
) -> None:
    body = {"account_id": own.account_id, "vendor": vendor, **TOKENS[vendor], **changes}
    answer = app.post("/api/v1/crm-connections", json=body, headers={"Authorization": f"Bearer {own.owner.token}"})
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert answer.json()["message"] and not [double for double in crms.values() if double.requests]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"vendor": 7}', b'"x"', b'{"a": "\\ud800"}', b"[" * 9000])
def test_what_is_no_object_is_refused(app: httpx.Client, own: Customer, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {own.owner.token}", "Content-Type": "application/json"}
    assert app.post("/api/v1/crm-connections", content=body, headers=headers).status_code in (400, 413)


def test_trying_again_and_again_is_slowed_down(app: httpx.Client, own: Customer, crms: dict[str, CrmDouble]) -> None:
    statuses = [connect(app, own.owner, own.account_id, access_token=f"guess-{uuid.uuid4()}").status_code for _ in range(9)]
    assert statuses[:6] == [422] * 6 and 429 in statuses[6:]
