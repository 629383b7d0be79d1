"""A fault of ours is reported with its type and place, and with nothing of the request that met it.

Measured with a real capture: the real deployment sends to a Sentry on loopback, while requests with canaries in every
part make it fail. The same requests with the package's default settings show that the search would find them.
"""

import base64
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from dev.stack import Stack
from lib.identification.spellings import spellings
from tests.deployments import deployment
from tests.doors.page_views import BROWSER
from tests.sentry_sink import SentrySink, running_nonsense, running_sentry

ADDRESSES = ["155.56.213.87", "2001:638:d0d0:cafe:1a2b:3c4d:5e6f:7081"]
MAIL = "jane.canary@canary-mail.example"
TOKEN = "canaryToken7Qx0Zk3Lm9Vb2Nc4Xs6Ad8Fg1Hj5Kl0P"  # of the form of an opt-out's
SECRETS = [MAIL, TOKEN, "Bearer-canary-4711"]
# What the database says appears in the texts of exceptions, and in the locals of the frames they pass.
QUOTED = f"from {ADDRESSES[0]} and {ADDRESSES[1]} for {MAIL} with {TOKEN}"
ANSWERS: dict[str, object] = {
    "find_opt_out_request": {"proof": QUOTED, "wish": QUOTED, "domain": QUOTED},
    "confirm_opt_out": {"state": QUOTED},
    "record_beacons": [QUOTED],
    "beacon_rules": QUOTED,
}


def provoke(app: httpx.Client) -> list[int]:
    """Send requests that make the deployment fail, with canaries in every part; gives their status codes."""
    statuses = []
    for address in ADDRESSES:
        headers = {
            "X-Simulated-Address": address,
            "X-Forwarded-For": address,
            "Forwarded": f"for={address}",
            "User-Agent": f"{BROWSER} {address} {MAIL}",
            "Cookie": f"session={TOKEN}",
            "Authorization": SECRETS[2],
            "Referer": f"https://example.com/{address}?mail={MAIL}",
            "Origin": "https://example.com",
        }
        query = f"?ip={address}&mail={quote(MAIL)}&token={TOKEN}"
        asked = app.post(f"/api/public/opt-out-requests/find{query}", json={"token": TOKEN}, headers=headers)
        page = {"k": "site_" + "0" * 24, "i": "abcdefgh1234", "u": f"https://example.com/{address}/{MAIL}{query}", "r": address}
        statuses += [asked.status_code, app.post(f"/b{query}", json=page, headers=headers).status_code]
    return statuses


@pytest.fixture(scope="module")
def sentry() -> Iterator[SentrySink]:
    with running_sentry() as sink:
        yield sink


@pytest.fixture(scope="module")
def reported(stack: Stack, sentry: SentrySink) -> SentrySink:
    sha = "0123456789abcdef0123456789abcdef01234567"
    with running_nonsense(ANSWERS) as database:
        settings = {"SUPABASE_URL": database, "SENTRY_DSN": sentry.dsn, "VERCEL_GIT_COMMIT_SHA": sha, "VERCEL_ENV": "preview"}
        with deployment(stack, **settings) as app:
            assert all(status in (500, 503) for status in provoke(app))
            sentry.wait_for(2)
    return sentry


def test_a_fault_is_reported_with_its_type_and_place(reported: SentrySink) -> None:
    [event, *_] = [event for event in reported.events() if event["tags"]["door"] == "public"]
    [raised] = event["exception"]["values"]
    assert (raised["type"], raised["module"]) == ("ValueError", "builtins")
    places = [(frame["filename"], frame["function"]) for frame in raised["stacktrace"]["frames"]]
    assert places[0] == ("lib/asgi.py", "application") and ("lib/db/opt_out_store.py", "find") in places
    assert all(set(frame) == {"filename", "function", "lineno", "in_app"} for frame in raised["stacktrace"]["frames"])
    assert (event["release"], event["environment"]) == ("0123456789abcdef0123456789abcdef01234567", "preview")


def test_a_report_holds_the_parts_of_the_list_and_no_other(reported: SentrySink) -> None:
    for event in reported.events():
        assert set(event) <= {"event_id", "timestamp", "level", "platform", "release", "environment", "exception", "tags"}
        assert set(event["tags"]) <= {"door", "reason", "unsent"}


def test_nothing_of_a_request_is_in_what_is_sent(reported: SentrySink) -> None:
    assert len(reported.received) >= 2
    assert found_in(b"\n".join(reported.received)) == set()


def test_with_default_settings_the_same_search_finds_it(stack: Stack) -> None:
    """The negative control."""
    with running_sentry() as sentry, running_nonsense(ANSWERS) as database:
        settings = {"SUPABASE_URL": database, "SENTRY_DSN": sentry.dsn}
        with deployment(stack, module="tests.doors.default_reports", **settings) as app:
            provoke(app)
            sentry.wait_for(2)
        found = found_in(b"\n".join(sentry.received))
    assert {ADDRESSES[0].encode(), ADDRESSES[1].encode(), MAIL.encode(), TOKEN.encode()} <= found


def test_without_an_address_for_reports_none_is_sent_and_the_answer_is_the_same(stack: Stack, sentry: SentrySink) -> None:
    before = len(sentry.received)
    with running_nonsense(ANSWERS) as database, deployment(stack, SUPABASE_URL=database) as app:
        assert all(status in (500, 503) for status in provoke(app))
    assert len(sentry.received) == before


def test_a_sentry_that_is_away_delays_no_answer_and_breaks_none(stack: Stack) -> None:
    nowhere = f"http://{'a' * 32}@127.0.0.1:9/1"
    for dsn in (nowhere, "no address at all"):
        with running_nonsense(ANSWERS) as database, deployment(stack, SUPABASE_URL=database, SENTRY_DSN=dsn) as app:
            app.timeout = httpx.Timeout(3)
            assert all(status in (500, 503) for _ in range(3) for status in provoke(app))


def found_in(content: bytes) -> set[bytes]:
    forms = {form for address in ADDRESSES for form in spellings(address)}
    for secret in SECRETS:
        forms |= {
            secret.encode(),
            quote(secret, safe="").encode(),
            base64.b64encode(secret.encode()),
            secret.encode().hex().encode(),
        }
    return {form for form in forms if form in content}
