"""Turn page views that a customer's server reports into company visits, as if browsers had sent them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Protocol

from functions.record_beacon import Sender
from lib.domain.beacon import Beacon
from lib.domain.outcome import Outcome
from lib.domain.page_view_batch import BadEntry, PageViewBatch, ReportedPageView
from lib.errors import ForeignSecret, InvalidSecret, Refusal, StoreUnavailable, TooManyRequests
from lib.identification import VisitorAddress

Record = Callable[[Beacon, Sender], Awaitable[Outcome]]


class SiteSecrets(Protocol):
    """The secrets of sites."""

    def known(self, site_key: str) -> Sequence[str]:
        """Those this process knows, without asking."""

    async def renewed(self, site_key: str) -> Sequence[str] | None:
        """Those that hold now; None if they were fetched a moment ago. Raises UnknownSite or StoreUnavailable."""

    async def is_anothers(self, secret: str) -> bool:
        """Whether a secret is one of any site. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an entry: an outcome, or an error with a message, and whether trying again can help."""

    id: str | None
    outcome: Outcome | None = None
    error: str | None = None
    message: str | None = None
    retry_after_seconds: int | None = None


def shown_result(one: Recorded) -> dict[str, object]:
    """A result as a server reads it."""
    if one.outcome:
        return {"id": one.id, "outcome": one.outcome}
    wait = {} if one.retry_after_seconds is None else {"retry_after": one.retry_after_seconds}
    return {"id": one.id, "error": one.error, "message": one.message, **wait}


async def record_page_views(
    batch: PageViewBatch[VisitorAddress], secret: str, *, secrets: SiteSecrets, record: Record
) -> list[Recorded]:
    """Record a batch for the holder of one of its site's secrets, and say in order what became of each entry.

    Entries are recorded at once, so that they are committed together. The same batch may be sent again: an entry that was
    recorded is then a duplicate. Raises InvalidSecret, ForeignSecret, UnknownSite, or StoreUnavailable when the secret cannot
    be checked.
    """
    await _check_secret(batch.site_key, secret, secrets)
    results = list(await asyncio.gather(*(_recorded(batch.site_key, entry, secret, record) for entry in batch.entries)))
    if results and all(one.error == "bad_secret" for one in results):
        raise InvalidSecret
    return results


async def _check_secret(site_key: str, secret: str, secrets: SiteSecrets) -> None:
    if _is_among(secret, secrets.known(site_key)):
        return
    renewed = await secrets.renewed(site_key)
    if renewed is None:
        raise InvalidSecret
    if not _is_among(secret, renewed):
        raise ForeignSecret if await secrets.is_anothers(secret) else InvalidSecret


def _is_among(secret: str, known: Sequence[str]) -> bool:
    return any([compare_digest(secret.encode(), one.encode()) for one in known])


async def _recorded(site_key: str, entry: ReportedPageView[VisitorAddress] | BadEntry, secret: str, record: Record) -> Recorded:
    if isinstance(entry, BadEntry):
        return Recorded(entry.id, error=entry.code, message=entry.message)
    try:
        return Recorded(entry.id, await record(_beacon(site_key, entry), _sender(entry, secret)))
    except TooManyRequests as refusal:
        return Recorded(entry.id, error="too_many", message=refusal.message, retry_after_seconds=refusal.retry_after_seconds)
    except Refusal as refusal:
        return Recorded(entry.id, error=refusal.code, message=refusal.message)
    except StoreUnavailable as away:
        return Recorded(entry.id, error="unavailable", message=_UNAVAILABLE, retry_after_seconds=away.retry_after_seconds)


_UNAVAILABLE = "Not recorded. Send the same batch again."


def _beacon(site_key: str, view: ReportedPageView[VisitorAddress]) -> Beacon:
    return Beacon(site_key, view.id, view.page, view.referrer_host, view.seen_at)


def _sender(view: ReportedPageView[VisitorAddress], secret: str) -> Sender:
    """A server's report has no Origin: the secret says whose it is, and the page's host must be the site's all the same."""

    def stated_address(secrets: Sequence[str]) -> VisitorAddress:
        # Asked under the newest rules: a secret that was revoked a moment ago must not be good for one more batch.
        if not _is_among(secret, secrets):
            raise InvalidSecret
        return view.address

    opted_out = {"sec-gpc": "1"} if view.opted_out else {}
    return Sender(view.page.host, {"user-agent": view.user_agent, **opted_out}, view.address, stated_address)
