"""Following a company: each member for themselves."""

import pytest

from tests.builders import Customer, World


@pytest.fixture
def company_id(customer: Customer) -> str:
    customer.world.record(customer.beacon())
    return customer.company_id("acme")


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer", "billing"])
def test_every_member_follows_and_stops_for_themselves(world: World, customer: Customer, company_id: str, role: str) -> None:
    caller = customer.owner if role == "owner" else world.teammate(customer.account_id, role)
    assert caller.insert("follows", {"account_id": customer.account_id, "company_id": company_id}).status_code == 201
    [row] = caller.rows("follows", company_id=f"eq.{company_id}")
    assert row["user_id"] == caller.user_id
    assert len(caller.delete("follows", company_id=f"eq.{company_id}").json()) == 1


def test_nobody_follows_or_stops_in_anothers_name(world: World, customer: Customer, company_id: str) -> None:
    row = {"account_id": customer.account_id, "company_id": company_id}
    customer.owner.insert("follows", row)
    teammate, stranger = world.teammate(customer.account_id, "admin"), world.customer().owner
    assert teammate.insert("follows", {**row, "user_id": customer.owner.user_id}).status_code == 403
    for caller in (teammate, stranger):
        assert caller.delete("follows", company_id=f"eq.{company_id}").json() == []
    assert stranger.insert("follows", row).status_code == 403
    assert stranger.rows("follows", company_id=f"eq.{company_id}") == []
    assert len(teammate.rows("follows", company_id=f"eq.{company_id}")) == 1
    for caller in (world.anonymous(), world.role("service_role"), world.role("beacon")):
        assert caller.insert("follows", row).status_code in (401, 403)
        assert caller.get("follows").status_code in (401, 403)


def test_a_company_of_another_account_cannot_be_followed(world: World, customer: Customer, company_id: str) -> None:
    stranger = world.customer()
    crossed = {"account_id": stranger.account_id, "company_id": company_id}
    assert stranger.owner.insert("follows", crossed).status_code == 409  # the composite foreign key


def test_who_leaves_the_account_follows_nothing_in_it(world: World, customer: Customer, company_id: str) -> None:
    teammate = world.teammate(customer.account_id, "member")
    teammate.insert("follows", {"account_id": customer.account_id, "company_id": company_id})
    world.database.execute("delete from public.memberships where user_id = %s", [teammate.user_id])
    assert customer.owner.rows("follows", company_id=f"eq.{company_id}") == []
