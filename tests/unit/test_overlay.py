"""How sources are laid over one another, held against a model that asks for one address after the other."""

import io
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as draw

from dev.table.companies.names import comparable
from dev.table.sources.overlay import Disagreement, Layer, conflicts, overlaid, write_conflicts
from dev.table.sources.ranges import ADDRESS_BITS, Details, Range

LAST_ADDRESS = 23  # of the tiny space in which every address is asked for


def row(first: int, last: int, holder: str, source: str = "base", *, family: str = "ipv4", domain: str | None = None) -> Range:
    details = Details(None, domain, None, None, None) if domain else None
    return Range(family, first, last, 64500, holder, source, details)


def spans(ranges: Iterable[Range]) -> list[tuple[int, int, str]]:
    return [(found.first, found.last, found.holder) for found in ranges]


rows = draw.builds(
    lambda family, first, width, holder: row(first, min(first + width, LAST_ADDRESS), holder, family=family),
    draw.sampled_from(sorted(ADDRESS_BITS)),
    draw.integers(0, LAST_ADDRESS),
    draw.integers(0, LAST_ADDRESS),
    draw.sampled_from("ABCD"),
)
# A busy machine is no reason to fail.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
layers_of_rows = draw.lists(draw.lists(rows, max_size=8), max_size=4)


def holder_by_the_rule(layers: list[list[Range]], family: str, address: int) -> str | None:
    for layer in layers:
        holding = [found for found in layer if found.family == family and found.first <= address <= found.last]
        if holding:
            return min(holding, key=lambda found: found.last - found.first).holder  # min keeps the one read first
    return None


@unhurried
@given(layers_of_rows)
def test_each_address_has_the_holder_the_rule_gives_it(layers: list[list[Range]]) -> None:
    result = list(overlaid(layers))
    for family in ADDRESS_BITS:
        for address in range(LAST_ADDRESS + 1):
            found = [piece.holder for piece in result if piece.family == family and piece.first <= address <= piece.last]
            expected = holder_by_the_rule(layers, family, address)
            assert found == ([expected] if expected else [])


@unhurried
@given(layers_of_rows)
def test_the_result_is_ascending_and_lies_over_itself_unchanged(layers: list[list[Range]]) -> None:
    result = list(overlaid(layers))
    order = [(found.family, found.first, found.last) for found in result]
    assert order == sorted(order)
    assert list(overlaid([result])) == result


@unhurried
@given(draw.lists(rows, max_size=8), draw.lists(rows, max_size=8))
def test_conflicts_are_the_addresses_two_layers_name_differently(upper: list[Range], below: list[Range]) -> None:
    lower = [row(found.first, found.last, found.holder, "other", family=found.family) for found in below]
    found = list(conflicts([upper, lower], comparable=str))
    for family in ADDRESS_BITS:
        for address in range(LAST_ADDRESS + 1):
            names = (holder_by_the_rule([upper], family, address), holder_by_the_rule([lower], family, address))
            reported = [
                (conflict.winner.holder, conflict.other.holder)
                for conflict in found
                if conflict.winner.family == family and conflict.winner.first <= address <= conflict.winner.last
            ]
            assert reported == ([names] if None not in names and names[0] != names[1] else [])


def test_an_earlier_layer_wins_even_with_a_wider_range() -> None:
    assert spans(overlaid([[row(0, 9, "wide")], [row(3, 4, "narrow"), row(8, 12, "beside")]])) == [
        (0, 9, "wide"),
        (10, 12, "beside"),
    ]


def test_inside_a_layer_the_narrower_range_wins_then_the_one_read_first() -> None:
    assert spans(overlaid([[row(0, 9, "wide"), row(3, 4, "narrow")]])) == [(0, 2, "wide"), (3, 4, "narrow"), (5, 9, "wide")]
    assert spans(overlaid([[row(0, 3, "first"), row(2, 5, "second")]])) == [(0, 3, "first"), (4, 5, "second")]
    assert spans(overlaid([[row(2, 5, "first"), row(0, 3, "second")]])) == [(0, 1, "second"), (2, 5, "first")]


def test_pieces_of_one_row_are_joined_and_two_rows_are_not() -> None:
    # The wider rows of a worse layer cut nothing of a better one.
    assert spans(overlaid([[row(0, 9, "A")], [row(2, 3, "B"), row(5, 12, "C")]])) == [(0, 9, "A"), (10, 12, "C")]
    assert spans(overlaid([[row(0, 4, "A"), row(5, 9, "A")]])) == [(0, 4, "A"), (5, 9, "A")]


def test_ipv4_comes_before_ipv6_however_the_layers_are_ordered() -> None:
    largest = (1 << 128) - 1
    result = list(overlaid([[row(0, largest, "six", family="ipv6"), row(0, 0, "four")], [row(1, (1 << 32) - 1, "rest")]]))
    assert [(found.family, found.last, found.holder) for found in result] == [
        ("ipv4", 0, "four"),
        ("ipv4", (1 << 32) - 1, "rest"),
        ("ipv6", largest, "six"),
    ]


def test_a_piece_keeps_all_that_its_row_says() -> None:
    details = Details("company", "muster.example", "C", "DE", "50-249")
    given_row = Range("ipv4", 0, 9, 64501, "Muster GmbH", "licensed", details)
    result = list(overlaid([[row(0, 4, "better")], [given_row]]))
    assert result[1] == Range("ipv4", 5, 9, 64501, "Muster GmbH", "licensed", details)


def test_a_layer_read_once_serves_the_table_and_the_report() -> None:
    once = Layer(iter([row(0, 9, "A", "one")]))
    other = Layer(iter([row(5, 12, "B", "two")]))
    assert spans(overlaid([once, other])) == [(0, 9, "A"), (10, 12, "B")]
    assert [conflict.winner.first for conflict in conflicts([once, other], comparable)] == [5]


@pytest.mark.parametrize(("first", "last"), [(9, 3), (-1, 3), (0, 1 << 32)])
def test_an_impossible_range_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="impossible range of ipv4"):
        list(overlaid([[row(first, last, "A")]]))


def test_two_spellings_or_one_domain_are_no_conflict() -> None:
    one = [
        row(0, 3, "Muster GmbH", "one"),
        row(4, 7, "Muster AG", "one", domain="muster.example"),
        row(8, 11, "Muster AG", "one", domain="muster.example"),
        row(12, 15, "Muster AG", "one"),
    ]
    two = [
        row(0, 3, "MUSTER", "two"),
        row(4, 7, "Beispiel Holding", "two", domain="muster.example"),
        row(8, 11, "Beispiel AG", "two", domain="beispiel.example"),
        row(12, 15, "Beispiel AG", "two"),
    ]
    assert [conflict.winner.first for conflict in conflicts([one, two], comparable)] == [8, 12]


def test_names_that_are_nothing_but_a_legal_form_are_not_all_the_same() -> None:
    assert len(list(conflicts([[row(0, 3, "???", "one")], [row(0, 3, "!!!", "two")]], comparable))) == 1


def test_conflicts_are_written_one_a_row_and_counted_per_pair() -> None:
    one = [row(0, 255, "Muster, GmbH", "one", domain="muster.example"), row(0, 15, "Muster", "one", family="ipv6")]
    two = [row(0, 127, "Beispiel", "two"), row(130, 131, "Anders", "two"), row(0, 3, "Beispiel", "two", family="ipv6")]
    three = [row(64, 300, "Beispiel", "three")]
    file = io.StringIO()
    counts = write_conflicts(conflicts([one, two, three], comparable), file)
    assert file.getvalue().splitlines() == [
        "range,source,name,domain,other_source,other_name,other_domain",
        '0.0.0.0/25,one,"Muster, GmbH",muster.example,two,Beispiel,',
        '0.0.0.130/31,one,"Muster, GmbH",muster.example,two,Anders,',
        "::/126,one,Muster,,two,Beispiel,",
        '0.0.0.64-0.0.0.255,one,"Muster, GmbH",muster.example,three,Beispiel,',
        "0.0.0.130/31,two,Anders,,three,Beispiel,",
    ]
    assert counts == [
        Disagreement("one", "two", rows=3, ipv4_addresses=130, ipv6_addresses=4),
        Disagreement("one", "three", rows=1, ipv4_addresses=192),
        Disagreement("two", "three", rows=1, ipv4_addresses=2),
    ]
