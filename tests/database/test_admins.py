"""The staff's own gate: a list, a reason, an hour, a second factor; and every look is read by whom it was at."""

import time
from typing import Any

import httpx
import jwt
import pytest

from tests.builders import Caller, Customer, World

REASON = "Ticket 4711: the site shows no visits"
FORBIDDEN, NOT_FOUND, UNPROCESSABLE = httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY


@pytest.fixture
def staff(world: World) -> Caller:
    """Somebody on the list, with no session open."""
    person = world.person()
    world.database.execute("insert into private.operators (user_id) values (%s)", [person.user_id])
    return person


def entries(customer: Customer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = customer.owner.result("list_audit_entries", account_id=customer.account_id)
    return rows


def test_every_admin_function_refuses_whoever_has_no_open_session(world: World, staff: Caller, customer: Customer) -> None:
    functions = world.database.execute(
        """select proname, pg_get_function_identity_arguments(oid) from pg_proc
        where pronamespace = 'public'::regnamespace and proname like 'admin\\_%'"""
    ).fetchall()
    assert len(functions) >= 3
    for name, arguments in functions:
        body = world.database.execute("select prosrc from pg_proc where proname = %s", [name]).fetchone()
        assert body is not None and "private.require_admin()" in body[0], f"{name}({arguments})"
    for caller in (staff, customer.owner, world.person()):
        assert caller.call("admin_list_accounts").status_code == (FORBIDDEN if caller is staff else NOT_FOUND)
    for caller in (world.anonymous(), world.role("service_role")):
        assert caller.call("admin_list_accounts").status_code in (401, 403)


def test_nobody_but_the_staff_opens_a_session(world: World, customer: Customer) -> None:
    for caller in (customer.owner, world.person()):
        assert caller.call("open_admin_session", reason=REASON).status_code == NOT_FOUND
        assert caller.result("get_admin_session")["is_operator"] is False


@pytest.mark.parametrize("reason", ["", "because", " " * 20, None, "x" * 501])
def test_a_session_needs_a_reason(staff: Caller, reason: str | None) -> None:
    assert staff.call("open_admin_session", reason=reason).status_code == UNPROCESSABLE
    assert staff.call("admin_list_accounts").status_code == FORBIDDEN


def test_each_look_is_an_entry_that_the_customer_reads_with_the_reason(staff: Caller, customer: Customer) -> None:
    staff.result("open_admin_session", reason=REASON)
    looked = staff.result("admin_look_at_account", account_id=customer.account_id)
    assert [site["hosts"] for site in looked["sites"]] == [["example.com"]]
    latest = entries(customer)[0]
    assert (latest["action"], latest["actor_kind"], latest["actor"], latest["reason"]) == (
        "admin.looked",
        "staff",
        staff.user_id,
        REASON,
    )
    # By their id alone: a customer needs no address of somebody of the staff.
    assert latest["actor_email"] is None


def test_a_session_ends_after_an_hour_and_when_it_is_closed(world: World, staff: Caller) -> None:
    staff.result("open_admin_session", reason=REASON)
    assert staff.call("admin_list_accounts").is_success
    assert staff.call("close_admin_session").is_success
    assert staff.call("admin_list_accounts").status_code == FORBIDDEN
    staff.result("open_admin_session", reason=REASON)
    world.database.execute(
        "update private.admin_sessions set opened_at = opened_at - interval '1 hour', expires_at = expires_at - interval '1 hour'"
    )
    assert staff.call("admin_list_accounts").status_code == FORBIDDEN


def test_whoever_is_taken_off_the_list_is_out_at_once(world: World, staff: Caller) -> None:
    staff.result("open_admin_session", reason=REASON)
    world.database.execute("delete from private.operators where user_id = %s", [staff.user_id])
    assert staff.call("admin_list_accounts").status_code == NOT_FOUND


def test_where_the_auth_server_offers_a_second_factor_the_staff_need_it(world: World, staff: Caller) -> None:
    world.database.execute("create table auth.mfa_factors (id uuid)")
    try:
        assert staff.call("open_admin_session", reason=REASON).status_code == FORBIDDEN
        claims = {
            "role": "authenticated",
            "sub": staff.user_id,
            "aal": "aal2",
            "aud": "authenticated",
            "exp": int(time.time()) + 60,
        }
        with_factor = Caller(staff.client, jwt.encode(claims, world.jwt_secret, algorithm="HS256"), staff.user_id)
        with_factor.result("open_admin_session", reason=REASON)
        assert with_factor.call("admin_list_accounts").is_success
        assert staff.call("admin_list_accounts").status_code == FORBIDDEN
    finally:
        world.database.execute("drop table auth.mfa_factors")


def test_staff_see_an_account_as_a_viewer_while_its_owner_allows_it(world: World, staff: Caller, customer: Customer) -> None:
    world.record(customer.beacon())
    staff.result("open_admin_session", reason=REASON)
    assert staff.call("admin_enter_account", account_id=customer.account_id).status_code == FORBIDDEN
    customer.owner.result("grant_support", account_id=customer.account_id, hours=24)
    assert staff.rows("visits", account_id=f"eq.{customer.account_id}") == []
    assert staff.call("admin_enter_account", account_id=customer.account_id).is_success
    assert len(staff.rows("visits", account_id=f"eq.{customer.account_id}")) == 1
    assert staff.update("accounts", {"name": "Ours now"}, id=f"eq.{customer.account_id}").json() == []
    assert staff.call("create_site", account_id=customer.account_id, site_name="x", hosts=["x.example"]).status_code == FORBIDDEN
    assert staff.rows("visits", account_id=f"eq.{world.customer().account_id}") == []
    assert [entry["action"] for entry in entries(customer)][:2] == ["support.entered", "support.granted"]
    customer.owner.call("withdraw_support", account_id=customer.account_id)
    assert staff.rows("visits", account_id=f"eq.{customer.account_id}") == []


def test_the_grant_ends_by_itself_and_with_the_session(world: World, staff: Caller, customer: Customer) -> None:
    world.record(customer.beacon())
    customer.owner.result("grant_support", account_id=customer.account_id, hours=9999)
    staff.result("open_admin_session", reason=REASON)
    staff.call("admin_enter_account", account_id=customer.account_id)
    assert staff.rows("visits", account_id=f"eq.{customer.account_id}")
    staff.call("close_admin_session")
    assert staff.rows("visits", account_id=f"eq.{customer.account_id}") == []
    staff.result("open_admin_session", reason=REASON)
    assert staff.rows("visits", account_id=f"eq.{customer.account_id}") == []
    staff.call("admin_enter_account", account_id=customer.account_id)
    world.database.execute(
        "update private.support_grants "
        "set granted_at = granted_at - interval '8 days', expires_at = expires_at - interval '8 days'"
    )
    assert staff.rows("visits", account_id=f"eq.{customer.account_id}") == []


@pytest.mark.parametrize("role", ["admin", "member", "viewer", "billing"])
def test_only_an_owner_lets_staff_in(world: World, customer: Customer, role: str) -> None:
    teammate = world.teammate(customer.account_id, role)
    assert teammate.call("grant_support", account_id=customer.account_id, hours=1).status_code == FORBIDDEN
    assert teammate.call("withdraw_support", account_id=customer.account_id).status_code == FORBIDDEN
    assert teammate.result("get_support", account_id=customer.account_id) is None
    assert world.person().call("grant_support", account_id=customer.account_id, hours=1).status_code == NOT_FOUND
