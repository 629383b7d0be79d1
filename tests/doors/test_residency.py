"""A deployment that is set up to have customers' data elsewhere serves none of it, and says which setting is to be mended."""

import uuid
from pathlib import Path

import httpx
import pytest

from dev.deploy.build import EXAMPLE_ENVIRONMENT
from dev.stack import Stack
from dev.stack.web import BuildFailed, build_web
from tests.builders import Customer
from tests.deployments import deployment
from tests.doors.page_views import PageViews
from tests.doors.test_auth_mail import asked, call


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"VERCEL_REGION": "iad1"}, "setting VERCEL_REGION says that this function runs outside the European Union"),
        ({"SUPABASE_URL": "https://project.supabase.example"}, "setting SUPABASE_REGION is missing"),
        (
            {"SUPABASE_URL": "https://project.supabase.example", "SUPABASE_REGION": "us-east-1"},
            "setting SUPABASE_REGION is not a region of the European Union",
        ),
        ({"SUPABASE_URL": "http://project.supabase.example"}, "setting SUPABASE_URL is no URL with TLS"),
    ],
)
def test_no_door_serves_from_outside_the_european_union(
    stack: Stack, customer: Customer, wrong: dict[str, str], said: str
) -> None:
    with deployment(stack, **wrong) as app:
        health = app.get("/api/health")
        assert (health.status_code, health.json()["database"]) == (503, said)
        assert PageViews(app, customer).send().status_code == 503
        assert signed_in(app, customer).status_code == 503
    assert customer.page_views() == []


def test_a_function_elsewhere_neither_reads_an_address_nor_sends_a_mail(stack: Stack) -> None:
    mail, secret = asked(f"{uuid.uuid4().hex}@example.org", token_hash=f"pkce_{uuid.uuid4().hex}"), stack.secrets.auth_hook_secret
    with deployment(stack, VERCEL_REGION="iad1") as app:
        assert app.get("/api/v1/network").status_code == 503
        assert call(app, secret, mail).status_code == 503
    with deployment(stack, VERCEL_REGION="fra1") as app:
        assert app.get("/api/v1/network").status_code == 200
        assert call(app, secret, mail).status_code == 200


def test_where_the_region_is_of_the_european_union_the_same_doors_serve(stack: Stack, customer: Customer) -> None:
    with deployment(stack, VERCEL_REGION="fra1") as app:
        assert app.get("/api/health").status_code == 200
        assert PageViews(app, customer).send().status_code == 204
        assert signed_in(app, customer).status_code == 422


def signed_in(app: httpx.Client, customer: Customer) -> httpx.Response:
    asked = {"site_id": customer.site_id, "url": "https://not-a-host-of-the-site.example/"}
    return app.post("/api/v1/install-checks", json=asked, headers={"Authorization": f"Bearer {customer.owner.token}"})


def test_no_page_is_built_for_a_database_elsewhere(tmp_path: Path) -> None:
    for region in ("us-east-1", "eu-west-2", ""):
        with pytest.raises(BuildFailed, match="SUPABASE_REGION"):
            build_web(tmp_path / "public", tmp_path / "stamp", {**EXAMPLE_ENVIRONMENT, "SUPABASE_REGION": region})
