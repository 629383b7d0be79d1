"""The list of companies: search, sort, period, pages."""

import pytest

from tests.builders import Customer, World


@pytest.fixture(scope="module")
def busy(world: World) -> Customer:
    """acme: one visit two days ago and one now; globex: one visit of three pages now; zenith: a visit ten days ago."""
    customer = world.customer()
    world.record(customer.beacon("zenith"))
    customer.pass_time("8 days")
    world.record(customer.beacon("acme"))
    customer.pass_time("2 days")
    world.record(customer.beacon("acme"), *(customer.beacon("globex") for _ in range(3)))
    return customer


def names(customer: Customer, **arguments: object) -> list[str]:
    return [row["name"] for row in customer.owner.result("list_companies", site_id=customer.site_id, **arguments)]


def test_visits_and_page_views_are_counted_per_company(busy: Customer) -> None:
    rows = {row["name"]: row for row in busy.owner.result("list_companies", site_id=busy.site_id)}
    assert {name: (row["visits"], row["page_views"]) for name, row in rows.items()} == {
        "Acme": (2, 2), "Globex": (1, 3), "Zenith": (1, 1),
    }  # fmt: skip
    assert {row["total"] for row in rows.values()} == {3}


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        ("visits", True, "Acme"),
        ("page_views", True, "Globex"),
        ("last_seen", False, "Zenith"),
        ("name", False, "Acme"),
        ("name", True, "Zenith"),
    ],
)
def test_the_list_sorts(busy: Customer, sort: str, descending: bool, expected: str) -> None:
    assert names(busy, sort=sort, descending=descending)[0] == expected


@pytest.mark.parametrize(("search", "expected"), [("GLOB", ["Globex"]), ("acme.example", ["Acme"]), ("%", []), ("", None)])
def test_the_search_looks_into_name_and_domain_literally(busy: Customer, search: str, expected: list[str] | None) -> None:
    found = names(busy, search=search)
    assert found == expected if expected is not None else len(found) == 3


def test_a_period_counts_only_its_own_visits(busy: Customer) -> None:
    [(since,)] = busy.world.database.execute("select (now() - interval '1 day')::text").fetchall()
    rows = busy.owner.result("list_companies", site_id=busy.site_id, since=since)
    assert sorted((row["name"], row["visits"]) for row in rows) == [("Acme", 1), ("Globex", 1)]


def test_pages_hold_every_company_once(busy: Customer) -> None:
    pages = [names(busy, sort="visits", page_size=1, page_offset=offset) for offset in range(4)]
    assert sorted(name for page in pages for name in page) == ["Acme", "Globex", "Zenith"]
    assert pages[3] == []


def test_an_unknown_sort_order_is_refused_with_the_known_ones(busy: Customer) -> None:
    answer = busy.owner.call("list_companies", site_id=busy.site_id, sort="salary")
    assert answer.status_code == 400
    assert "last_seen" in answer.json()["hint"]
