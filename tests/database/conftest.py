import pytest

from tests.builders import Customer, World


@pytest.fixture
def customer(world: World) -> Customer:
    return world.customer()
