"""Build the deployment as Vercel does: `vercel build` over a copy of what git would hand it.

A copy, because the builder writes files of its own beside the sources. No account is needed: the project file below
is all `vercel build` reads of one.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from dev.bootstrap import ROOT, VENV, ensure_node_modules

# Outside the repository: inside, the build would find packages in the repository's own node_modules.
BUILD = Path(tempfile.gettempdir()) / f"leadsment-deployment-{hashlib.sha256(bytes(ROOT)).hexdigest()[:12]}"
OUTPUT = BUILD / ".vercel" / "output"
_VERCEL = ROOT / "dev" / "deploy" / "node_modules" / ".bin" / "vercel"
_PROJECT = {"projectId": "prj_local", "orgId": "team_local", "settings": {"framework": None}}
# What the web build asks for; the values of a real project differ, its shape does not.
EXAMPLE_ENVIRONMENT = {
    "SUPABASE_URL": "https://abcdefghijklmnopqrst.supabase.co",
    "SUPABASE_REGION": "eu-central-1",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_example",
    "MAIL_FROM_ADDRESS": "hello@leadsment.example",
}


class DeploymentFailed(Exception):
    """`vercel build` refused; the text ends with what it printed."""


def build_deployment() -> Path:
    """Build the work tree's tracked and new files, and return the folder of the Build Output API."""
    _copy_sources()
    return build_folder(BUILD)


def build_folder(project: Path) -> Path:
    """Build any project folder, into which the builder writes as well, and return the folder of the Build Output API."""
    ensure_node_modules(_VERCEL.parents[2], lock_is_complete=False)
    python = find_python312()
    (project / ".vercel").mkdir(exist_ok=True)
    (project / ".vercel" / "project.json").write_text(json.dumps(_PROJECT))
    environment = {
        **os.environ,
        **EXAMPLE_ENVIRONMENT,
        # uv comes with the development requirements; the builder takes the Python it finds first.
        "PATH": os.pathsep.join([str(VENV / "bin"), str(python.parent), os.environ["PATH"]]),
        "UV_PYTHON": str(python),
        "VERCEL_TELEMETRY_DISABLED": "1",
        # As docs/deploy.md asks of a project: bytecode in the bundle saves each cold start the compiling.
        "VERCEL_PYTHON_COMPILEALL": "1",
        "CI": "1",
    }
    command = [str(_VERCEL), "build", "--yes"]
    built = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise DeploymentFailed(f"vercel build failed:\n{built.stdout[-4000:]}\n{built.stderr[-4000:]}")
    return project / ".vercel" / "output"


def find_python312() -> Path:
    """A Python 3.12, which is what the functions run on; raises DeploymentFailed with what to install."""
    candidates: list[str | Path | None] = [VENV / "bin" / "python", shutil.which("python3.12"), *_pyenv_pythons()]
    for candidate in [candidate for candidate in candidates if candidate]:
        printed = subprocess.run([candidate, "-c", _PRINT_VERSION], capture_output=True, text=True, check=False)
        version, _, executable = printed.stdout.strip().partition(" ")
        if version == "3.12":
            return Path(executable)
    raise DeploymentFailed("Python 3.12 is needed to build for Vercel and was not found: install python3.12 and try again.")


_PRINT_VERSION = "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"


def _pyenv_pythons() -> list[Path]:
    return sorted((Path.home() / ".pyenv" / "versions").glob("3.12*/bin/python3.12"))


def _copy_sources() -> None:
    shutil.rmtree(BUILD, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, BUILD / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
