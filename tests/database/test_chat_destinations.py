"""Channels of Slack and Teams: who connects them, which addresses are taken, and what is known of whether they work."""

from typing import Any

import pytest

from tests.alerts import held, messages, rule, told, visit
from tests.builders import Caller, Customer, World

SLACK = "https://hooks.slack.com/services/T0AAAA/B0BBBB/" + "c" * 20 + "wxyz"
TEAMS = (
    "https://default0123.ab.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0123/triggers/manual"
    "/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abc-DEF_12"
)


def connect(caller: Caller, customer: Customer, kind: str = "slack", url: str = SLACK, name: str = "#sales") -> Any:
    return caller.call("add_chat_destination", account_id=customer.account_id, kind=kind, name=name, url=url)


def connected(customer: Customer, kind: str = "slack", url: str = SLACK, name: str = "#sales") -> str:
    answer = connect(customer.owner, customer, kind, url, name)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def destination(customer: Customer) -> dict[str, Any]:
    [row] = customer.owner.rows("chat_destinations", account_id=f"eq.{customer.account_id}")
    return row


def claimed(customer: Customer) -> list[dict[str, Any]]:
    """The account's messages that are due, claimed as the job does; those of other tests are gone."""
    world = customer.world
    world.database.execute("delete from private.outbox where account_id is distinct from %s", [customer.account_id])
    world.database.execute("update private.outbox set next_attempt_at = now() where state = 'waiting'")
    found: list[dict[str, Any]] = world.role("deliverer").result("claim_messages", most=10, lease_seconds=30)
    return found


def finish(world: World, message: dict[str, Any], outcome: str, **more: object) -> None:
    assert world.role("deliverer").result("finish_message", claim=message["claim"], outcome=outcome, **more) is True


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owners_and_admins_connect_rename_and_remove_channels(world: World, customer: Customer, role: str) -> None:
    caller = customer.owner if role == "owner" else world.teammate(customer.account_id, role)
    answer = connect(caller, customer)
    assert answer.status_code == 200 and SLACK not in answer.text
    assert (answer.json()["ending"], answer.json()["created_by"]) == ("wxyz", caller.user_id)
    mine = {"id": f"eq.{answer.json()['id']}"}
    [renamed] = caller.update("chat_destinations", {"name": "#leads"}, **mine).json()
    assert renamed["name"] == "#leads"
    assert caller.call("replace_chat_url", destination_id=renamed["id"], url=SLACK + "9").json()["ending"] == "xyz9"
    assert caller.call("send_chat_test", destination_id=renamed["id"]).status_code == 204
    assert len(caller.delete("chat_destinations", **mine).json()) == 1
    assert world.database.execute("select from private.chat_urls where account_id = %s", [customer.account_id]).fetchall() == []


@pytest.mark.parametrize("who", ["member", "viewer", "billing", "stranger", "anonymous", "service_role"])
def test_nobody_else_connects_changes_or_tests_channels(world: World, customer: Customer, who: str) -> None:
    channel = connected(customer)
    callers = {"stranger": world.customer().owner, "anonymous": world.anonymous(), "service_role": world.role("service_role")}
    caller = callers.get(who) or world.teammate(customer.account_id, who)
    expected = {"stranger": {404}, "anonymous": {401}, "service_role": {403}}.get(who, {403})
    answers = [
        connect(caller, customer, name="other"),
        caller.call("replace_chat_url", destination_id=channel, url=SLACK),
        caller.call("send_chat_test", destination_id=channel),
    ]
    assert {answer.status_code for answer in answers} == expected
    renamed = caller.update("chat_destinations", {"name": "mine"}, id=f"eq.{channel}")
    removed = caller.delete("chat_destinations", id=f"eq.{channel}")
    assert all(answer.status_code in (401, 403) or answer.json() == [] for answer in (renamed, removed))
    assert destination(customer)["name"] == "#sales"
    assert caller.update("chat_destinations", {"broken_at": None}, id=f"eq.{channel}").status_code in (401, 403)


def test_nobody_reads_an_address_again(customer: Customer) -> None:
    connected(customer)
    assert "hooks.slack.com" not in customer.owner.get("chat_destinations").text
    assert customer.owner.get("chat_urls").status_code == 404


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("slack", SLACK),
        ("slack", f"  {SLACK}\n"),
        ("teams", TEAMS),
        (
            "teams",
            "https://prod-12.westeurope.logic.azure.com:443/workflows/0123/triggers/manual/paths/invoke?api-version=2016-06-01&sig=x",
        ),
        ("teams", "https://contoso.webhook.office.com/webhookb2/0123-4567@89ab/IncomingWebhook/cdef/0123"),
    ],
)
def test_an_address_that_the_vendor_gives_out_is_taken(customer: Customer, kind: str, url: str) -> None:
    assert connect(customer.owner, customer, kind, url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("slack", ""),
        ("slack", "hooks.slack.com/services/T/B/x"),
        ("slack", "http://hooks.slack.com/services/T0/B0/x"),
        ("slack", "https://hooks.slack.com/workflows/T0/B0/x"),
        ("slack", "https://hooks.slack.com.evil.example/services/T0/B0/x"),
        ("slack", "https://hooks.slack.com@evil.example/services/T0/B0/x"),
        ("slack", "https://evil.example/https://hooks.slack.com/services/T0/B0/x"),
        ("slack", "https://hooks.slack.com/services/T0/B0/x?to=1"),
        ("slack", "https://hooks.slack.com/services/T0/B0/x\nHost: evil"),
        ("slack", "https://hooks.slack.com:8443/services/T0/B0/x"),
        ("slack", TEAMS),
        ("teams", SLACK),
        ("teams", "https://logic.azure.com.evil.example/workflows"),
        ("teams", "https://evil-logic.azure.com/workflows"),
        ("teams", "https://a.logic.azure.com:8080/workflows"),
        ("teams", "https://user@a.logic.azure.com/workflows"),
        ("teams", "https://169.254.169.254/a.logic.azure.com/x"),
        ("teams", "https://a.logic.azure.com/" + "x" * 2000),
        ("irc", SLACK),
    ],
)
def test_any_other_address_is_refused_in_words_that_do_not_repeat_it(customer: Customer, kind: str, url: str) -> None:
    answer = connect(customer.owner, customer, kind, url)
    assert answer.status_code == 422
    assert answer.json()["message"] and answer.json()["hint"]
    assert not url or url not in answer.text


def test_a_name_is_needed_and_taken_once(customer: Customer) -> None:
    assert connect(customer.owner, customer, name=" ").status_code == 422
    connected(customer)
    assert connect(customer.owner, customer).status_code == 409


def test_an_alert_for_a_channel_goes_to_its_address(customer: Customer) -> None:
    channel = connected(customer)
    rule(customer, channel="slack", chat_destination_id=channel)
    visit(customer)
    [message] = claimed(customer)
    assert (message["channel"], message["template"], message["destination"]) == ("slack", "alert", {"url": SLACK})
    finish(customer.world, message, "delivered", status=200)
    assert destination(customer)["last_delivered_at"] is not None


def test_a_channel_that_is_gone_is_marked_and_its_alerts_wait_for_the_digest(customer: Customer) -> None:
    channel = connected(customer)
    rule(customer, channel="slack", chat_destination_id=channel)
    visit(customer)
    [message] = claimed(customer)
    finish(customer.world, message, "refused", status=404, detail="Slack no longer knows this address.")
    assert destination(customer)["broken_reason"] == "Slack no longer knows this address."
    visit(customer, "other")
    assert (len(messages(customer)), [row["reason"] for row in held(customer)]) == (1, ["chat_broken"])
    customer.owner.result("replace_chat_url", destination_id=channel, url=SLACK)
    assert destination(customer)["broken_at"] is None
    visit(customer, "third")
    assert told(customer) == ["Acme", "Third"]


def test_a_message_that_was_wrong_does_not_break_the_channel(customer: Customer) -> None:
    rule(customer, channel="slack", chat_destination_id=connected(customer))
    visit(customer)
    [message] = claimed(customer)
    finish(customer.world, message, "refused", status=400, detail="Slack did not understand the message.")
    assert destination(customer)["broken_at"] is None


def test_a_test_goes_to_a_broken_channel_too_and_mends_it(customer: Customer) -> None:
    channel = connected(customer)
    customer.world.database.execute(
        "update public.chat_destinations set broken_at = now(), broken_reason = 'x' where id = %s", [channel]
    )
    assert customer.owner.call("send_chat_test", destination_id=channel).status_code == 204
    again = customer.owner.call("send_chat_test", destination_id=channel)
    assert again.status_code == 429 and "minute" in again.json()["hint"]
    [message] = claimed(customer)
    assert message["template"] == "chat.test"
    finish(customer.world, message, "delivered", status=200)
    assert destination(customer)["broken_at"] is None


def test_what_may_have_arrived_in_a_chat_is_not_sent_again(customer: Customer) -> None:
    rule(customer, channel="slack", chat_destination_id=connected(customer))
    visit(customer)
    [message] = claimed(customer)
    finish(customer.world, message, "uncertain")
    assert claimed(customer) == []
    assert messages(customer)[0]["state"] == "dead"


def test_a_removed_channel_takes_its_rules_along(customer: Customer) -> None:
    channel = connected(customer)
    rule(customer, channel="slack", chat_destination_id=channel)
    customer.owner.delete("chat_destinations", id=f"eq.{channel}")
    assert customer.owner.rows("alert_rules", account_id=f"eq.{customer.account_id}") == []
