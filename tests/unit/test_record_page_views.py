"""A batch of page views: who may send it, and what is said of each entry."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from functions.record_beacon import Sender
from functions.record_page_views import Recorded, record_page_views
from lib.domain.beacon import Beacon
from lib.domain.outcome import Outcome
from lib.domain.page import page_of_url
from lib.domain.page_view_batch import BadEntry, PageViewBatch, ReportedPageView
from lib.errors import ForeignSecret, InvalidSecret, OriginNotAllowed, StoreUnavailable, TooManyRequests, UnknownSite
from lib.identification import VisitorAddress
from lib.rate_limit import RateLimit
from lib.traffic import opts_out

SITE, SECRET, NEW, OTHERS = "site_a", "lmsk_known", "lmsk_new", "lmsk_others"
Entry = ReportedPageView[VisitorAddress] | BadEntry
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Secrets:
    """The database's part: what holds, what this process knows of it, and how often it was asked."""

    def __init__(self) -> None:
        self.holding: dict[str, list[str]] = {SITE: [SECRET, NEW]}
        self.asked: list[str] = []
        self.is_away = False
        self._shown = RateLimit(per_second=0.1, burst=1)
        self.now = 0.0

    def known(self, site_key: str) -> Sequence[str]:
        return [SECRET] if site_key == SITE else []

    async def renewed(self, site_key: str) -> Sequence[str] | None:
        if self._shown.seconds_to_wait(site_key, self.now):
            return None
        self.asked.append(site_key)
        if self.is_away:
            raise StoreUnavailable("away")
        if site_key not in self.holding:
            raise UnknownSite
        return self.holding[site_key]

    async def is_anothers(self, secret: str) -> bool:
        return secret == OTHERS


def view(view_id: str, path: str = "/", *, opted_out: bool = False) -> ReportedPageView[VisitorAddress]:
    page = page_of_url(f"https://example.com{path}")
    return ReportedPageView(view_id, page, None, "Mozilla/5.0", opted_out, NOW, VisitorAddress.parse("155.56.12.34"))


async def record(beacon: Beacon, sender: Sender) -> Outcome:
    """The product's verb, by what the page's path asks for."""
    if opts_out(sender.headers):
        return Outcome.OPTED_OUT
    if beacon.page.path == "/away":
        raise StoreUnavailable("away")
    if beacon.page.path == "/many":
        raise TooManyRequests("too_many_requests", "Too many.", retry_after_seconds=1)
    if beacon.page.path == "/elsewhere":
        raise OriginNotAllowed
    return Outcome.IDENTIFIED


def send(
    secrets: Secrets, *entries: ReportedPageView[VisitorAddress] | BadEntry, secret: str = SECRET, site: str = SITE
) -> list[Recorded]:
    return asyncio.run(record_page_views(PageViewBatch(site, list(entries)), secret, secrets=secrets, record=record))


def test_each_entry_is_answered_in_order_and_by_itself() -> None:
    entries: list[Entry] = [
        view("a"),
        BadEntry("b", "invalid_url", "No."),
        view("c", "/away"),
        view("d", "/many"),
        view("e", "/elsewhere"),
        view("f", opted_out=True),
        BadEntry(None, "invalid_id", "No."),
    ]
    found = [(one.id, one.outcome or one.error, one.retry_after_seconds) for one in send(Secrets(), *entries)]
    assert found == [("a", "identified", None), ("b", "invalid_url", None), ("c", "unavailable", 2), ("d", "too_many", 1),
                     ("e", "origin_not_allowed", None), ("f", "opted_out", None), (None, "invalid_id", None)]  # fmt: skip


def test_a_known_secret_costs_no_question() -> None:
    secrets = Secrets()
    assert len(send(secrets, view("a"))) == 1
    assert secrets.asked == []


def test_a_new_secret_is_known_at_once() -> None:
    secrets = Secrets()
    assert len(send(secrets, view("a"), secret=NEW)) == 1
    assert secrets.asked == [SITE]


@pytest.mark.parametrize("secret", ["", "lmsk_", "lmsk_forged", "ö" * 9, SECRET + "x", SECRET[:-1]])
def test_a_forged_secret_is_refused_and_asks_once_in_ten_seconds(secret: str) -> None:
    secrets = Secrets()
    for second in (0, 1, 9, 10, 19):
        secrets.now = second
        with pytest.raises(InvalidSecret):
            send(secrets, view("a"), secret=secret)
    assert len(secrets.asked) == 2
    assert len(send(secrets, view("a"))) == 1  # who has the secret is not kept waiting by who forges one


def test_another_sites_secret_is_told_from_none() -> None:
    with pytest.raises(ForeignSecret):
        send(Secrets(), view("a"), secret=OTHERS)


def test_a_site_that_is_none_is_said_so() -> None:
    with pytest.raises(UnknownSite):
        send(Secrets(), view("a"), site="site_b")


def test_nothing_is_recorded_before_the_secret_is_checked() -> None:
    secrets, recorded = Secrets(), []

    async def spy(beacon: Beacon, sender: Sender) -> Outcome:
        recorded.append(beacon)
        return Outcome.IDENTIFIED

    secrets.is_away = True
    with pytest.raises(StoreUnavailable):
        asyncio.run(record_page_views(PageViewBatch(SITE, [view("a")]), NEW, secrets=secrets, record=spy))
    assert recorded == []
