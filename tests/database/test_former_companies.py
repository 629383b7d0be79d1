"""A newer table may join companies: what an account has of them under older keys stays one history."""

from concurrent.futures import ThreadPoolExecutor, wait

import psycopg
import pytest

from dev.stack import Stack
from tests.builders import Customer, World, company_row
from tests.database.test_corrections import listed, shown


def joined(customer: Customer, *former: str) -> dict[str, object]:
    """A beacon of "newco", which older tables knew by other keys."""
    return customer.beacon(company=None) | {"company": company_row("newco") | {"former_keys": list(former)}}


def test_a_row_under_a_former_key_is_renamed_with_its_history(world: World, customer: Customer) -> None:
    world.record(customer.beacon("oldco"))
    company_id = customer.company_id("oldco")
    assert world.record(joined(customer, "oldco", "elderco")) == ["identified"]
    assert customer.company_id("newco") == company_id
    assert listed(customer) == {"Newco": 2}
    assert [visit["page_view_count"] for visit in customer.visits()] == [2]


def test_a_correction_holds_under_the_new_key_too(world: World, customer: Customer) -> None:
    world.record(customer.beacon("oldco"))
    customer.correct("oldco", "isp")
    assert world.record(joined(customer, "oldco"), customer.beacon("oldco")) == ["corrected", "corrected"]
    assert listed(customer) == {}


def test_of_both_the_former_counts_as_the_newer_and_nothing_is_rewritten(world: World, customer: Customer) -> None:
    world.record(customer.beacon("oldco"), customer.beacon("newco"))
    visits = {visit["id"]: visit["company_id"] for visit in customer.visits()}
    world.record(joined(customer, "oldco"), joined(customer, "oldco"))
    assert listed(customer) == {"Newco": 4}
    assert {visit["id"]: visit["company_id"] for visit in customer.visits()} == visits
    [correction] = customer.owner.rows("corrections", account_id=f"eq.{customer.account_id}")
    assert (correction["verdict"], correction["created_by"]) == ("same_as", None)


def test_a_member_may_undo_what_a_newer_table_joined(world: World, customer: Customer) -> None:
    world.record(customer.beacon("oldco"), customer.beacon("newco"))
    world.record(joined(customer, "oldco"))
    [correction] = customer.owner.rows("corrections", account_id=f"eq.{customer.account_id}")
    customer.owner.result("undo_correction", correction_id=correction["id"])
    world.record(joined(customer, "oldco"))
    assert listed(customer) == {"Oldco": 1, "Newco": 3}


def test_what_a_member_said_of_the_former_stays_said(world: World, customer: Customer) -> None:
    world.record(customer.beacon("oldco"), customer.beacon("newco"))
    customer.correct("oldco", "isp")
    assert world.record(joined(customer, "oldco")) == ["identified"]
    assert (listed(customer), shown(customer)["oldco"]) == ({"Newco": 2}, ("oldco", "isp"))


def test_a_new_company_that_a_member_joined_with_the_former_makes_no_circle(world: World, customer: Customer) -> None:
    world.record(customer.beacon("oldco"), customer.beacon("newco"))
    customer.correct("newco", "same_as", same_as_company_id=customer.company_id("oldco"))
    assert world.record(joined(customer, "oldco")) == ["identified"]
    assert listed(customer) == {"Oldco": 3}


@pytest.mark.parametrize("known", [["oldco"], ["oldco", "elderco"], ["oldco", "newco"], []])
def test_colleagues_at_the_same_moment_stay_one_company(world: World, customer: Customer, known: list[str]) -> None:
    world.record(*(customer.beacon(key) for key in known))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.record(joined(customer, "oldco", "elderco")), range(24)))
    assert answers == [["identified"]] * 24
    assert listed(customer) == {"Newco": 24 + len(known)}


def test_a_beacon_that_joins_companies_and_a_member_who_corrects_them_do_not_wait_in_a_circle(
    stack: Stack, world: World, customer: Customer
) -> None:
    world.record(customer.beacon("oldco"), customer.beacon("elderco"))
    with psycopg.connect(stack.superuser_url) as member, ThreadPoolExecutor(1) as beside:
        # What correct_company does: makes the account's other corrections wait, then refers to the company.
        member.execute("select pg_advisory_xact_lock(hashtextextended('corrections ' || %s, 0))", [customer.account_id])
        beacon = beside.submit(world.record, joined(customer, "oldco", "elderco"))
        wait([beacon], timeout=0.3)
        member.execute("select from public.companies where account_id = %s for key share", [customer.account_id])
        member.commit()
        assert beacon.result() == ["identified"]
    assert listed(customer) == {"Newco": 3}


def test_a_beacon_that_has_nothing_to_join_does_not_wait_for_corrections(stack: Stack, world: World, customer: Customer) -> None:
    world.record(customer.beacon("oldco"), customer.beacon("newco"))
    world.record(joined(customer, "oldco"))
    with psycopg.connect(stack.superuser_url) as member:
        member.execute("select pg_advisory_xact_lock(hashtextextended('corrections ' || %s, 0))", [customer.account_id])
        assert world.record(joined(customer, "oldco")) == ["identified"]


def test_a_company_that_opted_out_under_a_former_key_has_opted_out(world: World, customer: Customer) -> None:
    world.database.execute("insert into private.opt_outs (company_key, proof) values ('gone-oldco', 'operator')")
    assert world.record(joined(customer, "gone-oldco")) == ["company_opted_out"]
    assert customer.owner.rows("companies", account_id=f"eq.{customer.account_id}") == []
