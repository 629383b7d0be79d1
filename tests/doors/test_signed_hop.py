"""The header a customer's proxy signs, at the beacon's door: what it does, and what nobody else can do with it."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.builders import Customer, World
from tests.doors.page_views import CARRIER, COMPANY, HOSTER, PageViews
from tests.proxies import signed


@pytest.fixture
def secret(customer: Customer) -> str:
    made: str = customer.owner.result("create_site_secret", site_id=customer.site_id)
    return made


def body(site: PageViews) -> bytes:
    return json.dumps(site.body()).encode()


def send(site: PageViews, hop: tuple[str, bytes], **headers: str) -> httpx.Response:
    """From the proxy, which stands in a data centre."""
    return site.send(content=hop[1], address=HOSTER, headers={"Leadsment-Forwarded": hop[0], **headers})


def refused(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["error"]) == (401, "bad_signature")
    return str(answer.json()["message"])


def test_a_signed_address_counts_and_not_the_proxys(site: PageViews, customer: Customer, secret: str) -> None:
    assert send(site, signed(body(site), COMPANY, secret)).headers["leadsment-outcome"] == "identified"
    assert send(site, signed(body(site), CARRIER, secret)).headers["leadsment-outcome"] == "carrier"
    assert site.outcome(address=HOSTER) == "hoster"
    assert customer.funnel() == {"identified": 1, "carrier": 1, "hoster": 1}


def test_an_excluded_network_is_compared_with_the_signed_address(site: PageViews, customer: Customer, secret: str) -> None:
    customer.exclude("155.56.0.0/16")
    assert send(site, signed(body(site), COMPANY, secret)).headers["leadsment-outcome"] == "excluded"


def test_a_statement_is_refused_with_what_is_wrong(site: PageViews, customer: Customer, secret: str) -> None:
    assert "secret" in refused(send(site, signed(body(site), COMPANY, "lmsk_" + "A" * 43)))
    assert "clock" in refused(send(site, signed(body(site), COMPANY, secret, seconds=-400)))
    assert "clock" in refused(send(site, signed(body(site), COMPANY, secret, seconds=400)))
    assert "body" in refused(send(site, (signed(body(site), COMPANY, secret)[0], body(site))))
    assert "stand once" in refused(send(site, (COMPANY, body(site))))
    assert "stand once" in refused(send(site, ("v1", body(site))))
    assert "public internet" in refused(send(site, signed(body(site), "192.168.0.7", secret)))
    assert (customer.funnel(), customer.visits()) == ({}, [])


def test_two_statements_are_refused(site: PageViews, secret: str) -> None:
    hop = signed(body(site), COMPANY, secret)
    headers = [("Origin", "https://example.com"), ("Content-Type", "text/plain"), ("User-Agent", "Mozilla/5.0"),
               ("Leadsment-Forwarded", hop[0]), ("Leadsment-Forwarded", hop[0])]  # fmt: skip
    assert "stand once" in refused(site.app.post("/b", content=hop[1], headers=headers))


def test_another_sites_secret_signs_nothing(world: World, site: PageViews, customer: Customer) -> None:
    other = world.customer("example.com")
    foreign = other.owner.result("create_site_secret", site_id=other.site_id)
    assert "secret" in refused(send(site, signed(body(site), COMPANY, foreign)))
    assert customer.funnel() == {}


def test_an_overheard_statement_repeats_its_one_page_view_and_no_more(site: PageViews, customer: Customer, secret: str) -> None:
    hop = signed(body(site), COMPANY, secret)
    assert [send(site, hop).headers["leadsment-outcome"] for _ in range(2)] == ["identified", "duplicate"]
    assert len(customer.page_views()) == 1


def test_a_new_secret_counts_at_once_and_a_revoked_one_no_more(site: PageViews, customer: Customer, secret: str) -> None:
    assert send(site, signed(body(site), COMPANY, secret)).status_code == 204
    second = customer.owner.result("create_site_secret", site_id=customer.site_id)
    site.outcome()  # any page view of the site brings the news
    assert send(site, signed(body(site), COMPANY, second)).status_code == 204
    [_, first] = customer.owner.result("list_site_secrets", site_id=customer.site_id)
    assert customer.owner.call("revoke_site_secret", id=first["id"]).is_success
    assert "secret" in refused(send(site, signed(body(site), COMPANY, secret)))
    assert send(site, signed(body(site), COMPANY, second)).status_code == 204


def test_forged_statements_do_not_keep_a_new_proxy_out_for_long(site: PageViews, customer: Customer) -> None:
    forged = signed(body(site), COMPANY, "lmsk_" + "A" * 43)
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(lambda _: send(site, forged), range(40))} == {401}
    secret = customer.owner.result("create_site_secret", site_id=customer.site_id)
    # One browser's visit without a proxy, and the instance knows the secret without asking.
    assert site.outcome() == "identified"
    assert send(site, signed(body(site), COMPANY, secret)).status_code == 204


def test_who_objects_is_not_recorded_through_a_proxy_either(site: PageViews, customer: Customer, secret: str) -> None:
    answer = send(site, signed(body(site), COMPANY, secret), DNT="1")
    assert answer.headers["leadsment-outcome"] == "opted_out"
    assert customer.visits() == []
