"""The deployment once more, beside the stack's own, with some settings changed."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx

from dev.stack import Stack
from dev.stack.layout import ROOT


@contextlib.contextmanager
def deployment(stack: Stack, *, module: str = "dev.stack.edge", **settings: str) -> Iterator[httpx.Client]:
    """Run it, over the same database and mails unless a setting says otherwise, and give somebody who speaks to it."""
    port = str(free_port())
    places = {"APP_URL": f"http://127.0.0.1:{port}", "PUBLIC_FOLDER": str(stack.public), "PORT": port}
    environment = {**os.environ, **stack.function_environment(), **places, **settings}
    process = subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, env=environment)
    with httpx.Client(base_url=places["APP_URL"], timeout=15, trust_env=False) as client:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                client.get("/robots.txt")
                break
            time.sleep(0.05)
        yield client
    process.terminate()
    process.wait()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
