"""GET /api/health: whether this deployment can record a visit, for the operator and their uptime monitor.

200 when the settings are there, the company-IP table opens and the database answers the beacon's role; else 503.
It says which of them fails and nothing about any customer.
"""

from lib.asgi import Receive, Scope, Send, answer_json, door
from lib.db.beacon_store import beacon_store
from lib.errors import MissingSetting, StoreUnavailable
from lib.identification import table_release


@door
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application Vercel serves."""
    database = await _database_state()
    state = {"status": "ok" if database == "ok" else "degraded", "database": database, "table_release": table_release()}
    # The edge answers a flood of probes; the database sees one in ten seconds.
    await answer_json(send, 200 if database == "ok" else 503, state, {"cache-control": "public, max-age=0, s-maxage=10"})


async def _database_state() -> str:
    try:
        await beacon_store().record([])
    except MissingSetting as error:
        return f"setting {error.name} is missing"
    except StoreUnavailable as error:
        return f"unavailable ({error.reason})"
    return "ok"
