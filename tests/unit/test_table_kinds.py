"""Who is shown, and above all who is not."""

import pytest

from dev.table.holder import Holder
from dev.table.kinds.classify import classify, reads_like_a_person
from dev.table.kinds.letters import KINDS, SHOWN_KINDS
from dev.table.kinds.model import BIAS, WEIGHT_SCALE, KindModel, read_model
from dev.table.kinds.readings import Reading


@pytest.fixture(scope="module")
def model() -> KindModel:
    return read_model()


def leaning_to(**odds: float) -> KindModel:
    """A model that says the same of every name, in log odds."""
    return KindModel({BIAS: tuple(round(odds.get(kind, -8) * WEIGHT_SCALE) for kind in KINDS)})


SURE_OF_A_COMPANY, SURE_OF_A_CARRIER, UNDECIDED = leaning_to(company=5), leaning_to(carrier=5), leaning_to(company=0, carrier=0)


def kind(first: str, second: str = "", review: str = "", *, model: KindModel = UNDECIDED) -> str:
    return classify(Holder("Muster GmbH"), None, Reading(first, second, review), model).kind


@pytest.mark.parametrize(("first", "second", "expected"), [("c", "c", "company"), ("c", "C", "company"), ("E", "e", "education")])
def test_what_two_readers_agree_on_is_believed(first: str, second: str, expected: str) -> None:
    assert kind(first, second, model=SURE_OF_A_CARRIER) == expected


@pytest.mark.parametrize(
    ("first", "second"), [("c", "i"), ("C", "I"), ("c", "H"), ("i", "c"), ("g", "h"), ("C", "u"), ("c", "r")]
)
def test_nobody_is_shown_whom_a_reader_takes_for_a_provider(first: str, second: str) -> None:
    for model in (SURE_OF_A_COMPANY, SURE_OF_A_CARRIER, UNDECIDED):
        assert kind(first, second, model=model) not in SHOWN_KINDS


def test_one_sure_reader_needs_the_model_beside_a_reader_who_could_not_tell() -> None:
    assert kind("c", "u", model=SURE_OF_A_COMPANY) == "company"
    assert kind("c", "u", model=UNDECIDED) not in SHOWN_KINDS


def test_two_readers_who_only_lean_are_not_believed_against_the_model() -> None:
    assert kind("C", "C", model=SURE_OF_A_COMPANY) == "company"
    assert kind("C", "C", model=SURE_OF_A_CARRIER) not in SHOWN_KINDS


def test_nobody_is_shown_where_the_review_could_not_tell() -> None:
    assert kind("c", "c", "u", model=SURE_OF_A_COMPANY) == kind("C", "i", "u", model=SURE_OF_A_COMPANY) == "unknown"


@pytest.mark.parametrize("other", [*"cegnihru", *"CEGN"])
def test_whom_any_reader_takes_for_a_person_is_not_shown_without_a_review(other: str) -> None:
    assert kind("p", other, model=SURE_OF_A_COMPANY) not in SHOWN_KINDS
    assert kind(other, "P", model=SURE_OF_A_COMPANY) not in SHOWN_KINDS


@pytest.mark.parametrize("name", ["Max Mustermann trading as Muster GmbH & Co. KG", "Erika Musterfrau t/a Muster Ltd"])
def test_a_company_registered_in_a_persons_name_is_not_shown_whatever_readers_say(name: str) -> None:
    assert classify(Holder(name), None, Reading("c", "c", "c"), SURE_OF_A_COMPANY).kind == "natural_person"
    company = Holder("Muster Verwaltungs GmbH trading as Muster GmbH & Co. KG")
    assert classify(company, None, Reading("c", "c"), SURE_OF_A_COMPANY).kind == "company"


def test_a_review_settles_it() -> None:
    assert kind("c", "c", "i", model=SURE_OF_A_COMPANY) == "carrier"
    assert kind("i", "p", "c", model=SURE_OF_A_CARRIER) == "company"
    assert kind("c", "i", "C", model=SURE_OF_A_CARRIER) not in SHOWN_KINDS


def test_every_verdict_says_what_decided_and_how_sure_it_is() -> None:
    for first in "cegnihrpuCEGNIHRP":
        for second in ["", *"cegnihrpuCEGNIHRP"]:
            verdict = classify(Holder("Muster GmbH"), None, Reading(first, second), UNDECIDED)
            assert verdict.rule and 1 <= verdict.sureness <= 99


# Names made up for this test: nobody's reading decides them, the trained model does.
@pytest.mark.parametrize(
    "name",
    [
        "Musternet Kabel GmbH", "EXEMPLONET TELECOMUNICACOES LTDA", "PT Contoh Fiber Nusantara", "Example Broadband Ltd",
        "Beispiel Hosting B.V.", "Sample Cloud Services Ltd", "Ejemplo Internet S.A.C.", "Primer Telekom OOO",
        "Example VPN S.A.", "Contoso Networks Private Limited", "Przyklad Net Sp. z o.o.", "EXEMPLO INFORMATICA LTDA - ME",
    ],
)  # fmt: skip
def test_an_unread_provider_is_not_shown(model: KindModel, name: str) -> None:
    assert classify(Holder(name), None, None, model).kind not in SHOWN_KINDS


@pytest.mark.parametrize(
    "name",
    [
        "Max Mustermann", "Erika Musterfrau", "MUSTERMANN MAX (MUSTERNET)", "Max Mustermann trading as Musterfirma",
        "Max Mustermann e.K.", "FOP Mustermann Max", "Mustermann Max Maximowitsch", "Juan Ejemplo Garcia", "IP Mustermann",
        "Firma Handlowa Jan Przykladowy", "JOAO DA SILVA EXEMPLO - ME",
    ],
)  # fmt: skip
def test_an_unread_natural_person_is_not_shown(model: KindModel, name: str) -> None:
    assert classify(Holder(name), None, None, model).kind not in SHOWN_KINDS


def test_an_unread_holder_with_a_plain_trade_is_shown(model: KindModel) -> None:
    for name, expected in {
        "Ruritania Savings Bank plc": "company",
        "Musterstadt University of Applied Sciences": "education",
        "Ministry of Finance of Ruritania": "government",
        "Ruritania Insurance Company Ltd": "company",
    }.items():
        holder = Holder(name, {65000}, ipv4_addresses=256, ipv4_ranges=1)
        assert classify(holder, None, None, model).kind == expected, name


@pytest.mark.parametrize("claim", ["carrier", "hoster", "relay", "natural_person"])
def test_a_source_that_says_provider_is_believed_over_readers(claim: str) -> None:
    assert classify(Holder("Muster GmbH"), claim, Reading("c", "c"), SURE_OF_A_COMPANY).kind == claim


def test_a_source_that_names_a_company_is_believed_unless_the_name_speaks_against_it(model: KindModel) -> None:
    assert classify(Holder("Muster Maschinenbau GmbH"), "company", None, model).kind == "company"
    assert classify(Holder("Musternet Telecom Internet Ltda"), "company", None, model).kind == "carrier"
    assert classify(Holder("Max Mustermann"), "company", None, model).kind == "natural_person"
    assert classify(Holder("Muster GmbH"), "company", Reading("i", "i"), SURE_OF_A_COMPANY).kind == "carrier"


@pytest.mark.parametrize(
    "name", ["Ernst & Young LLP", "Charles Schwab Bank, N.A.", "Siemens AG", "IBM", "Müller Maschinenbau GmbH"]
)
def test_companies_that_sound_like_persons_are_not_taken_for_one(name: str) -> None:
    assert not reads_like_a_person(name)


def test_a_reading_is_one_of_the_letters() -> None:
    with pytest.raises(ValueError, match="one of the letters"):
        Reading("x", "c")
