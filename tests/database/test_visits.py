"""A visit is one company's page views on one site until 30 minutes of silence."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders import Customer, World, company_row


def test_page_views_within_thirty_minutes_are_one_visit(world: World, customer: Customer) -> None:
    world.record(customer.beacon(page={"host": "example.com", "path": "/"}))
    customer.pass_time("29 minutes")
    world.record(customer.beacon(page={"host": "example.com", "path": "/pricing"}))
    [visit] = customer.visits()
    assert visit["page_view_count"] == 2
    assert [view["path"] for view in customer.page_views()] == ["/", "/pricing"]


def test_a_new_visit_begins_after_thirty_minutes_of_silence(world: World, customer: Customer) -> None:
    world.record(customer.beacon())
    customer.pass_time("31 minutes")
    world.record(customer.beacon())
    assert [visit["page_view_count"] for visit in customer.visits()] == [1, 1]


def test_silence_is_counted_from_the_last_page_view_not_from_the_start(world: World, customer: Customer) -> None:
    for _ in range(3):
        world.record(customer.beacon())
        customer.pass_time("20 minutes")
    [visit] = customer.visits()
    assert visit["page_view_count"] == 3


def test_two_companies_are_two_visits(world: World, customer: Customer) -> None:
    world.record(customer.beacon("acme"), customer.beacon("globex"))
    assert len(customer.visits()) == 2


def test_a_repeated_beacon_is_kept_once(world: World, customer: Customer) -> None:
    beacon = customer.beacon()
    assert world.record(beacon) == ["identified"]
    assert world.record(beacon, beacon) == ["duplicate", "duplicate"]
    assert [visit["page_view_count"] for visit in customer.visits()] == [1]
    assert customer.funnel() == {"identified": 1}


def test_a_repeated_beacon_that_is_not_kept_is_counted_once(world: World, customer: Customer) -> None:
    beacon = customer.beacon(company=None, outcome="carrier")
    with ThreadPoolExecutor(8) as pool:
        verdicts = [verdict for [verdict] in pool.map(lambda _: world.record(beacon), range(16))]
    assert sorted(verdicts) == ["carrier"] + ["duplicate"] * 15
    assert customer.funnel() == {"carrier": 1}


def test_the_number_of_a_beacon_that_is_not_kept_is_forgotten_after_an_hour(world: World, customer: Customer) -> None:
    world.record(customer.beacon(company=None, outcome="carrier"))
    mine = "from private.beacon_receipts where site_id = %s"
    assert world.database.execute(f"select count(*) {mine}", [customer.site_id]).fetchone() == (1,)
    world.database.execute(
        "update private.beacon_receipts set received_at = received_at - interval '61 minutes' where site_id = %s",
        [customer.site_id],
    )
    world.record(customer.beacon())
    assert world.database.execute(f"select count(*) {mine}", [customer.site_id]).fetchone() == (0,)


def test_a_beacon_repeated_at_the_same_moment_is_kept_once(world: World, customer: Customer) -> None:
    beacon = customer.beacon()
    with ThreadPoolExecutor(8) as pool:
        verdicts = [verdict for [verdict] in pool.map(lambda _: world.record(beacon), range(16))]
    assert sorted(verdicts) == ["duplicate"] * 15 + ["identified"]
    assert len(customer.page_views()) == 1


def test_colleagues_at_the_same_moment_are_one_visit(world: World, customer: Customer) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: world.record(customer.beacon()), range(24)))
    [visit] = customer.visits()
    assert visit["page_view_count"] == 24
    assert customer.funnel() == {"identified": 24}


def test_batches_that_share_companies_do_not_block_each_other(world: World, customer: Customer) -> None:
    def batch(turn: int) -> list[str]:
        keys = ["acme", "globex", "initech", "umbrella"]
        order = keys if turn % 2 else keys[::-1]
        return world.record(*(customer.beacon(key) for key in order for _ in range(5)))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(batch, range(12)))
    assert all(verdict == "identified" for verdicts in answers for verdict in verdicts)
    assert customer.funnel() == {"identified": 240}


def test_a_company_is_refreshed_from_the_newest_table(world: World, customer: Customer) -> None:
    world.record(customer.beacon())
    world.record(customer.beacon(company=None) | {"company": company_row("acme") | {"name": "Acme Group", "domain": None}})
    [company] = customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")
    assert (company["name"], company["domain"]) == ("Acme Group", None)


@pytest.mark.parametrize("narrow", ["192.0.2.7/32", "192.0.2.0/25", "2001:db8::/49", "2001:db8::7/128"])
def test_evidence_holds_no_narrow_range_even_if_one_is_sent(world: World, customer: Customer, narrow: str) -> None:
    company = company_row("acme")
    company["evidence"] = {"organisation": "ACME AG", "range": narrow}
    world.record(customer.beacon(company=None) | {"company": company})
    [kept] = customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")
    assert kept["evidence"]["range"] is None and narrow.partition("/")[0] not in str(kept)


@pytest.mark.parametrize("wide", ["155.56.0.0/24", "155.56.0.0/17", "2a01:4f8::/48", None])
def test_evidence_says_the_range_where_it_is_wide_and_how_sure_the_match_is(
    world: World, customer: Customer, wide: str | None
) -> None:
    company = company_row("acme")
    company["evidence"] = {"organisation": "ACME AG", "range": wide, "sureness": 80}
    world.record(customer.beacon(company=None) | {"company": company})
    [kept] = customer.owner.rows("companies", account_id=f"eq.{customer.account_id}")
    assert (kept["evidence"]["range"], kept["evidence"]["sureness"]) == (wide, 80)


def test_the_referring_host_is_dropped_unless_the_owner_keeps_it(world: World, customer: Customer) -> None:
    world.record(customer.beacon(referrer_host="news.example"))
    customer.owner.update("sites", {"keeps_referrer_host": True}, id=f"eq.{customer.site_id}")
    world.record(customer.beacon(referrer_host="news.example"))
    assert [view["referrer_host"] for view in customer.page_views()] == [None, "news.example"]


def test_what_is_not_kept_is_counted_by_reason(world: World, customer: Customer) -> None:
    reasons = ["carrier", "carrier", "hoster", "bot", "opted_out", "unknown"]
    world.record(*(customer.beacon(company=None, outcome=reason) for reason in reasons))
    assert customer.visits() == []
    assert customer.funnel() == {"carrier": 2, "hoster": 1, "bot": 1, "opted_out": 1, "unknown": 1}


def test_the_funnel_day_is_the_sites_own(world: World) -> None:
    west, east = world.customer(time_zone="Pacific/Niue"), world.customer(time_zone="Pacific/Kiritimati")
    world.record(west.beacon(company=None, outcome="bot"), east.beacon(company=None, outcome="bot"))
    [west_day], [east_day] = (
        [day["day"] for day in customer.owner.rows("site_days", site_id=f"eq.{customer.site_id}")] for customer in (west, east)
    )
    assert west_day < east_day  # 25 hours apart: never the same calendar day


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        ("example.com", "identified"),
        ("EXAMPLE.com", "identified"),
        ("www.example.com", "identified"),
        ("shop.example.com", "origin_not_allowed"),
        ("notexample.com", "origin_not_allowed"),
        ("example.com.evil.example", "origin_not_allowed"),
        ("a.wild.example", "identified"),
        ("a.b.wild.example", "identified"),
        ("wild.example", "origin_not_allowed"),
        ("evilwild.example", "origin_not_allowed"),
        ("%", "origin_not_allowed"),
        ("", "origin_not_allowed"),
    ],
)
def test_beacons_come_only_from_the_sites_hosts(world: World, host: str, verdict: str) -> None:
    customer = world.customer("example.com", "*.wild.example")
    assert world.record(customer.beacon(origin_host=host)) == [verdict]
    assert world.record(customer.beacon(page={"host": host or "x", "path": "/"})) == [verdict]
    assert len(customer.page_views()) == (2 if verdict == "identified" else 0)


def test_an_unknown_key_keeps_and_counts_nothing(world: World, customer: Customer) -> None:
    assert world.record(customer.beacon(site_key="site_" + "0" * 24)) == ["unknown_site"]
    assert (customer.page_views(), customer.funnel()) == ([], {})


def test_a_batch_larger_than_the_bound_is_refused(world: World, customer: Customer) -> None:
    answer = world.beacon_door().call("record_beacons", beacons=[customer.beacon()] * 501)
    assert answer.status_code == 400
    assert "at most 500" in answer.json()["message"]
