from collections.abc import Iterator

import httpx
import pytest

from dev.stack import Stack
from tests.builders import Customer, World
from tests.doors.page_views import PageViews


@pytest.fixture(scope="session")
def app(stack: Stack) -> Iterator[httpx.Client]:
    """Somebody out on the internet, speaking to the deployment."""
    with httpx.Client(base_url=stack.app_url, timeout=15, trust_env=False) as client:
        yield client


@pytest.fixture
def site(world: World, app: httpx.Client) -> PageViews:
    return PageViews(app, world.customer("example.com"))


@pytest.fixture
def customer(site: PageViews) -> Customer:
    return site.customer
