"""Salesforce, signed in to as an external client app whose flow is client credentials.

Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow for Server-to-Server Integration" (the token is asked for at the
customer's My Domain); REST API Developer Guide: "Insert or Update (Upsert) a Record Using an External ID" (201 created, 200 or
204 updated, 300 when several match), "sObject Rows by External ID", "Query", and "Status Codes and Error Responses"
([{message, errorCode, fields}]; 403 REQUEST_LIMIT_EXCEEDED).
"""

import threading
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from lib.crm.wire import Http, Reply, Wire
from lib.domain.crm import CrmCompany, CrmContact, MappedField, Place, Pushed, Vendor, changes_of, empty_of
from lib.errors import CrmDenied, CrmRefused, CrmUnavailable

_VERSION = "v62.0"
_DATA = f"/services/data/{_VERSION}"
_ACCOUNT = f"{_DATA}/sobjects/Account"
_CONTACT = f"{_DATA}/sobjects/Contact"
_UNTIL_TOMORROW_SECONDS = 3600
_SESSION_SECONDS = 600
_APP_ADVICE = "Check the external client app: client credentials flow on, with a user to run as, and the scope api."
_SEEN_AS_DENIED = ("INSUFFICIENT_ACCESS", "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INVALID_SESSION_ID", "CANNOT_INSERT")

_BEFORE_A_DOMAIN = [f"{scheme}{www}" for scheme in ("", "https://", "http://") for www in ("", "www.")]


class _Sessions:
    """Access tokens of this process, for ten minutes each, by a hash of what they were had with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, str]] = {}

    def find(self, key: str) -> str | None:
        """The access token, if it is young enough."""
        with self._lock:
            until, token = self._kept.get(key, (0.0, ""))
        return token if until > time.monotonic() else None

    def keep(self, key: str, token: str) -> None:
        """Remember it, and forget those that are over."""
        with self._lock:
            now = time.monotonic()
            self._kept = {known: kept for known, kept in self._kept.items() if kept[0] > now}
            self._kept[key] = (now + _SESSION_SECONDS, token)

    def drop(self, key: str) -> None:
        """Forget one that is no longer taken."""
        with self._lock:
            self._kept.pop(key, None)


_sessions = _Sessions()


class Salesforce:
    """See Crm in lib/domain/crm.py."""

    def __init__(self, http: Http, consumer_key: str, consumer_secret: str, place: Place, *, base_url: str | None = None) -> None:
        self._client = {"grant_type": "client_credentials", "client_id": consumer_key, "client_secret": consumer_secret}
        self._place = place
        url = base_url or f"https://{place.name}.my.salesforce.com"
        self._wire = Wire(http, Vendor.SALESFORCE, url, headers={}, secrets=[consumer_secret, consumer_key])
        self._session_key = sha256(f"{url} {consumer_key} {consumer_secret}".encode()).hexdigest()

    def check(self) -> Place:
        """See that accounts may be written, and that the key field is there and an external id."""
        shown = self._value(self._reply("GET", _ACCOUNT, anew=True), missing_is_fine=True)
        described = shown.get("objectDescribe") if isinstance(shown, dict) else None
        if not isinstance(described, dict) or not (described.get("createable") and described.get("updateable")):
            raise CrmDenied(f"Salesforce does not let this app's user create and change accounts. {_APP_ADVICE}")
        # That there is no such account is the answer of a field which is an external id.
        self._find_by_key("check.leadsment.invalid", [])
        return self._place

    def push_company(self, company: CrmCompany, mapping: Sequence[MappedField]) -> Pushed:
        """Change the account with the domain, or create it by an upsert, which makes one however often it is sent."""
        key_field = self._place.key_field
        found = self._find(company, [mapped.field for mapped in mapping])
        changes = changes_of(company, mapping, found or {}, key_field=key_field)
        if found is None:
            return self._create(company, changes)
        remote_id = self._wire.record_id(found, "Id")
        if changes:
            self._value(self._reply("PATCH", f"{_ACCOUNT}/{remote_id}", changes))
        return self._pushed("updated" if changes else "unchanged", remote_id)

    def push_contact(self, contact: CrmContact, company_id: str) -> Pushed:
        """Fill the title of the contact with the address, or create one at the account. A last name is demanded: the role
        stands for it."""
        query = f"SELECT Id, Title FROM Contact WHERE Email = '{contact.work_email}' LIMIT 1"  # noqa: S608  the address is checked
        value = self._value(self._reply("GET", f"{_DATA}/query", query={"q": query}))
        records = value.get("records") if isinstance(value, dict) else None
        if not isinstance(records, list):
            raise CrmUnavailable("Salesforce answered in a form that is not understood.")
        if not records:
            values = {"LastName": contact.label, "Email": contact.work_email, "AccountId": company_id}
            made = self._value(self._reply("POST", _CONTACT, {**values, **empty_of({"Title": contact.role}, {})}))
            return Pushed("created", self._wire.record_id(made), None)
        remote_id = self._wire.record_id(records[0], "Id")
        changes = empty_of({"Title": contact.role}, records[0])
        if changes:
            self._value(self._reply("PATCH", f"{_CONTACT}/{remote_id}", changes))
        return Pushed("updated" if changes else "unchanged", remote_id, None)

    def _create(self, company: CrmCompany, changes: Mapping[str, str]) -> Pushed:
        values = {"Name": company.name, **changes}
        # It stands in the address, and must not in the body.
        del values[self._place.key_field]
        value = self._value(self._reply("PATCH", self._by_key(company.domain), values))
        if value is None:  # 204: somebody else was faster, and it was changed
            return self._pushed("updated", self._wire.record_id(self._find_by_key(company.domain, []), "Id"))
        remote_id = self._wire.record_id(value)
        return self._pushed("created" if value.get("created", True) else "updated", remote_id)

    def _find(self, company: CrmCompany, fields: Sequence[str]) -> dict[str, Any] | None:
        """The account that was pushed before, one with the domain in the key field, or the only one whose website it is and
        whose key field is empty."""
        before = f"{_ACCOUNT}/{quote(company.remote_id, safe='')}" if company.remote_id else None
        found = (self._get(before, fields) if before else None) or self._find_by_key(company.domain, fields)
        if found is not None:
            return found
        named = self._named(fields)
        # Nothing here needs escaping: CrmCompany takes no other domain than one of letters, digits, dots and dashes.
        sites = [f"'{before}{company.domain}{end}'" for before in _BEFORE_A_DOMAIN for end in ("", "/")]
        condition = f"{self._place.key_field} = null AND Website IN ({', '.join(sites)})"
        query = f"SELECT {', '.join(named)} FROM Account WHERE {condition} LIMIT 2"  # noqa: S608  names and domain are checked
        value = self._value(self._reply("GET", f"{_DATA}/query", query={"q": query}))
        records = value.get("records") if isinstance(value, dict) else None
        return records[0] if isinstance(records, list) and len(records) == 1 else None

    def _find_by_key(self, domain: str, fields: Sequence[str]) -> dict[str, Any] | None:
        return self._get(self._by_key(domain), fields)

    def _get(self, path: str, fields: Sequence[str]) -> dict[str, Any] | None:
        query = {"fields": ",".join(self._named(fields))}
        found = self._value(self._reply("GET", path, query=query), missing_is_fine=True)
        return found if isinstance(found, dict) and "Id" in found else None

    def _named(self, fields: Sequence[str]) -> list[str]:
        return [*dict.fromkeys(["Id", self._place.key_field, *fields])]

    def _by_key(self, domain: str) -> str:
        return f"{_ACCOUNT}/{self._place.key_field}/{quote(domain, safe='')}"

    def _pushed(self, outcome: Any, remote_id: str) -> Pushed:
        return Pushed(outcome, remote_id, f"https://{self._place.name}.my.salesforce.com/{remote_id}")

    def _reply(
        self, method: str, path: str, value: object = None, *, query: Mapping[str, str] | None = None, anew: bool = False
    ) -> Reply:
        """Ask with a session; with a new one if the old one has ended meanwhile."""
        kept = None if anew else _sessions.find(self._session_key)
        reply = self._asked(kept or self._sign_in(), method, path, value, query)
        if reply.status == HTTPStatus.UNAUTHORIZED and kept:
            _sessions.drop(self._session_key)
            reply = self._asked(self._sign_in(), method, path, value, query)
        return reply

    def _asked(self, session: str, method: str, path: str, value: object, query: Mapping[str, str] | None) -> Reply:
        return self._wire.ask(method, path, value, query=query, headers={"Authorization": f"Bearer {session}"})

    def _sign_in(self) -> str:
        reply = self._wire.ask("POST", "/services/oauth2/token", form=self._client)
        value = reply.value if isinstance(reply.value, dict) else {}
        session = value.get("access_token")
        if reply.is_success and isinstance(session, str):
            _sessions.keep(self._session_key, session)
            return session
        if reply.is_success:
            raise self._wire.unreadable(reply)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._wire.busy(reply)
        said = self._wire.said(value.get("error_description") or value.get("error") or f"status {reply.status}")
        raise CrmDenied(f"Salesforce does not let this app in: {said}. {_APP_ADVICE}", status=reply.status)

    def _value(self, reply: Reply, *, missing_is_fine: bool = False) -> Any:
        """What an answer of success holds, None for one without a body and for what is not there."""
        if reply.is_success:
            return reply.value
        errors = reply.value if isinstance(reply.value, list) else []
        error = errors[0] if errors and isinstance(errors[0], dict) else {}
        code, said = str(error.get("errorCode", "")), self._wire.said(error.get("message") or f"status {reply.status}")
        if reply.status == HTTPStatus.MULTIPLE_CHOICES:
            raise CrmRefused(
                f"Salesforce has several accounts with this domain in {self._place.key_field}. Make the field unique.",
                status=reply.status,
            )
        if code == "REQUEST_LIMIT_EXCEEDED":
            raise self._wire.busy(reply, _UNTIL_TOMORROW_SECONDS)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS or code == "UNABLE_TO_LOCK_ROW":
            raise self._wire.busy(reply)
        if reply.status == HTTPStatus.NOT_FOUND and "external id field" in said.lower():
            raise CrmDenied(
                f"Account has no field {self._place.key_field} that this app's user sees. Make it in Salesforce: a text field of "
                f"Account, marked as External ID and Unique.",
                status=reply.status,
            )
        if reply.status == HTTPStatus.NOT_FOUND and missing_is_fine:
            return None
        if reply.status == HTTPStatus.UNAUTHORIZED or code.startswith(_SEEN_AS_DENIED):
            raise CrmDenied(f"Salesforce does not let this app's user do that: {said}. {_APP_ADVICE}", status=reply.status)
        raise CrmRefused(f"Salesforce refused it: {said}", status=reply.status)
