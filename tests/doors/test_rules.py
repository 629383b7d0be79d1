"""Networks that make no visit: excluded by an account, or opted out for everybody. Each rule holds for the next beacon."""

import ipaddress
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from lib.identification import Match, VisitorAddress, identify
from lib.identification.table import IPV6, Table
from tests.builders import Customer, World
from tests.doors.page_views import CARRIER, COMPANY, PageViews

TABLE = Path(__file__).resolve().parents[2] / "lib" / "identification" / "data" / "companies.table"


@pytest.fixture
def other(world: World, app: httpx.Client) -> PageViews:
    """Another account's site, visited by the same company."""
    return PageViews(app, world.customer("example.com"))


@pytest.fixture
def world_with_opt_outs(world: World) -> Iterator[World]:
    """The list of opt-outs, emptied afterwards."""
    yield world
    world.database.execute("delete from private.opt_outs")


@pytest.fixture(scope="module")
def ipv6_company() -> str:
    """An address of a company that the table knows by an IPv6 range."""
    firsts = (str(ipaddress.IPv6Address(first << 64)) for first, _, _ in Table(TABLE).ranges(IPV6))
    return next(first for first in firsts if isinstance(identify(VisitorAddress.parse(first)), Match))


def include(customer: Customer) -> None:
    customer.owner.delete("excluded_networks", account_id=f"eq.{customer.account_id}")


def test_an_excluded_network_makes_no_visit_from_the_next_beacon_on(site: PageViews, customer: Customer) -> None:
    assert site.outcome() == "identified"
    for _ in range(3):
        customer.exclude("155.56.0.0/16")
        assert [site.outcome(), site.outcome(address="155.56.255.255")] == ["excluded", "excluded"]
        include(customer)
        assert site.outcome() == "identified"
    assert customer.funnel() == {"identified": 4, "excluded": 6}
    assert len(customer.page_views()) == 4


@pytest.mark.parametrize(
    ("network", "address", "outcome"),
    [
        (f"{COMPANY}/32", COMPANY, "excluded"),
        (f"{COMPANY}/32", f"::ffff:{COMPANY}", "excluded"),
        (f"{COMPANY}/32", f"[::ffff:{COMPANY}]:443", "excluded"),
        (f"{COMPANY}/32", "155.56.12.35", "identified"),
        ("155.56.12.0/24", "155.56.13.1", "identified"),
        ("87.128.0.0/16", CARRIER, "excluded"),
        ("2003::/20", "2003::1", "excluded"),
        ("2003:1::/64", "2003:1::ffff:1", "excluded"),
        ("2003:1::/64", "2003:1:0:1::1", "carrier"),
        ("2003::/20", "32.3.0.1", None),
    ],
)
def test_exactly_the_excluded_network_is_left_out(
    site: PageViews, customer: Customer, network: str, address: str, outcome: str | None
) -> None:
    customer.exclude(network)
    found = site.outcome(address=address)
    assert found == outcome if outcome else found != "excluded"
    assert len(customer.page_views()) == (found == "identified")


def test_a_companys_ipv6_network_is_left_out_too(site: PageViews, customer: Customer, ipv6_company: str) -> None:
    assert site.outcome(address=ipv6_company) == "identified"
    customer.exclude(f"{ipaddress.ip_network((ipv6_company, 64), strict=False)}")
    assert site.outcome(address=ipv6_company) == "excluded"


def test_another_accounts_exclusion_holds_for_itself_alone(site: PageViews, customer: Customer, other: PageViews) -> None:
    customer.exclude("155.56.0.0/16")
    assert [site.outcome(), other.outcome()] == ["excluded", "identified"]


def test_the_browsers_own_wish_comes_first(site: PageViews, customer: Customer) -> None:
    customer.exclude("155.56.0.0/16")
    assert site.outcome(headers={"DNT": "1"}) == "opted_out"
    assert site.outcome(headers={"User-Agent": "curl/8.5.0"}) == "bot"


@pytest.mark.parametrize(("column", "value"), [("company_key", None), ("network", "155.56.0.0/16"), ("network", f"{COMPANY}/32")])
def test_an_opt_out_holds_for_everybody_from_the_next_beacon_on(
    world_with_opt_outs: World, site: PageViews, other: PageViews, column: str, value: str | None
) -> None:
    assert [site.outcome(), other.outcome()] == ["identified", "identified"]
    database = world_with_opt_outs.database
    if value is None:
        [company] = site.customer.owner.rows("companies", account_id=f"eq.{site.customer.account_id}")
        value = company["company_key"]
    for _ in range(2):
        database.execute(f"insert into private.opt_outs ({column}, proof) values (%s, 'operator')", [value])
        assert [site.outcome(), other.outcome()] == ["company_opted_out", "company_opted_out"]
        database.execute("delete from private.opt_outs")
        assert [site.outcome(), other.outcome()] == ["identified", "identified"]
    for page_views in (site, other):
        assert page_views.customer.funnel() == {"identified": 3, "company_opted_out": 2}
        assert len(page_views.customer.page_views()) == 3


def test_rules_that_change_under_load_are_never_late(site: PageViews, customer: Customer) -> None:
    """Eight browsers at once, while a rule comes and goes: what is sent after a change was answered obeys it."""
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            customer.exclude("155.56.0.0/16")
            assert set(pool.map(lambda _: site.outcome(), range(16))) == {"excluded"}
            include(customer)
            assert set(pool.map(lambda _: site.outcome(), range(16))) == {"identified"}
    assert customer.funnel() == {"identified": 80, "excluded": 80}


def test_a_wide_range_is_evidence_that_is_kept(site: PageViews, customer: Customer) -> None:
    site.outcome()
    [company] = customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")
    network = ipaddress.ip_network(company["evidence"]["range"])
    assert ipaddress.ip_address(COMPANY) in network and network.prefixlen <= 24


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (COMPANY, f"{COMPANY}/32"),
        (f"::ffff:{COMPANY}", f"{COMPANY}/32"),
        ("2a01:4f8:1:2:3:4:5:6", "2a01:4f8:1:2::/64"),
    ],
)
def test_a_caller_learns_their_own_network_and_excludes_it(
    app: httpx.Client, site: PageViews, customer: Customer, address: str, network: str
) -> None:
    answer = app.get("/api/v1/network", headers={"X-Simulated-Address": address})
    assert (answer.status_code, answer.json()) == (200, {"network": network})
    assert answer.headers["cache-control"] == "no-store"
    assert not [name for name in answer.headers if name.startswith("access-control") or name == "set-cookie"]
    customer.exclude(answer.json()["network"])
    assert site.outcome(address=address) == "excluded"


@pytest.mark.parametrize("claimed", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Vercel-Forwarded-For", "CF-Connecting-IP"])
def test_a_claimed_address_is_nobodys_network(app: httpx.Client, claimed: str) -> None:
    assert app.get("/api/v1/network", headers={claimed: COMPANY}).json() == {"network": "127.0.0.1/32"}


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/networks", "/api/v1/network/x", f"/api/v1/{COMPANY}"])
def test_other_paths_are_not_there(app: httpx.Client, path: str) -> None:
    answer = app.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert COMPANY not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(app: httpx.Client, method: str) -> None:
    answer = app.request(method, "/api/v1/network")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["error"] == "method_not_allowed"


def test_an_address_that_is_none_is_refused_without_repeating_it(app: httpx.Client) -> None:
    answer = app.get("/api/v1/network", headers={"X-Simulated-Address": "9.9.9.9 nonsense"})
    assert (answer.status_code, answer.json()["error"]) == (400, "no_client_address")
    assert "9.9.9.9" not in answer.text
