"""HubSpot's CRM, signed in to with a private app's access token.

Source: HubSpot's developer documentation: "Companies" and "Search" of the CRM API v3, "Private apps" (scopes
crm.objects.companies.read and .write; with contacts, crm.objects.contacts.read and .write), "Contacts" (idProperty=email),
"Associations" (v4, default), "Usage guidelines" (429 with policyName), "Error handling", and "Account
information API". Its domain is no unique property, so a company is searched for by it before one is created; a new record
takes some seconds to be found, which is why one is remembered by its id, and why the outbox tries again no sooner than that.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

from lib.crm.wire import Http, Reply, Wire
from lib.domain.crm import CrmCompany, CrmContact, MappedField, Place, Pushed, Vendor, changes_of, empty_of
from lib.errors import CrmDenied, CrmRefused

_BASE_URL = "https://api.hubapi.com"
_COMPANIES = "/crm/v3/objects/companies"
_CONTACTS = "/crm/v3/objects/contacts"
_KEY_FIELD = "domain"
_NO_PORTAL = "account"
_UNTIL_TOMORROW_SECONDS = 3600
_ADVICE = "Make a private app with the scopes crm.objects.companies.read and .write, and paste its access token."


class HubSpot:
    """See Crm in lib/domain/crm.py."""

    def __init__(self, http: Http, access_token: str, place: Place | None, *, base_url: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {access_token}"}
        self._wire = Wire(http, Vendor.HUBSPOT, base_url or _BASE_URL, headers=headers, secrets=[access_token])
        self._place = place

    def check(self) -> Place:
        """See that companies may be read, and find out whose account it is. Whether they may be written shows with the first."""
        self._ask("GET", _COMPANIES, query={"limit": "1"})
        try:
            portal = str(self._ask("GET", "/account-info/v3/details").get("portalId") or "")
        except CrmRefused:
            portal = ""
        # Without it there is no link to a record, and nothing else is missing.
        return Place(portal if portal.isdecimal() else _NO_PORTAL, _KEY_FIELD)

    def push_company(self, company: CrmCompany, mapping: Sequence[MappedField]) -> Pushed:
        """Change the company with the domain, or create it."""
        fields = [_KEY_FIELD, *(mapped.field for mapped in mapping)]
        found = self._find(company, fields)
        changes = changes_of(company, mapping, _properties(found) if found else {}, key_field=_KEY_FIELD)
        if found is None:
            # Without a name the record would be listed as one that has none.
            created = self._ask("POST", _COMPANIES, {"properties": {"name": company.name, **changes}})
            return self._pushed("created", created)
        if not changes:
            return self._pushed("unchanged", found)
        return self._pushed("updated", self._ask("PATCH", _path(found["id"]), {"properties": changes}))

    def push_contact(self, contact: CrmContact, company_id: str) -> Pushed:
        """Fill the contact with the address, which is unique in HubSpot, or create it; and associate it with the company."""
        wanted = {"jobtitle": contact.role, "hs_linkedin_url": contact.linkedin_url}
        path = f"{_CONTACTS}/{quote(contact.work_email, safe='')}"
        outcome: Literal["created", "updated", "unchanged"] = "unchanged"
        reply = self._wire.ask("GET", path, query={"idProperty": "email", "properties": ",".join(wanted)})
        if reply.status == HTTPStatus.NOT_FOUND:
            values = {"email": contact.work_email, **empty_of(wanted, {})}
            outcome, record = "created", self._ask("POST", _CONTACTS, {"properties": values})
        else:
            record = self._object(reply)
            if changes := empty_of(wanted, _properties(record)):
                path = f"{_CONTACTS}/{self._wire.record_id(record)}"
                outcome, record = "updated", self._ask("PATCH", path, {"properties": changes})
        remote_id = self._wire.record_id(record)
        self._ask("PUT", f"/crm/v4/objects/contacts/{remote_id}/associations/default/companies/{company_id}")
        return Pushed(outcome, remote_id, None)

    def _find(self, company: CrmCompany, fields: Sequence[str]) -> dict[str, Any] | None:
        """The company as it is there, with the fields: the one that was pushed before, or one with the domain."""
        if company.remote_id:
            query = {"properties": ",".join(fields)}
            reply = self._wire.ask("GET", _path(company.remote_id), query=query)
            if reply.status != HTTPStatus.NOT_FOUND:
                return self._object(reply)
        wanted = {"propertyName": _KEY_FIELD, "operator": "EQ", "value": company.domain}
        # The oldest first, so that of several it is always the same.
        search = {
            "filterGroups": [{"filters": [wanted]}],
            "properties": list(fields),
            "sorts": [{"propertyName": "createdate", "direction": "ASCENDING"}],
            "limit": 1,
        }
        results = self._ask("POST", f"{_COMPANIES}/search", search).get("results")
        found = results[0] if isinstance(results, list) and results else None
        return found if isinstance(found, dict) and "id" in found else None

    def _pushed(self, outcome: Any, record: Mapping[str, Any]) -> Pushed:
        remote_id, portal = self._wire.record_id(record), self._place.name if self._place else _NO_PORTAL
        url = None if portal == _NO_PORTAL else f"https://app.hubspot.com/contacts/{portal}/record/0-2/{remote_id}"
        return Pushed(outcome, remote_id, url)

    def _ask(self, method: str, path: str, value: object = None, *, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._object(self._wire.ask(method, path, value, query=query))

    def _object(self, reply: Reply) -> dict[str, Any]:
        if not reply.is_success:
            raise self._failure(reply)
        if not isinstance(reply.value, dict) or not reply.value.keys() & {"results", "id", "portalId"}:
            raise self._wire.unreadable(reply)
        return reply.value

    def _failure(self, reply: Reply) -> Exception:
        """What an answer of refusal means: {status, message, correlationId, category}, of a limit also policyName."""
        said = reply.value if isinstance(reply.value, dict) else {}
        message = self._wire.said(said.get("message") or f"status {reply.status}")
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._wire.busy(reply, _UNTIL_TOMORROW_SECONDS if said.get("policyName") == "DAILY" else None)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            return CrmDenied(f"HubSpot does not take this token. {_ADVICE}", status=reply.status)
        if reply.status == HTTPStatus.FORBIDDEN:
            return CrmDenied(f"HubSpot does not let this token do that: {message} {_ADVICE}", status=reply.status)
        return CrmRefused(f"HubSpot refused it: {message}", status=reply.status)


def _path(remote_id: object) -> str:
    return f"{_COMPANIES}/{quote(str(remote_id), safe='')}"


def _properties(record: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = record.get("properties")
    return properties if isinstance(properties, dict) else {}
