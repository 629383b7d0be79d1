"""Look for contacts at the companies an account asked for, and keep what may be kept."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from lib.contacts.provider import ContactProvider
from lib.domain.contact import Contact, IsFreeMail, read_contact
from lib.domain.enrichment import NotYet, Request
from lib.domain.job import Counts, Run
from lib.errors import ProviderClosed, ProviderUnavailable, StoreUnavailable

JOB = "enrich_contacts"
_AT_ONCE = 10
# Longer than all of a claim's requests take, each with a bound of its own.
_LEASE_SECONDS = 300
# Twice as long each time: what a provider answers and we cannot read may cost all the same.
_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 120, 6 * 60 * 60


class Requests(Protocol):
    """Where requests wait, and contacts are kept."""

    def claim(self, providers: list[str], *, most: int, lease_seconds: int) -> list[Request]:
        """Take requests that are due."""

    def finish(self, request: Request, contacts: list[Contact]) -> int | None:
        """Keep contacts and end the request: how many were kept; None for one that was overtaken."""

    def postpone(self, request: Request, wait_seconds: int, provider_job: str | None = None) -> None:
        """Let a request wait."""


class Failures(Protocol):
    """For which accounts the job failed."""

    def note_failure(self, job_name: str, account_id: str, fault: str) -> None:
        """Leave an account out for a while."""

    def forget_failure(self, job_name: str, account_id: str) -> None:
        """The job succeeded for an account."""


def enrich_contacts(
    run: Run,
    *,
    requests: Requests,
    providers: Mapping[str, ContactProvider],
    is_free_mail: IsFreeMail,
    failures: Failures,
    report: Callable[[Exception], None],
) -> Counts:
    """Ask until nothing is due or the run's time is over, and count requests that were answered and that were not.

    A provider that takes no request of ours is left alone for hours, and report hears of it. A fault for one account keeps no
    other waiting. Raises StoreUnavailable.
    """
    counts: Counter[bool] = Counter()
    open_providers = dict(providers)
    while open_providers and run.has_time:
        claimed = requests.claim(sorted(open_providers), most=_AT_ONCE, lease_seconds=_LEASE_SECONDS)
        if not claimed:
            break
        for request in claimed:
            provider = open_providers.get(request.provider)
            if provider is None or not run.has_time:
                requests.postpone(request, 1 if provider else _LONGEST_WAIT_SECONDS)
                continue
            try:
                counts[_enrich_for(request, provider, requests, is_free_mail, failures, report)] += 1
            except ProviderClosed as closed:
                del open_providers[request.provider]
                requests.postpone(request, closed.wait_seconds or _LONGEST_WAIT_SECONDS)
                counts[False] += 1
                report(closed)
    return Counts(done=counts[True], failed=counts[False])


def _enrich_for(
    request: Request,
    provider: ContactProvider,
    requests: Requests,
    is_free_mail: IsFreeMail,
    failures: Failures,
    report: Callable[[Exception], None],
) -> bool:
    """The same as _enrich, and a fault is the account's alone. Raises ProviderClosed, StoreUnavailable."""
    try:
        is_done = _enrich(request, provider, requests, is_free_mail)
    except (ProviderClosed, StoreUnavailable):
        raise
    except Exception as fault:  # noqa: BLE001  one account must not keep the others waiting
        requests.postpone(request, _wait_seconds(request))
        failures.note_failure(JOB, request.account_id, type(fault).__name__)
        report(fault)
        return False
    failures.forget_failure(JOB, request.account_id)
    return is_done


def _enrich(request: Request, provider: ContactProvider, requests: Requests, is_free_mail: IsFreeMail) -> bool:
    """Ask for one company. Whether the provider did its part: an answer, or that it works on it."""
    try:
        found = provider.find(request.wanted)
    except ProviderClosed:
        raise
    except ProviderUnavailable as away:
        requests.postpone(request, away.wait_seconds or _wait_seconds(request))
        return False
    if isinstance(found, NotYet):
        requests.postpone(request, found.wait_seconds, found.provider_job)
        return True
    readings = [
        read_contact(raw, company_domain=request.wanted.domain, source=request.provider, is_free_mail=is_free_mail)
        for raw in found.contacts
    ]
    requests.finish(request, [reading.contact for reading in readings if reading.contact][: request.wanted.most])
    return True


def _wait_seconds(request: Request) -> int:
    return min(_WAIT_SECONDS << min(request.attempt - 1, 10), _LONGEST_WAIT_SECONDS)
