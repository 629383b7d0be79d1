"""Build what tests need: people signed in, accounts, sites, beacons.

Everything goes through PostgREST as the person concerned. Only a person's row in auth.users and their token are made
by hand, as the auth server would make them; tests/browser signs people up through the real screens.
"""

import itertools
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
import psycopg

_serial = itertools.count()


@dataclass(frozen=True)
class Caller:
    """Somebody speaking to PostgREST: a signed-in person, a narrow role, or nobody (no token)."""

    client: httpx.Client
    token: str | None = None
    user_id: str | None = None

    def get(self, table: str, **query: str) -> httpx.Response:
        return self.client.get(f"/rest/v1/{table}", params=query, headers=self._headers())

    def rows(self, table: str, **query: str) -> list[dict[str, Any]]:
        answer = self.get(table, **query)
        assert answer.status_code == httpx.codes.OK, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def call(self, function: str, **arguments: object) -> httpx.Response:
        return self.client.post(f"/rest/v1/rpc/{function}", json=arguments, headers=self._headers())

    def result(self, function: str, **arguments: object) -> Any:
        answer = self.call(function, **arguments)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def insert(self, table: str, row: Mapping[str, object]) -> httpx.Response:
        return self.client.post(f"/rest/v1/{table}", json=row, headers=self._headers())

    def update(self, table: str, changes: dict[str, object], **query: str) -> httpx.Response:
        headers = {**self._headers(), "Prefer": "return=representation"}
        return self.client.patch(f"/rest/v1/{table}", params=query, json=changes, headers=headers)

    def delete(self, table: str, **query: str) -> httpx.Response:
        headers = {**self._headers(), "Prefer": "return=representation"}
        return self.client.delete(f"/rest/v1/{table}", params=query, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass
class World:
    """One stack, seen by a test."""

    supabase_url: str
    publishable_key: str
    jwt_secret: str
    beacon_token: str
    database: psycopg.Connection[Any]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.supabase_url, headers={"apikey": self.publishable_key}, timeout=15)

    def anonymous(self) -> Caller:
        return Caller(self.client)

    def beacon_door(self) -> Caller:
        return Caller(self.client, self.beacon_token)

    def role(self, name: str) -> Caller:
        """Somebody whose token names a database role and no person."""
        return Caller(self.client, self._sign({"role": name}))

    def person(self) -> Caller:
        """Somebody who has signed up, confirmed their mail and signed in."""
        user_id = str(uuid.uuid4())
        self.database.execute("insert into auth.users (id, email) values (%s, %s)", [user_id, f"person-{user_id}@example.org"])
        return Caller(self.client, self._sign({"role": "authenticated", "sub": user_id}), user_id)

    def teammate(self, account_id: str, role: str) -> Caller:
        """Somebody who was made a member of an account."""
        person = self.person()
        self.database.execute(
            "insert into public.memberships (account_id, user_id, role) values (%s, %s, %s)",
            [account_id, person.user_id, role],
        )
        return person

    def customer(self, *hosts: str, time_zone: str = "UTC") -> "Customer":
        """An owner with an account and a site."""
        owner = self.person()
        account_id = owner.result("create_account", account_name=f"Customer {next(_serial)}")
        site = owner.result(
            "create_site",
            account_id=account_id,
            site_name="Website",
            hosts=list(hosts) or ["example.com"],
            site_time_zone=time_zone,
        )
        return Customer(self, owner, account_id, site)

    def record(self, *beacons: dict[str, object]) -> list[str]:
        """Commit beacons as the beacon door does: again while somebody else holds a lock that they need."""
        deadline = time.monotonic() + 5
        while (answer := self.beacon_door().call("record_beacons", beacons=list(beacons))).status_code != httpx.codes.OK:
            assert "55P03" in answer.text and time.monotonic() < deadline, answer.text
        verdicts: list[str] = answer.json()
        return verdicts

    def _sign(self, claims: Mapping[str, object]) -> str:
        expires_at = int(time.time()) + 3600
        return jwt.encode({"aud": "authenticated", "exp": expires_at, **claims}, self.jwt_secret, algorithm="HS256")


@dataclass
class Customer:
    """An account with its owner and one site."""

    world: World
    owner: Caller
    account_id: str
    site: dict[str, Any]

    @property
    def site_id(self) -> str:
        return str(self.site["id"])

    def beacon(self, company: str | None = "acme", **changes: object) -> dict[str, object]:
        """A beacon row as functions/record_beacon.py commits it."""
        row: dict[str, object] = {
            "site_key": self.site["public_key"],
            "beacon_id": uuid.uuid4().hex,
            "outcome": "identified",
            "origin_host": "example.com",
            "page": {"host": "example.com", "path": "/pricing"},
        }
        return {**row, **({"company": company_row(company)} if company else {}), **changes}

    def limit(self, beacons_per_day: int) -> None:
        """Let the site send only so many beacons a day, as the operator."""
        self.world.database.execute("update public.sites set beacons_per_day = %s where id = %s", [beacons_per_day, self.site_id])

    def use_up_quota(self) -> None:
        """Send one beacon more than the site may, whatever it sent before."""
        self.limit(1)
        self.world.record(self.beacon(company=None, outcome="bot"))

    def visits(self) -> list[dict[str, Any]]:
        return self.owner.rows("visits", site_id=f"eq.{self.site_id}", order="started_at")

    def company_id(self, key: str) -> str:
        """The account's own row of a company."""
        [company] = self.owner.rows("companies", account_id=f"eq.{self.account_id}", company_key=f"eq.{key}")
        return str(company["id"])

    def correct(self, key: str, verdict: str, **more: object) -> dict[str, Any]:
        """Say what a company really is, as the owner."""
        said: dict[str, Any] = self.owner.result("correct_company", company_id=self.company_id(key), verdict=verdict, **more)
        return said

    def exclude(self, network: str) -> None:
        """Leave a network out, as the owner."""
        answer = self.owner.insert("excluded_networks", {"account_id": self.account_id, "network": network})
        assert answer.status_code == httpx.codes.CREATED, answer.text

    def refuse(self, host: str, beacons: int = 1) -> None:
        """Let beacons have come from a host that is not on the site's list."""
        arguments = [self.account_id, self.site_id, host, beacons]
        self.world.database.execute("select private.keep_refused_host(%s, %s, %s, %s)", arguments)

    def refused_hosts(self) -> dict[str, int]:
        rows = self.owner.rows("refused_hosts", site_id=f"eq.{self.site_id}")
        return {row["host"]: row["beacons"] for row in rows}

    def page_views(self) -> list[dict[str, Any]]:
        return self.owner.rows("page_views", site_id=f"eq.{self.site_id}", order="viewed_at")

    def funnel(self) -> dict[str, int]:
        days = self.owner.rows("site_days", site_id=f"eq.{self.site_id}")
        return {day["outcome"]: day["beacons"] for day in days}

    def pass_time(self, interval: str) -> None:
        """Let time pass, by making everything kept so far older."""
        for table, columns in {"visits": ["started_at", "last_seen_at"], "page_views": ["viewed_at"]}.items():
            changes = ", ".join(f"{column} = {column} - %(interval)s::interval" for column in columns)
            self.world.database.execute(
                f"update public.{table} set {changes} where site_id = %(site_id)s",
                {"interval": interval, "site_id": self.site_id},
            )


def company_row(key: str) -> dict[str, object]:
    """A company as the identification answers it."""
    return {
        "key": key,
        "kind": "company",
        "name": key.title(),
        "domain": f"{key}.example",
        "industry": "Manufacturing",
        "country": "DE",
        "employee_range": "1000-4999",
        "evidence": {
            "organisation": f"{key.upper()} AG",
            "asn": 64500,
            "source": "asn",
            "release": "1",
            "rule": "legal form",
        },
    }
