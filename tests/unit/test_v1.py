"""What one request of /api/v1 must not do to the others."""

import asyncio
import json
import threading
from typing import Any

import pytest

from api import v1
from functions.check_install import CheckedInstall


def test_slow_install_checks_take_no_thread_from_page_views(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()

    def slow(*_: object) -> CheckedInstall:
        end.wait()
        return CheckedInstall("https://example.com/", [])

    monkeypatch.setattr(v1, "_check", slow)

    async def ask(number: int) -> None:
        body = json.dumps({"site_id": f"00000000-0000-0000-0000-{number:012}", "url": "https://example.com/"}).encode()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: object) -> None:
            """Nobody listens."""

        headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer token")]
        await v1.app({"type": "http", "method": "POST", "path": "/api/v1/install-checks", "headers": headers}, receive, send)

    async def both() -> None:
        checks = [asyncio.create_task(ask(number)) for number in range(64)]
        await asyncio.sleep(0.1)
        try:
            # As rules and secrets are fetched.
            await asyncio.wait_for(asyncio.to_thread(int), 1)
        finally:
            end.set()
            await asyncio.gather(*checks)

    asyncio.run(both())
