"""`python -m dev secrets list|rotated|unused|scan`: when the deployment's secrets were changed, and whether any lies about.

The register holds names and days, never a value. Who is on the list of staff is mailed before a secret is due.
"""

import argparse
from datetime import date

from dev.database import Connection, add_database_option, refuse, with_database
from dev.secret_scan import KNOWN, accept, scan, unknown
from lib.domain.secret import SECRETS

_LIST = "select name, rotated_on, due_on, due_on - current_date from private.secrets_in_use order by due_on nulls last, name"
_STAFF = "select count(*) from private.operators"
_CHANGE = """
with changed as (
  update private.secrets_in_use set rotated_on = %s where name = %s returning name, rotated_on, due_on
)
select changed.due_on, audit.append(null, %s, 'secret', changed.name, null, jsonb_build_object('rotated_on', changed.rotated_on))
from changed
"""
_HOW = {secret.name: secret.how for secret in SECRETS}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add_database_option(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|rotated|unused|scan")
    actions.add_parser("list", help="which secrets there are, when each was changed, and by when it is again")
    rotated = actions.add_parser("rotated", help="write down that a secret was changed")
    rotated.add_argument("name", choices=sorted(_HOW), metavar="NAME", help="as `list` names it")
    rotated.add_argument("--on", type=date.fromisoformat, metavar="DAY", help="the day, such as 2026-11-25 (default: today)")
    unused = actions.add_parser("unused", help="write down that a secret is not used here, so that nobody is reminded of it")
    unused.add_argument("name", choices=sorted(_HOW), metavar="NAME", help="as `list` names it")
    search = actions.add_parser("scan", help="look for secrets in the files of the repository; 1 if there is one")
    search.add_argument("--accept", action="store_true", help="write down that what was found is none")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when a secret is overdue or was found, 2 when what was asked cannot be done."""
    if args.action == "scan":
        return _scan(accepted=args.accept)
    if args.action == "list":
        return with_database(args, _list)
    if args.action == "rotated" and (args.on or date.min) > date.today():
        return refuse("Nothing changed: the day is yet to come.")
    day = (args.on or date.today()) if args.action == "rotated" else None
    return with_database(args, lambda connection: _change(connection, args.name, args.action, day))


def _scan(*, accepted: bool) -> int:
    found = scan()
    if accepted:
        print(f"{accept(found)} values are written down as no secrets, in {KNOWN.name}.")
        return 0
    for finding in (new := unknown(found)):
        print(finding)
    if new:
        print("Take it out, and change it wherever it is used. If it is none: python3 -m dev secrets scan --accept")
    return 1 if new else 0


def _list(connection: Connection) -> int:
    is_overdue = False
    for name, rotated_on, due_on, days in connection.execute(_LIST):
        is_overdue |= days is not None and days < 0
        print(f"{name:<24} {_said(rotated_on, due_on, days)}")
        if days is not None and days <= 14:
            print(f"{'':<24} {_HOW.get(name, 'docs/operations.md')}")
    if connection.execute(_STAFF).fetchone() == (0,):
        print("Nobody is reminded: python3 -m dev admin add <email>")
    return 1 if is_overdue else 0


def _said(rotated_on: date | None, due_on: date | None, days: int | None) -> str:
    if rotated_on is None or days is None:
        return "not used"
    return f"changed {rotated_on}, due {due_on}, {f'in {days} days' if days >= 0 else f'OVERDUE by {-days} days'}"


def _change(connection: Connection, name: str, action: str, day: date | None) -> int:
    changed = connection.execute(_CHANGE, [day, name, f"secret.{'rotated' if action == 'rotated' else 'retired'}"]).fetchone()
    if changed is None:
        return refuse(f"Nothing changed: the register has no {name}. Apply the migrations first.")
    print(f"{name}: due on {changed[0]}." if day else f"{name}: nobody is reminded.")
    return 0
