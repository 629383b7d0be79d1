"""Prepare the environment: .venv from requirements-dev.txt and node_modules from package-lock.json.

Standard library only, because it runs before anything is installed. Both steps are skipped while a stamp
beside the installation holds the digest of the files it was made from.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)


def configure(parser: argparse.ArgumentParser) -> None:
    """The setup command takes no options."""


def run(args: argparse.Namespace) -> int:
    """Prepare both halves; `python -m dev setup`."""
    ensure_node_modules()
    print(f"Ready: {VENV_PYTHON.relative_to(ROOT)} and node_modules.")
    return 0


def enter_environment() -> None:
    """Make .venv current and continue this very command inside it; returns at once when already there."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Leadsment's tools need Python 3.11 or newer; this is {sys.version.split()[0]}. Try python3.12 -m dev ...")
    ensure_python_packages()
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", "dev", *sys.argv[1:]])


def ensure_python_packages() -> None:
    """Create .venv and install the pinned requirements unless the stamp says they are current."""
    digest = _digest(ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
    stamp = VENV / "installed.sha256"
    if _is_current(stamp, digest):
        return
    print("Installing Python packages into .venv ...", file=sys.stderr, flush=True)
    if not (VENV / "bin" / "pip").exists():
        _create_environment()
    _run(
        [
            VENV_PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            ROOT / "requirements-dev.txt",
        ],
        hint="pytricia is compiled on installation: Debian needs `apt-get install gcc python3-dev python3-venv`.",
    )
    stamp.write_text(digest)


def _create_environment() -> None:
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        sys.exit(
            "This Python cannot make virtual environments with pip. On Debian: apt-get install python3-venv python3-dev gcc."
        )


def ensure_node_modules(folder: Path = ROOT, *, lock_is_complete: bool = True) -> None:
    """Install a folder's npm packages from its lockfile unless the stamp says they are current.

    `npm ci` refuses a lockfile without the optional packages of other platforms; where those could not be locked, the
    lockfile is followed for all it has, and left as it is.
    """
    digest = _digest(folder / "package.json", folder / "package-lock.json")
    stamp = folder / "node_modules" / ".installed.sha256"
    if _is_current(stamp, digest):
        return
    print(f"Installing npm packages into {(folder / 'node_modules').relative_to(ROOT)} ...", file=sys.stderr, flush=True)
    _run(
        ["npm", *(["ci"] if lock_is_complete else ["install", "--no-save"]), "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        hint="Node.js 20.19 or newer and npm must be on PATH.",
    )
    stamp.write_text(digest)


def _is_current(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _run(command: list[str | Path], *, hint: str, cwd: Path = ROOT) -> None:
    try:
        subprocess.run(command, cwd=cwd, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"Setting up failed: {error}\n{hint}")
