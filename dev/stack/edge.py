"""What stands before the deployment on Vercel: routes, headers, public files, and the functions of api/.

It plays the platform's part with addresses: whatever a client claims in a forwarding header is overwritten with where
the request came from. To try the product with addresses other than 127.0.0.1, a request may carry
X-Simulated-Address; the deployed product knows nothing of it. Run as `python -m dev.stack.edge`.
"""

import importlib
import importlib.util
import logging
import mimetypes
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from dev.stack.layout import ROOT
from dev.stack.routing import Answer, Routes, compile_routes
from dev.stack.serving import serve

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Function = Callable[[Message, Receive, Send], Awaitable[None]]

_FORWARDING = {b"x-forwarded-for", b"x-real-ip", b"x-vercel-forwarded-for", b"forwarded", b"x-simulated-address"}
_log = logging.getLogger("leadsment.edge")


class Edge:
    """The ASGI application in front of everything."""

    def __init__(self, routes: Routes, functions: dict[str, Function]) -> None:
        self._routes = routes
        self._functions = functions

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            answer = self._routes.find_answer(scope["path"])
            if answer.function:
                await self._call_function(answer, scope, receive, send)
            else:
                await _send_file(answer, scope, send)

    async def _call_function(self, answer: Answer, scope: Message, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name for name, _ in message["headers"]}
                added = [header for header in _encoded(answer.headers) if header[0] not in named]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        function = self._functions[answer.function or ""]
        await function({**scope, "headers": _platform_headers(scope)}, receive, send_with_headers)


def _platform_headers(scope: Message) -> list[tuple[bytes, bytes]]:
    """The request's headers with the client's address where the platform puts it, and nowhere else."""
    headers = dict(scope["headers"])
    address = headers.get(b"x-simulated-address") or scope["client"][0].encode()
    kept = [(name, value) for name, value in scope["headers"] if name not in _FORWARDING and not name.startswith(b"x-vercel-")]
    stated = [(name, address) for name in (b"x-forwarded-for", b"x-real-ip", b"x-vercel-forwarded-for")]
    return [*kept, *stated, (b"x-vercel-id", b"local1::local")]


async def _send_file(answer: Answer, scope: Message, send: Send) -> None:
    body = answer.file.read_bytes() if answer.file else b""
    content_type = mimetypes.guess_type(answer.file.name)[0] if answer.file else None
    headers = {"content-length": str(len(body)), "cache-control": "public, max-age=0, must-revalidate"}
    headers |= {"content-type": _with_charset(content_type)} if content_type else {}
    status = answer.status if scope["method"] in ("GET", "HEAD") or answer.status != 200 else 405
    await send({"type": "http.response.start", "status": status, "headers": _encoded(headers | answer.headers)})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _with_charset(content_type: str) -> str:
    is_text = content_type.startswith("text/") or content_type.endswith(("javascript", "json", "svg+xml"))
    return f"{content_type}; charset=utf-8" if is_text else content_type


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def load_functions(folder: Path) -> dict[str, Function]:
    """The functions by path without suffix, such as `api/beacon`: every file of api/ with a top-level `app`."""
    functions = {}
    for file in sorted(folder.rglob("*.py")):
        if not file.name.startswith(("_", ".")):
            spec = importlib.util.spec_from_file_location(f"api_function_{file.stem}", file)
            if spec is None or spec.loader is None:
                raise ImportError(f"{file} cannot be imported")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            functions[str(file.relative_to(ROOT).with_suffix(""))] = module.app
    return functions


def main() -> None:
    """Serve the deployment described by vercel.json."""
    sys.path.insert(0, str(ROOT))
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    functions = load_functions(ROOT / "api")
    routes = Routes(compile_routes(ROOT / "vercel.json"), Path(os.environ["PUBLIC_FOLDER"]), set(functions))
    serve(Edge(routes, functions))


if __name__ == "__main__":
    main()
