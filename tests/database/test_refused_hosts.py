"""Hosts whose beacons were refused: who sees them, when they end, and that nobody waits for them."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.builders import Customer, World


def connect(world: World) -> psycopg.Connection[object]:
    return psycopg.connect(world.database.info.dsn, password=world.database.info.password)


def keep(connection: psycopg.Connection[object], customer: Customer, host: str) -> None:
    arguments = [customer.account_id, customer.site_id, host, 1]
    connection.execute("select private.keep_refused_host(%s, %s, %s, %s)", arguments)


def add_host(customer: Customer, host: str) -> int:
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "host": host}
    return customer.owner.insert("site_hosts", row).status_code


def test_a_refused_host_is_counted(customer: Customer) -> None:
    customer.refuse("shop.example.com", 3)
    customer.refuse("Shop.Example.COM", 2)
    assert customer.refused_hosts() == {"shop.example.com": 5}


def test_a_host_on_the_list_is_none(customer: Customer) -> None:
    for host in ("example.com", "www.example.com"):
        customer.refuse(host)
    assert customer.refused_hosts() == {}


@pytest.mark.parametrize("added", ["shop.example.com", "*.example.com"])
def test_adding_the_host_ends_the_notice(customer: Customer, added: str) -> None:
    customer.refuse("shop.example.com")
    customer.refuse("elsewhere.example")
    assert add_host(customer, added) == 201
    assert customer.refused_hosts() == {"elsewhere.example": 1}


def test_adding_a_host_ends_no_notice_of_another_site(world: World, customer: Customer) -> None:
    other = world.customer()
    for asked in (customer, other):
        asked.refuse("shop.example.com")
    assert add_host(customer, "shop.example.com") == 201
    assert (customer.refused_hosts(), other.refused_hosts()) == ({}, {"shop.example.com": 1})


@pytest.mark.parametrize(
    "text",
    ["", ".", "a b", "a..b", "-a.com", "a_b.com", "https://a.com", "a.com/", "a.com:80", "*.a.com", "é.com", "x" * 64 + ".com",
     "a." * 127 + "com", "155.56.1.1", "127.1", "0x7f.1", "[::1]", "::1", "2001:db8::1", "a.com\n", "'; drop table x; --"],
)  # fmt: skip
def test_what_is_no_hosts_name_is_not_kept(customer: Customer, text: str) -> None:
    """Above all no address: whoever sends beacons could name their own, or somebody else's."""
    customer.refuse(text)
    assert customer.refused_hosts() == {}


def test_nothing_and_none_are_not_kept_either(world: World, customer: Customer) -> None:
    customer.refuse("shop.example.com", 0)
    customer.refuse("shop.example.com", -1)
    world.database.execute("select private.keep_refused_host(%s, %s, null, null)", [customer.account_id, customer.site_id])
    assert customer.refused_hosts() == {}


def test_a_flood_ends_in_the_highest_count(customer: Customer) -> None:
    for _ in range(2):
        customer.refuse("shop.example.com", 2_147_483_647)
    assert customer.refused_hosts() == {"shop.example.com": 2_147_483_647}


def test_the_twenty_latest_stay(world: World, customer: Customer) -> None:
    for place in range(20):
        customer.refuse(f"h{place}.example")
    world.database.execute("update public.refused_hosts set last_at = now() - interval '1 hour' where host = 'h7.example'")
    customer.refuse("new.example")
    kept = customer.refused_hosts()
    assert len(kept) == 20 and "new.example" in kept and "h7.example" not in kept


def test_no_batch_waits_for_another(world: World, customer: Customer) -> None:
    """Two that name the same hosts in opposite orders: neither waits, and something is counted."""
    with connect(world) as first, connect(world) as second:
        second.execute("set lock_timeout = '1s'")
        keep(first, customer, "a.example")
        keep(second, customer, "b.example")
        keep(second, customer, "a.example")
        keep(first, customer, "b.example")
    assert customer.refused_hosts() == {"a.example": 1, "b.example": 1}


def test_many_batches_and_a_member_at_once_end_without_a_deadlock(world: World, customer: Customer) -> None:
    def batch(place: int) -> None:
        hosts = [f"h{number % 7}.example" for number in range(place, place + 14)]
        with connect(world) as connection:
            for host in hosts if place % 2 else reversed(hosts):
                keep(connection, customer, host)

    with ThreadPoolExecutor(8) as pool:
        batches = [pool.submit(batch, place) for place in range(40)]
        added = [pool.submit(add_host, customer, f"h{number}.example") for number in range(7)]
        for done in batches:
            done.result()
        assert [done.result() for done in added] == [201] * 7
    assert customer.refused_hosts() == {}


def test_a_batch_that_decided_before_the_host_was_added_leaves_no_notice(world: World, customer: Customer) -> None:
    with connect(world) as batch:
        batch.execute("select 1")
        assert add_host(customer, "shop.example.com") == 201
        keep(batch, customer, "shop.example.com")
    assert customer.refused_hosts() == {}


@pytest.mark.parametrize("who", ["owner", "admin", "viewer", "beacon", "service_role"])
def test_nobody_writes_a_notice_by_hand(world: World, customer: Customer, who: str) -> None:
    callers = {"owner": customer.owner, "beacon": world.beacon_door(), "service_role": world.role("service_role")}
    caller = callers.get(who) or world.teammate(customer.account_id, who)
    customer.refuse("shop.example.com")
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "host": "x.example", "beacons": 1}
    query = {"site_id": f"eq.{customer.site_id}"}
    answers = [caller.insert("refused_hosts", row), caller.update("refused_hosts", {"beacons": 9}, **query)]
    assert [answer.status_code for answer in (*answers, caller.delete("refused_hosts", **query))] == [403] * 3
    assert customer.refused_hosts() == {"shop.example.com": 1}


def test_notices_go_with_the_site(customer: Customer) -> None:
    customer.refuse("shop.example.com")
    assert customer.owner.delete("sites", id=f"eq.{customer.site_id}").is_success
    assert customer.owner.rows("refused_hosts") == []
