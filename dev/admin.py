"""`python -m dev admin list|add|remove`: who of the staff may open an admin session, by an operator's hand."""

import argparse

from dev.database import Connection, add_database_option, refuse, with_database

_LIST = """
select person.email, operator.added_at, max(session.opened_at)
from private.operators as operator
join auth.users as person on person.id = operator.user_id
left join private.admin_sessions as session on session.user_id = operator.user_id
group by person.email, operator.added_at order by operator.added_at
"""
_ADD = """
with added as (
  insert into private.operators (user_id) select id from auth.users where lower(email) = lower(%s)
  on conflict do nothing returning user_id
)
select audit.append(null, 'operator.added', 'operator', user_id::text) from added
"""
_REMOVE = """
with removed as (
  delete from private.operators using auth.users as person
  where person.id = operators.user_id and lower(person.email) = lower(%s) returning operators.user_id
)
select audit.append(null, 'operator.removed', 'operator', user_id::text) from removed
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add_database_option(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|add|remove")
    actions.add_parser("list", help="who is on the list, since when, and when they last opened a session")
    for action, summary in (
        ("add", "let a user open admin sessions, an hour each, with a reason"),
        ("remove", "no longer let them"),
    ):
        actions.add_parser(action, help=summary, description=summary).add_argument("email", help="of a user who has signed up")


def run(args: argparse.Namespace) -> int:
    """Do it and say what holds now; 2 when what was asked cannot be done."""
    return with_database(args, lambda connection: _list(connection) if args.action == "list" else _change(connection, args))


def _list(connection: Connection) -> int:
    for email, added_at, opened_at in connection.execute(_LIST):
        print(f"{email}  since {added_at:%Y-%m-%d}, last session {f'{opened_at:%Y-%m-%d %H:%M}' if opened_at else 'never'}")
    return 0


def _change(connection: Connection, args: argparse.Namespace) -> int:
    if not connection.execute(_ADD if args.action == "add" else _REMOVE, [args.email]).fetchall():
        return refuse(
            "Nothing changed: no user has this address, or they are on the list already."
            if args.action == "add"
            else "Nothing changed: nobody with this address is on the list."
        )
    print("They may open an admin session under /app/admin now." if args.action == "add" else "They may open none any more.")
    return 0
