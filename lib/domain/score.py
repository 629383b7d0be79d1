"""How interested a company is, 0 to 100, and how that came about: see docs/score.md.

The database computes the same (`private.visit_points`, `private.saturated`); a test holds both to each other.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

POINTS_FOR_A_PAGE, MOST_PAGES, HALF_LIFE_DAYS, HALF_AT_POINTS = 10, 100, 14, 50


@dataclass(frozen=True, slots=True)
class Part:
    """What one visit adds. days: whole ones since its last page. tenths: of a point, so that parts add up exactly."""

    page_views: int
    days: int
    tenths: int


@dataclass(frozen=True, slots=True)
class Score:
    """A score with what it is made of: the parts add up to tenths, which come to the score."""

    parts: tuple[Part, ...]
    tenths: int
    score: int


def explain_score(visits: Iterable[tuple[int, int]]) -> Score:
    """The score of visits, each its page views and the whole days since its last one."""
    parts = tuple(Part(page_views, days, visit_tenths(page_views, days)) for page_views, days in visits)
    tenths = sum(part.tenths for part in parts)
    return Score(parts, tenths, saturated(tenths))


def visit_tenths(page_views: int, days: int) -> int:
    """10 points times the root of the pages, so that each further page adds less; half as much every 14 days. In tenths."""
    pages = min(max(page_views, 0), MOST_PAGES)
    return round(10 * POINTS_FOR_A_PAGE * math.sqrt(pages) * math.pow(0.5, max(days, 0) / HALF_LIFE_DAYS))


def saturated(tenths: int) -> int:
    """points / (points + 50), in per cent, a half rounded up: 50 points are a score of 50, and nothing reaches more than 100."""
    half_at = 10 * HALF_AT_POINTS
    return (200 * tenths + tenths + half_at) // (2 * (tenths + half_at))
