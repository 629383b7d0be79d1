"""What is in the database, to compare with what was acknowledged."""

from typing import NamedTuple

from dev.bench.place import Database

_PAGE_VIEWS = "select count(*) from public.page_views"
_COUNTED = (
    "select coalesce(sum(beacons) filter (where outcome = 'identified'), 0), coalesce(sum(beacons), 0) from public.site_days"
)


class Kept(NamedTuple):
    """Page views, and the beacons counted in the funnel: as identified, and as anything."""

    page_views: int
    identified: int
    counted: int

    @classmethod
    def expected(cls, outcome: str | None, acknowledged: int) -> "Kept":
        """What must have been added for so many acknowledged beacons of one outcome."""
        kept = acknowledged if outcome == "identified" else 0
        return cls(kept, kept, acknowledged)

    def __sub__(self, before: "Kept") -> "Kept":
        return Kept(*(now - then for now, then in zip(self, before, strict=True)))


def kept_rows(database: Database) -> Kept:
    """Count."""
    [(page_views,)] = database.execute(_PAGE_VIEWS).fetchall()
    [(identified, counted)] = database.execute(_COUNTED).fetchall()
    return Kept(page_views, identified, counted)
