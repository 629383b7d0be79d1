"""A member's own sites, read with the member's own token: row-level security decides whose they are."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from lib.domain.install_check import CheckedSite
from lib.errors import NotSignedIn, StoreUnavailable
from lib.settings import ProjectSettings

_TIMEOUT_SECONDS = 2.7


def find_member_site(site_id: str, token: str, settings: ProjectSettings) -> CheckedSite | None:
    """The site with this id if the caller is a member of its account.

    token: the caller's access token, as Supabase issued it. Raises NotSignedIn when it is not taken, StoreUnavailable.
    """
    query = urlencode({"id": f"eq.{site_id}", "select": "public_key,site_hosts(host)"})
    rows = _get(f"/rest/v1/sites?{query}", token, settings)
    if not rows:
        return None
    return CheckedSite(rows[0]["public_key"], [row["host"] for row in rows[0]["site_hosts"]])


def _get(path: str, token: str, settings: ProjectSettings) -> list[dict[str, Any]]:
    url = urlsplit(settings.supabase_url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=_TIMEOUT_SECONDS)
    headers = {"apikey": settings.publishable_key, "Authorization": f"Bearer {token}", "Accept": "application/json"}
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise StoreUnavailable(type(error).__name__) from None
    finally:
        connection.close()
    if response.status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        raise NotSignedIn
    if response.status != http.client.OK:
        raise StoreUnavailable(f"status {response.status}")
    rows: list[dict[str, Any]] = json.loads(answer)
    return rows
