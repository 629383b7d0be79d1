"""`python -m dev opt-out list|add|remove`: companies and networks that are never identified, by an operator's hand.

For owners who showed papers instead of a mail or a DNS record, and for networks whose owner has no domain we know. What
is changed here holds from the next beacon on and is written into the record, as the public door's changes are.
"""

import argparse
import ipaddress

from dev.database import Connection, add_database_option, refuse, with_database
from lib.identification.search import find_organisation

_LIST = """
select created_at, proof, coalesce(company_key, network::text), coalesce(domain, '')
from private.opt_outs order by created_at
"""
_CHANGE = "select private.change_opt_outs(null, %s::text[], %s::cidr, %s, 'operator')"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add_database_option(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|add|remove")
    actions.add_parser("list", help="what is opted out, since when, by which proof")
    for action, summary in (("add", "never identify a company or a network"), ("remove", "identify it again")):
        what = actions.add_parser(action, help=summary, description=summary).add_mutually_exclusive_group(required=True)
        what.add_argument("--company", metavar="KEY", help="its key in the company-IP table")
        what.add_argument("--network", metavar="CIDR", help="such as 192.0.2.0/24 or 2001:db8::/32")


def run(args: argparse.Namespace) -> int:
    """Do it and say what holds now; 2 when what was asked cannot be done."""
    return with_database(args, lambda connection: _list(connection) if args.action == "list" else _change(connection, args))


def _list(connection: Connection) -> int:
    for since, proof, what, domain in connection.execute(_LIST):
        print(f"{since:%Y-%m-%d}  {proof:<8}  {what}  {domain}".rstrip())
    return 0


def _change(connection: Connection, args: argparse.Namespace) -> int:
    network = None
    if args.network is not None:
        try:
            network = str(ipaddress.ip_network(args.network))
        except ValueError as error:
            return refuse(f"{error}.")
    elif args.action == "add" and find_organisation(args.company) is None:
        # A mistyped key would be kept and never hold.
        return refuse(f"The company-IP table has no company with the key {args.company!r}.")
    wish = "opt_out" if args.action == "add" else "withdraw"
    connection.execute(_CHANGE, [_keys(args), network, wish])
    print(f"{network or args.company} is {'never identified' if args.action == 'add' else 'identified again'}.")
    return 0


def _keys(args: argparse.Namespace) -> list[str]:
    """The company's key; to identify it again also all keys it ever had, as each of them holds."""
    if args.company is None:
        return []
    company = find_organisation(args.company) if args.action == "remove" else None
    return list(company.keys) if company else [args.company]
