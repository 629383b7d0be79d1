"""Networks hold the addresses in them and no others, of whatever family and however they are wrapped."""

import ipaddress
import random

import pytest

from lib.identification import Networks, VisitorAddress, own_network


def address(text: str) -> VisitorAddress:
    return VisitorAddress.parse(text)


@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        ("155.56.0.0", True),
        ("155.56.255.255", True),
        ("155.55.255.255", False),
        ("155.57.0.0", False),
        ("::ffff:155.56.1.1", True),
        ("2002:9b38:0101::5", True),
        ("64:ff9b::155.56.1.1", True),
        ("2a01:4f8:1::", True),
        ("2a01:4f8:1:ffff:ffff:ffff:ffff:ffff", True),
        ("2a01:4f8:2::", False),
        ("9.9.9.9", True),
        ("9.9.9.8", False),
    ],
)
def test_a_network_holds_its_addresses_to_the_last_bit(text: str, is_held: bool) -> None:
    networks = Networks(["155.56.0.0/16", "2a01:4f8:1::/48", "9.9.9.9/32"])
    assert networks.holds(address(text)) is is_held


def test_the_two_families_are_never_confused() -> None:
    """32.0.0.1 and 2000::/8 begin with the same bits."""
    assert not Networks(["2000::/8"]).holds(address("32.0.0.1"))
    assert not Networks(["32.0.0.0/8"]).holds(address("2000::1"))


def test_no_network_holds_nothing() -> None:
    assert not Networks().holds(address("9.9.9.9")) and not Networks().holds(address("2a01::1"))


def test_networks_agree_with_the_standard_library() -> None:
    dice = random.Random(7)
    drawn = [ipaddress.IPv4Network((dice.getrandbits(32), dice.randint(8, 32)), strict=False) for _ in range(50)]
    networks = Networks(map(str, drawn))
    for _ in range(2000):
        near = dice.choice([dice.choice(drawn)[0], dice.choice(drawn)[-1], ipaddress.IPv4Address(dice.getrandbits(32))])
        assert networks.holds(address(str(near))) == any(near in network for network in drawn)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("155.56.12.34", "155.56.12.34/32"),
        ("::ffff:155.56.12.34", "155.56.12.34/32"),
        ("2a01:4f8:1:2:3:4:5:6", "2a01:4f8:1:2::/64"),
    ],
)
def test_a_caller_is_in_a_network_of_their_own(text: str, network: str) -> None:
    assert own_network(address(text)) == network
    assert Networks([network]).holds(address(text))
