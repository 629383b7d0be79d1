"""What changes about a sign-in stands in the log of each account of the user; the platform's own log is the staff's."""

import httpx

from tests.builders import Customer, World


def actions(customer: Customer) -> list[str]:
    rows = customer.owner.result("list_audit_entries", account_id=customer.account_id, subject="sign_in")
    return [row["action"] for row in rows]


def test_each_account_of_a_user_is_told_and_no_other(world: World, customer: Customer) -> None:
    second, stranger = world.customer(), world.customer()
    world.database.execute(
        "insert into public.memberships (account_id, user_id, role) values (%s, %s, 'viewer')",
        [second.account_id, customer.owner.user_id],
    )
    world.database.execute("update auth.users set email = 'another-' || email where id = %s", [customer.owner.user_id])
    world.database.execute("update auth.users set encrypted_password = 'x' where id = %s", [customer.owner.user_id])
    expected = ["sign_in.password_changed", "sign_in.email_changed"]
    assert actions(customer) == actions(second) == expected
    assert actions(stranger) == []


def test_what_did_not_change_is_not_told(world: World, customer: Customer) -> None:
    world.database.execute(
        "update auth.users set email = email, encrypted_password = encrypted_password where id = %s", [customer.owner.user_id]
    )
    assert actions(customer) == []


def test_a_deleted_user_stands_in_the_log_of_the_account_they_leave(world: World, customer: Customer) -> None:
    leaver = world.person()
    world.database.execute(
        "insert into public.memberships (account_id, user_id, role) values (%s, %s, 'viewer')",
        [customer.account_id, leaver.user_id],
    )
    world.database.execute("delete from auth.users where id = %s", [leaver.user_id])
    (entry,) = customer.owner.result("list_audit_entries", account_id=customer.account_id, subject="sign_in")
    assert (entry["action"], entry["subject_id"], entry["actor_kind"]) == ("sign_in.deleted", leaver.user_id, "member")


def test_the_platforms_log_is_read_by_staff_with_a_session_alone(world: World, customer: Customer) -> None:
    staff = world.person()
    world.database.execute("insert into private.operators (user_id) values (%s)", [staff.user_id])
    assert staff.call("admin_list_platform_audit").status_code == httpx.codes.FORBIDDEN
    assert customer.owner.call("admin_list_platform_audit").status_code == httpx.codes.NOT_FOUND
    assert world.anonymous().call("admin_list_platform_audit").status_code in (401, 403)
    staff.result("open_admin_session", reason="Ticket 4711: looking at the log")
    latest = staff.result("admin_list_platform_audit", most=1)
    assert [(entry["action"], entry["actor"]) for entry in latest] == [("admin_session.opened", staff.user_id)]
    assert staff.result("admin_list_platform_audit", before_seq=latest[0]["seq"], most=1) != latest
