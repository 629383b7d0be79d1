"""Ask Hunter for the addresses it knows at a domain.

Source: Hunter's API documentation, version 2, "Domain Search" and "Errors": GET /v2/domain-search, the key in the header
X-API-KEY; 401 without a valid key, 403 above the rate limit, 429 when the plan's searches are used up, 451 where the owner
of the data asked Hunter not to process it; ten addresses a page, which cost one search.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lib.contacts.provider import Http, check_status, entries_of, object_of
from lib.domain.enrichment import Found, Wanted

_PAGE = 5
_CLOSED = frozenset((401, 402, 429))
# Ours, as Hunter's departments.
_DEPARTMENTS = {
    "management": ("executive", "management"),
    "sales": ("sales",),
    "marketing": ("marketing", "communication"),
    "purchasing": ("operations",),
    "operations": ("operations",),
    "finance": ("finance",),
    "it": ("it",),
    "hr": ("hr",),
    "legal": ("legal",),
}


class Hunter:
    """Hunter, with the deployment's key. base_url: elsewhere in tests."""

    def __init__(self, key: str, http: Http, *, base_url: str = "https://api.hunter.io") -> None:
        self._key, self._http, self._base_url = key, http, base_url

    def find(self, wanted: Wanted) -> Found:
        """Ask page by page until there are enough. Raises ProviderUnavailable or ProviderClosed."""
        contacts: list[Mapping[str, Any]] = []
        searches = 0
        while len(contacts) < wanted.most:
            page, total = self._page(wanted, len(contacts))
            contacts += page
            searches += bool(page)
            if len(page) < _PAGE or len(contacts) >= total:
                break
        return Found(contacts, searches)

    def _page(self, wanted: Wanted, offset: int) -> tuple[list[Mapping[str, Any]], int]:
        asked = {
            "domain": wanted.domain,
            "limit": _PAGE,
            "offset": offset,
            "department": ",".join(dict.fromkeys(name for role in wanted.roles for name in _DEPARTMENTS.get(role, ()))),
            "seniority": ",".join(wanted.seniorities),
        }
        headers = {"X-API-KEY": self._key, "Accept": "application/json"}
        answer = self._http.get(f"{self._base_url}/v2/domain-search?{urlencode(asked)}", headers)
        if answer.status in (404, 451):
            return [], 0
        check_status(answer, closed=_CLOSED)
        parsed = object_of(answer)
        data, meta = parsed.get("data"), parsed.get("meta")
        total = meta.get("results") if isinstance(meta, dict) else None
        entries = entries_of(data.get("emails")) if isinstance(data, dict) else []
        return [_entry(entry) for entry in entries[:_PAGE]], total if isinstance(total, int) else offset + _PAGE


def _entry(email: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "role": email.get("position"),
        "seniority": email.get("seniority"),
        "work_email": email.get("value"),
        "linkedin": email.get("linkedin"),
    }
