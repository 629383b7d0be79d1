"""GET /api/health: whether this deployment can record a visit, for the operator and their uptime monitor.

200 when the settings are there, the company-IP table opens and the database answers the beacon's role; else 503. It says
which of them fails, and of each job when it last went through and whether that is late; nothing about any customer.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from lib.asgi import Receive, Scope, Send, answer_json, door
from lib.db.beacon_store import beacon_store
from lib.db.job_store import job_store
from lib.domain.job import JOBS
from lib.errors import MissingSetting, StoreUnavailable
from lib.identification import table_release


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    database, jobs = await asyncio.gather(_database_state(), asyncio.to_thread(_job_states))
    state = {
        "status": "ok" if database == "ok" else "degraded",
        "database": database,
        "table_release": table_release(),
        "jobs": jobs,
    }
    # The edge answers a flood of probes; the database sees one in ten seconds.
    await answer_json(send, 200 if database == "ok" else 503, state, {"cache-control": "public, max-age=0, s-maxage=10"})


async def _database_state() -> str:
    try:
        await beacon_store().record([])
    except (MissingSetting, StoreUnavailable) as error:
        return _said(error)
    return "ok"


def _job_states() -> dict[str, Any] | str:
    try:
        known = {row["job"]: row["finished_at"] for row in job_store().list_jobs()}
    except (MissingSetting, StoreUnavailable) as error:
        return _said(error)
    now = datetime.now(UTC)
    finished = {name: datetime.fromisoformat(known[name]) if known.get(name) else None for name in JOBS}
    return {
        name: {"finished_at": at.isoformat() if at else None, "late": JOBS[name].is_late(at, now)}
        for name, at in finished.items()
    }


def _said(error: MissingSetting | StoreUnavailable) -> str:
    if isinstance(error, MissingSetting):
        return f"setting {error.name} {error.fault}"
    return f"unavailable ({error.reason})"
