"""Each vendor's CRM over the wire: one record for a domain, a person's entries kept, and what its errors mean."""

import contextlib
import os
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from functions.push_company import push_company
from lib.crm import open_crm
from lib.domain.crm import Crm, CrmCompany, CrmContact, MappedField, Place, Pushed, Vendor, changes_of, default_mapping
from lib.domain.outbox import Fate, Message
from lib.errors import CrmDenied, CrmRefused, CrmUnavailable
from lib.mail.outbox_mail import LETTERS
from lib.outbound import Outbound
from lib.settings import VaultSettings
from lib.vault import Vault
from tests.crms import CrmDouble, Fault, Request, running_crms
from tests.crms.hubspot import HubSpotDouble, limited
from tests.crms.pipedrive import CUSTOM, PipedriveDouble
from tests.crms.salesforce import KEY_FIELD, SalesforceDouble

ACME = CrmCompany(
    "Acme", "acme.example", {"name": "Acme", "domain": "acme.example", "country": "DE", "industry": "Manufacturing"}
)
SALESFORCE_PLACE = Place("acme", KEY_FIELD)


class Customer:
    """One customer's CRM: what stands in it, and our way to it."""

    def __init__(self, vendor: Vendor, double: CrmDouble, base_url: str, seconds: float) -> None:
        self.vendor, self.double = vendor, double
        self._urls = {str(vendor): base_url}
        self._http = Outbound(["127.0.0.0/8"], seconds=seconds)
        self.place = SALESFORCE_PLACE if vendor is Vendor.SALESFORCE else None
        self.place = self.crm().check()

    def crm(self, **changes: str) -> Crm:
        token = {**token_of(self.double), **changes}
        return open_crm(self.vendor, token, self.place, http=self._http, base_urls=self._urls)

    def push(self, company: CrmCompany = ACME, mapping: list[MappedField] | None = None) -> tuple[str, str]:
        pushed = self.crm().push_company(company, default_mapping(self.vendor) if mapping is None else mapping)
        return pushed.outcome, pushed.remote_id

    def fields(self, remote_id: str) -> dict[str, Any]:
        """A record's fields, by name."""
        record = self.double.records[remote_id]
        return cast(dict[str, Any], {**record, **record.get("properties", {}), **record.get("custom_fields", {})})

    @property
    def name(self) -> str:
        return "Name" if self.vendor is Vendor.SALESFORCE else "name"

    @property
    def key_field(self) -> str:
        assert self.place
        return self.place.key_field


def token_of(double: CrmDouble) -> dict[str, str]:
    if isinstance(double, SalesforceDouble):
        return {"consumer_key": double.key, "consumer_secret": double.secret}
    if isinstance(double, PipedriveDouble):
        return {"api_token": double.token}
    assert isinstance(double, HubSpotDouble)
    return {"access_token": double.token}


def serving(vendor: Vendor, seconds: float = 2.0) -> Iterator[Customer]:
    double = {Vendor.HUBSPOT: HubSpotDouble, Vendor.PIPEDRIVE: PipedriveDouble, Vendor.SALESFORCE: SalesforceDouble}[vendor]()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with running_crms(port, {vendor: double}):
        yield Customer(vendor, double, f"http://127.0.0.1:{port}/{vendor}", seconds)


@pytest.fixture(params=list(Vendor))
def customer(request: pytest.FixtureRequest) -> Iterator[Customer]:
    yield from serving(request.param)


@pytest.fixture
def hubspot() -> Iterator[Customer]:
    yield from serving(Vendor.HUBSPOT)


@pytest.fixture
def pipedrive() -> Iterator[Customer]:
    yield from serving(Vendor.PIPEDRIVE)


@pytest.fixture
def salesforce() -> Iterator[Customer]:
    yield from serving(Vendor.SALESFORCE)


def test_a_company_pushed_three_times_is_one_record(customer: Customer) -> None:
    outcomes, ids = zip(*[customer.push() for _ in range(3)], strict=True)
    assert outcomes == ("created", "unchanged", "unchanged")
    assert set(ids) == set(customer.double.records)
    assert customer.fields(ids[0])[customer.key_field] == "acme.example"
    assert customer.fields(ids[0])[customer.name] == "Acme"


def test_a_record_is_known_by_its_id_even_if_a_person_changed_its_domain(customer: Customer) -> None:
    _, remote_id = customer.push()
    record = customer.double.records[remote_id]
    record.get("properties", record.get("custom_fields", record))[customer.key_field] = "acme.test"
    assert customer.push(replace(ACME, remote_id=remote_id)) == ("unchanged", remote_id)
    assert customer.fields(remote_id)[customer.key_field] == "acme.test"


def test_a_record_that_was_deleted_there_is_made_anew(customer: Customer) -> None:
    _, remote_id = customer.push()
    customer.double.records.clear()
    outcome, anew = customer.push(replace(ACME, remote_id=remote_id))
    assert outcome == "created" and anew != remote_id and len(customer.double.records) == 1


def test_what_a_person_wrote_stays_unless_the_mapping_says_always(customer: Customer) -> None:
    _, remote_id = customer.push()
    record = customer.double.records[remote_id]
    record.get("properties", record)[customer.name] = "Acme, our best customer"
    assert customer.push()[0] == "unchanged"
    assert customer.fields(remote_id)[customer.name] == "Acme, our best customer"
    assert customer.push(mapping=[MappedField("name", customer.name, "always")]) == ("updated", remote_id)
    assert customer.fields(remote_id)[customer.name] == "Acme"


def test_a_field_that_is_empty_is_filled_and_one_nobody_knows_left_alone(hubspot: Customer) -> None:
    double = cast(HubSpotDouble, hubspot.double)
    remote_id = double.add(domain="acme.example", name="Acme Ltd", country="")
    mapping = [MappedField("country", "country", "empty"), MappedField("employee_range", "about_us", "always")]
    assert hubspot.push(mapping=mapping) == ("updated", remote_id)
    [write] = double.writes()
    assert write.value == {"properties": {"country": "DE"}}


def test_the_key_field_is_filled_and_never_changed() -> None:
    mapping = [MappedField("name", "domain", "always")]
    assert changes_of(ACME, mapping, {"domain": "other.example"}, key_field="domain") == {}
    assert changes_of(ACME, mapping, {"domain": None}, key_field="domain") == {"domain": "acme.example"}


@pytest.mark.parametrize("domain", ["", "a'b.example", "Acme.example", "a b", "acme.example' OR Name LIKE '%"])
def test_what_is_no_domain_never_becomes_a_part_of_a_query(domain: str) -> None:
    with pytest.raises(ValueError, match="no domain"):
        CrmCompany("Acme", domain, {})


# Records that were there before us.


def test_pipedrive_takes_over_the_one_organization_with_the_name_and_leaves_two_alone(pipedrive: Customer) -> None:
    double = cast(PipedriveDouble, pipedrive.double)
    remote_id = double.add("ACME", **{CUSTOM: "acme.example"})  # the domain in a field of another meaning says nothing
    assert pipedrive.push() == ("updated", remote_id)
    assert pipedrive.fields(remote_id)["name"] == "ACME"
    double.records.clear()
    double.add("Acme")
    double.add("acme")
    assert pipedrive.push()[0] == "created" and len(double.records) == 3


def test_pipedrive_never_takes_an_organization_of_the_same_name_with_another_domain(pipedrive: Customer) -> None:
    double = cast(PipedriveDouble, pipedrive.double)
    other = double.add("Acme", **{pipedrive.key_field: "acme.test"})
    assert pipedrive.push()[0] == "created"
    assert pipedrive.fields(other)[pipedrive.key_field] == "acme.test"


def test_pipedrive_finds_the_field_it_made_on_any_page_and_makes_one_alone(pipedrive: Customer) -> None:
    double = cast(PipedriveDouble, pipedrive.double)
    assert pipedrive.crm().check() == pipedrive.place == Place("acme-sandbox", pipedrive.key_field)
    assert list(double.fields.values()).count("Leadsment domain") == 1
    del double.fields[pipedrive.key_field]
    double.may_make_fields = False
    with refusing(CrmDenied, "Leadsment domain"):
        pipedrive.crm().check()


@pytest.mark.parametrize("website", ["acme.example", "https://www.acme.example/", "http://acme.example"])
def test_salesforce_takes_over_the_account_with_the_website(salesforce: Customer, website: str) -> None:
    double = cast(SalesforceDouble, salesforce.double)
    remote_id = double.add(Name="Acme Inc.", Website=website)
    assert salesforce.push() == ("updated", remote_id)
    assert salesforce.fields(remote_id) | {"Name": "Acme Inc.", KEY_FIELD: "acme.example"} == salesforce.fields(remote_id)
    assert salesforce.push()[0] == "unchanged"


def test_salesforce_says_when_several_accounts_have_the_domain(salesforce: Customer) -> None:
    double = cast(SalesforceDouble, salesforce.double)
    for _ in range(2):
        double.add(Name="Acme", **{KEY_FIELD: "acme.example"})
    with refusing(CrmRefused, "several accounts"):
        salesforce.push()


def test_salesforce_signs_in_once_and_again_when_its_session_has_ended(salesforce: Customer) -> None:
    double = cast(SalesforceDouble, salesforce.double)

    def signed_in() -> int:
        return sum(asked.path == "/services/oauth2/token" for asked in double.requests)

    salesforce.push()
    assert signed_in() == 1
    double.sessions.clear()
    assert salesforce.push()[0] == "unchanged"
    assert signed_in() == 2


def test_salesforce_says_which_field_is_missing(salesforce: Customer) -> None:
    salesforce.place = Place("acme", "Another__c")
    with refusing(CrmDenied, "Another__c"):
        salesforce.crm().check()
    cast(SalesforceDouble, salesforce.double).writable = False
    with refusing(CrmDenied, "create and change accounts"):
        salesforce.crm().check()


# Contacts.


def people(customer: Customer) -> list[dict[str, Any]]:
    """Who stands in the CRM, each with all that is said of them."""
    double = customer.double
    if isinstance(double, HubSpotDouble):
        return [contact["properties"] for contact in double.contacts.values()]
    return double.persons if isinstance(double, PipedriveDouble) else list(cast(SalesforceDouble, double).contacts.values())


def test_a_contact_pushed_twice_is_one_person_at_the_company(customer: Customer) -> None:
    _, company_id = customer.push()
    contact = CrmContact("jane.doe@acme.example", "Head of Purchasing", "jane-doe")
    outcomes = [customer.crm().push_contact(contact, company_id).outcome for _ in range(2)]
    assert outcomes == ["created", "unchanged"]
    [person] = people(customer)
    assert "Head of Purchasing" in person.values()
    if isinstance(customer.double, HubSpotDouble):
        assert {company for _, company in customer.double.associations} == {company_id}
    else:
        assert company_id in [str(value) for value in person.values()]


def test_nothing_of_a_person_is_sent_but_role_address_and_profile(customer: Customer) -> None:
    _, company_id = customer.push()
    customer.crm().push_contact(CrmContact("jane.doe@acme.example", "Head of Purchasing", "jane-doe"), company_id)
    allowed = {
        "id",
        "Id",
        "email",
        "Email",
        "emails",
        "jobtitle",
        "Title",
        "hs_linkedin_url",
        "name",
        "LastName",
        "org_id",
        "AccountId",
    }
    assert [set(person) - allowed for person in people(customer)] == [set()]


def test_what_a_person_wrote_of_a_contact_stays(customer: Customer) -> None:
    _, company_id = customer.push()
    contact = CrmContact("jane.doe@acme.example", "Head of Purchasing")
    customer.crm().push_contact(contact, company_id)
    [person] = people(customer)
    title = next(name for name, value in person.items() if value == "Head of Purchasing")
    person[title] = "An old friend"
    assert customer.crm().push_contact(contact, company_id).outcome == "unchanged"
    assert person[title] == "An old friend"


@pytest.mark.parametrize("address", ["", "x' OR Email != '", "a@b c", "A@acme.example", "@acme.example"])
def test_what_is_no_address_never_becomes_a_part_of_a_query(address: str) -> None:
    with pytest.raises(ValueError, match="no work address"):
        CrmContact(address)


class SlowCrm:
    """Takes whatever it is sent, ten seconds for each."""

    def __init__(self) -> None:
        self.now, self.contacts = 0.0, 0

    def check(self) -> Place:
        raise AssertionError("nobody asks for this here")

    def push_company(self, company: CrmCompany, mapping: Sequence[MappedField]) -> Pushed:
        self.now += 10
        return Pushed("created", "1", None)

    def push_contact(self, contact: CrmContact, company_id: str) -> Pushed:
        self.now, self.contacts = self.now + 10, self.contacts + 1
        return Pushed("created", "2", None)


class Noted:
    """Remembers what was written down."""

    reason: str | None = None

    def note_pushed(self, claim: str, pushed: Pushed, *, reason: str | None, resealed: str | None) -> None:
        self.reason = reason

    def note_waiting(self, claim: str, reason: str) -> None:
        raise AssertionError("nobody asks for this here")

    def note_broken(self, claim: str, reason: str) -> None:
        raise AssertionError("nobody asks for this here")


def test_a_slow_crm_gets_as_many_contacts_as_fit_into_the_lease_of_a_message() -> None:
    keys = Vault(VaultSettings(os.urandom(32)))
    owner = {"account_id": "a", "connection_id": "c"}
    contact = {"work_email": "jane.doe@acme.example", "role": None, "linkedin_handle": None}
    destination = {
        **owner, "sealed": keys.seal({}, **owner), "vendor": "hubspot", "place": "1", "key_field": "domain", "mapping": [],
        "remote_id": None, "contacts": [contact] * 10, "company": {"name": "Acme", "domain": "acme.example", "page": "/app"},
    }  # fmt: skip
    message = Message("m", "k", 1, "a", "crm", "crm.push", {}, "2026-11-25T00:00:00Z", destination)
    crm, notes = SlowCrm(), Noted()
    delivery = push_company(
        message, notes=notes, open_crm=lambda *_: crm, vault=keys, app_url="https://app.example", clock=lambda: crm.now
    )
    assert (delivery.fate, crm.contacts) == (Fate.DELIVERED, 2)
    assert notes.reason and "slow" in notes.reason
    assert "jane.doe" not in repr(message)


def test_owners_are_told_in_words_that_a_connection_is_broken() -> None:
    content = {"vendor": "pipedrive", "reason": "Pipedrive does not take this token.", "account": "Acme & Co", "site_id": "s1"}
    letter = LETTERS["crm.broken"](content, "https://app.example")
    assert letter.subject == "Pipedrive no longer takes companies from Leadsment"
    assert "https://app.example/app/sites/s1/integrations" in letter.text and "Acme &amp; Co" in letter.html


# What goes wrong.


def test_a_wrong_token_is_said_to_be_one_and_is_in_no_message(customer: Customer) -> None:
    wrong = dict.fromkeys(token_of(customer.double), "wrong-token-0123456789")
    crm = customer.crm(**wrong)
    attempts: list[Callable[[], object]] = [crm.check, lambda: crm.push_company(ACME, [])]
    for attempt in attempts:
        with pytest.raises(CrmDenied) as denial:
            attempt()
        assert "wrong-token" not in denial.value.message + str(denial.value) + repr(denial.value)


def test_a_token_that_a_crm_quotes_and_a_mail_address_are_blotted_out(customer: Customer) -> None:
    secret = list(token_of(customer.double).values())[-1]
    said = f"someone@example.org used {secret}"
    value = [{"message": said, "errorCode": "SOME"}] if customer.vendor is Vendor.SALESFORCE else {"message": said, "error": said}
    customer.double.faults = [Fault(400, value)]
    with refusing(CrmRefused, "used") as refusal:
        customer.push()
    assert secret not in refusal[0] and "example.org" not in refusal[0]


@contextlib.contextmanager
def refusing(kind: type[CrmRefused] | type[CrmUnavailable], words: str) -> Iterator[list[str]]:
    """What is done is refused, in words for the customer; what a log would say of it has none of them."""
    messages: list[str] = []
    with pytest.raises(kind) as refusal:
        yield messages
    error = cast(CrmRefused, refusal.value)
    messages.append(error.message)
    assert re.search(words, error.message)
    assert not re.search(words, str(error))


def writes(request: Request) -> bool:
    return request.method in ("POST", "PATCH") and "search" not in request.path and "token" not in request.path


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500, None, b"<html>Bad gateway</html>", acts=True),
        Fault(201, None, b'{"id": "10', acts=True),
        Fault(201, None, b"[" * 50_000, acts=True),
        Fault(acts=True, is_dropped=True),
        Fault(acts=True, is_slow=True),
        Fault(503, {"message": "maintenance"}),
    ],
    ids=["500", "half JSON", "deep JSON", "dropped", "slow", "503"],
)
def test_when_it_is_unknown_whether_a_push_arrived_the_next_one_makes_no_second_record(customer: Customer, fault: Fault) -> None:
    customer.double.picks, customer.double.faults = writes, [replace(fault)]
    with pytest.raises(CrmUnavailable):
        customer.push()
    customer.push()
    assert len(customer.double.records) == 1


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}", b"7", b'{"success": true}', b'{"results": 5}', b'{"data": []}'])
def test_answers_of_another_form_than_documented_are_tried_again(customer: Customer, body: bytes) -> None:
    customer.double.faults = [Fault(200, None, body)]
    with contextlib.suppress(CrmUnavailable):
        customer.push()
    customer.double.faults = []
    customer.push()
    assert len(customer.double.records) == 1


Limits = tuple[Vendor, Fault, int]


@pytest.mark.parametrize(
    ("vendor", "fault", "seconds"),
    [
        (Vendor.HUBSPOT, Fault(429, limited("TEN_SECONDLY_ROLLING")), 15),
        (Vendor.HUBSPOT, Fault(429, limited("DAILY")), 3600),
        (Vendor.HUBSPOT, Fault(429, limited("SECONDLY"), headers={"Retry-After": "7"}), 7),
        (Vendor.PIPEDRIVE, Fault(429, {"success": False, "error": "request over limit"}, headers={"Retry-After": "2"}), 2),
        (
            Vendor.SALESFORCE,
            Fault(403, [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]),
            3600,
        ),
    ],
)
def test_a_limit_is_waited_for_as_long_as_it_takes(vendor: Vendor, fault: Fault, seconds: int) -> None:
    for customer in serving(vendor):
        customer.push(replace(ACME, domain="first.example"))
        customer.double.faults = [fault]
        with pytest.raises(CrmUnavailable) as busy:
            customer.push()
        assert (busy.value.wait_seconds, busy.value.status) == (seconds, fault.status)


def test_a_scope_that_is_missing_is_named(hubspot: Customer) -> None:
    cast(HubSpotDouble, hubspot.double).scopes = {"read"}
    hubspot.crm().check()
    with refusing(CrmDenied, r"scopes .* crm\.objects\.companies\.read and \.write"):
        hubspot.push()


def test_a_value_the_crm_does_not_take_is_said_in_its_own_words(hubspot: Customer) -> None:
    with refusing(CrmRefused, "INVALID_OPTION"):
        hubspot.push(mapping=[MappedField("industry", "industry", "always")])


def test_a_limit_of_the_plan_breaks_no_connection(pipedrive: Customer) -> None:
    full = {"success": False, "error": "Limit reached.", "code": "feature_capping_organizations_limit"}
    pipedrive.double.picks, pipedrive.double.faults = writes, [Fault(403, full)]
    with pytest.raises(CrmRefused) as refusal:
        pipedrive.push()
    assert not isinstance(refusal.value, CrmDenied)


def test_a_crm_that_is_away_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    crm = open_crm(
        Vendor.HUBSPOT, {"access_token": "x" * 20}, None, http=Outbound(["127.0.0.0/8"]), base_urls={Vendor.HUBSPOT: url}
    )
    with refusing(CrmUnavailable, "HubSpot did not answer"):
        crm.check()


@pytest.mark.parametrize(
    ("vendor", "host"),
    [(Vendor.HUBSPOT, "api.hubapi.com"), (Vendor.PIPEDRIVE, "api.pipedrive.com"), (Vendor.SALESFORCE, "acme.my.salesforce.com")],
)
def test_without_an_override_only_the_vendors_own_host_is_asked_over_tls(vendor: Vendor, host: str) -> None:
    asked: list[str] = []

    class Nowhere:
        def request(self, method: str, url: str, **more: object) -> Any:
            asked.append(url)
            raise ConnectionError

    token = {"access_token": "t", "api_token": "t", "consumer_key": "t", "consumer_secret": "t"}
    crm = open_crm(vendor, token, SALESFORCE_PLACE, http=Nowhere(), base_urls={})
    with pytest.raises(ConnectionError):
        crm.check()
    assert asked[0].startswith(f"https://{host}/")


def test_nothing_of_a_token_is_in_a_repr(customer: Customer) -> None:
    secrets = token_of(customer.double).values()
    checks: list[Callable[[], str]] = [lambda: repr(customer.crm()), lambda: str(customer.crm())]
    assert not [secret for secret in secrets for check in checks if secret in check()]
