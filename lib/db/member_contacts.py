"""A member's contacts, read and written with the member's own token: the database decides whose they are, and who may."""

import http.client
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from lib.domain.contact import Contact
from lib.errors import InvalidRequest, NotSignedIn, StoreUnavailable
from lib.settings import ProjectSettings

_TIMEOUT_SECONDS = 4.0


class MemberContacts:
    """The contacts of whoever the access token is of. Each method raises NotSignedIn, InvalidRequest or StoreUnavailable."""

    def __init__(self, token: str, settings: ProjectSettings) -> None:
        self._token, self._settings = token, settings

    def company_domain(self, company_id: str) -> str | None:
        """A company's domain, where it is known. Raises InvalidRequest (404) where the member has no such company."""
        query = urlencode({"id": f"eq.{company_id}", "select": "domain"})
        rows: list[dict[str, str | None]] = self._ask("GET", f"/rest/v1/companies?{query}")
        if not rows:
            message = "There is no such company in your account. Reload the page: it may show something older."
            raise InvalidRequest("unknown_company", message, status=404)
        domain = rows[0]["domain"]
        return domain.lower() if domain else None

    def add(self, company_id: str, contacts: Sequence[Contact]) -> list[str]:
        """Keep contacts, as the member's own: for each added, known, suppressed or refused."""
        body = {"company_id": company_id, "contacts": [contact.row() for contact in contacts]}
        states: list[str] = self._ask("POST", "/rest/v1/rpc/import_contacts", json.dumps(body).encode())
        return states

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        url = urlsplit(self._settings.supabase_url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=_TIMEOUT_SECONDS)
        headers = {"apikey": self._settings.publishable_key, "Authorization": f"Bearer {self._token}"}
        try:
            connection.request(method, path, body, {**headers, "Content-Type": "application/json", "Accept": "application/json"})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise StoreUnavailable(type(error).__name__) from None
        finally:
            connection.close()
        return _value_of(response.status, answer)


def _value_of(status: int, answer: bytes) -> Any:
    try:
        value = json.loads(answer)
    except ValueError:
        raise StoreUnavailable("no JSON") from None
    if status == http.client.OK:
        return value
    # The database's own refusals are written for the person; any other may quote a value.
    if isinstance(value, dict) and str(value.get("code", "")).startswith("PT4"):
        words = " ".join(filter(None, (value.get("message"), value.get("hint"))))
        raise InvalidRequest("refused", words, status=status)
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        raise NotSignedIn
    raise StoreUnavailable(f"status {status}")
