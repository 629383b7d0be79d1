"""A stack of its own, since its parts are killed, with a second instance of the function beside the first."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from dev.bootstrap import ensure_node_modules
from dev.stack import Stack, running_stack
from dev.stack.layout import ROOT
from dev.stack.process import Part, running
from tests.builders import Customer, World
from tests.deployments import free_port
from tests.faults.beacons import Site, site_of

_SITES = 6


@dataclass(frozen=True)
class Function:
    """One instance of the deployment's functions."""

    part: Part
    port: int


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole product, for these tests alone.

    Not among pytest's folders: another run of pytest closes those to other users, and PostgreSQL could not start again.
    """
    ensure_node_modules()
    with tempfile.TemporaryDirectory(prefix="leadsment-faults-") as state, running_stack(Path(state)) as stack:
        yield stack


@pytest.fixture(scope="session")
def functions(stack: Stack) -> Iterator[list[Function]]:
    """Two instances, as the platform runs several: a beacon and its retry may reach different ones."""
    port = free_port()
    environment = {**stack.function_environment(), "PUBLIC_FOLDER": str(stack.public), "PORT": str(port)}
    command = [sys.executable, "-m", "dev.stack.edge"]
    with running("second edge", command, log=stack.logs / "second-edge.log", environment=environment, cwd=ROOT) as second:
        second.wait_until(lambda: answers_at(port))
        yield [Function(stack.part("edge"), stack.ports.app), Function(second, port)]


@pytest.fixture(scope="session")
def seed() -> str:
    """What decides every random moment; FAULT_SEED repeats an earlier run's."""
    return os.environ.get("FAULT_SEED") or os.urandom(4).hex()


@pytest.fixture
def sites(stack: Stack) -> list[Site]:
    """The websites of several customers."""
    return [site_of(customer) for customer in _customers(stack, _SITES)]


def _customers(stack: Stack, number: int) -> list[Customer]:
    with psycopg.connect(stack.superuser_url, autocommit=True) as database:
        secrets = stack.secrets
        world = World(stack.supabase_url, stack.publishable_key, secrets.jwt_secret, secrets.beacon_token, database)
        with world.client:
            return [world.customer("example.com") for _ in range(number)]


def answers_at(port: int, path: str = "/robots.txt") -> bool:
    """Whether somebody answers well there."""
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2, trust_env=False).is_success
    return False
