"""`python -m dev <command>`: the one entry to everything a developer or operator runs by hand.

Each command is a module with `configure(parser)` and `run(args) -> exit status`; only the chosen one is imported,
so `python -m dev identify` does not pay for the stack. The first call prepares the virtual environment.
"""

import argparse
import importlib
import sys

from dev import bootstrap

COMMANDS = {
    "setup": ("dev.bootstrap", "prepare .venv and node_modules (every other command does so by itself)"),
    "up": ("dev.stack.up", "run the whole product on loopback until Ctrl-C"),
    "demo": ("dev.demo.command", "run the product with a demo account and a believable day of traffic"),
    "identify": ("dev.identify", "say which companies are behind addresses or a web-server access log"),
    "test": ("dev.test", "run every test, browser tests included"),
    "check": ("dev.check", "lint, types, import directions, address discipline, the committed table, the real vercel build"),
    "bench": ("dev.bench.command", "measure speed, memory and size beside their peers"),
    "faults": ("dev.faults", "kill every part under load and hold what was acknowledged against the rows"),
    "token": ("dev.token", "make the tokens that doors and jobs sign in with"),
    "cron": ("dev.cron", "run a job once on the running stack, or say how the jobs are"),
    "admin": ("dev.admin", "say who of the staff may open an admin session"),
    "audit": ("dev.audit", "check that nobody changed the audit log"),
    "digest": ("dev.digest", "show the next digest of a subscription on the running stack, as its reader would get it"),
    "outbox": ("dev.outbox", "say what waits to be sent and what was given up, and send it again"),
    "prove": ("dev.prove", "prove on the running stack that no visitor's address is kept anywhere"),
    "residency": ("dev.residency", "say whether customers' data stays in the European Union, and what leaves it all the same"),
    "secrets": ("dev.secrets", "say when the deployment's secrets are to be changed, and look for any in the repository"),
    "snippet": ("dev.snippet", "freeze a release of the snippet"),
    "opt-out": ("dev.opt_out", "list, add and remove companies and networks that are never identified"),
    "table": ("dev.table.command", "build, describe, explain and score the company-IP table"),
}


def main(argv: list[str]) -> int:
    """Run one command and return its exit status; 2 for a usage error."""
    bootstrap.enter_environment()
    parser = argparse.ArgumentParser(prog="python -m dev", description=__doc__.splitlines()[0])
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="command")
    chosen = argv[0] if argv else None
    for name, (module_name, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if name == chosen:
            module = importlib.import_module(module_name)
            module.configure(subparser)
            subparser.set_defaults(run=module.run)
    args = parser.parse_args(argv)
    status: int = args.run(args)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
