"""Customers' proxies, as the dashboard hands them out, run for real on loopback."""

import contextlib
import functools
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from dev.stack.layout import ROOT
from tests.deployments import free_port

HERE = Path(__file__).parent
_APP_URL = "https://leads.example.com"
# Where each kind's platform, or the server in front, says who visits. The harness plays that part for node and wordpress.
ADDRESS_HEADERS = {
    "cloudflare": "CF-Connecting-IP",
    "next": "X-Real-IP",
    "vercel": "X-Real-IP",
    "node": "X-Simulated-Address",
    "nginx": "X-Simulated-Address",
    "wordpress": "X-Simulated-Address",
}
_NJS = [Path("/usr/lib/nginx/modules/ngx_http_js_module.so"), Path("/usr/lib64/nginx/modules/ngx_http_js_module.so")]


@functools.cache
def recipes() -> dict[str, dict[str, Any]]:
    """What the dashboard of https://leads.example.com shows, by id."""
    printed = subprocess.run(["node", HERE / "print.mjs", _APP_URL], cwd=ROOT, check=True, capture_output=True, text=True)
    return {recipe["id"]: recipe for recipe in json.loads(printed.stdout)}


def runs_here(kind: str) -> bool:
    """Whether this machine has what a kind of proxy needs. Node.js is needed anyway."""
    if kind == "nginx":
        return shutil.which("nginx") is not None and _njs() is not None
    return shutil.which("php") is not None if kind == "wordpress" else True


def signed(body: bytes, address: str, secret: str, seconds: int = 0) -> tuple[str, bytes]:
    """What a proxy whose clock is so much ahead states of a body, and the body."""
    stated_at, body_hash = int(time.time()) + seconds, hashlib.sha256(body).hexdigest()
    message = f"v1\n{stated_at}\n{address}\n{body_hash}".encode()
    seal = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return f"v1 t={stated_at} a={address} b={body_hash} s={seal}", body


@contextlib.contextmanager
def proxy(kind: str, app_url: str, secret: str, folder: Path) -> Iterator[httpx.Client]:
    """Run a customer's proxy before a deployment, and give a visitor who speaks to it."""
    files = [{**file, "code": file["code"].replace(_APP_URL, app_url)} for file in recipes()[kind]["files"]]
    port = free_port()
    command, environment = _command(kind, files, port, secret, folder)
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=15, trust_env=False) as visitor:
            _wait_for(port)
            yield visitor
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def serving(kind: str, file: Path, settings: dict[str, str]) -> Iterator[httpx.Client]:
    """Run a file of a guide in the server it is for (see serve.mjs), and give a visitor of that server."""
    port = free_port()
    process = subprocess.Popen(["node", HERE / "serve.mjs", kind, file], env={**os.environ, **settings, "PORT": str(port)})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=15, trust_env=False) as visitor:
            _wait_for(port)
            yield visitor
    finally:
        process.terminate()
        process.wait()


def _command(
    kind: str, files: list[dict[str, str]], port: int, secret: str, folder: Path
) -> tuple[list[str | Path], dict[str, str]]:
    environment = {"LEADSMENT_SECRET": secret, "PORT": str(port)}
    if kind == "nginx":
        return ["nginx", "-c", _nginx_configuration(files, port, folder), "-e", folder / "error.log"], environment
    if kind == "wordpress":
        (folder / "leadsment.php").write_text(files[0]["code"])
        return ["php", "-S", f"127.0.0.1:{port}", HERE / "wordpress.php"], {
            **environment,
            "PLUGIN": str(folder / "leadsment.php"),
        }
    (folder / "proxy.mjs").write_text(files[0]["code"])
    return ["node", HERE / "serve.mjs", kind, folder / "proxy.mjs"], environment


def _nginx_configuration(files: list[dict[str, str]], port: int, folder: Path) -> Path:
    """The recipe's parts where it says they belong, its paths in the test's folder."""
    (folder / "leadsment.js").write_text(files[1]["code"])
    recipe = files[0]["code"].replace("/etc/nginx/njs", str(folder)).replace("/var/cache/nginx", str(folder))
    _, _, rest = recipe.partition("# inside http { }:")
    in_http, _, in_server = rest.partition("# inside server { }:")
    paths = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    written = folder / "nginx.conf"
    written.write_text(
        f"load_module {_njs()};\nenv LEADSMENT_SECRET;\ndaemon off;\nmaster_process off;\npid {folder}/pid;\n"
        f"events {{}}\nhttp {{\n{paths}\naccess_log off;\n{in_http}\n"
        "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Simulated-Address;\n"
        f"server {{\nlisten 127.0.0.1:{port};\n{in_server}\n}}\n}}\n"
    )
    return written


def _njs() -> Path | None:
    found = [Path(os.environ["NJS_MODULE"])] if "NJS_MODULE" in os.environ else [path for path in _NJS if path.exists()]
    return found[0] if found else None


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("the proxy did not start")
