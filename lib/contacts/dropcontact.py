"""Ask Dropcontact for the contacts of a company: hand a batch over, and fetch it when it is ready.

Source: Dropcontact's API documentation, "Enrich": POST /v1/enrich/all with {data, siren, language} and the key in the header
X-Access-Token answers {error, success, request_id, credits_left}; GET /v1/enrich/all/{request_id} answers {success: true, data}
or, until it is ready, {success: false, reason}. 401 and 403 without a valid key, 402 when credits are used up, 429 above the rate
limit. Each address has a qualification such as nominative@pro; of those only "pro" is taken.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from lib.contacts.provider import Http, check_status, entries_of, object_of
from lib.domain.enrichment import Found, NotYet, Wanted
from lib.errors import ProviderUnavailable

_READY_AFTER_SECONDS = 45
_CLOSED = frozenset((401, 402, 403))
_JOB = re.compile(r"[A-Za-z0-9_-]{1,100}")
_NOT_READY = "not ready"


class Dropcontact:
    """Dropcontact, with the deployment's key. base_url: elsewhere in tests."""

    def __init__(self, key: str, http: Http, *, base_url: str = "https://api.dropcontact.com") -> None:
        self._headers = {"X-Access-Token": key, "Content-Type": "application/json", "Accept": "application/json"}
        self._http, self._url = http, f"{base_url}/v1/enrich/all"

    def find(self, wanted: Wanted) -> Found | NotYet:
        """Hand a company over or, where that was done, fetch what came of it. Raises ProviderUnavailable or ProviderClosed."""
        return self._hand_over(wanted) if wanted.provider_job is None else self._fetch(wanted, wanted.provider_job)

    def _hand_over(self, wanted: Wanted) -> NotYet:
        company = {"company": wanted.company_name, "website": wanted.domain}
        body = json.dumps({"data": [company], "siren": False, "language": "en"}).encode()
        answer = self._http.post(self._url, body, self._headers)
        check_status(answer, closed=_CLOSED)
        job = object_of(answer).get("request_id")
        if not isinstance(job, str) or not _JOB.fullmatch(job):
            raise ProviderUnavailable("no request id")
        return NotYet(job, _READY_AFTER_SECONDS)

    def _fetch(self, wanted: Wanted, job: str) -> Found | NotYet:
        answer = self._http.get(f"{self._url}/{job}", self._headers)
        check_status(answer, closed=_CLOSED)
        parsed = object_of(answer)
        if parsed.get("success") is not True:
            reason = parsed.get("reason")
            if isinstance(reason, str) and _NOT_READY in reason.lower():
                return NotYet(job, _READY_AFTER_SECONDS)
            raise ProviderUnavailable("it failed")
        entries = [raw for person in entries_of(parsed.get("data")) for raw in _entries(person)]
        return Found(entries, credits_used=1 if entries else 0)


def _entries(person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """An entry for each professional address of a person; the first has what else is known."""
    emails = person.get("email")
    listed = [{"email": emails, "qualification": "@pro"}] if isinstance(emails, str) else entries_of(emails)
    addresses = [one.get("email") for one in listed if str(one.get("qualification")).endswith("@pro")]
    about = {"role": person.get("job"), "seniority": person.get("job_level"), "linkedin": person.get("linkedin")}
    if not addresses:
        return [about] if about["linkedin"] else []
    return [{**about, "work_email": addresses[0]}, *({"work_email": address} for address in addresses[1:])]
