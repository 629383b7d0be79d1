"""`python -m dev outbox list|trial|replay`: what waits to be sent and what was given up, by an operator's hand."""

import argparse
import json
import time

from dev.database import Connection, add_database_option, refuse, with_database

_COUNTS = "select channel, state, messages, oldest_at from public.list_outbox()"
_DEAD = """
select id, channel, template, attempts, ended_at, fault from private.outbox
where state = 'dead' order by ended_at desc limit 20
"""
_TRIAL = "select private.post(%s, 'mail', %s, 'trial', %s)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add_database_option(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|trial|replay")
    actions.add_parser("list", help="how many wait, by channel, and the latest that were given up, with the reason")
    trial = actions.add_parser("trial", help="put a mail into the outbox, to see whether mails leave and arrive")
    trial.add_argument("address", help="whom to")
    replay = actions.add_parser("replay", help="send one that has ended once more, under the same id")
    replay.add_argument("id")


def run(args: argparse.Namespace) -> int:
    """Do it and say what came of it; 2 when what was asked cannot be done."""
    work = {"list": _list, "trial": _trial, "replay": _replay}[args.action]
    return with_database(args, lambda connection: work(connection, args))


def _list(connection: Connection, args: argparse.Namespace) -> int:
    for channel, state, messages, oldest_at in connection.execute(_COUNTS):
        print(f"{channel:<8} {state:<8} {messages:>6,}  the oldest of {oldest_at:%Y-%m-%d %H:%M}")
    for message_id, channel, template, attempts, ended_at, fault in connection.execute(_DEAD):
        print(f"{message_id}  {channel} {template}, {attempts} attempts, {ended_at:%Y-%m-%d %H:%M}: {fault}")
    return 0


def _trial(connection: Connection, args: argparse.Namespace) -> int:
    content = json.dumps({"to": args.address, "note": "python -m dev outbox trial"})
    connection.execute(_TRIAL, [f"trial {time.time()}", f"mail:{args.address}", content])
    print("It is in the outbox; the job deliver_outbox sends it within a minute or two.")
    return 0


def _replay(connection: Connection, args: argparse.Namespace) -> int:
    row = connection.execute("select private.replay(id) from private.outbox where id::text = %s", [args.id]).fetchone()
    if row is None or not row[0]:
        return refuse("No message with this id has ended and can be sent again: one that was delivered may have been emptied.")
    print("It waits to be sent once more.")
    return 0
