"""`python -m dev token`: make BEACON_TOKEN, which the deployed beacon door signs in with.

The token is signed with the project's JWT secret, which is read here and used once; only the token is given to the
deployment. With it one can execute the database functions record_beacons and beacon_rules and nothing else.
"""

import argparse
import getpass
import sys
import time

from dev.stack.layout import beacon_token

_SHORTEST_SECRET = 32  # RFC 7518, 3.2: a key of HS256 has at least 256 bits


def configure(parser: argparse.ArgumentParser) -> None:
    """The command takes no options: a secret on the command line would stay in the shell's history."""


def run(args: argparse.Namespace) -> int:
    """Ask for the JWT secret, without showing it, and print the token; 2 if it cannot be one."""
    secret = getpass.getpass("JWT secret of the Supabase project: ") if sys.stdin.isatty() else sys.stdin.readline()
    secret = secret.strip()
    if len(secret.encode()) < _SHORTEST_SECRET:
        print(f"A JWT secret has at least {_SHORTEST_SECRET} bytes; this has {len(secret.encode())}.", file=sys.stderr)
        return 2
    print(beacon_token(secret, now=time.time()))
    return 0
