"""For how long an account keeps what, the receipts of what is deleted, and that a deleted site or account leaves nothing."""

from typing import Any

import pytest

from tests.builders import Caller, Customer, World
from tests.contacts import bring
from tests.database.test_row_level_security import fill_rules

DAYS = {"visits_days": 60, "counts_days": 90, "contacts_days": 30}


def change(caller: Caller, customer: Customer, **days: int | None) -> Any:
    return caller.call("change_retention", account_id=customer.account_id, **{**DAYS, **days})


def purge(world: World) -> int:
    """As the nightly job does: again until nothing is left."""
    gone = 0
    while purged := world.role("scheduler").result("purge_expired")["retention"]:
        gone += purged
    return gone


def receipts(customer: Customer) -> dict[str, dict[str, Any]]:
    rows = customer.owner.result("list_audit_entries", account_id=customer.account_id, subject="retention")
    return {row["subject_id"]: row["after"] for row in rows if row["action"] == "retention.purged"}


def age(customer: Customer, days: int) -> None:
    customer.pass_time(f"{days} days")
    arguments = {"days": f"{days} days", "account_id": customer.account_id}
    for table, column in (("companies", "last_seen_at"), ("companies", "first_seen_at"), ("site_days", "day")):
        customer.world.database.execute(
            f"update public.{table} set {column} = {column} - %(days)s::interval where account_id = %(account_id)s", arguments
        )


def test_what_is_over_is_deleted_with_a_receipt_and_what_is_not_stays(world: World, customer: Customer) -> None:
    assert change(customer.owner, customer).is_success
    world.record(customer.beacon("old"))
    age(customer, 61)
    world.record(customer.beacon("new"))
    assert purge(world) >= 2
    assert [company["company_key"] for company in customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")] == [
        "new"
    ]
    assert len(customer.visits()) == len(customer.page_views()) == 1
    assert {kind: told["rows"] for kind, told in receipts(customer).items()} == {"visits": 1, "companies": 1}
    assert len(customer.owner.rows("site_days", account_id=f"eq.{customer.account_id}")) == 2


def test_without_a_choice_visits_are_kept_for_thirteen_months(world: World, customer: Customer) -> None:
    assert customer.owner.result("get_retention", account_id=customer.account_id)["visits_days"] == 395
    assert world.customer().owner.call("get_retention", account_id=customer.account_id).status_code == 404
    world.record(customer.beacon())
    age(customer, 394)
    purge(world)
    assert len(customer.visits()) == 1
    age(customer, 2)
    purge(world)
    assert customer.visits() == []


def test_a_company_the_account_works_with_stays_when_its_visits_are_gone(world: World, customer: Customer) -> None:
    change(customer.owner, customer)
    world.record(customer.beacon("corrected"), customer.beacon("followed"), customer.beacon("idle"))
    customer.correct("corrected", "isp")
    follow = {"account_id": customer.account_id, "company_id": customer.company_id("followed")}
    assert customer.owner.insert("follows", follow).is_success
    age(customer, 61)
    purge(world)
    left = customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")
    assert {company["company_key"] for company in left} == {"corrected", "followed"}


def test_counts_and_contacts_have_times_of_their_own(world: World, customer: Customer) -> None:
    change(customer.owner, customer)
    world.record(customer.beacon())
    bring(customer, customer.company_id("acme"))
    world.database.execute(
        "update public.contacts set found_at = found_at - interval '31 days', expires_at = expires_at - interval '31 days' "
        "where account_id = %s",
        [customer.account_id],
    )
    purge(world)
    assert receipts(customer)["contacts"]["rows"] == 1
    age(customer, 91)
    purge(world)
    assert customer.funnel() == {} and receipts(customer)["counts"]["rows"] == 1


def test_no_accounts_time_is_anothers(world: World, customer: Customer) -> None:
    change(customer.owner, customer)
    other = world.customer()
    world.record(other.beacon())
    age(other, 61)
    purge(world)
    assert len(other.visits()) == 1


@pytest.mark.parametrize(
    "days", [{"visits_days": 29}, {"visits_days": 1096}, {"counts_days": 0}, {"contacts_days": 366}, {"visits_days": None}]
)
def test_a_time_out_of_range_is_refused_in_words(customer: Customer, days: dict[str, int | None]) -> None:
    refused = change(customer.owner, customer, **days)
    assert refused.status_code == 422 and "30 to 1,095 days" in refused.json()["message"]


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("member", 403), ("viewer", 403), ("billing", 403)])
def test_owners_and_admins_choose_and_all_members_read(world: World, customer: Customer, role: str, status: int) -> None:
    change(customer.owner, customer)
    teammate = world.teammate(customer.account_id, role)
    assert change(teammate, customer, visits_days=90).status_code == status
    assert len(teammate.rows("retention", account_id=f"eq.{customer.account_id}")) == 1
    stranger = world.customer().owner
    assert stranger.rows("retention", account_id=f"eq.{customer.account_id}") == []
    assert change(stranger, customer).status_code == 404
    assert teammate.call("delete_account", account_id=customer.account_id, name_again="x").status_code == 403


def test_a_change_is_in_the_audit_log(customer: Customer) -> None:
    change(customer.owner, customer)
    change(customer.owner, customer, visits_days=90)
    [entry, *_] = customer.owner.result("list_audit_entries", account_id=customer.account_id, subject="retention")
    assert (entry["action"], entry["before"], entry["after"]) == ("retention.changed", {"visits_days": 60}, {"visits_days": 90})


def rows_naming(world: World, value: str) -> dict[str, int]:
    """The tables with a row that has a text in it, whichever column, and how many."""
    tables = world.database.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'private', 'storage')"
    ).fetchall()
    counted = {
        table: world.database.execute(
            f"select count(*) from {table} as kept where position(%s in to_jsonb(kept)::text) > 0", [value]
        ).fetchone()
        for (table,) in tables
    }
    return {table: row[0] for table, row in counted.items() if row and row[0]}


def test_a_deleted_account_leaves_nothing_but_its_audit_log(world: World, customer: Customer) -> None:
    world.record(customer.beacon(), customer.beacon(company=None, outcome="carrier"))
    fill_rules(customer)
    bring(customer, customer.company_id("pushed"), {"linkedin_handle": "carla-x"})
    customer.owner.result("create_site_secret", site_id=customer.site_id)
    change(customer.owner, customer)
    assert len(rows_naming(world, customer.account_id)) > 20
    [account] = customer.owner.rows("accounts", id=f"eq.{customer.account_id}")
    wrong = customer.owner.call("delete_account", account_id=customer.account_id, name_again="another")
    assert wrong.status_code == 422 and len(customer.owner.rows("accounts", id=f"eq.{customer.account_id}")) == 1
    assert customer.owner.call("delete_account", account_id=customer.account_id, name_again=account["name"]).is_success
    assert rows_naming(world, customer.account_id) == {}
    kept = world.database.execute(
        "select array_agg(action) from audit.entries where chain = %s", [customer.account_id]
    ).fetchone()
    assert kept is not None and "account.deleted" in kept[0]


def test_a_deleted_site_leaves_nothing(world: World, customer: Customer) -> None:
    world.record(customer.beacon(), customer.beacon(company=None, outcome="carrier"))
    fill_rules(customer)
    customer.owner.result("create_site_secret", site_id=customer.site_id)
    subscription = {
        "account_id": customer.account_id,
        "site_id": customer.site_id,
        "rhythm": "daily",
        "hour": 8,
        "time_zone": "UTC",
    }
    assert customer.owner.insert("digest_subscriptions", subscription).is_success
    assert len(rows_naming(world, customer.site_id)) >= 7
    assert customer.owner.delete("sites", id=f"eq.{customer.site_id}").is_success
    # The random numbers of its last hour's beacons, and events until they are announced, a minute or two: docs/data.md.
    assert set(rows_naming(world, customer.site_id)) <= {"private.beacon_receipts", "private.events"}
