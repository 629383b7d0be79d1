"""One running stack for all tests, in a state folder of its own."""

from collections.abc import Iterator

import pytest

from dev.bootstrap import ensure_node_modules
from dev.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product, with a database of its own."""
    ensure_node_modules()
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack
