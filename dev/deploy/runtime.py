"""Run a built function the way the platform does: its bundle alone, under Vercel's own Python runtime.

Source: PyPI vercel-runtime, module vc_init: a function says on the IPC socket which port it listens on.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.bootstrap import ROOT
from dev.deploy.build import BUILD, OUTPUT, DeploymentFailed, find_python312

_RUNTIME = "vercel-runtime==0.24.1"
_ENVIRONMENT = ROOT / ".local" / "vercel-runtime"
_START_SECONDS = 20


def function_names() -> list[str]:
    """The built functions, such as api/beacon."""
    return sorted(str(folder.relative_to(OUTPUT / "functions"))[: -len(".func")] for folder in OUTPUT.rglob("*.func"))


def unpack_bundle(name: str, folder: Path, *, project: Path = BUILD) -> Path:
    """Lay out a function's bundle, of a project that was built, as the platform does and return its folder."""
    built = project / ".vercel" / "output" / "functions" / f"{name}.func"
    bundle = folder / name.replace("/", "-")
    shutil.copytree(built, bundle)
    for place, source in json.loads((built / ".vc-config.json").read_text()).get("filePathMap", {}).items():
        (bundle / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project / source, bundle / place)
    return bundle


def compile_again(file: Path) -> None:
    """Compile a file of a bundle after changing it, as the builder did: by itself Python would not see the change."""
    options = ["-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([str(_runtime_python()), "-m", "compileall", *options, str(file)], check=True)


@dataclass(frozen=True)
class Booted:
    """A function that answers at a URL, in a process of its own."""

    url: str
    process: "subprocess.Popen[bytes]"


@contextlib.contextmanager
def running_function(bundle: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Boot a bundle and give the URL it answers at. Nothing of this repository is on its path."""
    with booted_function(bundle, environment) as booted:
        yield booted.url


@contextlib.contextmanager
def booted_function(bundle: Path, environment: Mapping[str, str]) -> Iterator[Booted]:
    """The same, with the process. It runs until the block ends, however many requests it gets."""
    config = json.loads((bundle / ".vc-config.json").read_text())
    ipc = bundle / "ipc.sock"
    ipc.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(ipc))
        listener.listen(1)
        listener.settimeout(_START_SECONDS)
        started = {"PATH": os.environ["PATH"], "VERCEL_IPC_PATH": str(ipc), **config["environment"], **environment}
        module = config["handler"].rpartition(".")[0]
        process = subprocess.Popen([_runtime_python(), f"{module}.py"], cwd=bundle, env=started)
        try:
            connection, _ = listener.accept()
            with connection:
                url = f"http://127.0.0.1:{_port(connection)}"
                with _heard(connection):
                    yield Booted(url, process)
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _heard(connection: socket.socket) -> Iterator[None]:
    """Read what the runtime says of each request, as the platform does: unread, it would block after some hundreds."""
    connection.setblocking(True)
    listener = subprocess.Popen(["cat"], stdin=connection.fileno(), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        listener.kill()
        listener.wait()


def _port(connection: socket.socket) -> int:
    connection.settimeout(_START_SECONDS)
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
        for message in received.split(b"\0")[:-1]:
            parsed = json.loads(message)
            if parsed["type"] == "server-started":
                return int(parsed["payload"]["httpPort"])
    raise DeploymentFailed(f"a function ended before it was ready; it said {received!r}")


def _runtime_python() -> Path:
    """The Python of an environment that holds the platform's runtime and nothing else."""
    python = _ENVIRONMENT / "bin" / "python"
    stamp = _ENVIRONMENT / "installed"
    if not stamp.exists() or stamp.read_text() != _RUNTIME:
        shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
        subprocess.run([find_python312(), "-m", "venv", _ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", _RUNTIME], check=True)
        stamp.write_text(_RUNTIME)
    return python
