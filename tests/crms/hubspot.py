"""HubSpot: searching finds a new company only after a while, and creating does not look whether there is one."""

import time
from typing import Any
from urllib.parse import unquote

from tests.crms import Answer, CrmDouble, Request

_PROPERTIES = {"name", "domain", "country", "industry", "city", "about_us", "leadsment_page"}
_INDUSTRIES = {"COMPUTER_SOFTWARE", "MACHINERY"}


class HubSpotDouble(CrmDouble):
    """token: the one that is taken. lag_seconds: until a search finds what was created."""

    token = "pat-eu1-11111111-2222-3333-4444-555555555555"

    def __init__(self, *, lag_seconds: float = 0.0) -> None:
        super().__init__()
        self.lag_seconds = lag_seconds
        self.scopes = {"read", "write", "contacts"}
        self.contacts: dict[str, dict[str, Any]] = {}
        self.associations: set[tuple[str, str]] = set()

    def add(self, **properties: str) -> str:
        """A company that somebody made by hand, long ago."""
        return str(self._create(properties, found_from=0.0)["id"])

    def _contacts(self, request: Request) -> Answer:
        if "contacts" not in self.scopes:
            return self._error(403, "This app hasn't been granted all required scopes to make this call.", "MISSING_SCOPES")
        if request.method == "PUT":
            contact, _, company = request.path.removeprefix("/crm/v4/objects/contacts/").partition(
                "/associations/default/companies/"
            )
            self.associations.add((contact, company))
            return 200, {"status": "COMPLETE", "results": []}, {}
        if request.method == "POST":
            record: dict[str, Any] = {"id": str(next(self.serial)), "properties": dict(request.value["properties"])}
            self.contacts[record["properties"]["email"]] = record
            return 201, record, {}
        wanted = unquote(request.path.removeprefix("/crm/v3/objects/contacts/"))
        found = next((one for email, one in self.contacts.items() if wanted in (email, one["id"])), None)
        if found is None:
            return self._error(404, "resource not found", "OBJECT_NOT_FOUND")
        if request.method == "PATCH":
            found["properties"].update(request.value["properties"])
        return 200, found, {}

    def answer(self, request: Request) -> Answer:  # noqa: PLR0911  one for each resource
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return self._error(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION")
        scope = "read" if request.method == "GET" or request.path.endswith("/search") else "write"
        if scope not in self.scopes:
            return self._error(403, "This app hasn't been granted all required scopes to make this call.", "MISSING_SCOPES")
        if "/objects/contacts" in request.path:
            return self._contacts(request)
        if request.path == "/account-info/v3/details":
            return 200, {"portalId": 146230000, "accountType": "STANDARD", "timeZone": "Europe/Berlin"}, {}
        head, _, rest = request.path.removeprefix("/crm/v3/objects/companies").partition("/")
        if head:
            return self._error(404, "resource not found", "OBJECT_NOT_FOUND")
        if rest == "search":
            return self._search(request.value)
        return self._record(request, unquote(rest)) if rest else self._collection(request)

    def _collection(self, request: Request) -> Answer:
        if request.method == "GET":
            return 200, {"results": list(self.records.values())[: int(request.query["limit"])]}, {}
        if refusal := self._refused(request.value["properties"]):
            return refusal
        return 201, self._create(request.value["properties"], found_from=time.monotonic() + self.lag_seconds), {}

    def _record(self, request: Request, record_id: str) -> Answer:
        record = self.records.get(record_id)
        if record is None:
            return self._error(404, "resource not found", "OBJECT_NOT_FOUND")
        if request.method == "PATCH":
            if refusal := self._refused(request.value["properties"]):
                return refusal
            record["properties"].update(request.value["properties"])
        return 200, {name: value for name, value in record.items() if name != "found_from"}, {}

    def _search(self, asked: dict[str, Any]) -> Answer:
        [[wanted]] = [group["filters"] for group in asked["filterGroups"]]
        found = [
            record
            for record in self.records.values()
            if record["properties"].get(wanted["propertyName"]) == wanted["value"] and record["found_from"] <= time.monotonic()
        ]
        return 200, {"total": len(found), "results": found[: asked["limit"]]}, {}

    def _create(self, properties: dict[str, str], *, found_from: float) -> dict[str, Any]:
        record: dict[str, Any] = {
            "id": str(next(self.serial)),
            "properties": dict(properties),
            "archived": False,
            "found_from": found_from,
        }
        self.records[record["id"]] = record
        return record

    def _refused(self, properties: dict[str, str]) -> Answer | None:
        for name, value in properties.items():
            if name not in _PROPERTIES:
                return self._error(400, f'Property values were not valid: [{{"error":"PROPERTY_DOESNT_EXIST","name":"{name}"}}]')
            if name == "industry" and value not in _INDUSTRIES:
                return self._error(400, f'Property values were not valid: [{{"error":"INVALID_OPTION","name":"{name}"}}]')
        return None

    def _error(self, status: int, message: str, category: str = "VALIDATION_ERROR") -> Answer:
        value = {
            "status": "error",
            "message": message,
            "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf",
            "category": category,
        }
        return status, value, {}


def limited(policy: str) -> dict[str, str]:
    """What HubSpot says above a limit."""
    return {
        "status": "error",
        "message": "You have reached your limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "c033cdaa-2c40-4a64-ae48-b4cec88dad24",
        "policyName": policy,
    }
