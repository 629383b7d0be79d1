"""How the Python parts of the stack listen: on loopback, on the port they are given, without an access log."""

import os
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """Serve an ASGI application on 127.0.0.1:$PORT until told to stop.

    No access log: it would write addresses, and the product promises that no log holds one.
    """
    port = int(os.environ["PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning", server_header=False)
