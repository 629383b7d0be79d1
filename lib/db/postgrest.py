"""Call one database function over PostgREST, with the standard library alone.

supabase-py takes half a second to import, which would be most of a cold start, and a door needs one request of it.
"""

import http.client
import json
import queue
import select
import socket
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

from lib.errors import RowsLocked, RowsRefused, StoreUnavailable
from lib.settings import StoreSettings
from lib.tls import trusted

# For connecting, and again for the answer; the database itself gives up after 2.5 s (a setting of each door's role).
_TIMEOUT_SECONDS = 2.7


# By the beginning of a SQLSTATE, the first that fits: locks not had in time, deadlocks, and rows that went away while one
# waited for them (a foreign key), where trying again finds what there is now; data exceptions and broken constraints.
# Source: PostgreSQL, Appendix A.
_FAILURES: dict[tuple[str, ...], type[StoreUnavailable]] = {
    ("55P03", "40P01", "23503"): RowsLocked,
    ("22", "23"): RowsRefused,
}


class Postgrest:
    """Calls database functions as one role. Safe for several threads: each call has a connection of its own while it lasts."""

    def __init__(
        self,
        settings: StoreSettings,
        *,
        answer_seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        """answer_seconds: how long to wait for an answer."""
        self._answer_seconds = answer_seconds
        self._url = urlsplit(settings.supabase_url)
        self._tried_headers = [request_headers(settings, token) for token in settings.tokens]
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()

    def call(self, function: str, **arguments: object) -> Any:
        """Execute a function and return its JSON answer, None where it answers nothing.

        When this returns the transaction is committed. Raises StoreUnavailable when it is not known to be; where the
        database said why, RowsRefused or RowsLocked.
        """
        return self.call_encoded(function, json.dumps(arguments))

    def call_encoded(self, function: str, arguments: str) -> Any:
        """The same, for a caller that has its arguments as a JSON object already."""
        for headers in self._tried_headers:
            status, answer = self._exchange(f"/rest/v1/rpc/{function}", arguments.encode(), headers)
            if status != HTTPStatus.UNAUTHORIZED:
                break
        if headers is not self._tried_headers[0]:
            # What is taken now is asked with first from now on.
            self._tried_headers = [headers, *(other for other in self._tried_headers if other is not headers)]
        return answer_of(status, answer)

    def close(self) -> None:
        """Close the idle connections; a later call opens new ones."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def _exchange(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise StoreUnavailable(type(error).__name__) from None
        self._idle.put(connection)
        return response.status, answer

    def _connection(self) -> http.client.HTTPConnection:
        """An idle connection that is still open, or a new one. A request is never sent twice to find out."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return new_connection(self._url, self._answer_seconds)
            if _is_open(connection.sock):
                return connection
            connection.close()


def new_connection(url: SplitResult, seconds: float) -> http.client.HTTPConnection:
    """A connection to the database's gateway; without TLS on this machine alone, which the settings see to."""
    if url.scheme == "https":
        return http.client.HTTPSConnection(url.hostname or "", url.port, timeout=seconds, context=trusted())
    return http.client.HTTPConnection(url.hostname or "", url.port, timeout=seconds)


def request_headers(settings: StoreSettings, token: str) -> dict[str, str]:
    """What every request says: who asks, with which of their tokens, and that its body is JSON."""
    return {
        "apikey": settings.publishable_key,
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
    }


def answer_of(status: int, answer: bytes) -> Any:
    """What a function answered, None where nothing. Raises StoreUnavailable, RowsRefused or RowsLocked."""
    if status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        raise _failure(status, answer)
    return _parsed(answer) if answer else None


def _failure(status: int, answer: bytes) -> StoreUnavailable:
    """The error an answer stands for, by its SQLSTATE. Its text is left out: PostgreSQL quotes values."""
    try:
        code = str(json.loads(answer)["code"])
    except (ValueError, TypeError, LookupError):
        return StoreUnavailable(f"status {status}")
    known = next((error for classes, error in _FAILURES.items() if code.startswith(classes)), StoreUnavailable)
    return known(f"status {status}, {code}" if code.isalnum() else f"status {status}")


def _parsed(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        raise StoreUnavailable("no JSON") from None


def _is_open(connected: socket.socket | None) -> bool:
    # An idle connection has nothing to read; a readable one has been closed by the other side.
    return connected is not None and not select.select([connected], [], [], 0)[0]
