"""From customers' corrections into the next table, by an operator's hand."""

import pytest

from dev.table.companies.keys import Companies
from dev.table.companies.promote import holders_of, review_all
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
