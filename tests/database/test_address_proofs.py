"""Proofs are added by the proof's own role, read by everybody, changed by nobody."""

from typing import Any

import psycopg
import pytest

from tests.builders import Caller, Customer, World

PROOF = {"release": "", "canaries": 2, "beacons": 9, "places": {}, "found": 0, "control_found": True, "verdict": "clean"}
NEEDLE = "c4n4ry-of-this-test"


@pytest.fixture(scope="module")
def prover(world: World) -> Caller:
    return world.role("prover")


def test_the_prover_adds_a_proof_and_everybody_reads_it(world: World, prover: Caller) -> None:
    ran_at = prover.result("keep_address_proof", proof=PROOF)
    for reader in (world.anonymous(), world.person(), world.customer().owner):
        [latest, *_] = reader.result("list_address_proofs")
        assert latest["ran_at"][:19] == ran_at[:19]
        assert set(latest) == {"ran_at", "release", "canaries", "beacons", "places", "found", "control_found", "verdict"}


@pytest.mark.parametrize(
    "changes",
    [{"found": 1}, {"control_found": False}, {"canaries": 0}, {"beacons": 0}, {"verdict": "found"}, {"verdict": "fine"},
     {"places": []}, {"release": "v1 <script>"}, {"verdict": None}, {"places": {"x": "y" * 5000}}],
)  # fmt: skip
def test_no_proof_contradicts_itself(prover: Caller, changes: dict[str, Any]) -> None:
    assert prover.call("keep_address_proof", proof={**PROOF, **changes}).status_code == 400


def test_only_the_prover_adds_and_scans(world: World, customer: Customer) -> None:
    others = [world.anonymous(), customer.owner, world.role("service_role"), world.beacon_door(), world.role("public_door")]
    others += [world.teammate(customer.account_id, role) for role in ("admin", "member", "viewer", "billing")]
    for caller in others:
        assert caller.call("keep_address_proof", proof=PROOF).status_code in (401, 403)
        assert caller.call("scan_for_canaries", spellings=["x"], control=["y"]).status_code in (401, 403)


def test_nobody_reaches_the_table_itself(world: World, customer: Customer, prover: Caller) -> None:
    for caller in (world.anonymous(), customer.owner, world.role("service_role"), world.beacon_door(), prover):
        never = {"verdict": "eq.nothing"}
        answers = [caller.get("address_proofs"), caller.insert("address_proofs", PROOF), caller.delete("address_proofs", **never)]
        answers.append(caller.update("address_proofs", {"found": 0}, **never))
        assert {answer.status_code for answer in answers} <= {401, 403}


def test_the_prover_may_do_nothing_else(world: World, prover: Caller, customer: Customer) -> None:
    for table in ("accounts", "visits", "companies", "page_views", "sites"):
        assert prover.get(table).status_code == 403
    assert prover.call("record_beacons", beacons=[]).status_code == 403
    assert prover.call("beacon_rules", site_key=customer.site["public_key"]).status_code == 403


@pytest.mark.parametrize(
    "change",
    ["update public.address_proofs set verdict = 'not_configured'", "delete from public.address_proofs",
     "truncate public.address_proofs",
     "set session_replication_role = replica; delete from public.address_proofs"],
)  # fmt: skip
def test_a_proof_is_never_changed_not_even_by_the_tables_owner(world: World, prover: Caller, change: str) -> None:
    prover.result("keep_address_proof", proof=PROOF)
    with pytest.raises(psycopg.Error, match="never changed"):
        world.database.execute(change.encode())
    world.database.execute("reset session_replication_role")


def test_only_the_last_ninety_days_are_listed(world: World, prover: Caller) -> None:
    prover.result("keep_address_proof", proof=PROOF)
    world.database.execute(
        "insert into public.address_proofs (ran_at, canaries, beacons, found, control_found, verdict) "
        "values (now() - interval '91 days', 77, 1, 0, true, 'clean')"
    )
    listed = world.anonymous().result("list_address_proofs")
    assert listed and 77 not in {proof["canaries"] for proof in listed} and len(listed) <= 90


def test_a_scan_counts_and_finds_what_is_there_alone(world: World, prover: Caller) -> None:
    clean = prover.result("scan_for_canaries", spellings=[NEEDLE], control=["planted-by-this-test"])
    assert (clean["found"], clean["found_in"], clean["control_found"]) == (0, [], True)
    assert clean["tables"] > 10 and clean["rows"] > 0 and clean["bytes"] > 0
    customer = world.customer()
    customer.owner.update("accounts", {"name": f"of {NEEDLE}"}, id=f"eq.{customer.account_id}")
    found = prover.result("scan_for_canaries", spellings=["nothing", NEEDLE], control=["planted-by-this-test"])
    assert (found["found"], found["found_in"]) == (1, ["public.accounts"])
    customer.owner.update("accounts", {"name": "Clean"}, id=f"eq.{customer.account_id}")


def test_a_control_that_is_elsewhere_already_shows_nothing(world: World, prover: Caller) -> None:
    customer = world.customer()
    customer.owner.update("accounts", {"name": f"of {NEEDLE}"}, id=f"eq.{customer.account_id}")
    assert prover.result("scan_for_canaries", spellings=["nothing"], control=[NEEDLE])["control_found"] is False
    customer.owner.update("accounts", {"name": "Clean"}, id=f"eq.{customer.account_id}")


@pytest.mark.parametrize("arguments", [{"spellings": [], "control": ["x"]}, {"spellings": ["x"], "control": []},
                                       {"spellings": ["x"] * 20001, "control": ["x"]}])  # fmt: skip
def test_a_scan_without_a_measure_is_refused(prover: Caller, arguments: dict[str, list[str]]) -> None:
    assert prover.call("scan_for_canaries", **arguments).status_code == 400
