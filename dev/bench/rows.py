"""What is in the database, to compare with what was acknowledged."""

from collections import Counter

from dev.bench.place import Database

_ROWS = {
    "page views": "select count(*) from public.page_views",
    "page views of visits": "select coalesce(sum(page_view_count), 0) from public.visits",
    "plain rows": "select count(*) from public.plain_page_views",
}
_COUNTED = "select 'counted as ' || outcome, sum(beacons) from public.site_days group by outcome"


def kept_rows(database: Database) -> Counter[str]:
    """How many rows there are of what is measured, and how many beacons the funnel counts by outcome."""
    rows = Counter({name: int(database.execute(query).fetchall()[0][0]) for name, query in _ROWS.items()})
    return rows + Counter({name: int(count) for name, count in database.execute(_COUNTED).fetchall()})


def rows_of(outcome: str | None, acknowledged: int) -> Counter[str]:
    """What so many acknowledged beacons of one outcome add."""
    kept = {"page views": acknowledged, "page views of visits": acknowledged} if outcome == "identified" else {}
    return +Counter({**kept, f"counted as {outcome}": acknowledged})
