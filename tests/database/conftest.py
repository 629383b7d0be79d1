from collections.abc import Iterator

import psycopg
import pytest

from dev.stack import Stack
from tests.builders import Customer, World


@pytest.fixture(scope="session")
def world(stack: Stack) -> Iterator[World]:
    with psycopg.connect(stack.superuser_url, autocommit=True) as database:
        secrets = stack.secrets
        world = World(stack.supabase_url, stack.publishable_key, secrets.jwt_secret, secrets.beacon_token, database)
        with world.client:
            yield world


@pytest.fixture
def customer(world: World) -> Customer:
    return world.customer()
