"""How the table is made: kinds, names, facts, packing."""

import pytest

from dev.table.build import read_labels
from dev.table.classify import Holder, classify, reads_like_a_person
from dev.table.facts import Directory, ListedCompanies, employee_band
from dev.table.names import comparable, display_name, key_of


def kind(name: str, *, label: str | None = None, brand: str | None = None, listed: bool = False) -> str:
    return classify(Holder(name, frozenset({64500}), frozenset({"DE"})), label=label, brand=brand, listed=listed).kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Musterbank AG Bank", "company"),
        ("Universitaet Musterstadt", "education"),
        ("Ministry of Finance of Ruritania", "government"),
        ("City of Springfield", "government"),
        ("Example Foundation", "nonprofit"),
        ("Muster Telekom GmbH", "carrier"),
        ("Musternet Kabel GmbH", "carrier"),
        ("EXAMPLE INFORMATICA LTDA", "carrier"),
        ("Example Hosting B.V.", "hoster"),
        ("Example Cloud Services Ltd", "hoster"),
        ("Example VPN S.A.", "relay"),
        ("Max Mustermann", "natural_person"),
        ("Max Mustermann trading as Musterfirma", "natural_person"),
        ("Max Mustermann e.K.", "natural_person"),
        ("FOP Mustermann Max", "natural_person"),
        ("Muster GmbH", "unknown"),
        ("X7", "unknown"),
    ],
)
def test_a_name_is_shown_only_on_strong_evidence(name: str, expected: str) -> None:
    assert kind(name) == expected


def test_a_reviewed_label_decides_first() -> None:
    assert kind("Muster Telekom GmbH", label="company") == "company"
    assert kind("Musterbank AG Bank", label="carrier") == "carrier"


def test_a_brand_whose_name_goes_on_like_a_carriers_is_not_shown() -> None:
    assert kind("Sony Network Communications Inc.", brand="sony") == "carrier"
    assert kind("Sony Europe B.V.", brand="sony") == "company"


def test_words_inside_a_brand_do_not_hide_it() -> None:
    assert kind("Intel Corporation", brand="intel") == "company"


@pytest.mark.parametrize("name", ["Ernst & Young LLP", "Charles Schwab Bank", "Siemens AG", "IBM", "Johnson Insurance Group Inc"])
def test_companies_that_sound_like_persons_are_not_taken_for_one(name: str) -> None:
    assert not reads_like_a_person(name)


@pytest.mark.parametrize(
    ("registered", "shown"),
    [
        ("AS61576 - UNIVERSIDADE FEDERAL DE MINAS GERAIS", "Universidade Federal de Minas Gerais"),
        ("Robert Bosch GmbH", "Robert Bosch"),
        ("SKANSKA SVERIGE AB", "Skanska Sverige"),
        ("E.ON Verwaltungs GmbH", "E.ON Verwaltungs"),
        ("AG", "AG"),
    ],
)
def test_registered_names_become_the_names_people_use(registered: str, shown: str) -> None:
    assert display_name(registered) == shown


def test_spellings_of_one_company_have_one_key() -> None:
    assert key_of("SIEMENS AG", "DE") == key_of("Siemens AG", "DE") == "siemens-de"
    assert comparable("Crédit Agricole S.A.") == comparable("CREDIT AGRICOLE SA")


def test_the_longest_entry_of_the_directory_wins() -> None:
    directory = Directory()
    found = directory.find("Siemens Healthineers AG")
    assert found and found[1].name == "Siemens Healthineers"
    assert directory.find("Siemensstadt Verein") is None


def test_facts_of_listed_companies_are_clean() -> None:
    companies = [company for company in ListedCompanies()._companies.values()]
    domains = [company.domain.value for company in companies if company.domain]
    assert len(domains) > 800
    assert all("." in domain and "/" not in domain and " " not in domain for domain in domains)
    assert {fact.source for company in companies for fact in (company.domain, company.industry) if fact} == {"listed"}


@pytest.mark.parametrize(("count", "band"), [(1, "1-9"), (10, "10-49"), (999, "250-999"), (1000, "1000-4999"), (10000, "10000+")])
def test_employees_fall_into_bands(count: int, band: str) -> None:
    assert employee_band(count) == band


def test_labels_name_no_natural_person() -> None:
    """Persons are recognised by rule, so that no committed file needs their names."""
    labels = read_labels()
    assert len(labels) > 1000
    assert "natural_person" not in labels.values()
    assert [holder for holder, kind in labels.items() if kind == "unknown" and reads_like_a_person(holder)] == []
