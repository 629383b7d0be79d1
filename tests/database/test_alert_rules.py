"""Alert rules: each member's own."""

import pytest

from tests.alerts import messages, rule, segment
from tests.builders import Customer, World
from tests.database.test_chat_destinations import TEAMS, connected


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer", "billing"])
def test_every_member_has_rules_of_their_own(world: World, customer: Customer, role: str) -> None:
    caller = customer.owner if role == "owner" else world.teammate(customer.account_id, role)
    rule_id = rule(customer, caller)
    mine = {"id": f"eq.{rule_id}"}
    [changed] = caller.update("alert_rules", {"enabled": False, "name": "Mine"}, **mine).json()
    assert (changed["user_id"], changed["enabled"]) == (caller.user_id, False)
    for somebody in (world.teammate(customer.account_id, "owner"), world.customer().owner):
        assert somebody.rows("alert_rules", **mine) == []
        assert somebody.update("alert_rules", {"name": "Theirs"}, **mine).json() == []
        assert somebody.delete("alert_rules", **mine).json() == []
        assert somebody.call("send_alert_test", rule_id=rule_id).status_code == 404
    assert caller.call("send_alert_test", rule_id=rule_id).status_code == 204
    assert caller.call("send_alert_test", rule_id=rule_id).status_code == 429
    [message] = messages(customer)
    assert (message["recipient_id"], message["content"]["is_test"]) == (caller.user_id, True)
    assert len(caller.delete("alert_rules", **mine).json()) == 1


@pytest.mark.parametrize("role", ["viewer", "billing"])
def test_who_only_reads_sends_nothing_out_of_the_account(world: World, customer: Customer, role: str) -> None:
    caller = world.teammate(customer.account_id, role)
    chat: dict[str, object] = {"channel": "slack", "chat_destination_id": connected(customer)}
    webhook: dict[str, object] = {"channel": "webhook", "about": "segment", "segment_id": segment(customer)}
    for channel in (chat, webhook):
        row = {"account_id": customer.account_id, "name": "x", "about": "every", **channel}
        assert caller.insert("alert_rules", row).status_code == 403
    rule_id = rule(customer, caller)
    assert caller.update("alert_rules", chat, id=f"eq.{rule_id}").status_code == 403


def test_a_rule_made_again_is_no_way_to_send_more_tests(world: World, customer: Customer) -> None:
    channel_id = connected(customer)
    first = rule(customer, channel="slack", chat_destination_id=channel_id)
    assert customer.owner.call("send_alert_test", rule_id=first).status_code == 204
    customer.owner.delete("alert_rules", id=f"eq.{first}")
    again = rule(customer, channel="slack", chat_destination_id=channel_id)
    assert customer.owner.call("send_alert_test", rule_id=again).status_code == 429


@pytest.mark.parametrize("role", ["viewer", "billing"])
def test_who_has_come_to_only_read_posts_no_tests_to_the_teams_channels(world: World, customer: Customer, role: str) -> None:
    caller = world.teammate(customer.account_id, "member")
    rule_id = rule(customer, caller, channel="slack", chat_destination_id=connected(customer))
    arguments = [role, customer.account_id, caller.user_id]
    world.database.execute("update public.memberships set role = %s where account_id = %s and user_id = %s", arguments)
    assert caller.call("send_alert_test", rule_id=rule_id).status_code == 403
    assert messages(customer) == []


def test_nobody_writes_a_rule_in_anothers_name_or_account(world: World, customer: Customer) -> None:
    row = {"account_id": customer.account_id, "name": "x", "about": "every", "channel": "mail"}
    admin = world.teammate(customer.account_id, "admin")
    assert admin.insert("alert_rules", {**row, "user_id": customer.owner.user_id}).status_code == 403
    assert world.customer().owner.insert("alert_rules", row).status_code == 403
    for caller in (world.anonymous(), world.role("service_role"), world.role("watcher"), world.role("beacon")):
        assert caller.insert("alert_rules", row).status_code in (401, 403)
        assert caller.get("alert_rules").status_code in (401, 403)


def test_a_rule_names_nothing_of_another_account(world: World, customer: Customer) -> None:
    other = world.customer()
    theirs = [
        {"about": "segment", "segment_id": segment(other), "channel": "mail"},
        {"about": "every", "channel": "slack", "chat_destination_id": connected(other)},
    ]
    for named in theirs:
        row = {"account_id": customer.account_id, "name": "x", **named}
        assert customer.owner.insert("alert_rules", row).status_code == 409  # the composite foreign keys


def test_a_rule_that_means_nothing_is_refused(customer: Customer) -> None:
    channel, segment_id = connected(customer, "teams", TEAMS), segment(customer)
    for wrong, status in (
        ({"about": "segment"}, 400),
        ({"about": "every", "segment_id": segment_id}, 400),
        ({"about": "every", "only_on_change": True}, 400),
        ({"about": "every", "kinds": []}, 400),
        ({"about": "every", "kinds": ["left"]}, 400),
        ({"about": "every", "channel": "slack"}, 400),
        ({"about": "every", "channel": "mail", "chat_destination_id": channel}, 422),
        ({"about": "every", "channel": "webhook"}, 400),
        ({"about": "every", "channel": "slack", "chat_destination_id": channel}, 422),
        ({"about": "every", "name": ""}, 400),
        ({"about": "every", "name": "x" * 81}, 400),
    ):
        row = {"account_id": customer.account_id, "name": "x", "channel": "mail", **wrong}
        answer = customer.owner.insert("alert_rules", row)
        assert answer.status_code == status, (wrong, answer.text)


def test_a_member_has_at_most_fifty_rules(customer: Customer) -> None:
    customer.world.database.execute(
        "insert into public.alert_rules (account_id, user_id, name, about, channel)"
        " select %s, %s, 'R' || n, 'every', 'mail' from generate_series(1, 50) as n",
        [customer.account_id, customer.owner.user_id],
    )
    row = {"account_id": customer.account_id, "name": "x", "about": "every", "channel": "mail"}
    refused = customer.owner.insert("alert_rules", row)
    assert refused.status_code == 422 and "50 alert rules" in refused.json()["message"]


@pytest.mark.parametrize("role", ["anonymous", "authenticated", "service_role", "announcer", "beacon"])
def test_the_watcher_alone_watches(world: World, customer: Customer, role: str) -> None:
    caller = {"anonymous": world.anonymous(), "authenticated": customer.owner}.get(role) or world.role(role)
    assert caller.call("watch_visits", most=1).status_code in (401, 403)
    watcher = world.role("watcher")
    assert watcher.call("announce_events", most=1).status_code == 403
    assert watcher.call("watch_visits", most=0).status_code == 400


def test_who_only_reads_from_now_on_posts_nothing_any_more(world: World, customer: Customer) -> None:
    teammate = world.teammate(customer.account_id, "member")
    channel = connected(customer)
    rule(customer, teammate, name="Chat", channel="slack", chat_destination_id=channel)
    rule(customer, teammate, name="Mail")
    rule(customer, name="Another's", channel="slack", chat_destination_id=channel)
    world.database.execute("update public.memberships set role = 'viewer' where user_id = %s", [teammate.user_id])
    assert {row["name"]: row["enabled"] for row in teammate.rows("alert_rules")} == {"Chat": False, "Mail": True}
    assert [row["enabled"] for row in customer.owner.rows("alert_rules")] == [True]
    teammate.update("alert_rules", {"enabled": True}, name="eq.Chat")
    assert teammate.rows("alert_rules", name="eq.Chat")[0]["enabled"] is False
