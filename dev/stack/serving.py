"""How the Python parts of the stack listen: on loopback, on the port they are given, without an access log."""

import os
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """Serve an ASGI application on 127.0.0.1:$PORT until told to stop.

    No access log: it would write addresses, and the product promises that no log holds one. No proxy headers: uvicorn
    would otherwise believe what a client on loopback says about where it comes from.
    """
    options: dict[str, Any] = {"access_log": False, "proxy_headers": False, "log_level": "warning", "server_header": False}
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), **options)
