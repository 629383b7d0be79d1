"""Build web/ for a stack's own URLs, when it has changed since the last time."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from dev.stack.layout import ROOT

_SOURCES = ("web", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")


class BuildFailed(Exception):
    """`npm run build` failed; the text is what it printed."""


def build_web(public: Path, stamp: Path, settings: Mapping[str, str]) -> bool:
    """Build into `public` unless the stamp says that the same sources and settings were built there; True if built."""
    digest = _digest(*settings.values())
    if stamp.exists() and stamp.read_text() == digest and (public / "index.html").exists():
        return False
    command = ["npm", "run", "--silent", "build"]
    environment = {**os.environ, **settings, "LEADSMENT_OUT_DIR": str(public)}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise BuildFailed(f"The web build failed:\n{built.stdout}{built.stderr}")
    stamp.write_text(digest)
    return True


def _digest(*values: str) -> str:
    digest = hashlib.sha256("\0".join(values).encode())
    for name in _SOURCES:
        place = ROOT / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file():
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
