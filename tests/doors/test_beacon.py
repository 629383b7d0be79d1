"""POST /b, as browsers, crawlers and strangers use it."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from tests.builders import Customer
from tests.deployments import deployment
from tests.doors.page_views import BROWSER, CARRIER, COMPANY, COMPANY_NAME, HOSTER, PageViews


def test_a_companys_page_view_becomes_a_visit(site: PageViews, customer: Customer) -> None:
    assert site.outcome(u="https://example.com/pricing?utm_source=news&secret=1#x") == "identified"
    [visit], [view] = customer.visits(), customer.page_views()
    [company] = customer.owner.rows("companies", id=f"eq.{visit['company_id']}")
    assert (company["name"], company["domain"], company["kind"]) == (COMPANY_NAME, "sap.com", "company")
    assert (view["host"], view["path"], view["utm_source"]) == ("example.com", "/pricing", "news")
    assert company["evidence"]["organisation"] and company["evidence"]["asn"]


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        (CARRIER, "carrier"),
        (HOSTER, "hoster"),
        ("10.1.2.3", "reserved"),
        ("100.64.1.2", "reserved"),
        ("2001:db8::1", "reserved"),
        (f"::ffff:{COMPANY}", "identified"),
        (f"[::ffff:{COMPANY}]:443", "identified"),
        (f"{COMPANY}:51234", "identified"),
    ],
)
def test_the_outcome_says_who_is_behind_the_address(site: PageViews, customer: Customer, address: str, outcome: str) -> None:
    assert site.outcome(address=address) == outcome
    assert len(customer.page_views()) == (outcome == "identified")
    assert customer.funnel() == {outcome: 1}


@pytest.mark.parametrize("signal", [{"DNT": "1"}, {"Sec-GPC": "1"}])
def test_an_opted_out_browser_makes_no_visit(site: PageViews, customer: Customer, signal: dict[str, str]) -> None:
    assert site.outcome(headers=signal) == "opted_out"
    assert (customer.visits(), customer.funnel()) == ([], {"opted_out": 1})


@pytest.mark.parametrize(
    "user_agent",
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", "python-requests/2.32"],
)
def test_a_crawler_makes_no_visit(site: PageViews, customer: Customer, user_agent: str) -> None:
    assert site.outcome(headers={"User-Agent": user_agent}) == "bot"
    assert customer.visits() == []


@pytest.mark.parametrize("header", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}])
def test_a_prefetch_makes_no_visit(site: PageViews, customer: Customer, header: dict[str, str]) -> None:
    assert site.outcome(headers=header) == "prefetch"
    assert customer.visits() == []


def test_a_retry_is_acknowledged_and_kept_once(site: PageViews, customer: Customer) -> None:
    beacon_id = "0123456789abcdef"
    assert [site.outcome(i=beacon_id) for _ in range(3)] == ["identified", "duplicate", "duplicate"]
    assert len(customer.page_views()) == 1


def test_two_people_of_a_company_are_one_visit(site: PageViews, customer: Customer) -> None:
    site.outcome(address="155.56.1.1")
    site.outcome(address="155.56.200.9", headers={"User-Agent": BROWSER.replace("142", "141")})
    assert [visit["page_view_count"] for visit in customer.visits()] == [2]


@pytest.mark.parametrize(
    "claimed",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Vercel-Forwarded-For", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP"],
)
def test_a_claimed_address_is_not_believed(site: PageViews, customer: Customer, claimed: str) -> None:
    """The request comes from 127.0.0.1; whatever it claims, that is where it came from."""
    value = f"for={COMPANY}" if claimed == "Forwarded" else COMPANY
    assert site.outcome(address="", headers={claimed: value}) == "reserved"
    assert customer.visits() == []


def test_the_page_may_read_the_outcome(site: PageViews) -> None:
    answer = site.send()
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "leadsment-outcome" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers


def test_a_preflight_is_answered(app: httpx.Client) -> None:
    answer = app.options("/b", headers={"Origin": "https://example.com", "Access-Control-Request-Method": "POST"})
    assert answer.status_code == httpx.codes.NO_CONTENT
    assert answer.headers["access-control-allow-methods"] == "POST"


def test_json_is_taken_too(site: PageViews) -> None:
    assert site.outcome(headers={"Content-Type": "application/json"}) == "identified"


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"k": "site_" + "0" * 24}, 404, "unknown_site"),
        ({"headers": {"Origin": "https://evil.example"}}, 403, "origin_not_allowed"),
        ({"headers": {"Origin": "null"}}, 403, "origin_not_allowed"),
        ({"headers": {"Origin": ""}}, 403, "origin_not_allowed"),
        ({"headers": {"Origin": "https://example.com.evil.example"}}, 403, "origin_not_allowed"),
        ({"u": "https://evil.example/"}, 403, "origin_not_allowed"),
        ({"u": "/pricing"}, 400, "invalid_url"),
        ({"k": "x"}, 400, "invalid_key"),
        ({"i": "x"}, 400, "invalid_id"),
        ({"extra": "1"}, 400, "invalid_fields"),
        ({"u": 7}, 400, "invalid_json"),
        ({"content": b""}, 400, "invalid_json"),
        ({"content": b"\xff"}, 400, "invalid_json"),
        ({"content": b"[" * 2000}, 400, "invalid_json"),
        ({"content": b'{"k":' + b"9" * 2000 + b"}"}, 400, "invalid_json"),
        ({"content": b"x" * 2049}, 413, "too_large"),
        ({"content": b"x" * 500_000}, 413, "too_large"),
        ({"headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 415, "unsupported_type"),
        ({"headers": {"Content-Encoding": "gzip"}}, 415, "unsupported_encoding"),
        ({"address": "not-an-address"}, 400, "no_client_address"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_a_reason(
    site: PageViews, customer: Customer, arguments: dict[str, Any], status: int, code: str
) -> None:
    answer = site.send(**arguments)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert len(answer.json()["message"]) > 20
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (customer.visits(), customer.funnel()) == ([], {})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(app: httpx.Client, method: str) -> None:
    assert app.request(method, "/b").status_code == httpx.codes.METHOD_NOT_ALLOWED


def test_hostile_text_never_breaks_the_door(site: PageViews) -> None:
    for text in (
        "%00",
        "%ff%fe",
        "\\u0000",
        "'; drop table sites; --",
        "𝕏" * 50,
        "%F0%9F%92%A9",
        "..%2f..%2f",
        "{{7*7}}",
        "\u202e",
    ):
        raw = json.dumps(site.body(u="https://example.com/URL"), ensure_ascii=False).replace("URL", text)
        assert site.send(content=raw.encode()).status_code in (204, 400)


@pytest.fixture(scope="module")
def cut_off(stack: Stack) -> Iterator[httpx.Client]:
    """A deployment whose database cannot be reached."""
    with deployment(stack, SUPABASE_URL="http://127.0.0.1:9") as client:
        yield client


def test_an_unreachable_database_is_said_so(cut_off: httpx.Client, customer: Customer) -> None:
    assert_not_acknowledged(PageViews(cut_off, customer))


def test_a_database_that_never_answers_is_said_so_within_three_seconds(stack: Stack, customer: Customer) -> None:
    with contextlib.ExitStack() as running:
        silent = running.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        site = PageViews(running.enter_context(deployment(stack, SUPABASE_URL=url)), customer)
        site.send(k="bad")  # so that the process is warm
        started = time.monotonic()
        assert_not_acknowledged(site)
        assert time.monotonic() - started < 3


def assert_not_acknowledged(site: PageViews) -> None:
    answer = site.send()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "leadsment-outcome" not in answer.headers
    assert site.customer.page_views() == []


def test_health_tells_whether_visits_can_be_recorded(app: httpx.Client, cut_off: httpx.Client) -> None:
    well, ill = app.get("/api/health"), cut_off.get("/api/health")
    assert (well.status_code, well.json()["status"], well.json()["database"]) == (200, "ok", "ok")
    assert (ill.status_code, ill.json()["status"]) == (503, "degraded")
    assert well.json()["table_release"]


def test_a_host_that_is_not_on_the_list_is_told_to_the_owner(site: PageViews, customer: Customer) -> None:
    elsewhere = "https://shop.elsewhere.example"
    assert site.send(headers={"Origin": elsewhere}, u=f"{elsewhere}/").status_code == httpx.codes.FORBIDDEN
    assert customer.refused_hosts() == {"shop.elsewhere.example": 1}


@pytest.mark.parametrize("host", ["203-0-113-7.dyn.example.org", "sk-live-4eC39HqLyjWDarjtT1zdp7dc.example.org", "laptop.local"])
def test_a_host_that_may_name_a_person_is_told_to_nobody(site: PageViews, customer: Customer, host: str) -> None:
    assert site.send(headers={"Origin": f"https://{host}"}, u=f"https://{host}/").status_code == httpx.codes.FORBIDDEN
    assert customer.refused_hosts() == {}
