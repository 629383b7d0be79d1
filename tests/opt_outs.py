"""Ask the public door, read the mails it sends, and see what holds."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from tests.name_server import NameServer


@dataclass(frozen=True)
class Owner:
    """Somebody with a domain, out on the internet."""

    app: httpx.Client
    mail_url: str
    names: NameServer
    database: psycopg.Connection[Any]

    def ask(self, domain: str, **changes: str) -> httpx.Response:
        """Ask, by mail unless the changes say otherwise."""
        body = {"domain": domain, "proof": "mail", "wish": "opt_out", "email": f"it@{domain}"} | changes
        if body["proof"] == "dns":
            del body["email"]
        return self.app.post("/api/public/opt-out-requests", json=body)

    def find(self, token: str) -> httpx.Response:
        return self.app.post("/api/public/opt-out-requests/find", json={"token": token})

    def prove(self, token: str) -> httpx.Response:
        return self.app.post("/api/public/opt-outs", json={"token": token})

    def mails(self, domain: str) -> list[dict[str, Any]]:
        """The mails to a domain, newest first."""
        messages = httpx.get(f"{self.mail_url}/messages.json", trust_env=False).json()
        return [message for message in messages if message["to"][0].endswith(f"@{domain}")]

    def mailed_link(self, domain: str) -> str:
        link = re.search(r'href="([^"]+)"', self.mails(domain)[0]["html"])
        assert link
        return link[1]

    def mailed_token(self, domain: str, **changes: str) -> str:
        """Ask by mail and return the token that came."""
        assert self.ask(domain, **changes).status_code == httpx.codes.ACCEPTED
        return self.mailed_link(domain).partition("#confirm=")[2]

    def set_record(self, requested: dict[str, Any]) -> None:
        self.names.texts[requested["record"]["name"]] = ["v=spf1 -all", requested["record"]["value"]]

    def opt_out_by_dns(self, domain: str, wish: str = "opt_out") -> httpx.Response:
        requested = self.ask(domain, proof="dns", wish=wish).json()
        self.set_record(requested)
        return self.prove(requested["token"])

    def opted_out(self) -> set[tuple[str, str]]:
        """What is opted out: company key and proof."""
        return set(self.database.execute("select company_key, proof from private.opt_outs").fetchall())

    def changes(self, domain: str) -> list[tuple[str, str]]:
        """What was changed for a domain, oldest first: wish and proof."""
        query = "select wish, proof from private.opt_out_changes where domain = %s order by changed_at"
        return self.database.execute(query, [domain]).fetchall()

    def forget(self) -> None:
        """Let nothing be asked or opted out; the record of changes stays, as it does for everybody."""
        self.database.execute("delete from private.opt_out_requests")
        self.database.execute("delete from private.opt_outs")
        self.names.texts.clear()
