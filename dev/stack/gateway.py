"""What stands before a hosted Supabase project: one URL, keys turned into tokens, three servers behind it.

Source: Supabase's documentation of API keys. A publishable or secret key opens the gateway and, where no other token
is sent, becomes a short-lived JWT of the matching role. Run as `python -m dev.stack.gateway`.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import jwt
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from dev.stack.serving import serve

_TOKEN_SECONDS = 60
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# Mail links and public files are opened by browsers that have no key.
_KEYLESS = (
    "/auth/v1/verify",
    "/auth/v1/callback",
    "/auth/v1/authorize",
    "/storage/v1/object/public/",
    "/storage/v1/object/sign/",
)
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"}
# Nothing behind the gateway needs to know who called, so nothing is told.
_ADDRESSES = {"x-forwarded-for", "x-real-ip", "forwarded", "x-vercel-forwarded-for", "x-client-ip", "cf-connecting-ip"}


class Refused(Exception):
    """The gateway does not let the request through."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.body = {"message": message, "hint": hint}


class Keys:
    """The project's two keys and the tokens they stand for."""

    def __init__(self, jwt_secret: str, publishable_key: str, secret_key: str) -> None:
        self._jwt_secret = jwt_secret
        self._roles = {publishable_key: "anon", secret_key: "service_role"}

    def role_of(self, request: Request) -> tuple[str, str]:
        """The key a request shows and its role; raises Refused."""
        key = request.headers.get("apikey") or request.query_params.get("apikey")
        if not key:
            raise Refused("No API key found in request", "No `apikey` request header or url param was found.")
        role = self._roles.get(key)
        if role is None:
            raise Refused("Invalid API key", "Double check the API key in your project's settings.")
        if role == "service_role" and request.headers.get("user-agent", "").startswith("Mozilla/"):
            raise Refused("Forbidden use of secret API key in browser", "Secret keys can only be used on a server.")
        return key, role

    def token_for(self, role: str) -> str:
        """A short-lived token of a role, as the hosted gateway makes one."""
        claims = {"role": role, "iss": "supabase", "exp": int(time.time()) + _TOKEN_SECONDS}
        return jwt.encode(claims, self._jwt_secret, algorithm="HS256")


async def forward(request: Request) -> Response:
    """Check the key and pass the request on to the server its path belongs to."""
    service, _, rest = request.url.path.removeprefix("/").partition("/v1")
    upstream = request.app.state.upstreams.get(service)
    if upstream is None:
        return JSONResponse({"message": "no Route matched with those values"}, 404)
    try:
        headers = _headers_behind(request, service)
    except Refused as refused:
        return JSONResponse(refused.body, 401)
    url = httpx.URL(upstream + (rest if service == "rest" else request.url.path), query=request.url.query.encode())
    client: httpx.AsyncClient = request.app.state.client
    try:
        # Read whole: no request the product makes is larger than a document, and a length suits every server behind.
        passed_on = client.build_request(request.method, url, headers=headers, content=await request.body())
        answer = await client.send(passed_on, stream=True)
    except httpx.TransportError:
        return JSONResponse({"message": "The upstream server is not reachable"}, 503)
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
    return StreamingResponse(answer.aiter_raw(), answer.status_code, kept, background=BackgroundTask(answer.aclose))


def _headers_behind(request: Request, service: str) -> list[tuple[str, str]]:
    kept = [
        (name, value)
        for name, value in request.headers.items()
        if name not in _HOP_BY_HOP and name not in _ADDRESSES and not name.startswith("access-control-")
    ]
    if request.url.path.startswith(_KEYLESS):
        return kept
    keys: Keys = request.app.state.keys
    key, role = keys.role_of(request)
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if service in ("rest", "storage") and bearer in ("", key):
        kept = [(name, value) for name, value in kept if name != "authorization"]
        kept.append(("authorization", f"Bearer {keys.token_for(role)}"))
    return kept


@asynccontextmanager
async def _open(app: Starlette) -> AsyncIterator[None]:
    environment = os.environ
    app.state.keys = Keys(environment["JWT_SECRET"], environment["SUPABASE_PUBLISHABLE_KEY"], environment["SUPABASE_SECRET_KEY"])
    auth = f"http://127.0.0.1:{environment['AUTH_PORT']}"
    app.state.upstreams = {"rest": f"http://127.0.0.1:{environment['POSTGREST_PORT']}", "auth": auth, "storage": auth}
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=64)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:
        app.state.client = client
        yield


app = Starlette(
    routes=[Route("/{path:path}", forward, methods=_METHODS)],
    middleware=[
        Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=_METHODS, allow_headers=["*"], expose_headers=["*"])
    ],
    lifespan=_open,
)

if __name__ == "__main__":
    serve(app)
