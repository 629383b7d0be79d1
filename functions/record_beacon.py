"""Turn a beacon into a company visit, or into a count of what was not kept and why."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from lib.db.known_rules import Rules
from lib.domain.beacon import Beacon
from lib.domain.outcome import Outcome
from lib.domain.page import CAMPAIGN_FIELDS, Page, tells_of_a_person
from lib.errors import InvalidRequest, InvalidSignature, OriginNotAllowed, OverQuota, RowsRefused, StoreUnavailable, UnknownSite
from lib.identification import Match, NoMatch, VisitorAddress
from lib.traffic import is_crawler, is_prefetch, opts_out

Identify = Callable[[VisitorAddress], Match | NoMatch]
# The first, and three more under newer rules. Rules change by hand, now and then: not that often during one beacon.
_MOST_DECISIONS = 4
_STALE = "stale_rules"
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Commits(Protocol):
    """Where beacons are committed."""

    async def commit(self, site_key: str, encoded: str) -> str:
        """Commit one beacon's row, a JSON object, and return its verdict."""


class KnownRules(Protocol):
    """Which networks' beacons make no visit."""

    def of_site(self, site_key: str) -> Rules:
        """What is known, without asking."""

    async def renew(self, site_key: str) -> Rules:
        """What holds now."""

    async def renew_for_a_secret(self, site_key: str) -> Rules | None:
        """What holds now, for a secret that is not known; None if it was fetched for one a moment ago."""


class Admission(Protocol):
    """Which beacons are let in."""

    async def admit(self, site_key: str) -> None:
        """Let one beacon of a site in, or raise a Refusal."""

    async def learn_unknown(self, site_key: str) -> None:
        """Hear that no site has a key."""

    async def learn_refused(self, site_key: str, hosts: Sequence[str]) -> None:
        """Hear that a site's beacon came from elsewhere."""

    def learn_over_quota(self, site_key: str) -> None:
        """Hear that a site has used up its quota."""


class Sender(NamedTuple):
    """What a request says about where a beacon comes from. Lives as long as the request.

    address: as the platform saw it. signed_address: what a proxy stated instead, given the site's secrets.
    """

    origin_host: str
    headers: Mapping[str, str]
    address: VisitorAddress
    signed_address: Callable[[Sequence[str]], VisitorAddress] | None = None

    def address_under(self, secrets: Sequence[str]) -> VisitorAddress:
        """The visitor's address. Raises InvalidSignature for one that none of the secrets has signed."""
        return self.signed_address(secrets) if self.signed_address else self.address


async def record_beacon(
    beacon: Beacon, sender: Sender, *, identify: Identify, commits: Commits, rules: KnownRules, admission: Admission
) -> Outcome:
    """Decide what becomes of a beacon, commit that, and return it.

    The address is looked up only when nothing else has decided, and is not among what is committed.
    Raises UnknownSite, OriginNotAllowed, TooManyRequests, InvalidSignature, InvalidRequest where the database does not take
    its text, or StoreUnavailable when nothing is known to be committed.
    """
    await admission.admit(beacon.site_key)
    try:
        return await _recorded(beacon, sender, identify=identify, commits=commits, rules=rules)
    except UnknownSite:
        await admission.learn_unknown(beacon.site_key)
        raise
    except OriginNotAllowed:
        # What a stranger calls their host may be anything, an address or a name too.
        named = {host for host in (sender.origin_host, beacon.page.host) if not tells_of_a_person(host)}
        await admission.learn_refused(beacon.site_key, sorted(named))
        raise
    except OverQuota:
        # Of another day's quota, which a server tells of later, today's page views are free.
        if beacon.seen_at is None:
            admission.learn_over_quota(beacon.site_key)
        raise


async def _recorded(beacon: Beacon, sender: Sender, *, identify: Identify, commits: Commits, rules: KnownRules) -> Outcome:
    site_key = beacon.site_key
    known = await _known_to_the_signer(site_key, sender, rules)
    row = {"site_key": site_key, "beacon_id": beacon.id, "origin_host": sender.origin_host, "page": _page_row(beacon.page)}
    if beacon.seen_at is not None:
        row["seen_at"] = beacon.seen_at.isoformat()
    row |= _decided(beacon, sender, known, identify)
    verdict = await _commit(commits, row)
    for _ in range(_MOST_DECISIONS - 1):
        if verdict != _STALE:
            break
        # Under the newest rules each time: a secret that was revoked signs nothing.
        row |= _decided(beacon, sender, await rules.renew(site_key), identify)
        verdict = await _commit(commits, row)
    return _outcome(verdict)


async def _known_to_the_signer(site_key: str, sender: Sender, rules: KnownRules) -> Rules:
    """The rules known for a site, fetched when a signature is of no secret that they hold: it may be a new one."""
    known = rules.of_site(site_key)
    if sender.signed_address is None:
        return known
    try:
        sender.address_under(known.secrets)
    except InvalidSignature as refusal:
        renewed = await rules.renew_for_a_secret(site_key) if refusal.reason == "secret" else None
        if renewed is None:
            raise
        known = renewed
        sender.address_under(known.secrets)
    return known


async def _commit(commits: Commits, row: dict[str, Any]) -> str:
    try:
        return await commits.commit(row["site_key"], _encode(row))
    except RowsRefused:
        raise InvalidRequest("not_storable", "The page's URL holds characters that cannot be stored.") from None


def _outcome(verdict: str) -> Outcome:
    if verdict in _OUTCOMES:
        return _OUTCOMES[verdict]
    if verdict in _REFUSALS:
        raise _REFUSALS[verdict]()
    raise StoreUnavailable("rules")


_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_REFUSALS = {"unknown_site": UnknownSite, "origin_not_allowed": OriginNotAllowed, "over_quota": OverQuota}


def _declined(headers: Mapping[str, str]) -> dict[str, Any] | None:
    """What becomes of a beacon whatever the rules are: nothing is looked up for it."""
    if opts_out(headers):
        return {"outcome": Outcome.OPTED_OUT}
    if is_prefetch(headers):
        return {"outcome": Outcome.PREFETCH}
    if is_crawler(headers):
        return {"outcome": Outcome.BOT}
    return None


def _decided(beacon: Beacon, sender: Sender, known: Rules, identify: Identify) -> dict[str, Any]:
    """What becomes of a beacon under rules, with their versions, so that the commit holds only if they do.

    What is declined whatever the rules are has none, unless a secret let it in, which may have been revoked.
    """
    declined = _declined(sender.headers)
    if declined and sender.signed_address is None:
        return declined
    address = sender.address_under(known.secrets)
    if declined:
        decision = declined
    elif known.opted_out.holds(address):
        decision = {"outcome": Outcome.COMPANY_OPTED_OUT}
    elif known.excluded.holds(address):
        decision = {"outcome": Outcome.EXCLUDED}
    else:
        decision = _identified(beacon, identify(address))
    return {"company": None, **decision, "rules": known.versions()}


def _identified(beacon: Beacon, answer: Match | NoMatch) -> dict[str, Any]:
    if isinstance(answer, NoMatch):
        return {"outcome": answer.reason}
    return {"outcome": Outcome.IDENTIFIED, "referrer_host": beacon.referrer_host, "company": _company_row(answer)}


def _page_row(page: Page) -> dict[str, str]:
    """What is kept of a page; what there is not is left out."""
    campaign = {name: value for name in CAMPAIGN_FIELDS if (value := getattr(page, name))}
    return {"host": page.host, "path": page.path, **campaign}


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
