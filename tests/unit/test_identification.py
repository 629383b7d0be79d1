"""Who is behind an address, by the committed table."""

import random
from pathlib import Path

import pytest

from dev.table.classify import reads_like_a_person
from lib.identification import Match, NoMatch, Reason, VisitorAddress, identify
from lib.identification.table import HOLDER, IPV4, IPV6, NOT_AN_ORGANISATION, Table

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
        ("104.28.1.1", Reason.HOSTER),
        ("130.149.1.1", Reason.CARRIER),  # a research network: behind it are many universities
    ],
)
def test_carriers_and_hosters_are_never_shown(address: str, reason: Reason) -> None:
    found = answer(address)
    assert isinstance(found, NoMatch)
    assert found.reason == reason
    assert found.evidence and found.evidence.organisation is None and found.evidence.asn is None


@pytest.mark.parametrize(
    "address",
    ["0.0.0.1", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1", "172.16.0.1", "192.0.2.1", "192.168.1.1",
     "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fc00::1", "fe80::1", "ff02::1",
     "2001:db8::1", "3fff::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "64:ff9b::10.0.0.1", "5f00::1", "4000::1"],
)  # fmt: skip
def test_addresses_of_no_internet_are_reserved(address: str) -> None:
    assert answer(address) == NoMatch(Reason.RESERVED, None)


def test_a_wrapped_address_is_the_address_inside() -> None:
    assert answer("::ffff:155.56.1.1") == answer("2002:9b38:0101::5") == answer("64:ff9b::155.56.1.1") == answer("155.56.1.1")


def test_ipv4_never_matches_an_ipv6_range() -> None:
    """32.0.0.1 and 2000::/8 begin with the same bits."""
    for first in range(32, 64):
        found = answer(f"{first}.0.0.1")
        assert found == NoMatch(Reason.UNKNOWN, None) or ":" not in (found.evidence.range if found.evidence else "")


def test_evidence_says_where_the_answer_comes_from() -> None:
    found = answer("155.56.1.1")
    assert found.evidence
    assert found.evidence.range.endswith("/17") and found.evidence.range.startswith("155.56.")
    assert found.evidence.organisation and found.evidence.asn and found.evidence.release and "DB-IP" in found.evidence.source
    assert set(found.evidence.facts) == {"domain", "industry", "country", "employee_range"}
    assert found.evidence.facts["domain"] == "dev/table/directory.csv, 2026-11-24"


def test_no_shown_name_reads_like_a_persons(table: Table) -> None:
    """Except those somebody has looked at: reviewed labels, the directory, and companies listed on a stock exchange."""
    shown = [(name, rule) for answer, rule, _, name in holders(table) if not answer & NOT_AN_ORGANISATION and name]
    unseen = [name for name, rule in shown if "reviewed" not in rule and "listed" not in rule]
    assert len(unseen) > 5000
    assert [name for name in unseen if reads_like_a_person(name)] == []


def test_holders_that_are_not_shown_have_no_name_in_the_table(table: Table) -> None:
    hidden = [(asn, name) for answer, _, asn, name in holders(table) if answer & NOT_AN_ORGANISATION]
    assert len(hidden) > 5
    assert set(hidden) == {(0, None)}


def test_every_range_answers_with_its_own_holder(table: Table) -> None:
    dice = random.Random(1)
    for family in (IPV4, IPV6):
        for first, last, holder in dice.sample(list(table.ranges(family)), 3000):
            for value in (first, last, dice.randint(first, last)):
                packed = (value << (family.address_bits - family.stored_bits)).to_bytes(family.address_bits // 8, "big")
                found = table.find(packed)
                assert found and found.holder == holder


def test_every_key_names_one_organisation(table: Table) -> None:
    keys = [organisation[0] for organisation in table.organisations()]
    assert len(keys) == len(set(keys)) > 5000
    assert all(keys)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "x.table"
    other.write_bytes(b"something else, long enough to be mapped")
    with pytest.raises(ValueError, match="no company-IP table"):
        Table(other)


def holders(table: Table) -> list[tuple[int, str, int, str | None]]:
    _, length = table.header["sections"]["holders"]
    return [table.holder(number) for number in range(1, length // HOLDER.size)]
