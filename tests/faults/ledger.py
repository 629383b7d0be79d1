"""Compare what senders were told with what the database holds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import psycopg

from tests.faults.beacons import Beacon

# Anything else is a fault: 4xx because every beacon here is a good one, 500 always.
_HONEST = (None, 204, 429, 503)
_SHOWN = 5


@dataclass
class Kept:
    """What the database holds of some sites."""

    page_views: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows by site and beacon id."""
    visits: Counter[str] = field(default_factory=Counter)
    """The sum of the visits' page_view_count by site."""
    funnel: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Beacons counted by site and outcome, over all days."""


def read_kept(url: str, sites: Iterable[str]) -> Kept:
    """Everything of these sites, in one snapshot. `url` is a role's that row-level security does not hold back."""
    ids = list(sites)
    with psycopg.connect(url) as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        views = database.execute(
            "select site_id::text, beacon_id, count(*) from public.page_views where site_id = any(%s::uuid[]) group by 1, 2",
            [ids],
        ).fetchall()
        visits = database.execute(
            "select site_id::text, sum(page_view_count) from public.visits where site_id = any(%s::uuid[]) group by 1", [ids]
        ).fetchall()
        funnel = database.execute(
            "select site_id::text, outcome, sum(beacons) from public.site_days where site_id = any(%s::uuid[]) group by 1, 2",
            [ids],
        ).fetchall()
    return Kept(
        Counter({(site, beacon): int(rows) for site, beacon, rows in views}),
        Counter({site: int(views) for site, views in visits}),
        Counter({(site, outcome): int(beacons) for site, outcome, beacons in funnel}),
    )


@dataclass
class Reconciliation:
    """What was found: numbers, and a sentence for each thing that must not be."""

    acknowledged: int = 0
    unknown: int = 0
    rows: int = 0
    lost: int = 0
    doubled: int = 0
    complaints: list[str] = field(default_factory=list)

    def complain(self, what: str, places: Sequence[object]) -> int:
        """Note a fault with some of its places; returns how many there are."""
        if places:
            shown = ", ".join(map(str, places[:_SHOWN])) + (", ..." if len(places) > _SHOWN else "")
            self.complaints.append(f"{len(places)} {what}: {shown}")
        return len(places)

    def __str__(self) -> str:
        numbers = (
            f"acknowledged {self.acknowledged}  unknown {self.unknown}  page views kept {self.rows}  "
            f"lost {self.lost}  doubled {self.doubled}"
        )
        return "\n".join([numbers, *self.complaints])


def reconcile(beacons: Sequence[Beacon], kept: Kept) -> Reconciliation:
    """Hold every answer against the rows.

    A beacon never acknowledged may have been kept or not, but once at most. Where every beacon is acknowledged nothing
    is left open: the counts must be equal.
    """
    found = Reconciliation(
        acknowledged=sum(beacon.is_acknowledged for beacon in beacons),
        unknown=sum(not beacon.is_acknowledged for beacon in beacons),
        rows=kept.page_views.total(),
    )
    _hold_answers(beacons, found)
    _hold_page_views(beacons, kept, found)
    _hold_visits(kept, found)
    _hold_counts(beacons, kept, found)
    return found


def _hold_answers(beacons: Sequence[Beacon], found: Reconciliation) -> None:
    answers = [(beacon, answer) for beacon in beacons for answer in beacon.answers]
    found.complain("answers that are no honest ones", [answer.status for _, answer in answers if answer.status not in _HONEST])
    found.complain(
        "503 or 429 without Retry-After",
        [b.id for b, answer in answers if answer.status in (429, 503) and not answer.retry_after],
    )
    found.complain(
        "wrong outcomes",
        [
            f"{answer.outcome} for {beacon.group.outcome}"
            for beacon, answer in answers
            if answer.acknowledged and answer.outcome not in (beacon.group.outcome, "duplicate")
        ],
    )
    found.doubled += found.complain("beacons acknowledged as new twice", [beacon.id for beacon in beacons if beacon.firsts > 1])


def _hold_page_views(beacons: Sequence[Beacon], kept: Kept, found: Reconciliation) -> None:
    companies = {(beacon.site.id, beacon.id): beacon for beacon in beacons if beacon.group.outcome == "identified"}
    found.lost += found.complain(
        "page views acknowledged and missing",
        [place for place, beacon in companies.items() if beacon.is_acknowledged and not kept.page_views[place]],
    )
    found.doubled += found.complain("page views kept twice", [place for place, rows in kept.page_views.items() if rows > 1])
    found.doubled += found.complain("page views nobody sent", [place for place in kept.page_views if place not in companies])


def _hold_visits(kept: Kept, found: Reconciliation) -> None:
    rows = Counter[str]()
    for (site, _), number in kept.page_views.items():
        rows[site] += number
    found.complain(
        "sites whose visits do not add up",
        [
            f"{site}: {kept.visits[site]} in visits, {rows[site]} rows"
            for site in rows | kept.visits
            if kept.visits[site] != rows[site]
        ],
    )
    found.complain(
        "sites whose funnel does not hold their page views",
        [
            f"{site}: {kept.funnel[site, 'identified']} counted, {rows[site]} rows"
            for site in rows | kept.visits
            if kept.funnel[site, "identified"] != rows[site]
        ],
    )


def _hold_counts(beacons: Sequence[Beacon], kept: Kept, found: Reconciliation) -> None:
    known, unknown = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for beacon in beacons:
        (known if beacon.is_acknowledged else unknown)[beacon.site.id, beacon.group.outcome] += 1
    places = set(known) | set(unknown) | set(kept.funnel)
    missing = {place: known[place] - kept.funnel[place] for place in places if kept.funnel[place] < known[place]}
    spare = {place: kept.funnel[place] - known[place] - unknown[place] for place in places}
    surplus = {place: number for place, number in spare.items() if number > 0}
    found.complain("counts below what was acknowledged", [f"{place} by {number}" for place, number in missing.items()])
    found.complain("counts above what was sent", [f"{place} by {number}" for place, number in surplus.items()])
    # Those of companies show as rows, and are not to be counted as lost or doubled a second time.
    found.lost += sum(number for (_, outcome), number in missing.items() if outcome != "identified")
    found.doubled += sum(number for (_, outcome), number in surplus.items() if outcome != "identified")
