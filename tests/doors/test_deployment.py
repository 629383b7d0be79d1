"""What `vercel build` makes of the repository, and how it behaves under Vercel's own runtime."""

import html
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.deploy.build import OUTPUT
from dev.deploy.runtime import running_function, unpack_bundle
from dev.prove import ensure_canary_site
from dev.stack import Stack
from lib.domain.job import JOBS
from tests.builders import World
from tests.digests import subscribe
from tests.doors.page_views import BROWSER, COMPANY
from tests.doors.test_digests import signed

EU_REGIONS = {"fra1", "arn1", "cdg1", "dub1"}
PUBLIC_KINDS = {".html", ".js", ".css", ".svg", ".txt", ".json", ".woff2"}
SECURITY_HEADERS = {
    "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}


def test_every_file_of_api_is_a_function(bundles: dict[str, Path]) -> None:
    assert sorted(bundles) == [
        "api/auth_mail",
        "api/beacon",
        "api/cron",
        "api/health",
        "api/public",
        "api/resend_webhook",
        "api/v1",
    ]


def test_the_built_beacon_commits_a_visit(functions: dict[str, httpx.Client], world: World) -> None:
    customer = world.customer("example.com")
    body = {"k": customer.site["public_key"], "i": "abcdefgh1234", "u": "https://example.com/pricing"}
    headers = {"Origin": "https://example.com", "User-Agent": BROWSER, "x-vercel-forwarded-for": COMPANY}
    answer = functions["api/beacon"].post("/b", json=body, headers=headers)
    assert (answer.status_code, answer.headers["leadsment-outcome"]) == (204, "identified")
    assert len(customer.page_views()) == 1


def test_the_built_beacon_believes_no_other_header(functions: dict[str, httpx.Client], world: World) -> None:
    customer = world.customer("example.com")
    body = {"k": customer.site["public_key"], "i": "abcdefgh1234", "u": "https://example.com/"}
    headers = {"Origin": "https://example.com", "User-Agent": BROWSER}
    claims = {"x-forwarded-for": COMPANY, "x-real-ip": COMPANY, "x-simulated-address": COMPANY}
    answer = functions["api/beacon"].post("/b", json=body, headers={**headers, **claims})
    assert (answer.status_code, answer.json()["error"]) == (400, "no_client_address")


def test_the_built_health_answers(functions: dict[str, httpx.Client]) -> None:
    assert functions["api/health"].get("/api/health").json()["status"] == "ok"


def test_the_built_public_door_answers(functions: dict[str, httpx.Client]) -> None:
    asked = {"domain": "bosch.com", "proof": "mail", "wish": "opt_out", "email": "it@bosch.com"}
    answer = functions["api/public"].post("/api/public/opt-out-requests", json=asked)
    assert (answer.status_code, answer.json()["proof"]) == (202, "mail")


def test_the_built_api_tells_a_caller_their_own_network(functions: dict[str, httpx.Client]) -> None:
    answer = functions["api/v1"].get("/api/v1/network", headers={"x-vercel-forwarded-for": COMPANY, "x-forwarded-for": "9.9.9.9"})
    assert (answer.status_code, answer.json()) == (200, {"network": f"{COMPANY}/32"})


def test_the_built_job_proves_and_lets_nobody_else_in(functions: dict[str, httpx.Client], stack: Stack, world: World) -> None:
    ensure_canary_site(world.database, stack.secrets.canary_site_key, "127.0.0.1")
    world.database.execute("delete from private.job_runs where job = 'prove_addresses'")
    job, secret = functions["api/cron"], {"Authorization": f"Bearer {stack.secrets.cron_secret}"}
    assert job.get("/api/cron/prove_addresses").status_code == 401
    answer = job.get("/api/cron/prove_addresses", headers=secret, timeout=60)
    assert (answer.status_code, answer.json()["state"]) == (200, "claimed")
    assert world.anonymous().result("list_address_proofs")[0]["verdict"] == "clean"


def test_the_built_door_for_mails_that_came_back_lets_in_what_is_signed_alone(
    functions: dict[str, httpx.Client], stack: Stack
) -> None:
    door = functions["api/resend_webhook"]
    assert door.post("/api/resend_webhook", json={"type": "email.complained", "data": {"to": []}}).status_code == 401
    answer = door.post("/api/resend_webhook", **signed(stack, {"type": "email.delivered", "data": {}}))
    assert (answer.status_code, answer.json()) == (200, {"noted": False})


def test_the_built_api_previews_a_digest(functions: dict[str, httpx.Client], world: World) -> None:
    customer = world.customer()
    world.record(customer.beacon("acme"))
    headers, query = {"Authorization": f"Bearer {customer.owner.token}"}, {"subscription": subscribe(customer)}
    answer = functions["api/v1"].get("/api/v1/digest-preview", params=query, headers=headers)
    assert (answer.status_code, answer.json()["subject"]) == (200, "1 new company: Acme")


def test_every_job_is_called_by_the_clock_and_has_a_minute(config: dict[str, Any], bundles: dict[str, Path]) -> None:
    called = {cron["path"].removeprefix("/api/cron/"): cron["schedule"] for cron in config["crons"]}
    assert called == {job.name: job.schedule for job in JOBS.values()}
    limits = {name: json.loads((bundle / ".vc-config.json").read_text())["maxDuration"] for name, bundle in bundles.items()}
    assert {name: limit for name, limit in limits.items() if limit != 10} == {"api/cron": 60}


def test_the_built_api_checks_an_installation(functions: dict[str, httpx.Client], world: World) -> None:
    customer = world.customer("localhost")
    asked = {"site_id": customer.site_id, "url": "http://localhost:9/"}
    headers = {"Authorization": f"Bearer {customer.owner.token}"}
    answer = functions["api/v1"].post("/api/v1/install-checks", json=asked, headers=headers)
    assert (answer.status_code, answer.json()["findings"][0]["code"]) == (200, "page_unreachable")
    assert functions["api/v1"].post("/api/v1/install-checks", json=asked).status_code == 401


def test_without_settings_nothing_is_acknowledged(bundles: dict[str, Path], tmp_path: Path) -> None:
    bundle = unpack_bundle("api/beacon", tmp_path)
    with running_function(bundle, {}) as url:
        body = {"k": "site_" + "0" * 24, "i": "abcdefgh1234", "u": "https://example.com/"}
        headers = {"Origin": "https://example.com", "User-Agent": BROWSER, "x-vercel-forwarded-for": COMPANY}
        assert httpx.post(f"{url}/b", json=body, headers=headers, trust_env=False).status_code == 503


def test_a_bundle_holds_what_its_function_needs_and_nothing_else(bundles: dict[str, Path]) -> None:
    for bundle in bundles.values():
        top = {path.name for path in bundle.iterdir()}
        assert (bundle / "lib/identification/data/companies.table").is_file()
        assert top <= {"api", "functions", "lib", "_vendor", "NOTICE", "vc__handler__python.py", ".vc-config.json", "ipc.sock",
                       ".python-version", "pyproject.toml"}, top  # fmt: skip
        assert not [path for path in bundle.rglob("*") if path.name.startswith(".env")]


@pytest.mark.parametrize(
    "path",
    ["/", "/app", "/app/", "/app/sites/x/companies", "/s.js", "/b", "/api/beacon", "/api/health", "/api/v1/network",
     "/robots.txt", "/favicon.svg", "/nothing-here", "/api/nothing-here", "/api/beacon.py", "/index.html", "/404.html",
     "/assets/x.js", "/s.1.0.0.js", "/snippet-releases.json", "/opt-out", "/opt-out.html", "/api/public/opt-outs", "/proof",
     "/proof.html", "/unsubscribe", "/unsubscribe.html", "/contact", "/contact.html", "/data-request",
     "/api/cron/prove_addresses", "/api/cron/nothing-here"],
)  # fmt: skip
def test_every_route_carries_the_security_headers(config: dict[str, Any], path: str) -> None:
    headers = headers_of_route(config["routes"], path)
    assert SECURITY_HEADERS.items() <= headers.items()
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "default-src 'none'" in policy or ("script-src 'self'" in policy and "object-src 'none'" in policy)
    assert "camera=()" in headers["permissions-policy"]


def test_a_release_is_kept_for_a_year_by_whoever_has_it_and_the_current_snippet_is_not(config: dict[str, Any]) -> None:
    release = headers_of_route(config["routes"], "/s.1.0.0.js")
    assert release["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/s.js", "/snippet-releases.json", "/s.1.0.js", "/s.a.b.c.js", "/x/s.1.0.0.js"):
        assert "immutable" not in headers_of_route(config["routes"], path).get("cache-control", "")
    for path in ("/s.js", "/s.1.0.0.js"):
        headers = headers_of_route(config["routes"], path)
        assert (headers["cross-origin-resource-policy"], headers["access-control-allow-origin"]) == ("cross-origin", "*")


def test_every_page_has_a_policy_that_names_its_own_supabase_project_only(config: dict[str, Any]) -> None:
    pages = [page.read_text() for page in (OUTPUT / "static").glob("*.html")]
    assert len(pages) == 10
    for page in pages:
        stated = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
        policy = html.unescape(stated[1]) if stated else ""
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert "connect-src 'self' https://abcdefghijklmnopqrst.supabase.co;" in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page)


def test_public_holds_only_what_a_stranger_may_have(config: dict[str, Any]) -> None:
    files = [file for file in (OUTPUT / "static").rglob("*") if file.is_file()]
    assert {file.suffix for file in files} <= PUBLIC_KINDS
    served = "".join(file.read_text() for file in files if file.suffix in (".html", ".js", ".css", ".txt"))
    assert "sourceMappingURL" not in served
    assert not re.search(
        r"sb_secret_|service_role|BEACON_TOKEN|DOOR_TOKEN|PROVER_TOKEN|CRON_SECRET|SENTRY_DSN|CANARY_|RESEND_API_KEY|eyJ[\w-]{10,}\.",
        served,
    )


def test_functions_run_in_the_european_union_only(bundles: dict[str, Path]) -> None:
    project = json.loads((Path(__file__).resolve().parents[2] / "vercel.json").read_text())
    assert project["regions"] and set(project["regions"]) <= EU_REGIONS
    # Neither a function's own setting nor the built one may say otherwise.
    settings = [
        *project["functions"].values(),
        *(json.loads((bundle / ".vc-config.json").read_text()) for bundle in bundles.values()),
    ]
    assert all(set(setting.get("regions", [])) <= EU_REGIONS for setting in settings)


def headers_of_route(routes: list[dict[str, Any]], path: str) -> dict[str, str]:
    """The headers the routes give a path, up to the route that answers it."""
    headers: dict[str, str] = {}
    for route in routes:
        if route.get("handle") or not re.match(route["src"], path):
            continue
        headers |= {name.lower(): value for name, value in route.get("headers", {}).items()}
        if not route.get("continue"):
            break
    return headers
