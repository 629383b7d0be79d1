"""`python -m dev token`: make the tokens that deployed doors and jobs sign in with, each of a narrow role of its own.

They are signed with the project's JWT secret, which is read here and used once; only the tokens are given to the
deployment. Whoever has one can execute the database functions granted to the role and nothing else.
"""

import argparse
import getpass
import sys
import time

from dev.stack.layout import DOOR_ROLES, door_token, setting_of

_SHORTEST_SECRET = 32  # RFC 7518, 3.2: a key of HS256 has at least 256 bits


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options. The secret is none of them: it would stay in the shell's history."""
    parser.add_argument("--role", choices=DOOR_ROLES, help="print one role's token alone (default: all, as settings)")


def run(args: argparse.Namespace) -> int:
    """Ask for the JWT secret, without showing it, and print the tokens; 2 if it cannot be one."""
    secret = getpass.getpass("JWT secret of the Supabase project: ") if sys.stdin.isatty() else sys.stdin.readline()
    secret = secret.strip()
    if len(secret.encode()) < _SHORTEST_SECRET:
        print(f"A JWT secret has at least {_SHORTEST_SECRET} bytes; this has {len(secret.encode())}.", file=sys.stderr)
        return 2
    if args.role:
        print(door_token(secret, args.role, now=time.time()))
        return 0
    for role in DOOR_ROLES:
        print(f"{setting_of(role)}={door_token(secret, role, now=time.time())}")
    return 0
