"""Turn a beacon into a company visit, or into a count of what was not kept and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lib.domain.beacon import Beacon
from lib.domain.outcome import Outcome
from lib.errors import OriginNotAllowed, UnknownSite
from lib.identification import Match, NoMatch, VisitorAddress
from lib.traffic import is_crawler, is_prefetch, opts_out

Identify = Callable[[VisitorAddress], Match | NoMatch]


class Store(Protocol):
    """Where beacons are committed."""

    def record(self, beacons: list[dict[str, Any]]) -> list[str]:
        """Commit beacons and return a verdict for each."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What a request says about where a beacon comes from. Lives as long as the request."""

    origin_host: str
    headers: Mapping[str, str]
    address: VisitorAddress


def record_beacon(beacon: Beacon, sender: Sender, *, identify: Identify, store: Store) -> Outcome:
    """Decide what becomes of a beacon, commit that, and return it.

    The address is looked up only when nothing else has decided, and is not among what is committed.
    Raises UnknownSite, OriginNotAllowed, or StoreUnavailable when nothing is known to be committed.
    """
    row: dict[str, Any] = {
        "site_key": beacon.site_key,
        "beacon_id": beacon.id,
        "origin_host": sender.origin_host,
        "page": _page_row(beacon),
        **(_declined(sender.headers) or _identified(beacon, identify(sender.address))),
    }
    [verdict] = store.record([row])
    if verdict == "unknown_site":
        raise UnknownSite
    if verdict == "origin_not_allowed":
        raise OriginNotAllowed
    return Outcome(verdict)


def _declined(headers: Mapping[str, str]) -> dict[str, Any] | None:
    if opts_out(headers):
        return {"outcome": Outcome.OPTED_OUT}
    if is_prefetch(headers):
        return {"outcome": Outcome.PREFETCH}
    if is_crawler(headers):
        return {"outcome": Outcome.BOT}
    return None


def _identified(beacon: Beacon, answer: Match | NoMatch) -> dict[str, Any]:
    if isinstance(answer, NoMatch):
        return {"outcome": Outcome(answer.reason)}
    return {"outcome": Outcome.IDENTIFIED, "referrer_host": beacon.referrer_host, "company": _company_row(answer)}


def _page_row(beacon: Beacon) -> dict[str, str | None]:
    page = beacon.page
    return {
        "host": page.host,
        "path": page.path,
        "utm_source": page.utm_source,
        "utm_medium": page.utm_medium,
        "utm_campaign": page.utm_campaign,
        "utm_term": page.utm_term,
        "utm_content": page.utm_content,
    }


def _company_row(match: Match) -> dict[str, Any]:
    organisation, evidence = match.organisation, match.evidence
    return {
        "key": organisation.key,
        "kind": organisation.kind,
        "name": organisation.name,
        "domain": organisation.domain,
        "industry": organisation.industry,
        "country": organisation.country,
        "employee_range": organisation.employee_range,
        # Not the range: a narrow one would be as good as the address.
        "evidence": {
            "organisation": evidence.organisation,
            "asn": evidence.asn,
            "source": evidence.source,
            "release": evidence.release,
            "rule": evidence.rule,
        },
    }
