"""Alerts: which visits a rule tells of, once; the day's number, quiet hours, and what waits for the digest."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.alerts import GERMANS, announce, held, messages, rule, segment, settings, told, visit, watch
from tests.builders import Customer, World, company_row


def test_a_rule_about_every_company_tells_of_each_visit_once(customer: Customer) -> None:
    rule_id = rule(customer)
    visit(customer, "acme", "other")
    visit(customer, "acme")  # the same visit goes on
    assert told(customer) == ["Acme", "Other"]
    [first, _] = messages(customer)
    assert (first["channel"], first["recipient_id"], first["state"]) == ("mail", customer.owner.user_id, "waiting")
    assert (first["content"]["rule_id"], first["content"]["rule"], first["content"]["kind"]) == (rule_id, "Rule", "identified")


def test_a_rule_tells_of_the_kinds_of_visits_it_names(customer: Customer) -> None:
    rule(customer, name="New", kinds=["identified"])
    rule(customer, name="Back", kinds=["returned"])
    visit(customer)
    customer.pass_time("2 hours")
    visit(customer)
    assert [(message["content"]["rule"], message["content"]["kind"]) for message in messages(customer)] == [
        ("New", "identified"),
        ("Back", "returned"),
    ]


def test_without_a_rule_or_with_a_muted_one_nothing_is_told_and_no_event_written(customer: Customer) -> None:
    visit(customer)
    rule_id = rule(customer)
    customer.owner.update("alert_rules", {"enabled": False}, id=f"eq.{rule_id}")
    visit(customer, "other")
    customer.world.record(customer.beacon("third"))
    events = customer.world.database.execute("select from private.events where account_id = %s", [customer.account_id])
    assert (told(customer), events.fetchall()) == ([], [])


def test_an_alert_says_which_rule_applied_and_which_conditions_held(customer: Customer) -> None:
    french = {"field": "country", "is": ["FR"]}
    pricing = {"field": "page", "starts_with": ["/pricing"]}
    german = {"field": "country", "is": ["DE"]}
    conditions: list[object] = [pricing, {"match": "any", "conditions": [french, german]}]
    segment_id = segment(customer, {"match": "all", "conditions": conditions}, "Buyers")
    rule(customer, name="Buyers come", about="segment", segment_id=segment_id)
    visit(customer)
    [alert] = messages(customer)
    content = alert["content"]
    assert (content["rule"], content["segment"], content["why"]) == ("Buyers come", "Buyers", [pricing, german])
    assert (content["company_id"], content["site_id"]) == (customer.company_id("acme"), customer.site_id)
    assert (content["pages"], content["score"], content["domain"]) == (["/pricing"], 17, "acme.example")


def test_a_rule_about_a_segment_leaves_others_out(customer: Customer) -> None:
    rule(customer, about="segment", segment_id=segment(customer))
    customer.world.record({**customer.beacon(), "company": {**company_row("paris"), "country": "FR"}})
    visit(customer, "acme")
    assert told(customer) == ["Acme"]


def test_a_later_page_of_a_visit_makes_a_rule_apply(customer: Customer) -> None:
    pricing: dict[str, object] = {"match": "all", "conditions": [{"field": "page", "starts_with": ["/pricing"]}]}
    rule(customer, about="segment", segment_id=segment(customer, pricing), only_on_change=True)
    visit(customer, path="/")
    watch(customer.world)
    assert told(customer) == []
    visit(customer, path="/pricing")
    watch(customer.world)
    watch(customer.world)
    assert told(customer) == ["Acme"]
    assert messages(customer)[0]["content"]["pages"] == ["/", "/pricing"]


def test_a_visit_is_watched_until_it_is_over(customer: Customer) -> None:
    rule(customer)
    visit(customer)
    customer.pass_time("31 minutes")
    watch(customer.world)
    watched = customer.world.database.execute("select from private.watched_visits where account_id = %s", [customer.account_id])
    assert watched.fetchall() == []


def test_only_on_change_tells_of_a_company_when_it_comes_and_not_while_it_stays(customer: Customer) -> None:
    twice: dict[str, object] = {"match": "all", "conditions": [{"field": "visits", "at_least": 2, "within_days": 30}]}
    rule(customer, name="Comes", about="segment", segment_id=segment(customer, twice), only_on_change=True)
    counts = []
    for _ in range(4):
        visit(customer)
        counts.append(len(told(customer)))
        customer.pass_time("2 hours")
    assert counts == [0, 1, 1, 1]
    assert messages(customer)[0]["content"]["only_on_change"] is True


def test_a_company_that_left_a_segment_without_a_visit_can_come_again(customer: Customer) -> None:
    twice: dict[str, object] = {"match": "all", "conditions": [{"field": "visits", "at_least": 2, "within_days": 3}]}
    rule(customer, about="segment", segment_id=segment(customer, twice), only_on_change=True)
    for pause in ("2 hours", "40 days", "2 hours", "2 hours"):
        visit(customer)
        customer.pass_time(pause)
    assert len(told(customer)) == 2


def test_a_company_that_was_in_the_segment_before_the_rule_has_not_come(customer: Customer) -> None:
    visit(customer, "acme")
    rule(customer, about="segment", segment_id=segment(customer), only_on_change=True)
    customer.pass_time("2 hours")
    visit(customer, "acme", "newcomer")
    assert told(customer) == ["Newcomer"]


def test_a_changed_segment_counts_nobody_as_come(customer: Customer) -> None:
    french: dict[str, object] = {"match": "all", "conditions": [{"field": "country", "is": ["FR"]}]}
    segment_id = segment(customer, french)
    rule(customer, about="segment", segment_id=segment_id, only_on_change=True)
    visit(customer, "acme")
    customer.owner.update("segments", {"filter": GERMANS}, id=f"eq.{segment_id}")
    customer.pass_time("2 hours")
    visit(customer, "acme", "newcomer")
    assert told(customer) == ["Newcomer"]


def test_a_rule_about_followed_companies_tells_its_own_member(world: World, customer: Customer) -> None:
    visit(customer, "acme", "other")
    teammate = world.teammate(customer.account_id, "viewer")
    teammate.insert("follows", {"account_id": customer.account_id, "company_id": customer.company_id("acme")})
    rule(customer, teammate, about="followed")
    rule(customer, about="followed")  # the owner follows nobody
    customer.pass_time("2 hours")
    visit(customer, "acme", "other")
    assert [(message["content"]["name"], message["recipient_id"]) for message in messages(customer)] == [
        ("Acme", teammate.user_id)
    ]


def test_corrections_hold_for_alerts(customer: Customer) -> None:
    visit(customer, "acme", "branch", "carrier")
    customer.correct("branch", "same_as", same_as_company_id=customer.company_id("acme"))
    customer.correct("carrier", "isp")
    follow = {"account_id": customer.account_id, "company_id": customer.company_id("acme")}
    customer.owner.insert("follows", follow)
    rule(customer, about="followed")
    rule(customer, name="All")
    customer.pass_time("2 hours")
    visit(customer, "branch", "carrier")
    assert told(customer) == ["Acme", "Acme"]


def test_what_is_over_the_days_number_waits_for_the_digest(customer: Customer) -> None:
    settings(customer, alerts_per_day=2)
    rule_id = rule(customer)
    visit(customer, "one", "two", "three", "four")
    assert told(customer) == ["One", "Two"]
    assert [(row["rule_id"], row["user_id"], row["company_id"], row["reason"]) for row in held(customer)] == [
        (rule_id, customer.owner.user_id, customer.company_id(key), "over_budget") for key in ("three", "four")
    ]
    watch(customer.world)
    assert len(held(customer)) == 2


def test_the_next_day_of_the_member_has_a_number_of_its_own(customer: Customer) -> None:
    settings(customer, alerts_per_day=1, time_zone="Pacific/Kiritimati")
    rule(customer)
    visit(customer, "one", "two")
    assert (told(customer), len(held(customer))) == (["One"], 1)
    customer.world.database.execute(
        "update private.sent_alerts set due_at = due_at - interval '1 day' where account_id = %s", [customer.account_id]
    )
    visit(customer, "three")
    assert told(customer) == ["One", "Three"]


def test_the_number_is_each_members_own_and_counts_all_their_rules(world: World, customer: Customer) -> None:
    settings(customer, alerts_per_day=1)
    teammate = world.teammate(customer.account_id, "member")
    rule(customer)
    rule(customer, name="Second")
    rule(customer, teammate)
    visit(customer)
    assert sorted(message["recipient_id"] for message in messages(customer)) == sorted(
        [str(customer.owner.user_id), str(teammate.user_id)]
    )
    assert len(held(customer)) == 1


def test_a_number_of_none_leaves_everything_to_the_digest(customer: Customer) -> None:
    settings(customer, alerts_per_day=0)
    rule(customer)
    visit(customer)
    assert (told(customer), len(held(customer))) == ([], 1)


@pytest.mark.parametrize("time_zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
def test_in_quiet_hours_an_alert_waits_until_they_end(customer: Customer, time_zone: str) -> None:
    clock = datetime.now(UTC).astimezone(ZoneInfo(time_zone))
    until = (clock + timedelta(hours=2)).replace(second=0, microsecond=0)
    settings(customer, time_zone=time_zone, quiet_from=f"{clock - timedelta(hours=1):%H:%M}", quiet_until=f"{until:%H:%M}")
    rule(customer)
    visit(customer)
    [alert] = messages(customer)
    assert datetime.fromisoformat(alert["next_attempt_at"]) == until.astimezone(UTC)
    assert datetime.fromisoformat(alert["expires_at"]) == until.astimezone(UTC) + timedelta(hours=24)


def test_outside_quiet_hours_an_alert_leaves_at_once(customer: Customer) -> None:
    clock = datetime.now(UTC)
    settings(customer, quiet_from=f"{clock + timedelta(hours=1):%H:%M}", quiet_until=f"{clock + timedelta(hours=2):%H:%M}")
    rule(customer)
    visit(customer)
    [alert] = messages(customer)
    assert datetime.fromisoformat(alert["next_attempt_at"]) <= datetime.now(UTC)


@pytest.mark.parametrize("end", ["mute", "delete", "leave"])
def test_what_waits_of_a_rule_that_is_over_is_not_sent(world: World, customer: Customer, end: str) -> None:
    clock = datetime.now(UTC)
    teammate = world.teammate(customer.account_id, "member")
    begin, end_at = clock - timedelta(hours=1), clock + timedelta(hours=1)
    settings(customer, teammate, quiet_from=f"{begin:%H:%M}", quiet_until=f"{end_at:%H:%M}")
    rule_id = rule(customer, teammate)
    visit(customer)
    assert len(messages(customer)) == 1
    if end == "mute":
        teammate.update("alert_rules", {"enabled": False}, id=f"eq.{rule_id}")
    elif end == "delete":
        teammate.delete("alert_rules", id=f"eq.{rule_id}")
    else:
        world.database.execute("delete from public.memberships where user_id = %s", [teammate.user_id])
    assert messages(customer) == []


def test_a_rule_for_webhooks_tells_of_the_segment_and_does_not_count(customer: Customer) -> None:
    settings(customer, alerts_per_day=1)
    segment_id = segment(customer)
    rule_id = rule(customer, about="segment", segment_id=segment_id, channel="webhook")
    rule(customer, name="Mail")
    customer.world.record(customer.beacon())
    customer.world.role("announcer").result("announce_events", most=500)
    row = customer.world.database.execute(
        "select kind, company_id::text, content from private.events where account_id = %s", [customer.account_id]
    ).fetchone()
    assert row is not None
    assert (row[0], row[1]) == ("segment.matched", customer.company_id("acme"))
    assert (row[2]["segment_id"], row[2]["rule_id"], row[2]["why"]) == (segment_id, rule_id, GERMANS["conditions"])
    announce(customer.world)
    assert (told(customer), held(customer)) == (["Acme"], [])


def test_an_account_that_fails_does_not_keep_others_from_being_told(world: World, customer: Customer) -> None:
    broken = world.customer()
    segment_id = segment(broken)
    rule(broken, about="segment", segment_id=segment_id)
    world.database.execute("alter table public.segments disable trigger all")
    wrong = json.dumps({"match": "all", "conditions": [{"field": "page", "starts_with": "x"}]})
    world.database.execute("update public.segments set filter = %s where id = %s", [wrong, segment_id])
    world.database.execute("alter table public.segments enable trigger all")
    rule(customer)
    world.record(broken.beacon(), customer.beacon())
    assert world.role("announcer").result("announce_events", most=500)["failed"] == 1
    assert told(customer) == ["Acme"]
    world.record(*(broken.beacon(f"company {number}") for number in range(12)))
    world.database.execute("update private.job_failures set next_try_at = now() where account_id = %s", [broken.account_id])
    world.role("announcer").result("announce_events", most=500)
    # One fault, however many events meet it: the account is not given up.
    failures = world.database.execute(
        "select failures, next_try_at is not null from private.job_failures where account_id = %s", [broken.account_id]
    ).fetchall()
    assert failures == [(2, True)]
    world.database.execute("delete from private.events where account_id = %s", [broken.account_id])
    world.database.execute("delete from private.job_failures where account_id = %s", [broken.account_id])


def test_an_account_that_fails_while_its_visits_go_on_fails_once_and_keeps_no_other_waiting(
    world: World, customer: Customer
) -> None:
    broken = world.customer()
    segment_id = segment(broken)
    rule(broken, about="segment", segment_id=segment_id)
    pricing: dict[str, object] = {"field": "page", "starts_with": ["/pricing"]}
    rule(customer, about="segment", segment_id=segment(customer, {"match": "all", "conditions": [pricing]}))
    visit(broken, *(f"company {number}" for number in range(12)), path="/")
    visit(customer, path="/")
    world.database.execute("alter table public.segments disable trigger all")
    wrong = json.dumps({"match": "all", "conditions": [{"field": "page", "starts_with": "x"}]})
    world.database.execute("update public.segments set filter = %s where id = %s", [wrong, segment_id])
    world.database.execute("alter table public.segments enable trigger all")
    page = {"host": "example.com", "path": "/pricing"}
    world.record(*(broken.beacon(f"company {number}", page=page) for number in range(12)))
    world.record(customer.beacon(page=page))
    assert world.role("watcher").result("watch_visits", most=500)["failed"] == 1
    assert told(customer) == ["Acme"]
    failures = world.database.execute(
        "select failures, next_try_at is not null from private.job_failures where account_id = %s", [broken.account_id]
    ).fetchall()
    assert failures == [(1, True)]
    world.database.execute("delete from private.watched_visits where account_id = %s", [broken.account_id])
    world.database.execute("delete from private.job_failures where account_id = %s", [broken.account_id])


def test_sent_and_held_alerts_are_forgotten_after_60_days(customer: Customer) -> None:
    settings(customer, alerts_per_day=1)
    rule(customer)
    visit(customer, "one", "two")
    for table, column in (("sent_alerts", "due_at"), ("held_alerts", "held_at")):
        customer.world.database.execute(
            f"update private.{table} set {column} = now() - interval '61 days' where account_id = %s", [customer.account_id]
        )
    assert customer.world.role("scheduler").result("purge_expired")["alerts"] >= 2
    assert held(customer) == []


def test_a_deleted_site_or_account_takes_its_alerts_along(customer: Customer) -> None:
    rule(customer, about="segment", segment_id=segment(customer), only_on_change=True)
    visit(customer)
    customer.owner.delete("sites", id=f"eq.{customer.site_id}")
    customer.world.database.execute("delete from public.accounts where id = %s", [customer.account_id])
    for table in ("sent_alerts", "held_alerts", "segment_members", "watched_visits", "listening", "outbox"):
        left = customer.world.database.execute(f"select from private.{table} where account_id = %s", [customer.account_id])
        assert left.fetchall() == [], table
