"""Turn a beacon into a company visit, or into a count of what was not kept and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lib.db.known_rules import Rules
from lib.domain.beacon import Beacon
from lib.domain.outcome import Outcome
from lib.errors import InvalidSignature, OriginNotAllowed, StoreUnavailable, UnknownSite
from lib.identification import Match, NoMatch, VisitorAddress
from lib.traffic import is_crawler, is_prefetch, opts_out

Identify = Callable[[VisitorAddress], Match | NoMatch]
# The first, and three more under newer rules. Rules change by hand, now and then: not that often during one beacon.
_MOST_DECISIONS = 4
_STALE = "stale_rules"


class Store(Protocol):
    """Where beacons are committed."""

    def record(self, beacons: list[dict[str, Any]]) -> list[str]:
        """Commit beacons and return a verdict for each."""


class KnownRules(Protocol):
    """Which networks' beacons make no visit."""

    def of_site(self, site_key: str) -> Rules:
        """What is known, without asking."""

    def renew(self, site_key: str) -> Rules:
        """What holds now."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What a request says about where a beacon comes from. Lives as long as the request.

    address: as the platform saw it. stated_address: what the holder of a secret stated instead, given the secrets that hold.
    """

    origin_host: str
    headers: Mapping[str, str]
    address: VisitorAddress
    stated_address: Callable[[Sequence[str]], VisitorAddress] | None = None

    def address_under(self, secrets: Sequence[str]) -> VisitorAddress:
        """The visitor's address. Raises InvalidSignature or InvalidSecret for one that no holder of the secrets stated."""
        return self.stated_address(secrets) if self.stated_address else self.address


def record_beacon(
    beacon: Beacon,
    sender: Sender,
    *,
    identify: Identify,
    store: Store,
    rules: KnownRules,
    may_renew: Callable[[str], bool] = lambda _: True,
) -> Outcome:
    """Decide what becomes of a beacon, commit that, and return it.

    The address is looked up only when nothing else has decided, and is not among what is committed.
    Raises UnknownSite, OriginNotAllowed, InvalidSignature, or StoreUnavailable when nothing is known to be committed.
    `may_renew` says whether a site's rules may be fetched for a signature that no known secret made.
    """
    known = _known_to_the_signer(beacon.site_key, sender, rules, may_renew)
    row = {"site_key": beacon.site_key, "beacon_id": beacon.id, "origin_host": sender.origin_host, "page": _page_row(beacon)}
    declined = _declined(sender.headers)
    if declined:  # whatever the rules are
        return _outcome(_commit(store, {**row, **declined}))
    for _ in range(_MOST_DECISIONS):
        # Under the newest rules each time: a secret that was revoked signs nothing.
        verdict = _commit(store, {**row, **_decided(beacon, sender.address_under(known.secrets), known, identify)})
        if verdict != _STALE:
            return _outcome(verdict)
        known = rules.renew(beacon.site_key)
    raise StoreUnavailable("rules")


def _known_to_the_signer(site_key: str, sender: Sender, rules: KnownRules, may_renew: Callable[[str], bool]) -> Rules:
    """The rules known for a site, fetched when a signature is of no secret that they hold: it may be a new one."""
    known = rules.of_site(site_key)
    try:
        sender.address_under(known.secrets)
    except InvalidSignature as refusal:
        if refusal.reason != "secret" or not may_renew(site_key):
            raise
        known = rules.renew(site_key)
        sender.address_under(known.secrets)
    return known


def _commit(store: Store, row: dict[str, Any]) -> str:
    [verdict] = store.record([row])
    return verdict


def _outcome(verdict: str) -> Outcome:
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


def _decided(beacon: Beacon, address: VisitorAddress, known: Rules, identify: Identify) -> dict[str, Any]:
    """What becomes of a beacon under rules, with their versions, so that the commit holds only if they do."""
    if known.opted_out.holds(address):
        decision: dict[str, Any] = {"outcome": Outcome.COMPANY_OPTED_OUT}
    elif known.excluded.holds(address):
        decision = {"outcome": Outcome.EXCLUDED}
    else:
        decision = _identified(beacon, identify(address))
    return {**decision, "rules": known.versions()}


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
        "former_keys": list(organisation.former_keys),
        "kind": organisation.kind,
        "name": organisation.name,
        "domain": organisation.domain,
        "industry": organisation.industry,
        "country": organisation.country,
        "employee_range": organisation.employee_range,
        "evidence": {
            "range": evidence.wide_range,
            "organisation": evidence.organisation,
            "asn": evidence.asn,
            "source": evidence.source,
            "release": evidence.release,
            "rule": evidence.rule,
            "sureness": evidence.sureness,
        },
    }
