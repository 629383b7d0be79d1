"""Send beacons as browsers send them."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.builders import Customer

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
# Addresses in ranges of the committed table.
COMPANY, CARRIER, HOSTER = "155.56.12.34", "87.128.12.34", "88.198.12.34"
COMPANY_NAME = "SAP"


@dataclass(frozen=True)
class PageViews:
    """A customer's site and the internet before it."""

    app: httpx.Client
    customer: Customer

    def body(self, **changes: Any) -> dict[str, Any]:
        return {"k": self.customer.site["public_key"], "i": uuid.uuid4().hex, "u": "https://example.com/pricing", **changes}

    def send(
        self,
        *,
        address: str = COMPANY,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        **changes: Any,
    ) -> httpx.Response:
        sent = {"Origin": "https://example.com", "User-Agent": BROWSER, "Content-Type": "text/plain;charset=UTF-8"}
        sent |= {"X-Simulated-Address": address, **(headers or {})}
        body = content if content is not None else json.dumps(self.body(**changes)).encode()
        return self.app.post("/b", content=body, headers={name: value for name, value in sent.items() if value})

    def outcome(self, **arguments: Any) -> str:
        answer = self.send(**arguments)
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
        return answer.headers["leadsment-outcome"]
