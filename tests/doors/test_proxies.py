"""Visits through customers' own proxies, each run for real before the deployment."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.stack import Stack
from tests.builders import Customer, World
from tests.doors.page_views import BROWSER, CARRIER, COMPANY, PageViews
from tests.proxies import ADDRESS_HEADERS, proxy, runs_here


@pytest.fixture(params=list(ADDRESS_HEADERS))
def kind(request: pytest.FixtureRequest) -> str:
    kind = str(request.param)
    if not runs_here(kind):
        pytest.skip(f"{kind} is not installed here")
    return kind


@pytest.fixture
def secret(customer: Customer) -> str:
    made: str = customer.owner.result("create_site_secret", site_id=customer.site_id)
    return made


@pytest.fixture
def visitor(kind: str, stack: Stack, secret: str, tmp_path: Path) -> Iterator[httpx.Client]:
    with proxy(kind, stack.app_url, secret, tmp_path) as visitor:
        yield visitor


def view(visitor: httpx.Client, kind: str, site: PageViews, address: str = COMPANY, **headers: str) -> httpx.Response:
    sent = {"Origin": "https://example.com", "User-Agent": BROWSER, "Content-Type": "text/plain;charset=UTF-8"}
    return visitor.post("/lm/b", json=site.body(), headers={**sent, ADDRESS_HEADERS[kind]: address, **headers})


def test_a_visit_through_a_proxy_is_its_visitors(visitor: httpx.Client, kind: str, site: PageViews) -> None:
    answers = [view(visitor, kind, site, address) for address in (COMPANY, CARRIER)]
    assert [answer.status_code for answer in answers] == [204, 204], answers[0].text
    assert [answer.headers["leadsment-outcome"] for answer in answers] == ["identified", "carrier"]
    assert visitor.get("/lm/s.js").text == site.app.get("/s.js").text


def test_a_browsers_wish_reaches_us_through_a_proxy(visitor: httpx.Client, kind: str, site: PageViews) -> None:
    for signal in ("DNT", "Sec-GPC"):
        assert view(visitor, kind, site, **{signal: "1"}).headers["leadsment-outcome"] == "opted_out"
    assert view(visitor, kind, site, **{"Sec-Purpose": "prefetch"}).headers["leadsment-outcome"] == "prefetch"


def test_a_proxy_with_another_secret_is_refused_in_words(
    world: World, kind: str, stack: Stack, site: PageViews, secret: str, tmp_path: Path
) -> None:
    other = world.customer("example.com")
    foreign = other.owner.result("create_site_secret", site_id=other.site_id)
    with proxy(kind, stack.app_url, foreign, tmp_path) as visitor:
        answer = view(visitor, kind, site)
    assert (answer.status_code, answer.json()["error"]) == (401, "bad_signature")
    assert "secret" in answer.json()["message"]
    assert site.customer.funnel() == {}


def test_a_proxy_that_states_an_internal_address_is_refused_in_words(visitor: httpx.Client, kind: str, site: PageViews) -> None:
    answer = view(visitor, kind, site, "10.0.0.7")
    assert (answer.status_code, answer.json()["error"]) == (401, "bad_signature")
    assert "public internet" in answer.json()["message"]
