"""Where a stack keeps its state, which ports it listens on, and its secrets. All three survive a restart."""

import contextlib
import json
import secrets
import socket
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import jwt

ROOT = Path(__file__).resolve().parents[2]
_BEACON_TOKEN_YEARS = 10


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


@dataclass(frozen=True)
class Secrets:
    """What a hosted project's settings pages would show. Made on the first start, for this state folder only."""

    jwt_secret: str = field(repr=False)
    publishable_key: str
    secret_key: str = field(repr=False)
    database_password: str = field(repr=False)
    beacon_token: str = field(repr=False)


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


def beacon_token(jwt_secret: str, *, now: float) -> str:
    """The token the beacon door signs in with: role `beacon`, which may execute two database functions."""
    expires_at = int(now) + _BEACON_TOKEN_YEARS * 365 * 24 * 3600
    return jwt.encode({"role": "beacon", "iss": "leadsment", "exp": expires_at}, jwt_secret, algorithm="HS256")


def _draw_secrets() -> Secrets:
    jwt_secret = secrets.token_urlsafe(48)
    return Secrets(
        jwt_secret=jwt_secret,
        publishable_key=f"sb_publishable_{secrets.token_urlsafe(24)}",
        secret_key=f"sb_secret_{secrets.token_urlsafe(24)}",
        database_password=secrets.token_hex(16),
        beacon_token=beacon_token(jwt_secret, now=time.time()),
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
