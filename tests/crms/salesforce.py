"""Salesforce: signs apps in for a while, and makes one account for each external id however often it is asked."""

import re
import secrets
from typing import Any
from urllib.parse import unquote

from tests.crms import Answer, CrmDouble, Request

KEY_FIELD = "Leadsment_Domain__c"
_CONTACT = "/services/data/v62.0/sobjects/Contact"
_ACCOUNT = "/services/data/v62.0/sobjects/Account"


class SalesforceDouble(CrmDouble):
    """key and secret: of the external client app. sessions: the access tokens that are taken."""

    key = "3MVG9consumerkey1234567890"
    secret = "ABCDEF0123456789consumersecret"

    def __init__(self) -> None:
        super().__init__()
        self.sessions: set[str] = set()
        self.writable = True
        self.contacts: dict[str, dict[str, Any]] = {}

    def add(self, **fields: str) -> str:
        """An account that somebody made by hand."""
        return str(self._create(fields)["Id"])

    def answer(self, request: Request) -> Answer:  # noqa: PLR0911  one for each resource
        if request.path == "/services/oauth2/token":
            return self._sign_in(request.form)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.sessions:
            return self._error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if request.path.startswith(_CONTACT):
            return self._contact(request, request.path.removeprefix(_CONTACT).lstrip("/"))
        if request.path == _ACCOUNT:
            return (
                200,
                {"objectDescribe": {"name": "Account", "createable": self.writable, "updateable": True}, "recentItems": []},
                {},
            )
        if request.path == "/services/data/v62.0/query":
            return self._query(request.query["q"])
        parts = [unquote(part) for part in request.path.removeprefix(f"{_ACCOUNT}/").split("/")]
        if len(parts) == 1:
            return self._by_id(request, parts[0])
        return self._by_key(request, *parts)

    def _sign_in(self, form: dict[str, str]) -> Answer:
        assert form["grant_type"] == "client_credentials"
        if (form["client_id"], form["client_secret"]) != (self.key, self.secret):
            return 400, {"error": "invalid_client", "error_description": "invalid client credentials"}, {}
        session = secrets.token_hex(20)
        self.sessions.add(session)
        return 200, {"access_token": session, "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"}, {}

    def _contact(self, request: Request, record_id: str) -> Answer:
        if record_id:
            self.contacts[record_id].update(request.value)
            return 204, None, {}
        made = {"Id": f"003{next(self.serial):015d}", **request.value}
        self.contacts[made["Id"]] = made
        return 201, {"id": made["Id"], "success": True, "errors": []}, {}

    def _query(self, query: str) -> Answer:
        if "FROM Contact" in query:
            [email] = re.findall(r"'([^']*)'", query)
            people = [contact for contact in self.contacts.values() if contact["Email"] == email]
            return 200, {"totalSize": len(people), "done": True, "records": people[:1]}, {}
        assert f"{KEY_FIELD} = null" in query
        websites = re.findall(r"'([^']*)'", query)
        found = [record for record in self.records.values() if record.get("Website") in websites and not record.get(KEY_FIELD)]
        return 200, {"totalSize": len(found), "done": True, "records": found[:2]}, {}

    def _by_id(self, request: Request, record_id: str) -> Answer:
        if record_id not in self.records:
            return self._error(404, "NOT_FOUND", "The requested resource does not exist")
        if request.method == "GET":
            return 200, self.records[record_id], {}
        self.records[record_id].update(request.value)
        return 204, None, {}

    def _by_key(self, request: Request, key_field: str, domain: str) -> Answer:
        if key_field != KEY_FIELD:
            message = f"Provided external ID field does not exist or is not accessible: {key_field}"
            return self._error(404, "NOT_FOUND", message)
        found = [record for record in self.records.values() if record.get(KEY_FIELD) == domain]
        if len(found) > 1:
            return 300, [f"{_ACCOUNT}/{record['Id']}" for record in found], {}
        if request.method == "GET":
            return (200, found[0], {}) if found else self._error(404, "NOT_FOUND", "The requested resource does not exist")
        assert KEY_FIELD not in request.value
        if found:
            found[0].update(request.value)
            return 200, {"id": found[0]["Id"], "success": True, "errors": [], "created": False}, {}
        made = self._create({**request.value, KEY_FIELD: domain})
        return 201, {"id": made["Id"], "success": True, "errors": [], "created": True}, {}

    def _create(self, fields: dict[str, Any]) -> dict[str, Any]:
        record = {"Id": f"001{next(self.serial):015d}", **fields}
        self.records[record["Id"]] = record
        return record

    def _error(self, status: int, code: str, message: str) -> Answer:
        return status, [{"message": message, "errorCode": code, "fields": []}], {}
