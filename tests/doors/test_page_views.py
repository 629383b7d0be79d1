"""POST /api/v1/page-views, as customers' servers use it, and the guide's own programs."""

import os
import re
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.stack import Stack
from dev.stack.layout import ROOT
from tests.builders import Customer, World
from tests.deployments import deployment
from tests.doors.page_views import BROWSER, CARRIER, COMPANY
from tests.proxies import serving

GUIDE = (ROOT / "docs" / "install" / "server-side.md").read_text()


@pytest.fixture
def secret(customer: Customer) -> str:
    made: str = customer.owner.result("create_site_secret", site_id=customer.site_id)
    return made


def view(**changes: Any) -> dict[str, Any]:
    return {"id": uuid.uuid4().hex, "url": "https://example.com/pricing", "address": COMPANY, "user_agent": BROWSER, **changes}


def send(app: httpx.Client, customer: Customer, secret: str, *views: object, **headers: str) -> httpx.Response:
    named = {"Authorization": f"Bearer {secret}", **headers}
    return app.post("/api/v1/page-views", json={"site": customer.site["public_key"], "page_views": list(views)}, headers=named)


def outcomes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [result.get("outcome") or result["error"] for result in answer.json()["results"]]


def test_a_servers_page_views_become_visits(app: httpx.Client, customer: Customer, secret: str) -> None:
    views = [view(), view(address=CARRIER), view(user_agent="curl/8"), view(user_agent=""), view(opted_out=True),
             view(url="https://evil.example/"), view(url="nonsense"), view(address="nonsense")]  # fmt: skip
    answer = send(app, customer, secret, *views)
    assert outcomes(answer) == [
        "identified",
        "carrier",
        "bot",
        "bot",
        "opted_out",
        "origin_not_allowed",
        "invalid_url",
        "invalid_address",
    ]
    assert [result["id"] for result in answer.json()["results"]] == [one["id"] for one in views]
    assert answer.headers["cache-control"] == "no-store" and "access-control-allow-origin" not in answer.headers
    assert customer.funnel() == {"identified": 1, "carrier": 1, "bot": 2, "opted_out": 1}
    [kept] = customer.page_views()
    assert (kept["host"], kept["path"]) == ("example.com", "/pricing")


def test_a_batch_sent_again_is_recorded_once(app: httpx.Client, customer: Customer, secret: str) -> None:
    views = [view(), view(address=CARRIER)]
    assert outcomes(send(app, customer, secret, *views)) == ["identified", "carrier"]
    assert outcomes(send(app, customer, secret, *views)) == ["duplicate", "duplicate"]
    assert customer.funnel() == {"identified": 1, "carrier": 1}


def test_an_excluded_network_holds_here_too(app: httpx.Client, customer: Customer, secret: str) -> None:
    customer.exclude("155.56.0.0/16")
    assert outcomes(send(app, customer, secret, view())) == ["excluded"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic {}", "{}", "Bearer {}x", "Bearer lmsk_" + "A" * 43])
def test_without_a_secret_nothing_is_recorded(app: httpx.Client, customer: Customer, secret: str, authorization: str) -> None:
    answer = send(app, customer, secret, view(), Authorization=authorization.format(secret))
    assert (answer.status_code, answer.json()["error"]) == (401, "bad_secret")
    assert secret not in answer.text and customer.funnel() == {}


def test_another_sites_secret_is_refused(world: World, app: httpx.Client, customer: Customer) -> None:
    other = world.customer("example.com")
    foreign = other.owner.result("create_site_secret", site_id=other.site_id)
    answer = send(app, customer, foreign, view())
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_secret")


def test_a_revoked_secret_opens_nothing_more(app: httpx.Client, customer: Customer, secret: str) -> None:
    assert outcomes(send(app, customer, secret, view())) == ["identified"]
    [row] = customer.owner.result("list_site_secrets", site_id=customer.site_id)
    assert customer.owner.call("revoke_site_secret", id=row["id"]).is_success
    assert send(app, customer, secret, view(opted_out=True), view(user_agent="curl/8")).status_code == 401
    assert send(app, customer, secret, view()).status_code == 401
    assert customer.funnel() == {"identified": 1}


def test_a_site_that_is_none_is_said_so(app: httpx.Client, secret: str) -> None:
    body = {"site": "site_" + "f" * 24, "page_views": [view()]}
    answer = app.post("/api/v1/page-views", json=body, headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_site")


def test_other_types_and_methods_are_refused(app: httpx.Client, customer: Customer, secret: str) -> None:
    assert send(app, customer, secret, view(), **{"Content-Type": "text/plain"}).status_code == 415
    answer = app.get("/api/v1/page-views")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_five_hundred_at_once_are_taken_and_no_more(app: httpx.Client, customer: Customer, secret: str) -> None:
    found = outcomes(send(app, customer, secret, *(view(address=CARRIER) for _ in range(500))))
    assert set(found) <= {"carrier", "too_many"} and len(found) == 500
    assert customer.funnel() == {"carrier": found.count("carrier")}
    assert send(app, customer, secret, *(view() for _ in range(501))).status_code == 400


def test_a_database_that_is_away_is_said_of_each_entry(stack: Stack, customer: Customer) -> None:
    with deployment(stack, SUPABASE_URL="http://127.0.0.1:9") as cut_off:
        answer = send(cut_off, customer, "lmsk_" + "A" * 43, view())
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["error"]) == (503, "2", "unavailable")


def program(language: str) -> str:
    [code] = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(code)


def logged(
    address: str, path: str, *, at: datetime | None = None, agent: str = BROWSER, more: str = "", status: int = 200
) -> str:
    said = (at or datetime.now(UTC)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{address} - - [{said}] "GET {path} HTTP/1.1" {status} 512 "https://news.example/a" "{agent}"{more}\n'


def ship(folder: Path, app_url: str, customer: Customer, secret: str, expected: int = 0) -> str:
    (folder / "ship_log.py").write_text(program("python"))
    command = [
        sys.executable,
        folder / "ship_log.py",
        folder / "access.log",
        "https://example.com",
        app_url,
        customer.site["public_key"],
    ]
    done = subprocess.run(
        command, env={**os.environ, "LEADSMENT_SECRET": secret}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == expected, done.stderr
    return done.stderr


def test_the_log_shipper_sends_each_page_view_once(stack: Stack, customer: Customer, secret: str, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(
        logged(COMPANY, "/pricing?utm_source=news")
        + logged(COMPANY, "/app.css")
        + logged(COMPANY, "/missing", status=404)
        + logged(COMPANY, "/old", at=datetime.now(UTC) - timedelta(days=2))
        + logged(COMPANY, "/", agent="Googlebot/2.1 (+http://www.google.com/bot.html)")
        + logged(COMPANY, "/", more=' "1" "-"')
        + logged(COMPANY, "/", more=' "-" "1"')
        + "nonsense\n"
        + logged(CARRIER, "/")[:-1]  # still being written
    )
    ship(tmp_path, stack.app_url, customer, secret)
    assert customer.funnel() == {"identified": 1, "bot": 1, "opted_out": 2}
    with log.open("a") as still:
        still.write("\n" + logged(COMPANY, "/contact"))
    for _ in range(2):
        ship(tmp_path, stack.app_url, customer, secret)
    assert customer.funnel() == {"identified": 2, "bot": 1, "opted_out": 2, "carrier": 1}
    log.write_text(logged(COMPANY, "/after/rotation"))
    ship(tmp_path, stack.app_url, customer, secret)
    # A log knows seconds: those of one second come in any order.
    assert {kept["path"] for kept in customer.page_views()} == {"/pricing", "/contact", "/after/rotation"}


def test_a_shipper_that_lost_its_place_doubles_nothing(stack: Stack, customer: Customer, secret: str, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text("".join(logged(COMPANY, f"/{word}") for word in ("a", "b", "b")))
    for _ in range(2):
        ship(tmp_path, stack.app_url, customer, secret)
        (tmp_path / "access.log.leadsment").unlink()
    assert customer.funnel() == {"identified": 3}


def test_the_shipper_tells_why_it_was_refused(stack: Stack, customer: Customer, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(logged(COMPANY, "/"))
    assert "Settings, Secrets" in ship(tmp_path, stack.app_url, customer, "lmsk_wrong", expected=1)
    assert not (tmp_path / "access.log.leadsment").exists()


def test_the_express_middleware_reports_pages(stack: Stack, customer: Customer, secret: str, tmp_path: Path) -> None:
    (tmp_path / "report.mjs").write_text(program("js"))
    settings = {"LEADSMENT_URL": stack.app_url, "LEADSMENT_SITE": customer.site["public_key"], "LEADSMENT_SECRET": secret,
                "PAGE_HOST_URL": "https://example.com"}  # fmt: skip
    with serving("report", tmp_path / "report.mjs", settings) as visitor:
        said = {"X-Simulated-Address": COMPANY, "User-Agent": BROWSER}
        assert visitor.get("/pricing?utm_source=news&x=1", headers=said).text == "<p>a page</p>"
        visitor.get("/data.json", headers=said)
        visitor.get("/", headers={**said, "Sec-GPC": "1"})
        visitor.get("/", headers={**said, "Sec-Purpose": "prefetch"})
        for _ in range(100):
            if len(customer.funnel()) == 2:
                break
            time.sleep(0.1)
    assert customer.funnel() == {"identified": 1, "opted_out": 1}
    assert [kept["path"] for kept in customer.page_views()] == ["/pricing"]
