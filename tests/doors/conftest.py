import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev.deploy.build import OUTPUT, build_deployment
from dev.deploy.runtime import function_names, running_function, unpack_bundle
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


@pytest.fixture(scope="session")
def config() -> dict[str, Any]:
    """What `vercel build` made of the repository."""
    build_deployment()
    built: dict[str, Any] = json.loads((OUTPUT / "config.json").read_text())
    return built


@pytest.fixture(scope="session")
def bundles(config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every built function's folder, as the platform lays it out."""
    folder = tmp_path_factory.mktemp("b")
    return {name: unpack_bundle(name, folder) for name in function_names()}


@pytest.fixture(scope="module")
def functions(bundles: dict[str, Path], stack: Stack) -> Iterator[dict[str, httpx.Client]]:
    """Every built function, booted as the platform boots it."""
    with contextlib.ExitStack() as booted:
        clients = {}
        for name, bundle in bundles.items():
            url = booted.enter_context(running_function(bundle, stack.function_environment()))
            clients[name] = booted.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=15))
        yield clients
