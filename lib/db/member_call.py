"""Call one database function as a signed-in member, with the member's own token: the database decides what they may."""

import http.client
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from lib.errors import InvalidRequest, NotSignedIn, StoreUnavailable
from lib.settings import ProjectSettings

_TIMEOUT_SECONDS = 2.7
# What our functions refuse with (sqlstate PT4xx), as a word for programs.
_REFUSALS = {
    HTTPStatus.FORBIDDEN: "not_allowed",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.UNPROCESSABLE_ENTITY: "not_accepted",
}


def call_as_member(function: str, token: str, settings: ProjectSettings, **arguments: object) -> Any:
    """Execute a function and return its JSON answer, None where it answers nothing.

    token: the caller's access token, as Supabase issued it. Raises NotSignedIn when it is not taken, InvalidRequest in the
    database's own words when the function refuses, StoreUnavailable.
    """
    status, answer = _post(function, token, settings, json.dumps(arguments))
    if status == HTTPStatus.UNAUTHORIZED:
        raise NotSignedIn
    if status in _REFUSALS:
        raise _refusal(HTTPStatus(status), answer)
    if status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        raise StoreUnavailable(f"status {status}")
    return json.loads(answer) if answer else None


def _post(function: str, token: str, settings: ProjectSettings, arguments: str) -> tuple[int, bytes]:
    url = urlsplit(settings.supabase_url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=_TIMEOUT_SECONDS)
    headers = {"apikey": settings.publishable_key, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", f"/rest/v1/rpc/{function}", arguments.encode(), headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise StoreUnavailable(type(error).__name__) from None
    finally:
        connection.close()


def _refusal(status: HTTPStatus, answer: bytes) -> InvalidRequest | NotSignedIn | StoreUnavailable:
    try:
        said = json.loads(answer)
    except ValueError:
        return StoreUnavailable(f"status {status}")
    # Not our function's word but the database's: a token of a role that may not execute it, such as a door's own.
    if not str(said.get("code", "")).startswith("PT"):
        return NotSignedIn() if status == HTTPStatus.FORBIDDEN else StoreUnavailable(f"status {status}")
    return InvalidRequest(_REFUSALS[status], " ".join(filter(None, (said["message"], said.get("hint")))), status=status)
