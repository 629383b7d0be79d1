"""`python -m dev digest preview`: the next digest of a subscription on the stack that runs from this folder, as text or HTML.

Sends nothing and changes nothing.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import psycopg

from dev.stack.up import STATE
from lib.mail.digest_letter import digest_letter

_PREVIEW = """
select private.digest_content(known, private.digest_begin(known, now()), now())
from public.digest_subscriptions as known
where %(id)s::uuid is null or known.id = %(id)s::uuid
order by known.created_at desc limit 1
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("what", choices=["preview"], help="show the letter with what there is to tell so far")
    parser.add_argument("--subscription", metavar="ID", help="of which subscription; the latest without")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write the letter's HTML to a file as well")


def run(args: argparse.Namespace) -> int:
    """Print the letter's text; 1 for a subscription there is not, 2 where no stack runs."""
    places = STATE / "stack.json"
    if not places.exists():
        print("Nothing runs from this folder: start it with `python3 -m dev up` or `make demo`.", file=sys.stderr)
        return 2
    stack = json.loads(places.read_text())
    try:
        content = _content(stack["db_url"], args.subscription)
    except psycopg.OperationalError:
        print("The stack of .local/stack.json does not answer: start it with `python3 -m dev up`.", file=sys.stderr)
        return 2
    except psycopg.errors.InvalidTextRepresentation:
        content = None
    if content is None:
        print("There is no such subscription: make one in the dashboard under Notifications.", file=sys.stderr)
        return 1
    letter = digest_letter(content, stack["app_url"])
    print(f"Subject: {letter.subject}\n\n{letter.text}", end="")
    if args.html:
        args.html.write_text(letter.html, encoding="utf-8")
    return 0


def _content(db_url: str, subscription_id: str | None) -> dict[str, Any] | None:
    with psycopg.connect(db_url) as connection:
        row = connection.execute(_PREVIEW, {"id": subscription_id}).fetchone()
    return row[0] if row else None
