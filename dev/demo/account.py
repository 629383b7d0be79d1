"""The demo's account, made as a person would make it: sign up, follow the mail's link, name a company and a site."""

import re
from dataclasses import dataclass

import httpx
import psycopg

from dev.demo.traffic import SITE_HOST
from dev.stack import Stack

EMAIL = "demo@leadsment.example"
PASSWORD = "northwind-demo"  # noqa: S105  of a demo account on loopback
_COMPANY = "Northwind Instruments"


@dataclass(frozen=True)
class DemoSite:
    """The site of the demo account."""

    account_id: str
    site_id: str
    public_key: str


def ensure_demo_site(stack: Stack) -> DemoSite:
    """Sign in, having signed up first if need be, and find or create the site; its earlier visits are forgotten."""
    headers = {"apikey": stack.publishable_key}
    with httpx.Client(base_url=stack.supabase_url, headers=headers, timeout=15, trust_env=False) as client:
        token = _sign_in(client) or _sign_up(client, stack)
        client.headers["Authorization"] = f"Bearer {token}"
        site = _site(client)
    with psycopg.connect(stack.db_url) as connection:
        connection.execute("delete from public.companies where account_id = %s", [site["account_id"]])
        connection.execute("delete from public.site_days where account_id = %s", [site["account_id"]])
        # The day is the same every time, down to the beacons' ids.
        connection.execute("delete from private.beacon_receipts where site_id = %s", [site["id"]])
    return DemoSite(site["account_id"], site["id"], site["public_key"])


def _sign_in(client: httpx.Client) -> str | None:
    answer = client.post("/auth/v1/token?grant_type=password", json={"email": EMAIL, "password": PASSWORD})
    return answer.json()["access_token"] if answer.is_success else None


def _sign_up(client: httpx.Client, stack: Stack) -> str:
    client.post("/auth/v1/signup", json={"email": EMAIL, "password": PASSWORD}).raise_for_status()
    messages = httpx.get(f"{stack.mail_url}/messages.json", trust_env=False).json()
    link = re.search(r"token_hash=(\w+)", messages[0]["html"])
    if link is None:
        raise RuntimeError("the confirmation mail holds no link")
    answer = client.post("/auth/v1/verify", json={"token_hash": link[1], "type": "signup"}).raise_for_status()
    token: str = answer.json()["access_token"]
    return token


def _site(client: httpx.Client) -> dict[str, str]:
    sites = client.get("/rest/v1/sites").raise_for_status().json()
    if sites:
        found: dict[str, str] = sites[0]
        return found
    account_id = client.post("/rest/v1/rpc/create_account", json={"account_name": _COMPANY}).raise_for_status().json()
    created = client.post(
        "/rest/v1/rpc/create_site",
        json={
            "account_id": account_id,
            "site_name": SITE_HOST,
            "hosts": [SITE_HOST, "localhost"],
            "site_time_zone": "Europe/Berlin",
        },
    ).raise_for_status()
    site: dict[str, str] = created.json()
    client.patch(f"/rest/v1/sites?id=eq.{site['id']}", json={"keeps_referrer_host": True}).raise_for_status()
    return site
