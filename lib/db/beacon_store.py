"""Where beacons are committed, and their rules read: calls of two database functions, as the role `beacon`.

A thin PostgREST call over the standard library: supabase-py takes half a second to import, which would be
most of a cold start, and this door needs one or two requests of it.
"""

import functools
import http.client
import json
import queue
import select
import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from lib.errors import StoreUnavailable
from lib.settings import StoreSettings, store_settings

# For connecting, and again for the answer; the database itself gives up after 2.5 s (a setting of the role).
_TIMEOUT_SECONDS = 2.7
_PATH = "/rest/v1/rpc/"


class BeaconStore:
    """Commits beacons and reads their rules. Safe for several threads: each call has a connection of its own while it lasts."""

    def __init__(self, settings: StoreSettings) -> None:
        self._url = urlsplit(settings.supabase_url)
        self._headers = {
            "apikey": settings.publishable_key,
            "Authorization": f"Bearer {settings.beacon_token}",
            "Content-Type": "application/json",
        }
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()

    def record(self, beacons: Sequence[dict[str, Any]]) -> list[str]:
        """Commit beacons and return what became of each, in order; see record_beacons in supabase/migrations.

        When this returns the transaction is committed. Raises StoreUnavailable when it is not known to be.
        """
        verdicts: list[str] = self._call("record_beacons", {"beacons": beacons})
        return verdicts

    def rules(self, site_key: str, known_opt_outs: int) -> dict[str, Any] | None:
        """The networks whose beacons make no visit of a site, with their versions; see beacon_rules in supabase/migrations.

        `known_opt_outs` is the version of the networks opted out for everybody that the caller has already. None when no
        site has this key. Raises StoreUnavailable.
        """
        rules: dict[str, Any] | None = self._call("beacon_rules", {"site_key": site_key, "known_opt_outs": known_opt_outs})
        return rules

    def _call(self, function: str, arguments: dict[str, Any]) -> Any:
        connection = self._connection()
        try:
            connection.request("POST", _PATH + function, json.dumps(arguments), self._headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise StoreUnavailable(type(error).__name__) from None
        self._idle.put(connection)
        if response.status != http.client.OK:
            raise StoreUnavailable(f"status {response.status}")
        return json.loads(answer)

    def _connection(self) -> http.client.HTTPConnection:
        """An idle connection that is still open, or a new one. A request is never sent twice to find out."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return self._new_connection()
            if _is_open(connection.sock):
                return connection
            connection.close()

    def _new_connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        return kind(self._url.hostname or "", self._url.port, timeout=_TIMEOUT_SECONDS)


@functools.cache
def beacon_store() -> BeaconStore:
    """The process's store, by the deployment's settings; raises MissingSetting."""
    return BeaconStore(store_settings())


def _is_open(connected: socket.socket | None) -> bool:
    # An idle connection has nothing to read; a readable one has been closed by the other side.
    return connected is not None and not select.select([connected], [], [], 0)[0]
