"""What a contact may hold, whatever a provider or a file says."""

import dataclasses
import itertools
from typing import Any

import pytest

from lib.domain.contact import Contact, NotAContact, Reading, clean_role, read_contact, read_seniority
from lib.domain.role_words import ROLE_WORDS
from lib.mail.free_mail import is_free_mail

PERSONAL = [
    "erika.mustermann@gmail.com",
    "ERIKA@GMX.DE",
    "erika@googlemail.com",
    "erika@t-online.de",
    "erika@tuta.com",
    "erika@web.de",
    "erika@mail.gmail.com",
    "erika@acme.com.evil.example",
    "erika@notacme.com",
    "erika@acme.org",
    "erika.gmail.com@acme.com",
    "erika=gmail.com@acme.com",
    "erika@gmail.com@acme.com",
    "erika@acme.com,erika@gmail.com",
    "erika@acme.com erika@gmail.com",
    "<erika@gmail.com>",
    "Erika <erika@acme.com>",
    "erika@acme.com\n",
    "erika@gmail.com\r\nBcc: x@acme.com",
    '"erika@gmail.com"@acme.com',
    "erika@xn--gmail.com",
    "erika@ｇｍａｉｌ.com",
    "mailto:erika@gmail.com",
    "erika%40gmail.com",
    "erika (at) gmail (dot) com",
]
PHONES = [
    "+49 89 1234567",
    "0049891234567",
    "(089) 123 45 67",
    "tel:+49891234567",
    "+1-555-010-9999",
    "٠٨٩١٢٣٤٥٦٧",
    "08912345678",
    "０８９１２３４５６７",
    "Head of Purchasing +49 89 1234567",
    "Einkauf 0171 1234567",
    "491711234567@acme.com",
    "0-8-9-1-2-3-4-5-6-7-8",
]
HOMES = ["Musterstraße 5, 80331 München", "5 Home Street", "Apt. 4, London SW1A 1AA", "home: Gartenweg"]
NAMES = ["Erika Mustermann", "Dr. Max Müller", "John Q. Public", "MUSTERMANN, Erika", "ერიკა", "山田太郎"]
CODE = [
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "a\x00b",
    "\x00",
    "' or 1=1 --",
    "\ud800",
    "https://evil.example/x",
    "www.evil.example",
    "x" * 100_000,
    "\u202eevil",
    "../../etc/passwd",
    "{{7*7}}",
    "👩‍💼",
]
NO_TEXTS: list[Any] = [
    None,
    7,
    -1.5,
    True,
    [],
    ["erika@gmail.com"],
    {},
    {"email": "erika@gmail.com"},
    [["a"]],
    b"erika@gmail.com",
    float("nan"),
    object(),
]
FIELDS = ("role", "seniority", "work_email", "linkedin")
ALLOWED = {"company_domain", "source", "role", "seniority", "work_email", "linkedin_handle"}


def read(domain: str | None = "acme.com", **raw: Any) -> Reading:
    return read_contact(raw, company_domain=domain, source="hunter", is_free_mail=is_free_mail)


def contact(**raw: Any) -> Contact:
    read_one = read(**raw).contact
    assert read_one is not None
    return read_one


def test_the_type_has_a_place_for_a_role_a_mail_and_a_handle_and_for_nothing_else() -> None:
    assert {field.name for field in dataclasses.fields(Contact)} == ALLOWED
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(contact(work_email="anna@acme.com"), "phone", "+49 89 1234567")


def test_what_may_be_kept_is_kept_in_one_form() -> None:
    kept = contact(
        role="head OF purchasing, hydrogen (EMEA)",
        seniority="Executive",
        work_email=" Anna.Berg+shop@Sales.ACME.com ",
        linkedin="https://de.linkedin.com/in/Anna-Berg-1a2b/?trk=x",
    )
    assert kept == Contact(
        "acme.com", "hunter", "Head of Purchasing EMEA", "executive", "anna.berg@sales.acme.com", "anna-berg-1a2b"
    )
    assert kept.row() == {
        "role": "Head of Purchasing EMEA",
        "seniority": "executive",
        "work_email": "anna.berg@sales.acme.com",
        "linkedin_handle": "anna-berg-1a2b",
    }


@pytest.mark.parametrize("hostile", [*PERSONAL, *PHONES, *HOMES, *NAMES, *CODE, *NO_TEXTS], ids=lambda value: ascii(value)[:40])
@pytest.mark.parametrize("field", FIELDS)
def test_hostile_answers_leave_only_what_may_be_kept(field: str, hostile: Any) -> None:
    good = {"role": "Head of Purchasing", "seniority": "senior", "work_email": "anna@acme.com", "linkedin": "anna-berg"}
    reading = read(**{**good, field: hostile})
    assert reading.contact is not None
    kept = reading.contact.row()
    assert set(kept["role"].split() if kept["role"] else []) <= ROLE_WORDS
    assert kept["seniority"] in (None, "junior", "senior", "executive")
    assert kept["work_email"] in (None, "anna@acme.com", "erika@acme.com")
    assert kept["linkedin_handle"] in (None, "anna-berg")
    assert all(str(hostile) not in reason for reason in reading.reasons) or not str(hostile).strip()


@pytest.mark.parametrize(
    "hostile",
    [dict.fromkeys(FIELDS, value) for value in [*PERSONAL, *PHONES, *HOMES, *CODE, *NO_TEXTS]],
    ids=lambda raw: ascii(raw["role"])[:40],
)
def test_the_same_in_every_field_and_in_fields_that_nobody_asked_for_is_no_contact(hostile: dict[str, Any]) -> None:
    more = {"phone_number": "+49 89 1234567", "first_name": "Erika", "home_address": "Musterstraße 5", "email": "erika@gmail.com"}
    found = read(**hostile, **more).contact
    assert found is None or found.work_email == "erika@acme.com"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_role_and_no_handle(name: str) -> None:
    kept = contact(role=name, linkedin=name, work_email="anna@acme.com")
    assert (kept.role, kept.linkedin_handle) == (None, None)


def test_a_name_beside_a_role_is_dropped() -> None:
    assert contact(role="Erika Mustermann, Leiterin Einkauf", work_email="e@acme.com").role == "Leiterin Einkauf"


def test_the_type_itself_refuses_what_reading_would_have_left_out() -> None:
    for fields in (
        {"work_email": "anna@gmail.com"},
        {"work_email": "Anna@acme.com"},
        {"work_email": "anna+x@acme.com"},
        {"linkedin_handle": "Anna"},
        {"linkedin_handle": "0049-89-1234567"},
        {},
        {"work_email": "a@acme.com", "role": "Erika Mustermann"},
        {"work_email": "a@acme.com", "role": "head of sales"},
        {"work_email": "a@acme.com", "seniority": "boss"},
    ):
        with pytest.raises(NotAContact):
            Contact("acme.com", "import", **fields)  # type: ignore[arg-type]


def test_no_mail_is_kept_where_the_companys_domain_is_not_known_or_is_everybodys() -> None:
    assert read(domain=None, work_email="anna@acme.com").contact is None
    assert read(domain="yahoo.com", work_email="anna@yahoo.com").contact is None
    assert read(domain=None, linkedin="anna-berg").contact == Contact(None, "hunter", linkedin_handle="anna-berg")


def test_cleaning_a_role_twice_changes_nothing() -> None:
    words = [*sorted(ROLE_WORDS)[::7], "of", "&", "Erika", "and"]
    for several in itertools.islice(itertools.permutations(words, 3), 0, 40_000, 41):
        try:
            role = clean_role(" ".join(several))
        except NotAContact:
            continue
        assert clean_role(role) == role


@pytest.mark.parametrize(
    ("said", "meant"), [("Director", "senior"), ("C-Level", "executive"), ("junior", "junior"), ("boss", None)]
)
def test_a_providers_seniority_is_one_of_ours(said: str, meant: str | None) -> None:
    assert read_seniority(said) == meant


def test_reasons_say_what_is_wrong_and_repeat_nothing() -> None:
    reading = read(role="Erika Mustermann", work_email="erika@gmail.com", linkedin="Erika Mustermann")
    assert reading.contact is None and len(reading.reasons) == 3
    assert "anybody can have a mailbox" in reading.reasons[1]
    assert "rika" not in " ".join(reading.reasons)
