"""`python -m dev bench`: how fast and how large, each figure beside its peer in the same run."""

import argparse

from dev.bench.identification import report


def configure(parser: argparse.ArgumentParser) -> None:
    """The command takes no options."""


def run(args: argparse.Namespace) -> int:
    """Print every figure with its bar; 1 if one misses it."""
    return 0 if report() else 1
