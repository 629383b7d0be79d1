"""What an account takes along to another instance, and that nothing else comes in with it."""

import json
from typing import Any

import pytest

from tests.builders import Caller, Customer, World
from tests.contacts import ANNA, bring


def export(caller: Caller, account_id: str) -> list[tuple[str, dict[str, Any]]]:
    """The whole export, as the dashboard puts it together."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for kind in caller.result("export_account", account_id=account_id):
        after: dict[str, Any] | None = None
        while page := caller.result("export_account", account_id=account_id, kind=kind, after=after):
            rows += [(kind, row) for row in page]
            after = page[-1]
    return rows


def bring_in(caller: Caller, account_id: str, rows: list[tuple[str, dict[str, Any]]]) -> int:
    kinds = list(dict.fromkeys(kind for kind, _ in rows))
    return sum(
        caller.result("import_account", account_id=account_id, kind=kind, kept_rows=[row for of, row in rows if of == kind])
        for kind in kinds
    )


@pytest.fixture
def full(world: World, customer: Customer) -> Customer:
    """An account with something of everything."""
    for number in range(3):
        world.record(customer.beacon(f"c{number}"), customer.beacon(company=None, outcome="bot"))
    world.record(customer.beacon("c0", page={"host": "example.com", "path": "/products"}))
    customer.correct("c1", "same_as", same_as_company_id=customer.company_id("c2"))
    customer.exclude("155.56.0.0/16")
    customer.owner.insert("excluded_countries", {"account_id": customer.account_id, "country": "AQ"})
    germans = {"match": "all", "conditions": [{"field": "country", "is": ["DE"]}]}
    customer.owner.insert("segments", {"account_id": customer.account_id, "name": "Germans", "filter": germans})
    bring(customer, customer.company_id("c0"), {"work_email": "anna.berg@c0.example", "role": ANNA["role"]})
    customer.owner.result("change_retention", account_id=customer.account_id, visits_days=90, counts_days=90, contacts_days=90)
    return customer


def test_an_account_comes_in_elsewhere_as_it_went_out(world: World, full: Customer) -> None:
    exported = export(full.owner, full.account_id)
    elsewhere = world.person()
    account_id = elsewhere.result("create_account", account_name="Moved")
    assert bring_in(elsewhere, account_id, exported) == len(exported)

    def known(caller: Caller, of: str) -> dict[str, Any]:
        return {
            "companies": sorted((c["name"], c["first_seen_at"]) for c in caller.rows("companies", account_id=f"eq.{of}")),
            "visits": sorted((v["started_at"], v["page_view_count"]) for v in caller.rows("visits", account_id=f"eq.{of}")),
            "pages": sorted((p["path"], p["viewed_at"]) for p in caller.rows("page_views", account_id=f"eq.{of}")),
            "counts": sorted((d["day"], d["outcome"], d["beacons"]) for d in caller.rows("site_days", account_id=f"eq.{of}")),
            "corrections": sorted(c["verdict"] for c in caller.rows("corrections", account_id=f"eq.{of}")),
            "segments": [s["filter"] for s in caller.rows("segments", account_id=f"eq.{of}")],
            "networks": [n["network"] for n in caller.rows("excluded_networks", account_id=f"eq.{of}")],
            "retention": [r["visits_days"] for r in caller.rows("retention", account_id=f"eq.{of}")],
            "hosts": [h["host"] for h in caller.rows("site_hosts", account_id=f"eq.{of}")],
        }

    assert known(elsewhere, account_id) == known(full.owner, full.account_id)
    [company] = elsewhere.rows("companies", account_id=f"eq.{account_id}", company_key="eq.c0")
    [contact] = elsewhere.result("list_contacts", company_id=company["id"])
    [original] = full.owner.result("list_contacts", company_id=full.company_id("c0"))
    assert (contact["work_email"], contact["expires_at"]) == (original["work_email"], original["expires_at"])
    assert contact["objection_token"] != original["objection_token"]


def test_an_import_that_is_repeated_adds_nothing(world: World, full: Customer) -> None:
    exported = export(full.owner, full.account_id)
    elsewhere = world.person()
    account_id = elsewhere.result("create_account", account_name="Moved")
    bring_in(elsewhere, account_id, exported[: len(exported) // 2])
    bring_in(elsewhere, account_id, exported)
    assert bring_in(elsewhere, account_id, exported) == 0


def test_a_site_that_comes_in_has_a_key_of_its_own_and_the_usual_quota(world: World, full: Customer) -> None:
    exported = [
        (kind, {**row, "beacons_per_day": 10**9} if kind == "sites" else row) for kind, row in export(full.owner, full.account_id)
    ]
    elsewhere = world.person()
    account_id = elsewhere.result("create_account", account_name="Moved")
    bring_in(elsewhere, account_id, exported)
    [site] = elsewhere.rows("sites", account_id=f"eq.{account_id}")
    assert site["public_key"] != full.site["public_key"] and site["beacons_per_day"] == 1_000_000


def test_an_import_touches_nothing_of_the_account_it_came_from_or_of_any_other(world: World, full: Customer) -> None:
    exported = export(full.owner, full.account_id)
    before = export(full.owner, full.account_id)
    attacker = world.customer()
    # Ids of somebody else's rows, and their account's name in every row.
    bring_in(attacker.owner, attacker.account_id, exported)
    assert export(full.owner, full.account_id) == before
    assert attacker.owner.call("import_account", account_id=full.account_id, kind="segments", kept_rows=[]).status_code == 404


def test_no_secret_token_or_person_of_the_team_is_in_an_export(full: Customer) -> None:
    secret = full.owner.result("create_site_secret", site_id=full.site_id)
    text = json.dumps(export(full.owner, full.account_id))
    assert secret not in text and "objection_token" not in text and "person-" not in text


def test_who_objected_here_does_not_come_in(world: World, full: Customer) -> None:
    exported = export(full.owner, full.account_id)
    world.database.execute("select private.suppress_contact('anna.berg@c0.example', null)")
    elsewhere = world.person()
    account_id = elsewhere.result("create_account", account_name="Moved")
    assert bring_in(elsewhere, account_id, exported) == len(exported) - 1
    world.database.execute("delete from private.contact_suppressions")


def test_exports_and_imports_are_in_the_audit_log(world: World, full: Customer) -> None:
    exported = export(full.owner, full.account_id)
    [entry, *_] = full.owner.result("list_audit_entries", account_id=full.account_id, subject="account")
    assert entry["action"] == "account.exported"
    elsewhere = world.person()
    account_id = elsewhere.result("create_account", account_name="Moved")
    bring_in(elsewhere, account_id, exported)
    actions = [row["after"] for row in elsewhere.result("list_audit_entries", account_id=account_id, subject="account")]
    assert {"kind": "visits", "rows": 3} in actions


@pytest.mark.parametrize(
    ("role", "may_export", "may_import"), [("admin", 200, 403), ("member", 403, 403), ("viewer", 403, 403), ("billing", 403, 403)]
)
def test_who_may(world: World, customer: Customer, role: str, may_export: int, may_import: int) -> None:
    teammate = world.teammate(customer.account_id, role)
    assert teammate.call("export_account", account_id=customer.account_id).status_code == may_export
    assert teammate.call("export_account", account_id=customer.account_id, kind="visits").status_code == may_export
    arguments = {"account_id": customer.account_id, "kind": "visits", "kept_rows": []}
    assert teammate.call("import_account", **arguments).status_code == may_import
    assert world.person().call("export_account", account_id=customer.account_id).status_code == 404
    assert world.anonymous().call("import_account", **arguments).status_code in (401, 403)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("memberships", []),
        ("accounts", []),
        ("visits", {}),
        ("visits", [1]),
        ("visits", [{"id": "x"}]),
        ("visits", [{"id": {}}]),
        ("visits", [{}] * 1001),
        ("sites", [{"id": "a", "name": "x", "time_zone": "Mars"}]),
        ("companies", [{"id": "a", "evidence": []}]),
        ("segments", [{"id": "a", "name": "x", "filter": {}}]),
        ("page_views", [{"site_id": "nobody's"}]),
        ("contacts", [{"company_id": None}]),
        ("contacts", [{"company_id": "a", "found_at": "soon"}]),
        ("excluded_networks", [{"id": "a", "network": "everything"}]),
    ],
)
def test_what_is_no_export_is_refused_in_words_or_leaves_nothing(customer: Customer, kind: str, rows: Any) -> None:
    answer = customer.owner.call("import_account", account_id=customer.account_id, kind=kind, kept_rows=rows)
    assert answer.status_code == 422 or answer.json() == 0, answer.text
