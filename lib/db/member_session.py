"""Ask the database as a signed-in person, with the person's own token: the database decides what they see and may."""

import http.client
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from lib.db.postgrest import new_connection
from lib.errors import MemberRefused, NotSignedIn, StoreUnavailable
from lib.settings import ProjectSettings

_TIMEOUT_SECONDS = 2.7
_SPOKEN = "PT"  # our functions' own errors: PT and an HTTP status, with a message for a person (PostgREST, "Errors")
# The same as a word for programs.
_REFUSALS = {
    HTTPStatus.FORBIDDEN: "not_allowed",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.UNPROCESSABLE_ENTITY: "not_accepted",
}


class MemberSession:
    """What one person may read and do. token: their access token, as Supabase issued it.

    Each method raises NotSignedIn for a token that is not taken, MemberRefused with the database's own words, and
    StoreUnavailable.
    """

    def __init__(self, token: str, settings: ProjectSettings, *, answer_seconds: float = _TIMEOUT_SECONDS) -> None:
        self._url = urlsplit(settings.supabase_url)
        self._answer_seconds = answer_seconds
        self._headers = {
            "apikey": settings.publishable_key,
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def call(self, function: str, **arguments: object) -> Any:
        """What a function answers, None where nothing."""
        return self._ask("POST", f"/rest/v1/rpc/{function}", json.dumps(arguments).encode())

    def rows(self, table: str, **query: str) -> list[dict[str, Any]]:
        """Those rows of a table that the person sees; query as PostgREST takes it."""
        rows: list[dict[str, Any]] = self._ask("GET", f"/rest/v1/{table}?{urlencode(query)}")
        return rows

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        connection = new_connection(self._url, self._answer_seconds)
        try:
            connection.request(method, path, body, self._headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise StoreUnavailable(type(error).__name__) from None
        finally:
            connection.close()
        if response.status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            raise _failure(response.status, answer)
        return json.loads(answer) if answer else None


def _failure(status: int, answer: bytes) -> NotSignedIn | MemberRefused | StoreUnavailable:
    try:
        said = json.loads(answer)
        code, words = str(said["code"]), [said["message"], said.get("hint")]
    except (ValueError, TypeError, LookupError):
        code, words = "", []
    if code.startswith(_SPOKEN) and status != HTTPStatus.UNAUTHORIZED:
        known = next((word for refusal, word in _REFUSALS.items() if refusal == status), "refused")
        return MemberRefused(known, " ".join(filter(None, words)), status=status)
    # The token's own: missing, spent, of a role that may not. What else the database says may quote a value.
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NotSignedIn()
    return StoreUnavailable(f"status {status}, {code}" if code.isalnum() else f"status {status}")
