"""Hunter and Dropcontact, as their documentation has them, and everything that can go wrong on the wire."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.contacts.dropcontact import Dropcontact
from lib.contacts.hunter import Hunter
from lib.contacts.over_http import OverHttp
from lib.domain.enrichment import Found, NotYet, Wanted
from lib.errors import ProviderClosed, ProviderUnavailable
from lib.outbound import Outbound
from tests.website import Website, page, running_website

WANTED = Wanted("acme.com", "Acme", ["management", "purchasing"], ["executive", "senior"], 5)
JOB = Wanted("acme.com", "Acme", ["management"], ["senior"], 5, "job-1")
HTTP = OverHttp(Outbound(["127.0.0.0/8", "::1/128"], seconds=2))


@pytest.fixture
def vendor() -> Iterator[Website]:
    with running_website() as website:
        yield website


def answer(value: object, *headers: str, status: str = "200 OK") -> bytes:
    return page(json.dumps(value), *headers, status=status, kind="application/json")


def email(number: int) -> dict[str, Any]:
    """An address as Hunter lists it, with all that we do not want."""
    return {
        "value": f"person{number}@acme.com",
        "type": "personal",
        "confidence": 92,
        "first_name": "Erika",
        "last_name": "Mustermann",
        "position": "Head of Purchasing",
        "seniority": "senior",
        "department": "operations",
        "phone_number": "+49 89 1234567",
        "linkedin": "https://www.linkedin.com/in/person-x",
        "twitter": "erika",
        "sources": [{"uri": "https://acme.com/team"}],
        "verification": {"date": "2026-01-01", "status": "valid"},
    }


def hunter(vendor: Website) -> Hunter:
    return Hunter("key-1", HTTP, base_url=vendor.url)


def dropcontact(vendor: Website) -> Dropcontact:
    return Dropcontact("key-2", HTTP, base_url=vendor.url)


def test_hunter_is_asked_for_a_domain_with_areas_and_seniority_and_the_key_in_a_header(vendor: Website) -> None:
    vendor.answer = answer(
        {"data": {"domain": "acme.com", "emails": [email(1)]}, "meta": {"results": 1, "limit": 5, "offset": 0}}
    )
    found = hunter(vendor).find(WANTED)
    assert found == Found(
        [
            {
                "role": "Head of Purchasing",
                "seniority": "senior",
                "work_email": "person1@acme.com",
                "linkedin": "https://www.linkedin.com/in/person-x",
            }
        ],
        1,
    )
    [asked] = vendor.requests
    url = urlsplit(asked.split(" ")[1])
    assert url.path == "/v2/domain-search"
    assert parse_qs(url.query) == {
        "domain": ["acme.com"],
        "limit": ["5"],
        "offset": ["0"],
        "department": ["executive,management,operations"],
        "seniority": ["executive,senior"],
    }
    assert "X-API-KEY: key-1" in asked and "key-1" not in url.query


def test_hunter_is_asked_page_by_page_until_there_are_enough(vendor: Website) -> None:
    vendor.answer = answer({"data": {"emails": [email(number) for number in range(5)]}, "meta": {"results": 40}})
    found = hunter(vendor).find(Wanted("acme.com", "Acme", ["it"], ["senior"], 12))
    assert (len(found.contacts), len(vendor.requests), found.credits_used) == (15, 3, 3)
    assert [parse_qs(urlsplit(asked.split(" ")[1]).query)["offset"] for asked in vendor.requests] == [["0"], ["5"], ["10"]]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"data": None},
        {"data": []},
        {"data": {"emails": None}},
        {"data": {"emails": "x"}},
        {"data": {"emails": [None, "a@acme.com", 7]}},
        {"data": {"emails": {}}, "meta": []},
    ],
)
def test_an_answer_of_another_shape_is_nothing_found(vendor: Website, said: object) -> None:
    vendor.answer = answer(said)
    assert hunter(vendor).find(WANTED) == Found([], 0)


@pytest.mark.parametrize("status", ["404 Not Found", "451 Unavailable For Legal Reasons"])
def test_a_domain_hunter_does_not_know_or_may_not_process_is_nothing_found(vendor: Website, status: str) -> None:
    vendor.answer = answer({"errors": [{"id": "claimed_email", "code": 451, "details": "..."}]}, status=status)
    assert hunter(vendor).find(WANTED) == Found([], 0)


@pytest.mark.parametrize(
    ("status", "closed"),
    [
        ("401 Unauthorized", True),
        ("402 Payment Required", True),
        ("429 Too Many Requests", True),
        ("403 Forbidden", False),
        ("400 Bad Request", False),
        ("500 Oops", False),
        ("503 Later", False),
        ("302 Found", False),
    ],
)
def test_hunters_refusals_are_told_apart(vendor: Website, status: str, closed: bool) -> None:
    vendor.answer = answer({"errors": [{"id": "x", "code": 1, "details": "x"}]}, "Retry-After: 77", status=status)
    with pytest.raises(ProviderUnavailable) as caught:
        hunter(vendor).find(WANTED)
    assert (isinstance(caught.value, ProviderClosed), caught.value.wait_seconds) == (closed, 77)
    assert "key-1" not in str(caught.value)


BROKEN = [
    b"",
    b"HTTP/1.1 200 OK\r\n\r\nnot json",
    b"garbage",
    page("[" * 50_000),
    page('{"data":'),
    page("[1]"),
    page("\xff"),
    page("9" * 6000),
]


@pytest.mark.parametrize("sent", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("wanted", [WANTED, JOB], ids=["first", "again"])
def test_what_is_no_answer_is_unavailable_and_nothing_else(vendor: Website, sent: bytes, wanted: Wanted) -> None:
    vendor.answer = sent
    for provider in (hunter(vendor), dropcontact(vendor)):
        with pytest.raises(ProviderUnavailable):
            provider.find(wanted)


def test_a_provider_that_is_slow_or_away_is_unavailable(vendor: Website) -> None:
    vendor.answer, vendor.is_slow = answer({}), True
    with pytest.raises(ProviderUnavailable, match="slow"):
        hunter(vendor).find(WANTED)
    with pytest.raises(ProviderUnavailable):
        Hunter("key-1", HTTP, base_url="http://127.0.0.1:1").find(WANTED)


def test_a_provider_is_not_asked_at_an_address_that_is_not_public(vendor: Website) -> None:
    with pytest.raises(ProviderUnavailable):
        Hunter("key-1", OverHttp(Outbound()), base_url=vendor.url).find(WANTED)
    assert vendor.requests == []


def test_dropcontact_is_handed_a_company_and_asked_again_until_it_is_ready(vendor: Website) -> None:
    vendor.answer = answer({"error": False, "success": True, "request_id": "job-1", "credits_left": 99})
    assert dropcontact(vendor).find(WANTED) == NotYet("job-1", 45)
    assert "POST /v1/enrich/all HTTP/1.1" in vendor.requests[0] and "X-Access-Token: key-2" in vendor.requests[0]
    assert json.loads(vendor.requests[0].partition("\r\n\r\n")[2]) == {
        "data": [{"company": "Acme", "website": "acme.com"}],
        "siren": False,
        "language": "en",
    }
    vendor.answer = answer({"error": False, "success": False, "reason": "Request not ready yet, try again in 30 seconds"})
    assert dropcontact(vendor).find(JOB) == NotYet("job-1", 45)
    assert vendor.requests[1].startswith("GET /v1/enrich/all/job-1 HTTP/1.1")


def test_of_dropcontacts_addresses_only_professional_ones_are_taken(vendor: Website) -> None:
    person = {
        "civility": "Mrs",
        "first_name": "Erika",
        "last_name": "Mustermann",
        "phone": "0707070707",
        "mobile_phone": "0607070707",
        "email": [
            {"email": "erika@gmail.com", "qualification": "nominative@perso"},
            {"email": "erika@acme.com", "qualification": "nominative@pro"},
            {"email": "info@acme.com", "qualification": "generic@pro"},
            {"email": "x@acme.com", "qualification": "invalid@invalid"},
            "x",
            None,
        ],
        "job": "Head of Purchasing",
        "job_level": "Manager",
        "linkedin": "https://fr.linkedin.com/in/erika",
        "siret_address": "2 Rue Rotland",
    }
    vendor.answer = answer({"success": True, "error": False, "data": [person, None, "x", {"email": None}]})
    assert dropcontact(vendor).find(JOB) == Found(
        [
            {
                "role": "Head of Purchasing",
                "seniority": "Manager",
                "linkedin": "https://fr.linkedin.com/in/erika",
                "work_email": "erika@acme.com",
            },
            {"work_email": "info@acme.com"},
        ],
        1,
    )


@pytest.mark.parametrize(
    ("status", "closed"),
    [
        ("401 Unauthorized", True),
        ("402 Payment Required", True),
        ("403 Forbidden", True),
        ("429 Too Many Requests", False),
        ("500 Oops", False),
    ],
)
@pytest.mark.parametrize("wanted", [WANTED, JOB], ids=["first", "again"])
def test_dropcontacts_refusals_are_told_apart(vendor: Website, status: str, closed: bool, wanted: Wanted) -> None:
    vendor.answer = answer({"error": True, "success": False, "reason": "x"}, "Retry-After: 9", status=status)
    with pytest.raises(ProviderUnavailable) as caught:
        dropcontact(vendor).find(wanted)
    assert (isinstance(caught.value, ProviderClosed), caught.value.wait_seconds) == (closed, 9)


@pytest.mark.parametrize("job", [None, 7, "", "../x", "a b", "x" * 101, ["job"]])
def test_a_job_that_cannot_be_asked_for_is_unavailable(vendor: Website, job: object) -> None:
    vendor.answer = answer({"success": True, "request_id": job})
    with pytest.raises(ProviderUnavailable):
        dropcontact(vendor).find(WANTED)


def test_a_batch_that_failed_is_unavailable(vendor: Website) -> None:
    vendor.answer = answer({"success": False, "error": True, "reason": "Something else"})
    with pytest.raises(ProviderUnavailable):
        dropcontact(vendor).find(JOB)
