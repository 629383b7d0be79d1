"""`python -m dev residency`: whether customers' data stays in the European Union, and what leaves it all the same.

Without settings, as in CI, it judges the project's own file. With them (the environment, or --env-file as `vercel env pull`
writes one) it judges a deployment as its functions do at their start. With --ask it compares what the settings state with
what Supabase and Resend answer.
"""

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from dev.bootstrap import ROOT
from lib.domain.residency import DATABASE_REGIONS, MAIL_REGIONS, Misplaced, misplaced, misplaced_project
from lib.domain.transfer import transfers

_SUPABASE = "https://api.supabase.com"
_RESEND = "https://api.resend.com"
_SECONDS = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="a deployment's settings, NAME=value a line")
    parser.add_argument(
        "--ask",
        action="store_true",
        help="ask Supabase (SUPABASE_ACCESS_TOKEN) and Resend (RESEND_ADMIN_KEY, one with full access) where data really is",
    )


def run(args: argparse.Namespace) -> int:
    """Say what is misplaced and what leaves; 1 when something is misplaced."""
    settings = read_settings(args.env_file) if args.env_file else dict(os.environ)
    is_deployment = bool(args.env_file or settings.get("SUPABASE_URL"))
    found = [*misplaced_project(json.loads((ROOT / "vercel.json").read_text()))]
    found += misplaced(settings) if is_deployment else []
    if args.ask:
        with httpx.Client(timeout=_SECONDS) as client:
            found += asked(client, settings, dict(os.environ))
    for one in found:
        print(f"MISPLACED: {one}")
    if not found:
        print("vercel.json and the settings keep data in the EU." if is_deployment else "vercel.json keeps functions in the EU.")
    for transfer in transfers(settings if is_deployment else {}):
        print(f"leaves: {transfer.recipient}, {transfer.purpose.lower()}; {transfer.place}; {transfer.tool}.")
    return 1 if found else 0


def read_settings(file: Path) -> dict[str, str]:
    """The settings of a file, NAME=value a line, values quoted or not."""
    lines = (line.partition("=") for line in file.read_text().splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in lines}


def asked(client: httpx.Client, settings: Mapping[str, str], keys: Mapping[str, str]) -> Iterator[Misplaced]:
    """Whatever the vendors themselves say otherwise than the settings; what cannot be asked is a fault too."""
    project = (urlsplit(settings.get("SUPABASE_URL", "")).hostname or "").partition(".")[0]
    answer = _ask(client, f"{_SUPABASE}/v1/projects/{project}", keys.get("SUPABASE_ACCESS_TOKEN", ""))
    region = answer.get("region") if isinstance(answer, dict) else None
    if region not in DATABASE_REGIONS or region != settings.get("SUPABASE_REGION"):
        yield Misplaced("SUPABASE_REGION", f"is not what Supabase says: {region or 'no answer'}", _mend("SUPABASE_ACCESS_TOKEN"))
    answer = _ask(client, f"{_RESEND}/domains", keys.get("RESEND_ADMIN_KEY", ""))
    listed = answer.get("data", []) if isinstance(answer, dict) else []
    host = settings.get("MAIL_FROM_ADDRESS", "").rpartition("@")[2]
    regions = [domain.get("region") for domain in listed if domain.get("name") == host]
    if not regions or set(regions) - set(MAIL_REGIONS):
        yield Misplaced("RESEND_REGION", f"is not what Resend says: {regions or 'no answer'}", _mend("RESEND_ADMIN_KEY"))


def _mend(key: str) -> str:
    return f"Correct the setting, or move; where there was no answer, set {key} for this command."


def _ask(client: httpx.Client, url: str, key: str) -> object:
    try:
        answer = client.get(url, headers={"Authorization": f"Bearer {key}"})
        return answer.json() if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return None
