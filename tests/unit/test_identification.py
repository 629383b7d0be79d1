"""Who is behind an address, by the committed table."""

import itertools
import random
import re
from pathlib import Path

import pytest

from dev.table.kinds.classify import is_registered_to_a_person
from lib.identification import Evidence, Match, NoMatch, Reason, VisitorAddress, explain, identify
from lib.identification.search import find_organisation
from lib.identification.table import IPV4, IPV6, Table

TABLE = Path(__file__).parents[2] / "lib" / "identification" / "data" / "companies.table"


@pytest.fixture(scope="module")
def table() -> Table:
    return Table(TABLE)


def answer(address: str) -> Match | NoMatch:
    return identify(VisitorAddress.parse(address))


@pytest.mark.parametrize(
    ("address", "name", "domain"),
    [
        ("17.1.2.3", "Apple", "apple.com"),
        ("19.1.2.3", "Ford", "ford.com"),
        ("53.1.2.3", "Mercedes-Benz", "mercedes-benz.com"),
        ("155.56.1.1", "SAP", "sap.com"),
        ("129.132.1.1", None, None),
        ("18.7.1.1", None, None),
    ],
)
def test_well_known_ranges(address: str, name: str | None, domain: str | None) -> None:
    found = answer(address)
    if name is None:  # a university or a cloud, never a company
        assert isinstance(found, NoMatch) or found.organisation.kind != "company"
        return
    assert isinstance(found, Match)
    assert (found.organisation.name, found.organisation.domain) == (name, domain)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("87.128.1.1", Reason.CARRIER),  # Deutsche Telekom
        ("2003::1", Reason.CARRIER),
        ("73.1.2.3", Reason.CARRIER),  # Comcast
        ("86.192.1.1", Reason.CARRIER),  # Orange
        ("82.64.1.1", Reason.CARRIER),  # Free
        ("88.198.1.1", Reason.HOSTER),  # Hetzner
        ("2a01:4f8::1", Reason.HOSTER),
        ("51.254.1.1", Reason.HOSTER),  # OVH
        ("3.1.2.3", Reason.HOSTER),  # Amazon
        ("8.8.8.8", Reason.HOSTER),  # Google
        ("1.1.1.1", Reason.HOSTER),  # Cloudflare
        ("130.149.1.1", Reason.CARRIER),  # a research network: behind it are many universities
    ],
)
def test_carriers_and_hosters_are_never_shown(address: str, reason: Reason) -> None:
    found = answer(address)
    assert isinstance(found, NoMatch)
    assert found.reason == reason
    evidence = explain(VisitorAddress.parse(address))
    assert evidence and evidence.organisation is None and evidence.asn is None


@pytest.mark.parametrize(
    "address",
    ["0.0.0.1", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1", "172.16.0.1", "192.0.2.1", "192.168.1.1",
     "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fc00::1", "fe80::1", "ff02::1",
     "2001:db8::1", "3fff::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "64:ff9b::10.0.0.1", "5f00::1", "4000::1"],
)  # fmt: skip
def test_addresses_of_no_internet_are_reserved(address: str) -> None:
    assert answer(address) == NoMatch(Reason.RESERVED)


def test_a_wrapped_address_is_the_address_inside() -> None:
    assert answer("::ffff:155.56.1.1") == answer("2002:9b38:0101::5") == answer("64:ff9b::155.56.1.1") == answer("155.56.1.1")


def test_ipv4_never_matches_an_ipv6_range(table: Table) -> None:
    """32.0.0.1 and 2000::/8 begin with the same bits: what is between two ranges of IPv4 must be nobody's."""
    ranges = [(first, last) for first, last, _ in table.ranges(IPV4)]
    gaps = [last + 1 for (_, last), (first, _) in itertools.pairwise(ranges) if first > last + 1]
    like_ipv6 = [gap for gap in gaps if 32 <= gap >> 24 < 64]
    assert len(like_ipv6) > 100
    assert all(table.find(gap.to_bytes(4, "big")) == 0 for gap in like_ipv6)


def test_evidence_says_where_the_answer_comes_from() -> None:
    found = answer("155.56.1.1")
    assert isinstance(found, Match)
    assert found.evidence == explain(VisitorAddress.parse("155.56.1.1"))
    assert found.evidence.range.endswith("/17") and found.evidence.range.startswith("155.56.")
    assert found.evidence.organisation and found.evidence.asn and found.evidence.release and "DB-IP" in found.evidence.source
    assert set(found.evidence.facts) == {"domain", "industry", "country", "employee_range"}
    assert found.evidence.facts["domain"] == "the team's directory, 2026-11-24"
    assert found.evidence.rule == "two readings agree" and found.evidence.sureness >= 90


@pytest.mark.parametrize("address", ["104.28.1.1", "2606:54c0::1", "165.225.1.1", "163.116.130.1", "185.220.101.5"])
def test_relays_are_recognised_as_such(address: str) -> None:
    found = answer(address)
    assert isinstance(found, NoMatch)
    assert found.reason == Reason.RELAY


@pytest.mark.parametrize(
    ("range", "kept"),
    [("155.56.0.0/17", True), ("192.168.1.0/24", True), ("192.168.1.0/25", False), ("2a00::/48", True), ("2a00::/49", False)],
)
def test_only_a_wide_range_may_be_kept(range: str, kept: bool) -> None:
    evidence = Evidence(range, None, None, "source", "1", "rule", 90, {})
    assert evidence.wide_range == (range if kept else None)


def test_no_registered_name_that_is_shown_begins_with_a_trading_persons(table: Table) -> None:
    shown = {holder.name for holder in table.holders() if holder.name}
    trading = [name for name in shown if re.search(r" (trading as|t/a|d/b/a) ", name, re.IGNORECASE)]
    assert len(trading) > 10
    assert [name for name in trading if is_registered_to_a_person(name)] == []


def test_holders_that_are_not_shown_have_no_name_in_the_table(table: Table) -> None:
    hidden = [(holder.asn, holder.name) for holder in table.holders() if holder.organisation is None]
    assert len(hidden) > 5
    assert set(hidden) == {(None, None)}


def test_every_range_answers_with_its_own_holder(table: Table) -> None:
    dice = random.Random(1)
    for family in (IPV4, IPV6):
        for first, last, holder in dice.sample(list(table.ranges(family)), 3000):
            for value in (first, last, dice.randint(first, last)):
                packed = (value << (family.address_bits - family.stored_bits)).to_bytes(family.address_bits // 8, "big")
                found = table.find(packed)
                assert found == holder


def test_every_key_names_one_organisation(table: Table) -> None:
    keys = [organisation.key for organisation in table.organisations()]
    assert len(keys) == len(set(keys)) > 20_000
    assert all(keys) and keys == sorted(keys)


def test_an_organisation_is_found_by_its_key_and_by_the_keys_it_had(table: Table) -> None:
    merged = [organisation for organisation in table.organisations() if organisation.former_keys]
    assert len(merged) > 50
    for organisation in random.Random(1).sample(merged, 40):
        assert {find_organisation(key) for key in (organisation.key, *organisation.former_keys)} == {organisation}
    assert find_organisation("no-such-key") is None


def test_former_keys_are_no_present_ones(table: Table) -> None:
    organisations = list(table.organisations())
    former = [key for organisation in organisations for key in organisation.former_keys]
    assert len(former) == len(set(former))
    assert not set(former) & {organisation.key for organisation in organisations}


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "x.table"
    other.write_bytes(b"something else, long enough to be mapped")
    with pytest.raises(ValueError, match="no company-IP table"):
        Table(other)
