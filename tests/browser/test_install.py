"""The Install page: guides that work as they stand, and a check that says what is wrong."""

import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dev.snippet import list_releases
from dev.stack import Stack
from tests.browser.person import Person
from tests.browser.recorder import Recorder
from tests.browser.soundness import assert_sound
from tests.builders import Customer, World

ROOT = Path(__file__).parents[2]
GUIDES = {
    "html": "HTML",
    "google-tag-manager": "Tag Manager",
    "wordpress": "WordPress",
    "nextjs-react": "Next.js, React",
    "webflow": "Webflow",
    "proxy": "Own domain",
    "server-side": "Server",
}
_BUILD = """
import { build } from "vite";
import react from "@vitejs/plugin-react";
const [root, outDir] = process.argv.slice(-2);
await build({ configFile: false, logLevel: "error", root, plugins: [react()], build: { outDir, emptyOutDir: true } });
"""

# As much of WordPress as the plugin speaks to. Source: WP_Scripts::do_item of WordPress 6.3.
_WORDPRESS = """<?php
$hooks = [];
$queue = [];
function add_action($name, $do) { global $hooks; $hooks[$name] = $do; }
function add_filter($name, $do, $priority, $arguments) { global $hooks; $hooks[$name] = $do; }
function wp_enqueue_script($handle, $src, $deps, $ver, $args) {
    global $queue;
    $queue[$handle] = $src . ($ver === null ? '' : '?ver=');
}
require $argv[1];
$hooks['wp_enqueue_scripts']();
foreach ($queue as $handle => $src) {
    echo $hooks['script_loader_tag']("<script src='$src' id='$handle-js' defer></script>", $handle), PHP_EOL;
}
echo $hooks['script_loader_tag']("<script src='/other.js'></script>", 'other'), PHP_EOL;
"""


@pytest.fixture
def site(person: Person) -> Customer:
    """A customer whose website is on this machine."""
    customer = person.with_account()
    row = {"account_id": customer.account_id, "site_id": customer.site_id, "host": "localhost"}
    assert customer.owner.insert("site_hosts", row).is_success
    return customer


@pytest.fixture
def install(page: Page, person: Person, site: Customer, stack: Stack) -> Page:
    """The Install page, signed in."""
    person.sign_in(page)
    page.goto(f"{stack.app_url}/app/sites/{site.site_id}/install")
    expect(page.get_by_role("heading", name="Install the snippet")).to_be_visible()
    return page


@pytest.fixture
def visitor(context: BrowserContext) -> Iterator[Page]:
    yield context.new_page()


def codes_of(install: Page, guide: str) -> list[str]:
    """The pieces of code a guide shows, under each of its choices, each once."""
    install.get_by_role("button", name=GUIDES[guide], exact=True).click()
    shown = install.locator(".way pre code")
    choice = install.get_by_role("region", name="Snippet").get_by_role("combobox")
    if not choice.count():
        return shown.all_inner_texts()
    codes: list[str] = []
    for way in range(choice.locator("option").count()):
        choice.select_option(index=way)
        codes += [code for code in shown.all_inner_texts() if code not in codes]
    return codes


def counted(visitor: Page, recorder: Recorder, site: Customer, html: str, path: str = "/") -> int:
    """How many beacons a page with this HTML had counted."""
    recorder.html, recorder.policy = html, ""
    before = sum(site.funnel().values())
    with visitor.expect_response(lambda response: response.url.endswith("/b")):
        visitor.goto(recorder.site + path)
    visitor.wait_for_load_state("networkidle")
    return sum(site.funnel().values()) - before


def check(install: Page, url: str) -> list[str]:
    """The findings about a page, by their codes."""
    install.get_by_label("Address of a page").fill(url)
    with install.expect_response("**/api/v1/install-checks"):
        install.get_by_role("button", name="Check", exact=True).click()
    expect(install.get_by_role("button", name="Check", exact=True)).to_be_enabled()
    return [str(finding.get_attribute("data-code")) for finding in install.locator(".finding").all()]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_documents_show_the_code_of_the_dashboard(install: Page, site: Customer, stack: Stack, guide: str) -> None:
    text = (ROOT / "docs" / "install" / f"{guide}.md").read_text()
    documented = [
        textwrap.dedent(code).strip() for code in re.findall(r"^ *```[a-z]+\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    ]
    shown = [
        code.replace(stack.app_url, "https://leads.example.com")
        .replace(site.site["public_key"], "site_0123456789abcdef01234567")
        .strip()
        for code in codes_of(install, guide)
    ]
    # A document says what is common to all choices first, or last.
    assert sorted(shown) == sorted(documented) if guide in ("proxy", "server-side") else shown == documented


@pytest.mark.parametrize("pins", [False, True])
def test_the_guides_code_counts_as_it_stands(
    install: Page, visitor: Page, recorder: Recorder, site: Customer, pins: bool
) -> None:
    install.get_by_label("Pin this version").set_checked(pins)
    for guide in ("html", "webflow"):
        [code] = codes_of(install, guide)
        assert (list_releases()[0].integrity in code) is pins
        assert counted(visitor, recorder, site, f"<!doctype html><head><title>x</title>{code}</head><h1>Hi</h1>") == 1
    # The tag manager takes the scripts out of its HTML and runs them one by one.
    [code] = codes_of(install, "google-tag-manager")
    recorder.own = [re.sub(r"</?script>", "", code), ""]
    assert counted(visitor, recorder, site, "<!doctype html><title>x</title><script src='/own.js?0'></script>") == 1


@pytest.mark.parametrize("pins", [False, True])
def test_the_wordpress_plugin_makes_a_tag_that_counts(
    install: Page, visitor: Page, recorder: Recorder, site: Customer, pins: bool
) -> None:
    """With the tag that WordPress 6.3 prints for a deferred script without a version."""
    install.get_by_label("Pin this version").set_checked(pins)
    line, plugin = codes_of(install, "wordpress")
    assert line.startswith("<script defer ")
    source = re.search(r"wp_enqueue_script\('leadsment', '([^']+)', \[\], null, \['strategy' => 'defer'\]\);", plugin)
    replaced = re.search(r"str_replace\('( src=)', '([^']+)', \$tag\)", plugin)
    assert source and replaced
    tag = f'<script src="{source[1]}" id="leadsment-js" defer data-wp-strategy="defer"></script>'
    assert counted(visitor, recorder, site, f"<!doctype html><title>x</title>{tag.replace(replaced[1], replaced[2])}") == 1


@pytest.mark.skipif(not shutil.which("php"), reason="PHP runs the plugin where it is installed")
def test_the_wordpress_plugin_is_php_that_touches_no_other_tag(install: Page, site: Customer, tmp_path: Path) -> None:
    plugin = tmp_path / "leadsment.php"
    plugin.write_text(codes_of(install, "wordpress")[1])
    host = tmp_path / "host.php"
    host.write_text(_WORDPRESS)
    ran = subprocess.run(["php", str(host), str(plugin)], check=True, capture_output=True, text=True)
    ours, another = ran.stdout.splitlines()
    assert f' data-site="{site.site["public_key"]}" src=\'' in ours and "/s.js" in ours and "?ver" not in ours
    assert another == "<script src='/other.js'></script>"


@pytest.mark.parametrize("pins", [False, True])
def test_the_next_layout_makes_a_tag_that_counts(
    install: Page, visitor: Page, recorder: Recorder, site: Customer, pins: bool
) -> None:
    """As next/script does it: a script element with each property as an attribute of the lower-case name."""
    install.get_by_label("Pin this version").set_checked(pins)
    layout = codes_of(install, "nextjs-react")[0]
    [properties] = re.findall(r"<Script\n(.*?)/>", layout, re.DOTALL)
    named = re.findall(r'([\w-]+)="([^"]*)"', properties)
    sets = "".join(f"tag.setAttribute({name.lower()!r}, {value!r});" for name, value in named)
    recorder.own = [f"const tag = document.createElement('script'); {sets} document.body.appendChild(tag);", ""]
    html = "<!doctype html><title>x</title><body><script src='/own.js?0'></script>"
    assert counted(visitor, recorder, site, html) == 1


def test_every_route_of_a_react_page_counts(
    install: Page, visitor: Page, recorder: Recorder, site: Customer, tmp_path: Path
) -> None:
    command = ["node", "--input-type=module", "--eval", _BUILD, "--", str(ROOT / "tests/browser/react_page"), str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    recorder.files = {f"/assets/{file.name}": file for file in (tmp_path / "assets").iterdir()}
    line = codes_of(install, "nextjs-react")[1]
    html = (tmp_path / "index.html").read_text().replace("</head>", f"{line}</head>")
    before = sum(site.funnel().values())
    assert counted(visitor, recorder, site, html) == 1
    for link, views in (("Pricing", 2), ("Large", 2), ("Home", 3)):
        visitor.get_by_role("link", name=link).click()
        visitor.wait_for_timeout(400)
        assert sum(site.funnel().values()) - before == views
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="Pricing")).to_be_visible()
    visitor.wait_for_timeout(400)
    assert sum(site.funnel().values()) - before == 4


def test_consent_of_the_guide_is_waited_for(install: Page, visitor: Page, recorder: Recorder, site: Customer) -> None:
    install.get_by_label("Wait for consent").check()
    [code] = codes_of(install, "html")
    consent = install.locator("figure", has_text="leadsment:consent").locator("code").inner_text()
    recorder.html, recorder.policy = f"<!doctype html><title>x</title>{code}", ""
    visitor.goto(f"{recorder.site}/")
    visitor.wait_for_timeout(600)
    assert site.funnel() == {}
    with visitor.expect_response(lambda response: response.url.endswith("/b")):
        visitor.evaluate(consent.partition("\n\n")[0])


def test_what_is_wrong_with_a_page_is_said_until_it_is_mended(
    install: Page, visitor: Page, recorder: Recorder, site: Customer, stack: Stack
) -> None:
    recorder.html, recorder.policy = "<!doctype html><h1>Nothing yet</h1>", ""
    assert check(install, recorder.site) == ["no_tag"]
    [code] = codes_of(install, "html")
    recorder.html, recorder.policy = f"<!doctype html><title>x</title>{code}", "default-src 'self'"
    assert check(install, recorder.site) == ["policy_blocks_script", "policy_blocks_beacon"]
    adds = install.locator(".finding .add").all_inner_texts()
    assert adds == [f"script-src 'self' {stack.app_url}", f"connect-src 'self' {stack.app_url}"]
    recorder.policy = "; ".join(["default-src 'self'", *adds])
    assert check(install, recorder.site) == ["all_fine", "blocked"]
    expect(install.get_by_text("an ad blocker, Do Not Track or Global Privacy Control")).to_be_visible()
    with visitor.expect_response(lambda response: response.url.endswith("/b")):
        visitor.goto(recorder.site)
    expect(install.get_by_text("Installed and working")).to_be_visible()
    expect(install.locator("[data-code=blocked]")).to_have_count(0)


def test_a_page_elsewhere_is_not_checked_and_why_is_said(install: Page, complaints: list[str]) -> None:
    assert check(install, "https://elsewhere.example/") == []
    expect(install.get_by_role("alert")).to_contain_text("elsewhere.example is not one of your site's hosts")
    complaints.clear()  # the browser itself reports the refusal


@pytest.mark.parametrize(
    ("signal", "name"),
    [("doNotTrack: {get: () => '1'}", "Do Not Track"), ("globalPrivacyControl: {get: () => true}", "Global Privacy Control")],
)
def test_a_browser_that_opts_out_is_told_that_it_does(
    context: BrowserContext, page: Page, person: Person, site: Customer, stack: Stack, recorder: Recorder, signal: str, name: str
) -> None:
    context.add_init_script(f"Object.defineProperties(Navigator.prototype, {{{signal}}})")
    person.sign_in(page)
    page.goto(f"{stack.app_url}/app/sites/{site.site_id}/install")
    expect(page.get_by_text(f"This browser sends {name}")).to_be_visible()
    recorder.html, recorder.policy = f"<!doctype html>{codes_of(page, 'html')[0]}", ""
    assert check(page, recorder.site) == ["all_fine", "blocked"]
    expect(page.locator("[data-code=blocked]")).to_contain_text(f"this browser sends {name}")


def test_a_refused_host_is_named_and_added(install: Page, site: Customer) -> None:
    site.refuse("shop.example.com", 12)
    notice = install.get_by_label("Refused hosts")
    expect(notice).to_contain_text("Pages of shop.example.com send beacons", timeout=8_000)
    expect(notice).to_contain_text("12 beacons")
    notice.get_by_role("button", name="Add host").click()
    expect(notice).to_have_count(0)
    expect(install.get_by_text("example.com, localhost, shop.example.com")).to_be_visible()
    assert site.refused_hosts() == {}


def test_who_may_not_add_hosts_is_told_whom_to_ask(
    page: Page, person: Person, site: Customer, stack: Stack, world: World
) -> None:
    world.database.execute("update public.memberships set role = 'viewer' where account_id = %s", [site.account_id])
    site.refuse("shop.example.com")
    person.sign_in(page)
    page.goto(f"{stack.app_url}/app/sites/{site.site_id}/install")
    notice = page.get_by_label("Refused hosts")
    expect(notice).to_contain_text("ask an owner or admin to add it")
    expect(notice.get_by_role("button")).to_have_count(0)


def test_every_guide_and_finding_is_accessible_and_fits_the_screen(
    any_screen: Page, person: Person, site: Customer, stack: Stack, recorder: Recorder
) -> None:
    person.sign_in(any_screen)
    site.refuse("a-rather-long-name-of-a-host.shop.example.com", 1234)
    any_screen.goto(f"{stack.app_url}/app/sites/{site.site_id}/install")
    for label in ("Pin this version", "Wait for consent"):
        any_screen.get_by_label(label).check()
    recorder.html = f'<script src="{stack.app_url}/s.js" data-site="{site.site["public_key"]}" data-consent></script>'
    recorder.policy = "default-src 'self' https://a-rather-long-name-of-a-host.cdn.example.com https://*.example.org"
    assert len(check(any_screen, recorder.site)) == 3
    expect(any_screen.get_by_label("Refused hosts")).to_be_visible()
    for guide in GUIDES:
        codes_of(any_screen, guide)
        assert_sound(any_screen, guide)
