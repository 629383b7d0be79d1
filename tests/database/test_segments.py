"""Segments: what a filter may say, for which companies it holds, and who writes one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import Caller, Customer, World, company_row
from tests.database.test_score import add_visit, seen

GERMAN = {"field": "country", "is": ["DE"]}


def every(*conditions: object, match: str = "all") -> dict[str, object]:
    return {"match": match, "conditions": list(conditions)}


def add(caller: Caller, customer: Customer, filter: object, name: str = "Segment") -> Any:
    return caller.insert("segments", {"account_id": customer.account_id, "name": name, "filter": filter})


def has(customer: Customer, filter: object, company_id: str, at: datetime | None = None) -> bool:
    row = customer.world.database.execute(
        "select private.segment_has(%s, %s, %s, %s)",
        [json.dumps(filter), customer.account_id, company_id, at or datetime.now(UTC)],
    ).fetchone()
    assert row is not None
    return bool(row[0])


def segment_id(customer: Customer, name: str = "Segment") -> str:
    [row] = customer.owner.rows("segments", account_id=f"eq.{customer.account_id}", name=f"eq.{name}")
    return str(row["id"])


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"field": "industry", "is": ["Manufacturing", "Construction"]}, True),
        ({"field": "industry", "is_not": ["Manufacturing"]}, False),
        ({"field": "country", "is_not": ["FR"]}, True),
        ({"field": "kind", "is": ["government"]}, False),
        ({"field": "employee_range", "is": ["1000-4999"]}, True),
        ({"field": "page", "starts_with": ["/pri"]}, True),
        ({"field": "page", "starts_with": ["/about", "/%"], "within_days": 7}, False),
        ({"field": "campaign", "is": ["spring"]}, True),
        ({"field": "campaign", "is": ["autumn"]}, False),
        ({"field": "visits", "at_least": 1, "within_days": 1}, True),
        ({"field": "visits", "at_least": 2, "within_days": 1}, False),
        ({"field": "page_views", "at_least": 2, "within_days": 7.0}, True),
        ({"field": "page_views", "at_least": 3.0, "within_days": 7}, False),
        ({"field": "score", "at_least": 10}, True),
        ({"field": "score", "at_least": 90}, False),
        ({"field": "first_seen", "within_days": 1}, True),
        ({"field": "last_seen", "within_days": 1}, True),
    ],
)
def test_each_condition_holds_where_it_should(customer: Customer, condition: dict[str, object], holds: bool) -> None:
    page = {"host": "example.com", "path": "/pricing", "utm_campaign": "spring"}
    customer.world.record(customer.beacon(page=page), customer.beacon())
    assert add(customer.owner, customer, every(condition)).status_code == 201
    assert has(customer, every(condition), customer.company_id("acme")) is holds
    listed = customer.owner.result("list_segment_companies", segment_id=segment_id(customer))
    assert [row["name"] for row in listed] == (["Acme"] if holds else [])
    assert customer.owner.result("count_filter_companies", account_id=customer.account_id, filter=every(condition)) == int(holds)


def test_what_is_not_known_is_none_of_the_values(customer: Customer) -> None:
    customer.world.record({**customer.beacon(), "company": {**company_row("acme"), "industry": None}})
    company_id = customer.company_id("acme")
    assert has(customer, every({"field": "industry", "is_not": ["Manufacturing"]}), company_id)
    assert not has(customer, every({"field": "industry", "is": ["Manufacturing"]}), company_id)


def test_groups_are_all_or_any_of_their_conditions(customer: Customer) -> None:
    company_id = seen(customer)
    french = {"field": "country", "is": ["FR"]}
    assert has(customer, every(french, GERMAN, match="any"), company_id)
    assert not has(customer, every(french, GERMAN), company_id)
    assert has(customer, every(GERMAN, every(french, every(GERMAN), match="any")), company_id)


def test_visits_are_counted_within_their_days(customer: Customer) -> None:
    company_id, now = seen(customer), datetime.now(UTC)
    for days in (1, 3, 40):
        add_visit(customer, company_id, pages=2, before=timedelta(days=days), at=now)
    assert has(customer, every({"field": "visits", "at_least": 2, "within_days": 7}), company_id)
    assert not has(customer, every({"field": "visits", "at_least": 3, "within_days": 7}), company_id)
    assert has(customer, every({"field": "visits", "at_least": 3, "within_days": 41}), company_id)
    assert not has(customer, every({"field": "visits", "at_least": 2, "within_days": 7}), company_id, now - timedelta(days=2))


def test_corrections_hold_for_segments_too(customer: Customer) -> None:
    acme, branch, now = seen(customer), seen(customer, "branch"), datetime.now(UTC)
    for company_id in (acme, branch):
        add_visit(customer, company_id, pages=2, before=timedelta(hours=3), at=now)
    twice = every({"field": "visits", "at_least": 2, "within_days": 7})
    add(customer.owner, customer, twice)
    assert not has(customer, twice, acme)
    customer.correct("branch", "same_as", same_as_company_id=acme)
    assert has(customer, twice, acme) and has(customer, twice, branch)
    [listed] = customer.owner.result("list_segment_companies", segment_id=segment_id(customer))
    assert listed["company_id"] == acme
    customer.correct("acme", "own")
    assert not has(customer, twice, acme)
    assert customer.owner.result("list_segment_companies", segment_id=segment_id(customer)) == []


def nested(depth: int) -> dict[str, object]:
    return every(GERMAN) if depth == 1 else every(nested(depth - 1))


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        (None, "20,000"),
        ([], '"match" and "conditions"'),
        ("all", '"match" and "conditions"'),
        ({}, '"match" and "conditions"'),
        ({**every(GERMAN), "more": 1}, '"match" and "conditions"'),
        (every(GERMAN, match="some"), '"all" or "any"'),
        ({"match": ["all"], "conditions": [GERMAN]}, '"all" or "any"'),
        (every(), "1 to 30"),
        ({"match": "all", "conditions": "x"}, "1 to 30"),
        (every(*[GERMAN] * 31), "1 to 30"),
        (every(every(*[GERMAN] * 20), every(*[GERMAN] * 20)), "30 conditions"),
        (nested(4), "3 deep"),
        (nested(400), "3 deep"),
        (every({"field": "country", "is": ["x" * 30_000]}), "20,000"),
        (every("country"), "is an object"),
        (every({"field": "shoe_size", "is": ["42"]}), 'no field "shoe_size"'),
        (every({"is": ["42"]}), "no field"),
        (every({"field": {"a": 1}, "is": ["42"]}), "no field"),
        (every({"field": "country", "starts_with": ["D"]}), "does not say"),
        (every({"field": "country", "is": ["DE"], "is_not": ["FR"]}), "more than it can"),
        (every({"field": "country", "is": ["DE"], "within_days": 3}), "more than it can"),
        (every({"field": "country", "is": []}), "list of 1 to 50"),
        (every({"field": "country", "is": "DE"}), "list of 1 to 50"),
        (every({"field": "country", "is": {"0": "DE"}}), "list of 1 to 50"),
        (every({"field": "country", "is": ["DE"] * 51}), "list of 1 to 50"),
        (every({"field": "country", "is": ["Germany"]}), "something that it cannot be"),
        (every({"field": "country", "is": [None]}), "something that it cannot be"),
        (every({"field": "industry", "is": [["x"]]}), "something that it cannot be"),
        (every({"field": "industry", "is": [""]}), "something that it cannot be"),
        (every({"field": "page", "starts_with": ["pricing"]}), "something that it cannot be"),
        (every({"field": "visits", "at_least": 3}), "within_days"),
        (every({"field": "visits", "at_least": "3", "within_days": 7}), "whole number"),
        (every({"field": "visits", "at_least": 0, "within_days": 7}), "whole number"),
        (every({"field": "visits", "at_least": 1.5, "within_days": 7}), "whole number"),
        (every({"field": "visits", "at_least": 10**400, "within_days": 7}), "whole number"),
        (every({"field": "visits", "at_least": 3, "within_days": True}), "whole number"),
        (every({"field": "visits", "at_least": 3, "within_days": 10**9}), "whole number"),
        (every({"field": "score", "at_least": 101}), "whole number from 1 to 100"),
    ],
)
def test_a_hostile_filter_is_refused_in_words(customer: Customer, filter: object, message: str) -> None:
    for answer in (
        add(customer.owner, customer, filter),
        customer.owner.call("count_filter_companies", account_id=customer.account_id, filter=filter),
    ):
        assert answer.status_code == 422, answer.text
        assert message in answer.json()["message"]
        assert answer.json()["hint"]
    assert customer.owner.rows("segments", account_id=f"eq.{customer.account_id}") == []


def test_what_no_json_column_can_hold_is_no_fault_of_the_server(customer: Customer) -> None:
    for filter in (nested_lists(50_000), '{"match": "all", "conditions": [{"field": "industry", "is": ["\\u0000"]}]}'):
        body = f'{{"account_id": "{customer.account_id}", "name": "x", "filter": {filter}}}'
        headers = {"Authorization": f"Bearer {customer.owner.token}", "Content-Type": "application/json"}
        answer = customer.owner.client.post("/rest/v1/segments", content=body, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text


def nested_lists(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("value", ["') or true --", "{a,b}", 'a"b', "%1$L", "\\", "';drop table public.segments;--", "NULL"])
def test_what_a_member_types_stays_a_value(customer: Customer, value: str) -> None:
    named = {**customer.beacon(), "company": {**company_row("acme"), "industry": value}}
    customer.world.record(named, customer.beacon("other"))
    listed = every({"field": "industry", "is": [value]})
    assert has(customer, listed, customer.company_id("acme"))
    assert not has(customer, listed, customer.company_id("other"))
    assert customer.owner.result("count_filter_companies", account_id=customer.account_id, filter=listed) == 1


@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_who_works_with_visits_writes_segments(world: World, customer: Customer, role: str) -> None:
    caller = customer.owner if role == "owner" else world.teammate(customer.account_id, role)
    assert add(caller, customer, every(GERMAN)).status_code == 201
    mine = {"id": f"eq.{segment_id(customer)}"}
    [changed] = caller.update("segments", {"name": "Germans"}, **mine).json()
    assert (changed["name"], changed["created_by"]) == ("Germans", caller.user_id)
    assert caller.update("segments", {"filter": every()}, **mine).status_code == 422
    assert len(caller.delete("segments", **mine).json()) == 1


@pytest.mark.parametrize("who", ["viewer", "billing", "stranger"])
def test_nobody_else_writes_segments(world: World, customer: Customer, who: str) -> None:
    add(customer.owner, customer, every(GERMAN))
    mine = {"id": f"eq.{segment_id(customer)}"}
    caller = world.customer().owner if who == "stranger" else world.teammate(customer.account_id, who)
    assert add(caller, customer, every(GERMAN), name="Mine").status_code == 403
    assert caller.update("segments", {"name": "Mine"}, **mine).json() == []
    assert caller.delete("segments", **mine).json() == []
    if who == "stranger":
        assert caller.call("list_segment_companies", segment_id=segment_id(customer)).status_code == 404
        assert caller.call("count_filter_companies", account_id=customer.account_id, filter=every(GERMAN)).status_code == 404
    else:
        assert caller.call("list_segment_companies", segment_id=segment_id(customer)).status_code == 200


def test_others_than_members_ask_nothing(world: World, customer: Customer) -> None:
    for caller in (world.anonymous(), world.role("service_role"), world.role("beacon")):
        assert caller.call("list_segment_companies", segment_id=customer.site_id).status_code in (401, 403)
        answer = caller.call("count_filter_companies", account_id=customer.account_id, filter=every(GERMAN))
        assert answer.status_code in (401, 403)


def test_an_account_has_at_most_a_hundred_segments_and_each_name_once(customer: Customer) -> None:
    customer.world.database.execute(
        "insert into public.segments (account_id, name, filter) select %s, 'S' || n, %s from generate_series(1, 99) as n",
        [customer.account_id, json.dumps(every(GERMAN))],
    )
    assert add(customer.owner, customer, every(GERMAN), name="S1").status_code == 409
    assert add(customer.owner, customer, every(GERMAN), name="The last").status_code == 201
    refused = add(customer.owner, customer, every(GERMAN), name="One more")
    assert refused.status_code == 422 and "100 segments" in refused.json()["message"]
