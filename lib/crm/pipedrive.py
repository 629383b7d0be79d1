"""Pipedrive's CRM, signed in to with a person's API token.

Source: Pipedrive's developer documentation: API v2 "Organizations" and "Persons" (search with exact_match over custom fields),
"OrganizationFields", "Users" (GET /users/me of v1), "Authentication" (x-api-token), "Rate limiting" (x-ratelimit-*, 429) and
"Responses" ({success, error, error_info}). An organization has no domain, so it gets a field of its own for one.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from lib.crm.wire import Http, Reply, Wire
from lib.domain.crm import CrmCompany, CrmContact, MappedField, Place, Pushed, Vendor, changes_of
from lib.errors import CrmDenied, CrmRefused, CrmUnavailable

_BASE_URL = "https://api.pipedrive.com"
_ORGANIZATIONS = "/api/v2/organizations"
_PERSONS = "/api/v2/persons"
_FIELDS = "/api/v2/organizationFields"
_FIELD_NAME = "Leadsment domain"
_MOST_PAGES = 10
# So few that a page of them stays within what is read of an answer.
_FIELDS_AT_ONCE = "30"
_CUSTOM_FIELD = re.compile(r"[0-9a-f]{40}")
_COMPANY_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}")
_ADVICE = "Copy the API token anew: in Pipedrive under your name, Personal preferences, API."


class Pipedrive:
    """See Crm in lib/domain/crm.py."""

    def __init__(self, http: Http, api_token: str, place: Place | None, *, base_url: str | None = None) -> None:
        headers = {"x-api-token": api_token}
        self._wire = Wire(http, Vendor.PIPEDRIVE, base_url or _BASE_URL, headers=headers, secrets=[api_token])
        self._place = place

    def check(self) -> Place:
        """Find out whose company it is and which field holds the domain; the field is made where there is none."""
        user = self._data("GET", "/v1/users/me")
        domain = user.get("company_domain") if isinstance(user, dict) else None
        key_field = self._find_key_field() or self._make_key_field()
        if not _CUSTOM_FIELD.fullmatch(key_field):
            raise CrmUnavailable("Pipedrive answered in a form that is not understood.")
        return Place(domain if isinstance(domain, str) and _COMPANY_DOMAIN.fullmatch(domain) else "app", key_field)

    def push_company(self, company: CrmCompany, mapping: Sequence[MappedField]) -> Pushed:
        """Change the organization with the domain, or create it."""
        key_field = self._place.key_field if self._place else ""
        found = self._find(company, key_field)
        changes = changes_of(company, mapping, _values(found) if found else {}, key_field=key_field)
        if found is None:
            created = self._data("POST", _ORGANIZATIONS, _body({"name": company.name, **changes}))
            return self._pushed("created", created)
        if not changes:
            return self._pushed("unchanged", found)
        return self._pushed("updated", self._data("PATCH", _path(found["id"]), _body(changes)))

    def push_contact(self, contact: CrmContact, company_id: str) -> Pushed:
        """Create the person with the address at the organization. One who is there already is left alone: Pipedrive has no
        field of its own for what we know."""
        query = {"term": contact.work_email, "fields": "email", "exact_match": "true", "limit": "1"}
        items = self._data("GET", f"{_PERSONS}/search", query=query).get("items")
        if items:
            return Pushed("unchanged", self._wire.record_id(items[0].get("item")), None)
        person = {
            "name": contact.label,
            "org_id": int(company_id),
            "emails": [{"value": contact.work_email, "primary": True, "label": "work"}],
        }
        return Pushed("created", self._wire.record_id(self._data("POST", _PERSONS, person)), None)

    def _find(self, company: CrmCompany, key_field: str) -> dict[str, Any] | None:
        """The organization as it is there: the one that was pushed before, one with the domain, or one that has the name,
        alone, and no domain yet."""
        if company.remote_id and (known := self._organization(company.remote_id)):
            return known
        for remote_id in self._search(company.domain, "custom_fields"):
            # Any custom field may hold the text: only ours says that this is the company.
            if (known := self._organization(remote_id)) and _values(known).get(key_field) == company.domain:
                return known
        named = self._search(company.name, "name")
        known = self._organization(named[0]) if len(named) == 1 else None
        return known if known and not _values(known).get(key_field) else None

    def _search(self, term: str, fields: str) -> list[str]:
        query = {"term": term, "fields": fields, "exact_match": "true", "limit": "10"}
        data = self._data("GET", f"{_ORGANIZATIONS}/search", query=query)
        items = data.get("items") if isinstance(data, dict) else None
        found = [entry.get("item") for entry in items or [] if isinstance(entry, dict)]
        return [str(item["id"]) for item in found if isinstance(item, dict) and "id" in item]

    def _organization(self, remote_id: str) -> dict[str, Any] | None:
        reply = self._wire.ask("GET", _path(remote_id))
        # A deleted one answers 404, or 410 for a while.
        if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            return None
        data = self._read(reply)
        return data if isinstance(data, dict) and "id" in data and not data.get("is_deleted") else None

    def _find_key_field(self) -> str | None:
        query = {"limit": _FIELDS_AT_ONCE}
        for _ in range(_MOST_PAGES):
            reply = self._wire.ask("GET", _FIELDS, query=query)
            for known in self._read(reply) or []:
                if isinstance(known, dict) and known.get("field_name") == _FIELD_NAME:
                    return str(known.get("field_code"))
            more = reply.value.get("additional_data")
            cursor = more.get("next_cursor") if isinstance(more, dict) else None
            if not cursor:
                break
            query["cursor"] = str(cursor)
        return None

    def _make_key_field(self) -> str:
        try:
            made = self._data("POST", _FIELDS, {"field_name": _FIELD_NAME, "field_type": "varchar"})
        except CrmDenied:
            raise CrmDenied(
                f"Pipedrive does not let this user make a field. Let somebody who may make an organization field of the type "
                f'text with the name "{_FIELD_NAME}", and connect again.',
                status=HTTPStatus.FORBIDDEN,
            ) from None
        return str(made.get("field_code"))

    def _pushed(self, outcome: Any, record: Mapping[str, Any]) -> Pushed:
        remote_id, domain = self._wire.record_id(record), self._place.name if self._place else "app"
        return Pushed(outcome, remote_id, f"https://{domain}.pipedrive.com/organization/{remote_id}")

    def _data(self, method: str, path: str, value: object = None, *, query: Mapping[str, str] | None = None) -> Any:
        reply = self._wire.ask(method, path, value, query=query)
        data = self._read(reply)
        if not isinstance(data, dict):
            raise self._wire.unreadable(reply)
        return data

    def _read(self, reply: Reply) -> Any:
        said = reply.value if isinstance(reply.value, dict) else {}
        if reply.is_success and said.get("success") is True:
            return said.get("data")
        if reply.is_success:
            raise self._wire.unreadable(reply)
        message = self._wire.said(said.get("error") or f"status {reply.status}")
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._wire.busy(reply)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise CrmDenied(f"Pipedrive does not take this token. {_ADVICE}", status=reply.status)
        # A limit of the plan is a 403 too, and no fault of the token's.
        if reply.status == HTTPStatus.FORBIDDEN and not str(said.get("code", "")).startswith("feature_capping"):
            raise CrmDenied(f"Pipedrive does not let this user do that: {message}", status=reply.status)
        raise CrmRefused(f"Pipedrive refused it: {message}", status=reply.status)


def _path(remote_id: object) -> str:
    return f"{_ORGANIZATIONS}/{quote(str(remote_id), safe='')}"


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    """An organization's fields, its own and the custom ones side by side."""
    custom = record.get("custom_fields")
    return {**record, **(custom if isinstance(custom, dict) else {})}


def _body(values: Mapping[str, str]) -> dict[str, Any]:
    """The reverse: custom fields go into a part of their own."""
    custom = {name: value for name, value in values.items() if _CUSTOM_FIELD.fullmatch(name)}
    own: dict[str, Any] = {name: value for name, value in values.items() if name not in custom}
    return {**own, "custom_fields": custom} if custom else own
