"""What an operator sees of customers' corrections: companies and counts, never whose they are."""

import argparse
from dataclasses import astuple

import pytest

from dev.stack import Stack
from dev.table.command import run
from dev.table.companies.promote import list_corrected
from tests.builders import World


def correct(world: World, company: str, verdict: str) -> None:
    """A customer whom a company visited corrects it."""
    customer = world.customer()
    world.record(customer.beacon(company))
    [row] = customer.owner.rows("companies", company_key=f"eq.{company}")
    customer.owner.result("correct_company", company_id=row["id"], verdict=verdict, note="A secret of this customer")


def test_corrections_are_counted_by_account_and_our_own_networks_are_left_out(world: World) -> None:
    for _ in range(3):
        correct(world, "promoted-isp", "isp")
    correct(world, "promoted-own", "own")
    listed = [corrected for corrected in list_corrected(world.database) if corrected.company_key.startswith("promoted")]
    assert [astuple(corrected) for corrected in listed] == [("promoted-isp", "Promoted-Isp", "isp", None, 3)]


def test_the_operators_list_tells_no_account_and_no_note(world: World, stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    correct(world, "promoted-wrong", "wrong_company")
    assert run(argparse.Namespace(action="corrections", database=stack.db_url)) == 0
    printed = capsys.readouterr().out
    assert "promoted-wrong" in printed and "wrong_company" in printed
    assert "secret" not in printed and "Customer" not in printed


def test_without_a_database_the_list_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run(argparse.Namespace(action="corrections", database=None)) == 2
    assert "DATABASE_URL" in capsys.readouterr().err
