"""`python -m dev check`: everything that can be said about the code without running the product."""

import argparse
import subprocess
import sys
import time

from dev.bootstrap import ROOT, ensure_node_modules
from dev.deploy.build import DeploymentFailed, build_deployment

_CHECKS = {
    "lint": ["-m", "ruff", "check", "--quiet", "."],
    "format": ["-m", "ruff", "format", "--quiet", "--check", "."],
    "types (Python)": ["-m", "mypy"],
    "import directions": [
        "-c",
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())",
    ],
    "address discipline": ["-m", "dev.discipline"],
    "transport": ["-m", "dev.transport"],
    "secrets": ["-m", "dev", "secrets", "scan"],
    "residency": ["-m", "dev", "residency"],
    "the committed table": ["-m", "dev", "table", "build", "--check"],
}


def configure(parser: argparse.ArgumentParser) -> None:
    """The command takes no options."""


def run(args: argparse.Namespace) -> int:
    """Run every check, say how each went, and return 1 if any failed."""
    ensure_node_modules()
    passed = [_passes(name, [sys.executable, *command]) for name, command in _CHECKS.items()]
    passed.append(_passes("types (TypeScript)", ["npm", "run", "--silent", "types"]))
    passed.append(_builds())
    return 0 if all(passed) else 1


def _passes(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    _report(name, result.returncode == 0, time.monotonic() - started)
    if result.returncode != 0:
        print(result.stdout + result.stderr, flush=True)
    return result.returncode == 0


def _builds() -> bool:
    started = time.monotonic()
    try:
        build_deployment()
    except DeploymentFailed as failure:
        _report("vercel build", False, time.monotonic() - started)
        print(failure, flush=True)
        return False
    _report("vercel build", True, time.monotonic() - started)
    return True


def _report(name: str, passed: bool, seconds: float) -> None:
    print(f"{'ok    ' if passed else 'FAILED'}  {name:<20} {seconds:5.1f} s", flush=True)
