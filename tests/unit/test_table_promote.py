"""From customers' corrections into the next table, by an operator's hand."""

import pytest

from dev.table.companies.facts import Entry
from dev.table.companies.keys import Companies
from dev.table.companies.promote import holders_of, join, review_all
from dev.table.holder import Holder
from dev.table.kinds.classify import classify
from dev.table.kinds.letters import KINDS, SHOWN_KINDS
from dev.table.kinds.model import BIAS, KindModel
from dev.table.kinds.readings import Reading, hashed

COMPANIES = Companies({"Muster AG": "muster-de", "MUSTER GmbH": "muster-de", "Other AG": "other-de"}, {"old-muster": "muster-de"})


def test_a_company_is_found_by_its_present_and_former_keys() -> None:
    assert holders_of(COMPANIES, "muster-de") == holders_of(COMPANIES, "old-muster") == ["Muster AG", "MUSTER GmbH"]
    with pytest.raises(ValueError, match="no company with the key 'nobody'"):
        holders_of(COMPANIES, "nobody")


def test_a_reviewed_provider_stands_as_a_hash_and_keeps_what_readers_said() -> None:
    readings = {"Muster AG": Reading("c", "C"), "Other AG": Reading("c", "c")}
    reviewed = review_all(readings, ["Muster AG", "MUSTER GmbH"], "i")
    assert reviewed == {
        hashed("Muster AG"): Reading("c", "C", "i"),
        hashed("MUSTER GmbH"): Reading("", "", "i"),
        "Other AG": Reading("c", "c"),
    }


@pytest.mark.parametrize("letter", ["i", "u"])
def test_what_was_promoted_is_shown_no_more_whatever_readers_and_model_say(letter: str) -> None:
    reviewed = review_all({"Muster AG": Reading("c", "c", "c")}, ["Muster AG"], letter)
    sure_of_a_company = KindModel({BIAS: tuple(250 if kind == "company" else -400 for kind in KINDS)})
    assert classify(Holder("Muster AG"), None, reviewed[hashed("Muster AG")], sure_of_a_company).kind not in SHOWN_KINDS


def entry(key: str, domain: str) -> Entry:
    return Entry(key, "Muster", domain, "C", "DE", "", "curated", "2026-11-24")


def test_a_company_that_is_another_leaves_it_what_is_known_and_its_key() -> None:
    companies, directory = join(COMPANIES, {"muster-de": entry("muster-de", "muster.example")}, "old-muster", "other-de")
    assert set(companies.members.values()) == {"other-de"}
    assert companies.former == {"old-muster": "other-de", "muster-de": "other-de"}
    assert directory == {"other-de": entry("other-de", "muster.example")}


def test_what_is_known_of_the_company_that_goes_on_stays() -> None:
    known = {key: entry(key, f"{key}.example") for key in ("muster-de", "other-de")}
    _, directory = join(COMPANIES, known, "muster-de", "other-de")
    assert directory == {"other-de": known["other-de"]}


def test_a_company_is_not_joined_with_itself() -> None:
    with pytest.raises(ValueError, match="one company already"):
        join(COMPANIES, {}, "old-muster", "muster-de")
