"""Where a stack keeps its state, which ports it listens on, and its secrets. All three survive a restart."""

import base64
import contextlib
import hashlib
import json
import secrets
import socket
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import jwt

ROOT = Path(__file__).resolve().parents[2]
_DOOR_TOKEN_YEARS = 10
DOOR_ROLES = (
    "beacon",
    "public_door",
    "prover",
    "scheduler",
    "deliverer",
    "announcer",
    "webhook_door",
    "watcher",
    "digester",
    "postmaster",
    "enricher",
    "auditor",
)


@dataclass(frozen=True)
class Ports:
    """Loopback ports, one per part."""

    app: int
    gateway: int
    mail: int
    postgres: int
    postgrest: int
    postgrest_admin: int
    auth: int
    crm: int


@dataclass(frozen=True)
class Secrets:
    """What a hosted project's settings pages would show. Made on the first start, for this state folder only."""

    jwt_secret: str = field(repr=False)
    publishable_key: str
    secret_key: str = field(repr=False)
    database_password: str = field(repr=False)
    beacon_token: str = field(repr=False)

    @property
    def public_door_token(self) -> str:
        """The public door's token. Made when asked for, so that folders from before there was one have it too."""
        return door_token(self.jwt_secret, "public_door", now=time.time())

    def token(self, role: str) -> str:
        """The token of a job's role."""
        return door_token(self.jwt_secret, role, now=time.time())

    @property
    def cron_secret(self) -> str:
        """What jobs are called with, the same after a restart."""
        return self._derived("cron")

    @property
    def mail_event_secret(self) -> str:
        """What the mail service signs its events with."""
        return f"whsec_{base64.b64encode(self._derived('mail events').encode()).decode()}"

    @property
    def crm_key(self) -> str:
        """What tokens of CRMs are encrypted with, the same after a restart."""
        return base64.b64encode(bytes.fromhex(self._derived("crm"))).decode()

    @property
    def auth_hook_secret(self) -> str:
        """What the auth server signs its hook's calls with."""
        return f"v1,whsec_{base64.b64encode(bytes.fromhex(self._derived('auth hook'))).decode()}"

    @property
    def canary_site_key(self) -> str:
        """The public key of the site canaries visit; `python -m dev prove` makes the site."""
        return f"site_{self._derived('canaries')[:24]}"

    def _derived(self, purpose: str) -> str:
        return hashlib.sha256(f"{purpose} {self.jwt_secret}".encode()).hexdigest()


def load_ports(state: Path) -> Ports:
    """The ports of the last run where they are still free, new ones where they are not."""
    file = state / "ports.json"
    last = json.loads(file.read_text()) if file.exists() else {}
    with contextlib.ExitStack() as held:
        # All are held until all are chosen, so that none is given out twice.
        ports = Ports(**{name: _choose_port(last.get(name, 0), held) for name in Ports.__dataclass_fields__})
    file.write_text(json.dumps(asdict(ports), indent=2))
    return ports


def load_secrets(state: Path) -> Secrets:
    """The secrets of this state folder, drawn when it is new."""
    file = state / "secrets.json"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(_draw_secrets()), indent=2))
    kept = json.loads(file.read_text())
    return Secrets(**{name: kept[name] for name in Secrets.__dataclass_fields__})


def door_token(jwt_secret: str, role: str, *, now: float) -> str:
    """The token a door signs in with: a narrow role, which may execute the database functions granted to it."""
    expires_at = int(now) + _DOOR_TOKEN_YEARS * 365 * 24 * 3600
    return jwt.encode({"role": role, "iss": "leadsment", "exp": expires_at}, jwt_secret, algorithm="HS256")


def setting_of(role: str) -> str:
    """The setting a role's token is given to the deployment in."""
    return f"{role.upper()}_TOKEN"


def _draw_secrets() -> Secrets:
    jwt_secret = secrets.token_urlsafe(48)
    return Secrets(
        jwt_secret=jwt_secret,
        publishable_key=f"sb_publishable_{secrets.token_urlsafe(24)}",
        secret_key=f"sb_secret_{secrets.token_urlsafe(24)}",
        database_password=secrets.token_hex(16),
        beacon_token=door_token(jwt_secret, "beacon", now=time.time()),
    )


def _choose_port(wanted: int, held: contextlib.ExitStack) -> int:
    probe = held.enter_context(socket.socket())
    # A port whose last connections are still dying down is free all the same.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", wanted))
    except OSError:
        probe.bind(("127.0.0.1", 0))
    return int(probe.getsockname()[1])
