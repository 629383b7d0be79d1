"""Execute database functions as a signed-in person, with the person's own token: the database decides what they may."""

import http.client
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from lib.errors import MemberRefused, NotSignedIn, StoreUnavailable
from lib.settings import ProjectSettings

_TIMEOUT_SECONDS = 2.7
_SPOKEN = "PT"  # the functions' own errors: PT and an HTTP status, with a message for a person (PostgREST, "Errors")


class MemberRpc:
    """Calls functions as one person. token: their access token, as Supabase issued it."""

    def __init__(self, token: str, settings: ProjectSettings) -> None:
        self._url = urlsplit(settings.supabase_url)
        self._headers = {
            "apikey": settings.publishable_key,
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }

    def call(self, function: str, **arguments: object) -> Any:
        """What the function answers, None where nothing. Raises NotSignedIn for a token that is not taken, MemberRefused with
        the database's own words, StoreUnavailable."""
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("POST", f"/rest/v1/rpc/{function}", json.dumps(arguments).encode(), self._headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise StoreUnavailable(type(error).__name__) from None
        finally:
            connection.close()
        if response.status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            return json.loads(answer) if answer else None
        raise _failure(response.status, answer)


def _failure(status: int, answer: bytes) -> Exception:
    try:
        said = json.loads(answer)
        code, message, hint = str(said["code"]), str(said["message"]), said.get("hint")
    except (ValueError, TypeError, LookupError):
        return StoreUnavailable(f"status {status}")
    if code.startswith(_SPOKEN):
        return MemberRefused("refused", f"{message} {hint}" if hint else message, status=status)
    # The token's own: missing, spent, of a role that may not.
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NotSignedIn()
    return StoreUnavailable(f"status {status}, {code}" if code.isalnum() else f"status {status}")
