"""A site's secrets: who may create, list and revoke them, and how the beacon door learns of them."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.builders import Caller, Customer, World


def create(customer: Customer, caller: Caller | None = None) -> str:
    made: str = (caller or customer.owner).result("create_site_secret", site_id=customer.site_id)
    return made


def listed(customer: Customer, caller: Caller | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (caller or customer.owner).result("list_site_secrets", site_id=customer.site_id)
    return rows


def rules(customer: Customer) -> dict[str, Any]:
    found: dict[str, Any] = customer.world.beacon_door().result("beacon_rules", site_key=customer.site["public_key"])
    return found


def caller_of(world: World, customer: Customer, who: str) -> Caller:
    if who == "owner":
        return customer.owner
    if who == "stranger":
        return world.customer().owner
    return world.anonymous() if who == "anonymous" else world.teammate(customer.account_id, who)


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_owners_and_admins_create_and_revoke_secrets(world: World, customer: Customer, who: str) -> None:
    caller = caller_of(world, customer, who)
    secret = create(customer, caller)
    assert re.fullmatch(r"lmsk_[A-Za-z0-9_-]{43}", secret)
    [row] = listed(customer, caller)
    assert row == {"id": row["id"], "ending": secret[-4:], "created_at": row["created_at"], "revoked_at": None}
    assert caller.call("revoke_site_secret", id=row["id"]).is_success
    [row] = listed(customer, caller)
    assert row["ending"] == secret[-4:] and row["revoked_at"]


@pytest.mark.parametrize(
    ("who", "status"), [("member", 403), ("viewer", 403), ("billing", 403), ("stranger", 404), ("anonymous", 401)]
)
def test_nobody_else_creates_or_revokes_one(world: World, customer: Customer, who: str, status: int) -> None:
    secret, caller = create(customer), caller_of(world, customer, who)
    [row] = listed(customer)
    answers = [caller.call("create_site_secret", site_id=customer.site_id), caller.call("revoke_site_secret", id=row["id"])]
    assert [answer.status_code for answer in answers] == [status, status]
    assert not any(secret in answer.text or secret[-4:] in answer.text for answer in answers)
    assert rules(customer)["secrets"] == [secret]


@pytest.mark.parametrize("who", ["owner", "admin", "member", "viewer", "billing"])
def test_members_list_secrets_by_their_ending_alone(world: World, customer: Customer, who: str) -> None:
    secret = create(customer)
    answer = caller_of(world, customer, who).call("list_site_secrets", site_id=customer.site_id)
    assert [row["ending"] for row in answer.json()] == [secret[-4:]]
    assert secret not in answer.text and secret[5:-4] not in answer.text


def test_a_stranger_sees_no_secret_and_nobody_in_particular_may_not_even_ask(world: World, customer: Customer) -> None:
    create(customer)
    assert listed(customer, world.customer().owner) == []
    assert world.anonymous().call("list_site_secrets", site_id=customer.site_id).status_code == 401


def test_a_stranger_learns_not_whether_a_site_exists(world: World, customer: Customer) -> None:
    stranger = world.customer().owner
    there, nowhere = (stranger.call("create_site_secret", site_id=site) for site in (customer.site_id, str(uuid.uuid4())))
    assert (there.status_code, there.json()) == (nowhere.status_code, nowhere.json())


@pytest.mark.parametrize("role", ["beacon", "public_door", "service_role", "anon"])
def test_no_other_role_reads_or_makes_secrets(world: World, customer: Customer, role: str) -> None:
    create(customer)
    caller = world.role(role)
    calls = [("create_site_secret", {"site_id": customer.site_id}), ("list_site_secrets", {"site_id": customer.site_id}),
             ("revoke_site_secret", {"id": str(uuid.uuid4())})]  # fmt: skip
    for function, arguments in calls:
        assert caller.call(function, **arguments).status_code in (401, 403), function
    assert caller.get("site_secrets").status_code in (401, 403, 404)


def test_only_the_beacon_door_may_ask_whose_a_secret_is(world: World, customer: Customer) -> None:
    secret = create(customer)
    door = world.beacon_door()
    assert [door.result("is_site_secret", secret=offered) for offered in (secret, secret + "x", "")] == [True, False, False]
    assert door.call("is_site_secret", secret=None).json() is False
    callers = [customer.owner, world.anonymous(), world.role("public_door"), world.role("service_role")]
    assert all(caller.call("is_site_secret", secret=secret).status_code in (401, 403) for caller in callers)


def test_no_role_of_the_api_may_read_the_table(world: World) -> None:
    roles = ("anon", "authenticated", "service_role", "beacon", "public_door", "authenticator")
    privileges = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
    for role in roles:
        for privilege in privileges:
            [(granted,)] = world.database.execute(
                "select has_table_privilege(%s, 'private.site_secrets', %s)", [role, privilege]
            ).fetchall()
            assert not granted, (role, privilege)


def test_a_site_has_at_most_two_secrets_also_at_once(customer: Customer) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: customer.owner.call("create_site_secret", site_id=customer.site_id), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 422, 422, 422, 422]
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert refused.json()["hint"].startswith("Revoke")
    assert customer.owner.call("revoke_site_secret", id=listed(customer)[0]["id"]).is_success
    create(customer)
    assert len(rules(customer)["secrets"]) == 2


def test_a_secret_is_revoked_once_and_then_forgotten(world: World, customer: Customer) -> None:
    secret = create(customer)
    [row] = listed(customer)
    assert customer.owner.call("revoke_site_secret", id=row["id"]).is_success
    again = customer.owner.call("revoke_site_secret", id=row["id"])
    assert (again.status_code, again.json()["message"]) == (409, "This secret is revoked already.")
    kept = world.database.execute("select secret from private.site_secrets where id = %s", [row["id"]]).fetchall()
    assert kept == [(None,)]
    assert secret not in str(rules(customer))


def test_the_beacon_door_learns_a_sites_secrets_with_its_rules(world: World, customer: Customer) -> None:
    assert rules(customer)["secrets"] == []
    before = rules(customer)["account"]
    first = create(customer)
    second = create(customer)
    found = rules(customer)
    assert (found["secrets"], found["account"]) == ([first, second], before + 2)
    assert customer.owner.call("revoke_site_secret", id=listed(customer)[1]["id"]).is_success
    found = rules(customer)
    assert (found["secrets"], found["account"]) == ([second], before + 3)


def test_beacons_decided_before_a_change_are_decided_again(world: World, customer: Customer) -> None:
    known = {"account": rules(customer)["account"], "opt_outs": rules(customer)["opt_outs"]}
    create(customer)
    assert world.record(customer.beacon(rules=known)) == ["stale_rules"]


def test_a_secret_belongs_to_one_site(world: World, customer: Customer) -> None:
    other_account, secret = world.customer(), create(customer)
    second = customer.owner.result("create_site", account_id=customer.account_id, site_name="Shop", hosts=["shop.example"])
    door = world.beacon_door()
    assert door.result("beacon_rules", site_key=second["public_key"])["secrets"] == []
    assert rules(other_account)["secrets"] == []
    assert rules(customer)["secrets"] == [secret]


def test_secrets_go_with_their_site(world: World, customer: Customer) -> None:
    create(customer)
    assert len(customer.owner.delete("sites", id=f"eq.{customer.site_id}").json()) == 1
    assert world.database.execute("select from private.site_secrets where site_id = %s", [customer.site_id]).fetchall() == []


def test_a_secret_outlives_who_created_it(world: World, customer: Customer) -> None:
    admin = world.teammate(customer.account_id, "admin")
    secret = create(customer, admin)
    world.database.execute("delete from auth.users where id = %s", [admin.user_id])
    assert rules(customer)["secrets"] == [secret]


def test_secrets_are_drawn_anew_and_evenly(world: World) -> None:
    drawn = [text for (text,) in world.database.execute("select private.draw_secret() from generate_series(1, 2000)").fetchall()]
    assert len(set(drawn)) == len(drawn)
    assert {len(text) for text in drawn} == {48}
    letters = "".join(text[5:-1] for text in drawn)
    counts = [letters.count(letter) for letter in set(letters)]
    assert len(counts) == 64 and max(counts) < 1.3 * min(counts)
