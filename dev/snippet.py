"""`python -m dev snippet release VERSION "what changed"`: freeze the snippet as it is now, for ever.

A release is a file that is never changed again, /s.VERSION.js, and an entry in web/snippet/releases/releases.json, the newest
first: version, date, the integrity hash a page may pin it by, its size, and what a website's owner notices of it. /s.js is
the newest release; the tests hold the source to it.
"""

import argparse
import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from dev.bootstrap import ROOT, ensure_node_modules

RELEASES = ROOT / "web" / "snippet" / "releases"
_LIST = RELEASES / "releases.json"
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_BROTLI = """
const { brotliCompressSync, constants } = require("node:zlib");
const file = require("node:fs").readFileSync(process.argv[1]);
console.log(brotliCompressSync(file, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length);
"""


@dataclass(frozen=True, slots=True)
class Release:
    """A frozen snippet.

    date: ISO 8601. integrity: as in a script tag (SRI, sha384). bytes: brotli at quality 11. changes: for the owner of a
    website, what it did before and what it does now.
    """

    version: str
    date: str
    integrity: str
    bytes: int
    changes: str


class NotReleased(Exception):
    """The text says why."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="release")
    release = actions.add_parser("release", help="freeze the snippet as it is now", description="Freeze the snippet.")
    release.add_argument("version", help="higher than every one before, such as 1.0.0")
    release.add_argument("changes", help="what it did before and what it does now, for the owner of a website")


def run(args: argparse.Namespace) -> int:
    """Release, and say how the file may be pinned; 2 when what was asked cannot be done."""
    ensure_node_modules()
    try:
        released = release_snippet(args.version, args.changes)
    except NotReleased as reason:
        print(reason, file=sys.stderr)
        return 2
    print(f"/s.{released.version}.js  {released.bytes} bytes of brotli  {released.integrity}")
    return 0


def release_snippet(version: str, changes: str) -> Release:
    """Build the source and freeze what comes out; raises NotReleased."""
    earlier = list_releases()
    newest = earlier[0] if earlier else None
    if not _VERSION.fullmatch(version):
        raise NotReleased("A version is three numbers, such as 1.0.0.")
    if newest and _order(version) <= _order(newest.version):
        raise NotReleased(f"{newest.version} is the newest release: a new one has a higher version, and a frozen one stays.")
    if not changes.strip():
        raise NotReleased("Say what changed, for the owner of a website.")
    with tempfile.TemporaryDirectory() as folder:
        built = build_snippet(Path(folder))
        script, size = built.read_bytes(), brotli_bytes(built)
    integrity = integrity_of(script)
    if newest and integrity == newest.integrity:
        raise NotReleased(f"Nothing changed: the source makes the same bytes as {newest.version}.")
    released = Release(version, datetime.datetime.now(datetime.UTC).date().isoformat(), integrity, size, changes.strip())
    file_of(version).write_bytes(script)
    _LIST.write_text(json.dumps([asdict(release) for release in (released, *earlier)], indent=2, ensure_ascii=False) + "\n")
    return released


def list_releases() -> list[Release]:
    """Every release, the newest first."""
    return [Release(**entry) for entry in json.loads(_LIST.read_text())]


def file_of(version: str) -> Path:
    """Where a release's frozen file is."""
    return RELEASES / f"s.{version}.js"


def integrity_of(script: bytes) -> str:
    """A script's hash as a tag's integrity attribute has it. Source: W3C Subresource Integrity."""
    return f"sha384-{base64.b64encode(hashlib.sha384(script).digest()).decode()}"


def build_snippet(folder: Path) -> Path:
    """Build the source alone into a folder, and return the file."""
    environment = {**os.environ, "LEADSMENT_OUT_DIR": str(folder)}
    built = subprocess.run(
        ["node", "web/snippet/build.mjs"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if built.returncode != 0:
        raise NotReleased(f"The snippet does not build:\n{built.stdout}{built.stderr}")
    return folder / "s.js"


def brotli_bytes(file: Path) -> int:
    """A file's size as the platform serves it: brotli at quality 11."""
    measured = subprocess.run(["node", "--eval", _BROTLI, str(file)], check=True, capture_output=True, text=True)
    return int(measured.stdout)


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
