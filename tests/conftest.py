"""One running stack for all tests, in a state folder of its own."""

from collections.abc import Iterator

import psycopg
import pytest

from dev.bootstrap import ROOT, ensure_node_modules
from dev.stack import Stack, running_stack
from tests.builders import World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: Playwright, once started, keeps an event loop in this thread, where others need their own."""
    items.sort(key=lambda item: "browser" in item.path.relative_to(ROOT).parts)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product, with a database of its own."""
    ensure_node_modules()
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def world(stack: Stack) -> Iterator[World]:
    """The stack as tests use it: people, accounts, sites, and the database's own view of them."""
    with psycopg.connect(stack.superuser_url, autocommit=True) as database:
        secrets = stack.secrets
        world = World(stack.supabase_url, stack.publishable_key, secrets.jwt_secret, secrets.beacon_token, database)
        with world.client:
            yield world
