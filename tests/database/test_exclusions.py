"""What an account excludes, who may exclude it, and the versions by which the beacon door learns of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.builders import Caller, Customer, World, company_row

NETWORK = "155.56.0.0/16"


def add(caller: Caller, customer: Customer, network: str, **more: object) -> httpx.Response:
    return caller.insert("excluded_networks", {"account_id": customer.account_id, "network": network, **more})


def add_country(caller: Caller, customer: Customer, country: str, **more: object) -> httpx.Response:
    return caller.insert("excluded_countries", {"account_id": customer.account_id, "country": country, **more})


def networks(customer: Customer) -> list[str]:
    rows = customer.owner.rows("excluded_networks", account_id=f"eq.{customer.account_id}", order="network")
    return [row["network"] for row in rows]


def rules(customer: Customer, known_opt_outs: int = -1) -> dict[str, object]:
    door = customer.world.beacon_door()
    found: dict[str, object] = door.result("beacon_rules", site_key=customer.site["public_key"], known_opt_outs=known_opt_outs)
    return found


def versions(customer: Customer) -> dict[str, object]:
    found = rules(customer)
    return {"account": found["account"], "opt_outs": found["opt_outs"]}


@pytest.fixture
def opted_out(world: World) -> Iterator[psycopg.Connection[object]]:
    """The list of opt-outs, emptied afterwards."""
    yield world.database
    world.database.execute("delete from private.opt_outs")


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owners_and_admins_exclude_and_include_again(world: World, customer: Customer, role: str) -> None:
    caller = customer.owner if role == "owner" else world.teammate(customer.account_id, role)
    assert add(caller, customer, NETWORK, note="Head office").status_code == 201
    assert add_country(caller, customer, "CH").status_code == 201
    for table in ("excluded_networks", "excluded_countries"):
        query = {"account_id": f"eq.{customer.account_id}"}
        [row] = customer.owner.rows(table, **query)
        assert row["created_by"] == caller.user_id
        assert len(caller.delete(table, **query).json()) == 1
        assert customer.owner.rows(table, **query) == []


@pytest.mark.parametrize("who", ["member", "viewer", "billing", "stranger"])
def test_nobody_else_excludes_or_includes(world: World, customer: Customer, who: str) -> None:
    caller = world.customer().owner if who == "stranger" else world.teammate(customer.account_id, who)
    assert add(customer.owner, customer, NETWORK).is_success and add_country(customer.owner, customer, "CH").is_success
    assert (add(caller, customer, "9.9.9.0/24").status_code, add_country(caller, customer, "AT").status_code) == (403, 403)
    for table in ("excluded_networks", "excluded_countries"):
        assert caller.delete(table, account_id=f"eq.{customer.account_id}").json() == []
        assert len(customer.owner.rows(table, account_id=f"eq.{customer.account_id}")) == 1


def test_nobody_excludes_in_anothers_name_nor_changes_what_is_excluded(world: World, customer: Customer) -> None:
    other = world.teammate(customer.account_id, "admin")
    assert add(customer.owner, customer, NETWORK, created_by=other.user_id).status_code == 403
    assert add_country(customer.owner, customer, "CH", created_by=other.user_id).status_code == 403
    assert add(customer.owner, customer, NETWORK).is_success
    query = {"account_id": f"eq.{customer.account_id}"}
    assert customer.owner.update("excluded_networks", {"network": "9.9.9.0/24"}, **query).status_code == 403


@pytest.mark.parametrize(
    ("network", "word"),
    [
        ("154.0.0.0/7", "wide"),
        ("0.0.0.0/0", "wide"),
        ("2a00::/19", "wide"),
        ("::/0", "wide"),
        ("10.0.0.0/8", "public internet"),
        ("192.168.1.0/24", "public internet"),
        ("127.0.0.1/32", "public internet"),
        ("198.51.100.7/32", "public internet"),
        ("::ffff:155.56.0.0/112", "public internet"),
        ("fd00::/48", "public internet"),
        ("2001:db8::/32", "public internet"),
        ("2002:9b38::/32", "public internet"),
    ],
)
def test_networks_that_make_no_sense_are_refused_in_words(customer: Customer, network: str, word: str) -> None:
    answer = add(customer.owner, customer, network)
    assert answer.status_code == 422
    assert word in answer.json()["message"] and answer.json()["hint"]
    assert network not in answer.text  # nor, so, in the database's log
    assert networks(customer) == []


@pytest.mark.parametrize("network", ["155.56.1.1/16", "nonsense", "", "155.56.0.0/33"])
def test_what_is_no_network_is_refused(customer: Customer, network: str) -> None:
    assert add(customer.owner, customer, network).status_code == 400


@pytest.mark.parametrize("network", ["155.0.0.0/8", "192.0.0.0/8", "155.56.1.1/32", "2a01:400::/22", "2a01:4f8:1:2::/64"])
def test_any_public_network_from_a_whole_range_to_one_line_is_taken(customer: Customer, network: str) -> None:
    assert add(customer.owner, customer, network).status_code == 201
    again = add(customer.owner, customer, network)
    assert (again.status_code, again.json()["message"]) == (409, "This network is excluded already.")
    assert networks(customer) == [network]


def test_an_account_excludes_at_most_200_networks_also_at_once(world: World, customer: Customer) -> None:
    world.database.execute(
        "insert into public.excluded_networks (account_id, network) select %s, ('9.9.' || n || '.0/24')::cidr "
        "from generate_series(1, 195) as n",
        [customer.account_id],
    )
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda place: add(customer.owner, customer, f"155.56.{place}.0/24"), range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [422] * 7
    assert len(networks(customer)) == 200


def test_a_stranger_is_not_told_how_many_there_are(world: World, customer: Customer) -> None:
    world.database.execute(
        "insert into public.excluded_networks (account_id, network) select %s, ('9.9.' || n || '.0/24')::cidr "
        "from generate_series(1, 200) as n",
        [customer.account_id],
    )
    assert add(world.customer().owner, customer, NETWORK).status_code == 403


def test_what_a_user_excluded_stays_when_they_go(world: World, customer: Customer) -> None:
    admin = world.teammate(customer.account_id, "admin")
    assert add(admin, customer, NETWORK).is_success and add_country(admin, customer, "CH").is_success
    world.database.execute("delete from auth.users where id = %s", [admin.user_id])
    assert networks(customer) == [NETWORK]


def test_companies_of_an_excluded_country_make_no_visit(world: World, customer: Customer) -> None:
    assert add_country(customer.owner, customer, "DE").is_success
    elsewhere = customer.beacon(company=None) | {"company": company_row("globex") | {"country": "FR"}}
    unknown = customer.beacon(company=None) | {"company": company_row("initech") | {"country": None}}
    assert world.record(customer.beacon("acme"), elsewhere, unknown) == ["excluded", "identified", "identified"]
    assert customer.funnel() == {"excluded": 1, "identified": 2}
    customer.owner.delete("excluded_countries", account_id=f"eq.{customer.account_id}")
    assert world.record(customer.beacon("acme")) == ["identified"]


@pytest.mark.parametrize("country", ["de", "DEU", "", "D1"])
def test_a_country_is_two_capital_letters(customer: Customer, country: str) -> None:
    assert add_country(customer.owner, customer, country).status_code == 400


def test_an_exclusion_stays_in_its_account(world: World, customer: Customer) -> None:
    other = world.customer()
    before = rules(other)
    assert add(customer.owner, customer, NETWORK).is_success and add_country(customer.owner, customer, "DE").is_success
    assert world.record(other.beacon("acme"), customer.beacon("acme")) == ["identified", "excluded"]
    assert rules(other) == before
    assert NETWORK not in other.owner.get("excluded_networks").text


def test_versions_begin_at_zero_and_rise_with_every_change(customer: Customer) -> None:
    assert rules(customer)["account"] == 0
    customer.exclude(NETWORK)
    customer.exclude("9.9.9.0/24")
    assert (rules(customer)["account"], rules(customer)["networks"]) == (2, ["9.9.9.0/24", NETWORK])
    customer.owner.delete("excluded_networks", account_id=f"eq.{customer.account_id}", network=f"eq.{NETWORK}")
    assert (rules(customer)["account"], rules(customer)["networks"]) == (3, ["9.9.9.0/24"])


def test_the_sites_of_an_account_share_its_rules(customer: Customer) -> None:
    second = customer.owner.result("create_site", account_id=customer.account_id, site_name="Shop", hosts=["shop.example"])
    customer.exclude(NETWORK)
    found = customer.world.beacon_door().result("beacon_rules", site_key=second["public_key"])
    assert (found["account"], found["networks"]) == (1, [NETWORK])


def test_networks_that_opted_out_are_sent_to_who_does_not_know_them(
    customer: Customer, opted_out: psycopg.Connection[object]
) -> None:
    first = versions(customer)["opt_outs"]
    assert isinstance(first, int)
    opted_out.execute("insert into private.opt_outs (company_key, proof) values ('some-company', 'operator')")
    assert versions(customer)["opt_outs"] == first  # no network: decided in the database
    opted_out.execute("insert into private.opt_outs (network, proof) values ('17.0.0.0/8', 'operator')")
    found = rules(customer)
    assert (found["opt_outs"], found["opted_out_networks"]) == (first + 1, ["17.0.0.0/8"])
    assert rules(customer, first + 1)["opted_out_networks"] is None
    opted_out.execute("delete from private.opt_outs where network is not null")
    assert rules(customer, first + 1)["opted_out_networks"] == []
    opted_out.execute("truncate private.opt_outs")
    assert versions(customer)["opt_outs"] == first + 3


def test_a_key_that_no_site_has_gets_no_rules(world: World) -> None:
    assert world.beacon_door().result("beacon_rules", site_key="site_" + "0" * 24) is None


def test_a_beacon_decided_under_older_rules_is_neither_kept_nor_counted(
    world: World, customer: Customer, opted_out: psycopg.Connection[object]
) -> None:
    known = versions(customer)
    decided = [customer.beacon(rules=known), customer.beacon(company=None, outcome="carrier", rules=known)]
    customer.exclude(NETWORK)
    assert world.record(*decided) == ["stale_rules", "stale_rules"]
    assert (customer.page_views(), customer.funnel()) == ([], {})
    opted_out.execute("insert into private.opt_outs (network, proof) values ('17.0.0.0/8', 'operator')")
    assert world.record(*(beacon | {"rules": {**known, "account": 1}} for beacon in decided)) == ["stale_rules"] * 2
    assert world.record(*(beacon | {"rules": versions(customer)} for beacon in decided)) == ["identified", "carrier"]
    assert customer.funnel() == {"identified": 1, "carrier": 1}


def test_a_beacon_that_names_no_rules_is_taken_as_it_is(world: World, customer: Customer) -> None:
    """Code deployed before knew none."""
    customer.exclude(NETWORK)
    assert world.record(customer.beacon()) == ["identified"]


def test_a_retry_after_a_rule_counts_nothing_twice(world: World, customer: Customer) -> None:
    seen, left_out = customer.beacon(), customer.beacon(company=None, outcome="excluded")
    world.record(seen, left_out)
    repeated = [
        customer.beacon(company=None, outcome="excluded", beacon_id=seen["beacon_id"]),
        customer.beacon(beacon_id=left_out["beacon_id"]),
    ]
    assert world.record(*repeated) == ["duplicate", "duplicate"]
    assert customer.funnel() == {"identified": 1, "excluded": 1}


def test_beacons_do_not_wait_for_a_rule_that_is_being_written(world: World, customer: Customer) -> None:
    known = versions(customer)
    with world.database.transaction(force_rollback=True):
        world.database.execute(
            "insert into public.excluded_networks (account_id, network) values (%s, '9.9.9.0/24')", [customer.account_id]
        )
        world.database.execute("insert into private.opt_outs (network, proof) values ('17.0.0.0/8', 'operator')")
        assert world.record(customer.beacon(rules=known)) == ["identified"]


def test_a_company_that_opted_out_makes_no_visit_anywhere(
    world: World, customer: Customer, opted_out: psycopg.Connection[object]
) -> None:
    other = world.customer()
    assert world.record(customer.beacon("shy")) == ["identified"]
    opted_out.execute("insert into private.opt_outs (company_key, proof) values ('shy', 'dns')")
    assert world.record(customer.beacon("shy"), other.beacon("shy"), other.beacon("acme")) == [
        "company_opted_out", "company_opted_out", "identified",
    ]  # fmt: skip
    assert len(customer.page_views()) == 1
    assert other.owner.rows("companies", company_key="eq.shy") == []
    opted_out.execute("delete from private.opt_outs where company_key = 'shy'")
    assert world.record(other.beacon("shy")) == ["identified"]
