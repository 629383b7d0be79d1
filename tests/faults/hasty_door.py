"""A door that does what ours must not: it acknowledges first and hands on later.

The fault test runs against it to show that it would notice. Run as `python -m tests.faults.hasty_door`, with the port of
the real door in REAL_PORT.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dev.stack.serving import serve

_FLUSHED_AFTER_SECONDS = 0.3
_HOP_BY_HOP = {"host", "content-length", "connection"}


async def take(request: Request) -> Response:
    """Acknowledge what is in memory alone. GET /drained is answered well when nothing is left there."""
    if request.method == "GET":
        is_drained = request.url.path != "/drained" or not request.app.state.unsent
        return Response(status_code=204 if is_drained else 503)
    headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
    request.app.state.unsent.append((headers, await request.body()))
    return Response(status_code=204, headers={"leadsment-outcome": "duplicate"})


async def _flush(app: Starlette) -> None:
    url = f"http://127.0.0.1:{os.environ['REAL_PORT']}/b"
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while True:
            await asyncio.sleep(_FLUSHED_AFTER_SECONDS)
            while app.state.unsent:
                headers, body = app.state.unsent[0]
                await client.post(url, headers=headers, content=body)
                del app.state.unsent[0]


@asynccontextmanager
async def _open(app: Starlette) -> AsyncIterator[None]:
    app.state.unsent = []
    flushing = asyncio.create_task(_flush(app))
    yield
    flushing.cancel()


app = Starlette(routes=[Route("/{path:path}", take, methods=["GET", "POST"])], lifespan=_open)

if __name__ == "__main__":
    serve(app)
