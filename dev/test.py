"""`python -m dev test`: the whole suite. Arguments after `--` go to pytest."""

import argparse
import shutil
import subprocess
import sys

from dev.bootstrap import ROOT, ensure_node_modules
from dev.demo.site_page import find_chromium

_NEEDS_A_BROWSER = "The browser tests need Chromium: `apt-get install chromium` on Debian, or put `chromium` on PATH."


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("arguments", nargs="*", help="what to pass to pytest, such as tests/unit")


def run(args: argparse.Namespace) -> int:
    """Run pytest; refuses to start where tests would have to be left out."""
    if find_chromium() is None:
        print(_NEEDS_A_BROWSER, file=sys.stderr)
        return 1
    if shutil.which("node") is None:
        print("Node.js 20.19 or newer must be on PATH.", file=sys.stderr)
        return 1
    ensure_node_modules()
    # Tests of the table's builder read the pinned release as they are collected.
    ensure_node_modules(ROOT / "dev" / "table")
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *args.arguments], cwd=ROOT, check=False).returncode
