"""The audit log as its account reads it, the staff's own pages, and the check of an exported log in the browser."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib.domain.audit_chain import check_chain, merkle_root, read_export
from tests.browser.person import Person
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World

REASON = "Ticket 4711: the site shows no visits"


@pytest.fixture
def customer(person: Person, world: World) -> Customer:
    return person.with_account()


def look_everywhere(page: Page, path: str) -> None:
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": 900})
            assert_sound(page, f"{path} {scheme} {width}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_member_reads_filters_and_exports_the_log(page: Page, person: Person, customer: Customer, tmp_path: Path) -> None:
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/sites/{customer.site_id}/settings")
    section = page.get_by_role("region", name="Audit log")
    support = section.get_by_role("group", name="Support access")
    support.get_by_role("button", name="24 hours").click()
    expect(support.get_by_role("status")).to_contain_text("until")
    entries = section.get_by_role("list", name="Entries").get_by_role("listitem")
    expect(entries.first).to_contain_text(f"{person.email} let Leadsment’s staff see the account until")
    support.get_by_role("button", name="Withdraw").click()
    expect(entries.first).to_contain_text("took back that Leadsment’s staff may see the account")
    look_everywhere(page, "audit log")
    section.get_by_label("Kind of entry").select_option("site_host")
    expect(entries).to_have_count(1)
    expect(entries.first).to_contain_text("added the host example.com")
    entries.first.get_by_text("What changed").click()
    expect(entries.first).to_contain_text("host: example.com")
    with page.expect_download() as download:
        section.get_by_role("button", name="Export").click()
    file = tmp_path / "log.jsonl"
    download.value.save_as(file)
    read = read_export(file.read_text().splitlines())
    checked = check_chain(*read)
    assert checked.broken is None
    assert checked.entries == len(read[0]) > 3


def test_a_replaced_password_stands_in_the_log_without_an_address(page: Page, person: Person, customer: Customer) -> None:
    page.goto(f"{person._stack.app_url}/app/forgot")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("a mail is on its way")
    page.goto(person.last_link())
    page.get_by_label("New password").fill("a new and longer password")
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    (entry,) = customer.owner.result("list_audit_entries", account_id=customer.account_id, subject="sign_in")
    assert (entry["action"], entry["actor"], entry["actor_kind"]) == (
        "sign_in.password_changed",
        customer.owner.user_id,
        "member",
    )
    assert entry["before"] is None and entry["after"] is None
    exported = customer.owner.result("export_audit_entries", account_id=customer.account_id)
    assert person.email not in json.dumps(exported)


def test_nobody_but_the_staff_finds_the_staffs_pages(page: Page, person: Person, customer: Customer) -> None:
    person.sign_in(page)
    for path in ("admin", "admin/accounts", "admin/audit"):
        page.goto(f"{person._stack.app_url}/app/{path}")
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_staff_say_why_look_and_end_their_session(page: Page, person: Person, customer: Customer, world: World) -> None:
    world.database.execute("insert into private.operators (user_id) values (%s)", [customer.owner.user_id])
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/admin")
    page.get_by_label("Why").fill(REASON)
    look_everywhere(page, "admin session")
    page.get_by_role("button", name="Open session").click()
    expect(page).to_have_url(re.compile("/admin/accounts$"))
    bar = page.get_by_role("region", name="Admin session")
    expect(bar).to_contain_text(REASON)
    page.get_by_role("searchbox").fill(customer.account_id)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Look at").click()
    expect(page.get_by_role("list", name="Members of")).to_contain_text(f"{person.email}, owner")
    look_everywhere(page, "admin accounts")
    expect(page.get_by_role("button", name="See as a viewer")).to_have_count(0)
    page.get_by_role("link", name="Audit").click()
    expect(page.get_by_role("list", name="Entries of the audit log")).to_contain_text(f"opened an admin session: {REASON}")
    look_everywhere(page, "admin audit")
    bar.get_by_role("button", name="End session").click()
    expect(page.get_by_label("Why")).to_be_visible()


def test_staff_see_an_account_whose_owner_lets_them(page: Page, person: Person, customer: Customer, world: World) -> None:
    other = world.customer("acme.example")
    other.owner.result("grant_support", account_id=other.account_id, hours=24)
    world.database.execute("insert into private.operators (user_id) values (%s)", [customer.owner.user_id])
    customer.owner.result("open_admin_session", reason=REASON)
    person.sign_in(page)
    page.goto(f"{person._stack.app_url}/app/admin/accounts")
    page.get_by_role("searchbox").fill(other.account_id)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Look at").click()
    page.get_by_role("button", name="See as a viewer").click()
    expect(page).to_have_url(re.compile(f"/sites/{other.site_id}/companies"))
    expect(page.get_by_role("heading", name="Companies")).to_be_visible()
    assert [entry["action"] for entry in other.owner.result("list_audit_entries", account_id=other.account_id)][:2] == [
        "support.entered",
        "admin.looked",
    ]


def exported(customer: Customer, world: World) -> list[str]:
    """A log of which a root was published, as the dashboard exports it."""
    day = world.database.execute("select current_date").fetchone()
    assert day is not None
    entries = customer.owner.result("export_audit_entries", account_id=customer.account_id)
    last = entries[-1]
    leaf = f"{customer.account_id} {last['seq']} {last['hash']}".encode()
    anchor = {
        "day": str(day[0]), "chain": customer.account_id, "seq": last["seq"], "hash": last["hash"], "path": [],
        "root": merkle_root([leaf]).hex(),
    }  # fmt: skip
    return [json.dumps(line) for line in (*entries, anchor)]


def test_an_exported_log_is_checked_in_the_browser_and_sent_nowhere(
    page: Page, person: Person, customer: Customer, world: World, tmp_path: Path
) -> None:
    lines = exported(customer, world)
    anchor = json.loads(lines[-1])
    changed = json.loads(lines[1])
    changed["entry"] = changed["entry"].replace("member", "nobody").replace("operator", "nobody")
    published = [{"day": anchor["day"], "root": anchor["root"], "made_at": f"{anchor['day']}T00:07:00Z"}]
    page.route("**/rpc/list_audit_anchors", lambda route: route.fulfill(json=published))
    sent: list[str] = []
    page.goto(f"{person._stack.app_url}/audit-anchors")
    expect(page.get_by_role("cell", name=anchor["root"])).to_be_visible()
    page.on("request", lambda request: sent.append(request.url))
    files = {
        "intact": (lines, "The log holds"),
        "changed": ([lines[0], json.dumps(changed), *lines[2:]], "entry 2 was changed"),
        "taken out": ([lines[0], *lines[2:]], "entry 2 is missing: entry 3 stands in its place"),
        "cut": ([*lines[:-2], lines[-1]], "entries are missing at the end"),
        "other": ([*lines[:-1], "{}"], "is neither an entry nor an anchor of an exported log."),
    }
    for name, (content, words) in files.items():
        file = tmp_path / f"{name}.jsonl"
        file.write_text("".join(f"{line}\n" for line in content))
        page.get_by_label("Exported log").set_input_files(file)
        expect(page.locator("#result")).to_contain_text(words)
        try:
            broken = check_chain(*read_export(content)).broken
        except ValueError as error:
            broken = str(error)
        if broken:
            expect(page.locator("#result")).to_contain_text(broken)
    assert sent == []
    look_everywhere(page, "audit anchors")
    published[0]["root"] = "00" * 32
    page.reload()
    page.get_by_label("Exported log").set_input_files(tmp_path / "intact.jsonl")
    expect(page.locator("#result")).to_contain_text("contradicts what was published")
