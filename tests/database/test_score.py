"""The score: one formula, in the database and in Python, and explained to the point."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain.score import explain_score, saturated, visit_tenths
from tests.builders import Customer, World

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def add_visit(customer: Customer, company_id: str, *, pages: int, before: timedelta, at: datetime = AT) -> str:
    """Let a company have visited some time before, in a minute."""
    visit_id = str(uuid.uuid4())
    customer.world.database.execute(
        "insert into public.visits (id, account_id, site_id, company_id, started_at, last_seen_at, page_view_count)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        [visit_id, customer.account_id, customer.site_id, company_id, at - before, at - before, pages],
    )
    return visit_id


def seen(customer: Customer, key: str = "acme") -> str:
    """The id of a company that was seen once, and whose visits are forgotten."""
    customer.world.record(customer.beacon(key))
    company_id = customer.company_id(key)
    customer.world.database.execute("delete from public.visits where company_id = %s", [company_id])
    return company_id


def score(customer: Customer, company_id: str, at: datetime = AT) -> int | None:
    row = customer.world.database.execute(
        "select private.company_score(%s, %s, %s)", [customer.account_id, company_id, at]
    ).fetchone()
    assert row is not None
    found: int | None = row[0]
    return found


def test_the_database_and_python_give_every_visit_the_same_points(world: World) -> None:
    rows = world.database.execute(
        "select pages, days, private.visit_points(pages, days)"
        " from generate_series(0, 110) as pages cross join generate_series(0, 170) as days"
    ).fetchall()
    assert len(rows) > 18_000
    assert [row for row in rows if visit_tenths(row[0], row[1]) != row[2]] == []


def test_the_database_and_python_saturate_alike(world: World) -> None:
    rows = world.database.execute("select tenths, private.saturated(tenths) from generate_series(0, 200000) as tenths").fetchall()
    assert [row for row in rows if saturated(row[0]) != row[1]] == []
    assert (rows[0][1], rows[500][1], rows[-1][1]) == (0, 50, 100)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    visits=st.lists(st.tuples(st.integers(0, 300), st.timedeltas(timedelta(0), timedelta(days=400))), max_size=12),
)
def test_random_visits_have_the_same_score_in_both(customer: Customer, visits: list[tuple[int, timedelta]]) -> None:
    company_id = seen(customer)
    for pages, before in visits:
        add_visit(customer, company_id, pages=pages, before=before)
    assert score(customer, company_id) == explain_score((pages, before.days) for pages, before in visits).score


def test_a_visit_counts_half_as_much_after_two_weeks_and_each_page_less_than_the_one_before(customer: Customer) -> None:
    assert [visit_tenths(pages, 0) for pages in (1, 4, 9, 16)] == [100, 200, 300, 400]
    assert [visit_tenths(4, days) for days in (0, 14, 28)] == [200, 100, 50]
    company_id = seen(customer)
    add_visit(customer, company_id, pages=25, before=timedelta(0))
    assert score(customer, company_id) == 50
    assert score(customer, company_id, AT + timedelta(days=14)) == 33
    assert score(customer, company_id, AT + timedelta(days=200)) == 0


def test_a_visit_that_is_still_to_come_counts_nothing(customer: Customer) -> None:
    company_id = seen(customer)
    add_visit(customer, company_id, pages=4, before=timedelta(days=-1))
    assert score(customer, company_id) == 0


def test_the_parts_that_are_shown_add_up_to_what_is_saturated(customer: Customer) -> None:
    company_id = seen(customer)
    now = datetime.now(UTC)
    for day in range(15):
        add_visit(customer, company_id, pages=day + 1, before=timedelta(days=day, hours=1), at=now)
    shown: dict[str, Any] = customer.owner.result("explain_score", company_id=company_id)
    assert len(shown["visits"]) == 10 and shown["others"] == 5
    tenths = sum(round(10 * visit["points"]) for visit in shown["visits"]) + round(10 * shown["others_points"])
    assert tenths == round(10 * shown["points"]) == explain_score((day + 1, day) for day in range(15)).tenths
    assert shown["score"] == saturated(tenths)


def test_a_company_that_counts_as_another_adds_to_its_score_and_a_hidden_one_has_none(customer: Customer) -> None:
    acme, branch = seen(customer), seen(customer, "branch")
    add_visit(customer, acme, pages=25, before=timedelta(0))
    add_visit(customer, branch, pages=25, before=timedelta(0))
    customer.correct("branch", "same_as", same_as_company_id=acme)
    assert score(customer, acme) == score(customer, branch) == 67
    customer.correct("acme", "isp")
    assert score(customer, acme) is None
    assert customer.owner.result("explain_score", company_id=acme) is None


@pytest.mark.parametrize("role", ["admin", "member", "viewer", "billing"])
def test_teammates_are_told_the_score(world: World, customer: Customer, role: str) -> None:
    company_id = seen(customer)
    assert world.teammate(customer.account_id, role).result("explain_score", company_id=company_id)["score"] == 0


def test_strangers_are_told_no_score(world: World, customer: Customer) -> None:
    company_id = seen(customer)
    assert world.customer().owner.result("explain_score", company_id=company_id) is None
    for caller in (world.anonymous(), world.role("service_role"), world.role("beacon")):
        assert caller.call("explain_score", company_id=company_id).status_code in (401, 403)
