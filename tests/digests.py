"""Build what tests of digests need: subscriptions, visits at certain moments, and what was written."""

import uuid
from datetime import datetime
from typing import Any

from tests.builders import Caller, Customer, World


def subscribe(customer: Customer, reader: Caller | None = None, **choices: object) -> str:
    """Subscribe somebody to a customer's site, daily at 8 in UTC unless said otherwise, long ago."""
    reader = reader or customer.owner
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "rhythm": "daily", "hour": 8, "time_zone": "UTC"}
    answer = reader.insert("digest_subscriptions", {**row, **choices})
    assert answer.status_code == 201, answer.text
    found = customer.world.database.execute(
        "update public.digest_subscriptions set settled_at = '2020-01-01' where user_id = %s returning id::text, created_at",
        [reader.user_id],
    ).fetchall()
    return str(max(found, key=lambda one: one[1])[0])


def visit(customer: Customer, key: str, *moments: str, path: str = "/pricing", **page: object) -> None:
    """Let a company have visited at some moments, one page each."""
    database = customer.world.database
    for moment in moments:
        customer.world.record(customer.beacon(key, page={"host": "example.com", "path": path, **page}))
        # What was recorded now is put where it belongs, so that the next one is a visit of its own.
        at = {"at": moment, "site": customer.site_id, "account": customer.account_id, "key": key}
        database.execute(_PUT_VIEW, at)
        database.execute(_PUT_VISIT, at)
        database.execute(_PUT_COMPANY, at)


_PUT_VIEW = """
update public.page_views set viewed_at = %(at)s where visit_id in (
  select id from public.visits where site_id = %(site)s and started_at > now() - interval '1 minute'
)
"""
_PUT_VISIT = """
update public.visits set started_at = %(at)s, last_seen_at = %(at)s
where site_id = %(site)s and started_at > now() - interval '1 minute'
"""
_PUT_COMPANY = """
update public.companies as company
set first_seen_at = visited.first, last_seen_at = visited.last
from (select company_id, min(started_at) as first, max(last_seen_at) as last from public.visits group by company_id) as visited
where visited.company_id = company.id and company.account_id = %(account)s and company.company_key = %(key)s
"""


def due(world: World, at: str) -> list[str]:
    """The subscriptions that are due at a moment."""
    return [found["subscription_id"] for found in world.role("digester").result("due_digests", at=at, most=500)]


def keep(world: World, subscription_id: str, at: str) -> str:
    """Write a digest as the job does."""
    return str(world.role("digester").result("keep_digest", subscription_id=subscription_id, at=at))


def posted(world: World, subscription_id: str) -> list[dict[str, Any]]:
    """What was put into the outbox for a subscription, in order."""
    rows = world.database.execute(
        "select to_jsonb(message) from private.outbox as message where destination_id = %s order by sequence", [subscription_id]
    ).fetchall()
    return [row[0] for row in rows]


def names(message: dict[str, Any], part: str | None = None) -> list[str]:
    """The companies a digest shows, of one part or of all."""
    return [one["name"] for one in message["content"]["companies"] if part in (None, one["part"])]


def kept(world: World, subscription_id: str) -> list[tuple[str, datetime, datetime]]:
    """The digests that were written: local date, and what they cover."""
    rows = world.database.execute(
        "select local_date::text, covers_from, covers_until from private.digests where subscription_id = %s order by 1",
        [subscription_id],
    ).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


def content(companies: int = 3, **changes: Any) -> dict[str, Any]:
    """What private.digest_content answers, of so many new companies."""
    shown = [company_told(f"Company {place}") for place in range(min(companies, 12))]
    return {
        "about": "Website", "is_segment": False, "rhythm": "daily", "time_zone": "Europe/Berlin", "site_id": str(uuid.uuid4()),
        "since_local": "2026-11-24T08:00", "until_local": "2026-11-25T08:00",
        "funnel": {"since": "2026-11-24", "until": "2026-11-24", "outcomes": {"identified": 12, "carrier": 1204, "bot": 30}},
        "totals": {"new": companies} if companies else {}, "companies": shown, "unsubscribe": "u" * 43, **changes,
    }  # fmt: skip


def company_told(name: str, part: str = "new", **changes: Any) -> dict[str, Any]:
    """A company of a digest."""
    return {
        "id": str(uuid.uuid4()), "site_id": str(uuid.uuid4()), "part": part, "name": name, "domain": "company.example",
        "industry": "Manufacturing", "country": "DE", "employee_range": "1000-4999", "score": 42, "visits": 3, "page_views": 9,
        "is_followed": False, "rules": [], "pages": [{"path": "/pricing", "views": 4}, {"path": "/docs", "views": 1}],
        "campaign": None, **changes,
    }  # fmt: skip
