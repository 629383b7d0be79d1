"""From registered names to the names people use, and to keys that stay."""

from collections import Counter

import pytest

from dev.table.companies.adopt import Known, adopt
from dev.table.companies.facts import Entry, ListedCompanies, employee_band, read_directory
from dev.table.companies.keys import Companies
from dev.table.companies.names import comparable, display_name, key_of, legal_name
from dev.table.holder import Holder


@pytest.mark.parametrize(
    ("registered", "shown"),
    [
        ("AS61576 - UNIVERSIDADE FEDERAL DE MINAS GERAIS", "Universidade Federal de Minas Gerais"),
        ("Robert Bosch GmbH", "Robert Bosch"),
        ("SKANSKA SVERIGE AB", "Skanska Sverige"),
        ("E.ON Verwaltungs GmbH", "E.ON Verwaltungs"),
        ("AG", "AG"),
        ("RFG-AU - RETAIL FOOD GROUP LIMITED", "Retail Food Group"),
        ("Sanoma-AS Sanoma Oyj", "Sanoma"),
        ("PT Bank Central Asia Tbk", "Bank Central Asia"),
        ('UAB "Ignitis grupes paslaugu centras"', "Ignitis grupes paslaugu centras"),
        ("EMIRATES NBD (P.J.S.C).", "Emirates NBD"),
        ("Otto (GmbH & Co KG)", "Otto"),
        ("AB Volvo", "Volvo"),
        ("The Boeing Company", "Boeing"),
        ("PFD Food Services Pty Ltd", "PFD Food Services"),
        ("Straßenbau Müller GmbH & Co. KG", "Straßenbau Müller"),
        ("Aerovias de Mexico S.A. de C.V.", "Aerovias de Mexico"),
        ("Sp. z o.o.", "Sp. z o.o"),
    ],
)
def test_registered_names_become_the_names_people_use(registered: str, shown: str) -> None:
    assert display_name(registered) == shown


def test_the_legal_name_keeps_its_form_and_loses_the_registrys_handle() -> None:
    assert legal_name("RFG-AU - RETAIL FOOD GROUP LIMITED") == "RETAIL FOOD GROUP LIMITED"
    assert legal_name("Robert Bosch GmbH") == "Robert Bosch GmbH"


def test_spellings_of_one_company_compare_equal() -> None:
    assert comparable("SIEMENS AG") == comparable("Siemens AG") == "siemens"
    assert comparable("Crédit Agricole S.A.") == comparable("CREDIT AGRICOLE SA")
    assert key_of("SIEMENS AG", "DE") == "siemens-de"


def holder(name: str, country: str = "DE", addresses: int = 256) -> Holder:
    return Holder(name, {64500}, Counter({country: 1}), addresses, 1)


def test_spellings_in_one_country_are_one_company_and_in_two_are_two() -> None:
    companies = Companies().with_holders([holder("Muster AG"), holder("MUSTER GmbH"), holder("Muster AS", "NO")])
    assert companies.members["Muster AG"] == companies.members["MUSTER GmbH"] == "muster-de"
    assert companies.members["Muster AS"] == "muster-no"


def test_a_key_once_given_stays_whatever_a_new_release_brings() -> None:
    before = Companies({"Muster AG": "an-old-key"})
    after = before.with_holders([holder("Muster AG", "AT", 9000), holder("Muster GmbH", "AT"), holder("An Old Key Ltd")])
    assert after.members["Muster AG"] == after.members["Muster GmbH"] == "an-old-key"
    assert after.members["An Old Key Ltd"] != "an-old-key"


def test_names_without_a_latin_letter_get_keys_however_many_there_are() -> None:
    taken = {f"holder {number}": f"organisation-cn-{number}" for number in range(2, 10_001)} | {"holder 1": "organisation-cn"}
    assert Companies(taken).with_holders([holder("钢铁有限公司", "CN")]).members["钢铁有限公司"] == "organisation-cn-10001"


def test_a_merged_company_leaves_its_keys_as_former_ones_also_when_merged_again() -> None:
    companies = Companies({"A AG": "a", "B AG": "b", "C AG": "c"}).merged(["a", "b"], "a").merged(["a", "c"], "c")
    assert set(companies.members.values()) == {"c"}
    assert companies.former_keys() == {"c": ["b", "a"]}


def test_a_holder_that_is_no_longer_shown_is_forgotten() -> None:
    assert Companies({"Max Mustermann": "max"}).with_holders([], {"Max Mustermann"}).members == {}


def test_the_key_of_a_company_that_is_hidden_is_given_to_nobody_else() -> None:
    before = Companies({"Muster AG": "muster-de"}, {"old": "muster-de"})
    hidden = before.with_holders([], {"Muster AG"})
    assert "muster" not in str(hidden) and hidden.former_keys() == {}
    after = hidden.with_holders([holder("Muster GmbH"), holder("Old")])
    assert after.members == {"Muster GmbH": "muster-de-2", "Old": "old-de"}


def known(holder: str, name: str, domain: str, country: str = "DE") -> Known:
    return Known(holder, name, domain, "C", country, "", "curated", "2026-11-24")


def test_rows_with_one_domain_are_one_company_of_the_directory() -> None:
    companies = Companies({"Muster AG": "muster-de", "Muster UK Ltd": "muster-gb", "Other AG": "other-de"})
    rows = [known("Muster AG", "Muster", "muster.example"), known("Muster UK Ltd", "Muster", "muster.example")]
    adopted = adopt([*rows, known("Nobody Ltd", "Nobody", "")], dict.fromkeys(companies.members, "company"), companies, {})
    [(key, entry)] = adopted.directory.items()
    assert (entry.name, entry.domain, entry.country) == ("Muster", "muster.example", "DE")
    assert adopted.companies.members["Muster AG"] == adopted.companies.members["Muster UK Ltd"] == key
    assert len(adopted.companies.former_keys()[key]) == 1
    assert adopted.left_out == ["Nobody Ltd"]


def test_rows_with_one_name_in_one_country_are_one_company_and_the_domain_most_agree_on_is_its() -> None:
    companies = Companies({"A AG": "a", "B AG": "b", "C AG": "c", "D Inc": "d"})
    rows = [known("A AG", "Muster", "muster.example"), known("B AG", "MUSTER", "muster.example"), known("C AG", "Muster", "")]
    adopted = adopt([*rows, known("D Inc", "Muster", "", "US")], dict.fromkeys(companies.members, "company"), companies, {})
    assert [(entry.domain, entry.country) for entry in adopted.directory.values()] == [("muster.example", "DE"), ("", "US")]


def test_two_companies_that_had_one_key_are_set_apart_and_the_larger_keeps_it() -> None:
    companies = Companies(dict.fromkeys(["A AG", "B AG", "Other AG"], "muster"))
    rows = [known(holder, "Muster", "muster.example") for holder in ("A AG", "B AG")]
    adopted = adopt(
        [known("Other AG", "Other", "other.example"), *rows], dict.fromkeys(companies.members, "company"), companies, {}
    )
    assert adopted.companies.members == {"A AG": "muster", "B AG": "muster", "Other AG": "other-de"}
    assert adopted.directory["other-de"].domain == "other.example"


def test_offices_of_a_state_that_share_a_domain_stay_apart() -> None:
    companies = Companies({"Ministry of Music": "music", "Ministry of Dance": "dance"})
    rows = [known("Ministry of Music", "Music", "gov.example"), known("Ministry of Dance", "Dance", "gov.example")]
    adopted = adopt(rows, dict.fromkeys(companies.members, "government"), companies, {})
    assert sorted(entry.name for entry in adopted.directory.values()) == ["Dance", "Music"]


@pytest.mark.parametrize(
    "change",
    [{"domain": "https://muster.example"}, {"domain": "muster"}, {"country": "Germany"}, {"nace_section": "Z"},
     {"employee_range": "many"}, {"date": "today"}, {"name": ""}],
)  # fmt: skip
def test_an_entry_that_cannot_be_right_is_refused(change: dict[str, str]) -> None:
    entry = {"company_key": "muster", "name": "Muster", "domain": "muster.example", "nace_section": "C", "country": "DE",
             "employee_range": "10-49", "source": "curated", "date": "2026-11-24"}  # fmt: skip
    Entry(**entry)
    with pytest.raises(ValueError, match=f"muster: {next(iter(change))} cannot be right"):
        Entry(**{**entry, **change})


def test_the_directory_knows_thousands_of_companies_and_guesses_nothing() -> None:
    entries = read_directory()
    assert sum(1 for entry in entries.values() if entry.domain and entry.nace_section and entry.country) > 3000
    assert all(entry.source and entry.date for entry in entries.values())


def test_facts_of_listed_companies_are_clean() -> None:
    facts = list(ListedCompanies())
    domains = [fact["domain"].value for fact in facts if "domain" in fact]
    assert len(domains) > 800
    assert all("." in domain and "/" not in domain and " " not in domain for domain in domains)
    assert {fact.source for each in facts for fact in each.values()} == {"listed"}


@pytest.mark.parametrize(("count", "band"), [(1, "1-9"), (10, "10-49"), (999, "250-999"), (1000, "1000-4999"), (10000, "10000+")])
def test_employees_fall_into_bands(count: int, band: str) -> None:
    assert employee_band(count) == band
