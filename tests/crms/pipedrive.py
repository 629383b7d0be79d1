"""Pipedrive: organizations have no domain of their own; searching ignores case and looks at every custom field."""

from typing import Any

from tests.crms import Answer, CrmDouble, Request

CUSTOM = "d" * 40
_FIELDS_ON_A_PAGE = 2


class PipedriveDouble(CrmDouble):
    """token: the one that is taken. fields: of organizations, by their codes."""

    token = "0123456789abcdef0123456789abcdef01234567"

    def __init__(self) -> None:
        super().__init__()
        self.fields = {"name": "Name", "address": "Address", "owner_id": "Owner", CUSTOM: "Sector"}
        self.may_make_fields = True
        self.persons: list[dict[str, Any]] = []

    def add(self, name: str, **custom: str) -> str:
        """An organization that somebody made by hand."""
        return str(self._create({"name": name, "custom_fields": custom})["id"])

    def answer(self, request: Request) -> Answer:  # noqa: PLR0911  one for each resource
        if request.headers.get("x-api-token") != self.token:
            return 401, {"success": False, "error": "unauthorized access", "errorCode": 401}, {}
        if request.path == "/v1/users/me":
            return self._data({"id": 7, "name": "A person", "email": "someone@example.org", "company_domain": "acme-sandbox"})
        if request.path == "/api/v2/organizationFields":
            return self._fields(request)
        if request.path.startswith("/api/v2/persons"):
            return self._persons(request)
        head, _, rest = request.path.removeprefix("/api/v2/organizations").partition("/")
        if head:
            return self._error(404, "Unknown method.")
        if rest == "search":
            return self._search(request.query)
        return self._record(request, rest) if rest else (201, *self._data(self._create(request.value))[1:])

    def _fields(self, request: Request) -> Answer:
        if request.method == "POST":
            if not self.may_make_fields:
                return self._error(403, "You do not have permissions to do this.")
            code = f"{next(self.serial):040x}"
            self.fields[code] = request.value["field_name"]
            return 201, *self._data({"field_code": code, "field_name": self.fields[code], "field_type": "varchar"})[1:]
        start = int(request.query.get("cursor", "0"))
        page = list(self.fields.items())[start : start + _FIELDS_ON_A_PAGE]
        cursor = str(start + _FIELDS_ON_A_PAGE) if start + _FIELDS_ON_A_PAGE < len(self.fields) else None
        data = [{"field_code": code, "field_name": name, "field_type": "varchar"} for code, name in page]
        return 200, {"success": True, "data": data, "additional_data": {"next_cursor": cursor}}, {}

    def _persons(self, request: Request) -> Answer:
        if request.method == "POST":
            self.persons.append({"id": next(self.serial), **request.value})
            return 201, *self._data(self.persons[-1])[1:]
        term = request.query["term"]
        found = [person for person in self.persons if term in [email["value"] for email in person["emails"]]]
        return self._data({"items": [{"item": {"id": person["id"]}} for person in found]})

    def _search(self, query: dict[str, str]) -> Answer:
        assert query["exact_match"] == "true"
        term = query["term"].lower()
        found = [record for record in self.records.values() if term in _searched(record, query["fields"])]
        items = [
            {"result_score": 1.0, "item": {"id": record["id"], "type": "organization", "name": record["name"]}}
            for record in found
        ]
        return 200, {"success": True, "data": {"items": items}, "additional_data": {"next_cursor": None}}, {}

    def _record(self, request: Request, record_id: str) -> Answer:
        record = self.records.get(record_id)
        if record is None:
            return self._error(404, "Organization not found")
        if request.method == "PATCH":
            record["custom_fields"].update(request.value.pop("custom_fields", {}))
            record.update(request.value)
        return self._data(record)

    def _create(self, value: dict[str, Any]) -> dict[str, Any]:
        number = next(self.serial)
        record = {"id": number, "is_deleted": False, **value, "custom_fields": dict(value.get("custom_fields", {}))}
        self.records[str(number)] = record
        return record

    def _data(self, data: Any) -> Answer:
        return 200, {"success": True, "data": data}, {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "19"}

    def _error(self, status: int, error: str) -> Answer:
        return status, {"success": False, "error": error, "error_info": "Please check developers.pipedrive.com", "data": None}, {}


def _searched(record: dict[str, Any], fields: str) -> list[str]:
    values = [record["name"]] if fields == "name" else list(record["custom_fields"].values())
    return [str(value).lower() for value in values if value]
