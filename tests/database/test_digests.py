"""x"""
from tests.builders import Customer, World


def test_starts(world: World, customer: Customer) -> None:
    assert customer.owner.rows("digest_subscriptions") == []
