"""Where customers' data may be: what is outside the European Union is named, with how to mend it."""

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from dev import residency
from dev.residency import asked, read_settings
from lib import settings as deployment
from lib.domain.residency import DATABASE_REGIONS, misplaced, misplaced_project
from lib.domain.transfer import TRANSFERS, transfers
from lib.errors import UnfitSetting

ROOT = Path(__file__).parents[2]
WELL = {
    "SUPABASE_URL": "https://abcdefghijklmnopqrst.supabase.co",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
    "SUPABASE_REGION": "eu-central-1",
    "RESEND_API_KEY": "re_x",
    "RESEND_REGION": "eu-west-1",
    "MAIL_FROM_ADDRESS": "hello@leadsment.example",
    "APP_URL": "https://leadsment.example",
    "SENTRY_DSN": "https://key@o1.ingest.de.sentry.io/1",
    "STRIPE_REGION": "eu",
    "VERCEL_REGION": "fra1",
    "BEACON_TOKEN": "token",
}
OURS = {"name": "leadsment.example", "region": "eu-west-1"}


def named(**changed: str) -> list[str]:
    return [found.setting for found in misplaced({**WELL, **changed})]


def test_a_deployment_in_the_european_union_is_well_placed() -> None:
    assert named() == []
    assert named(RESEND_API_KEY="", RESEND_REGION="", SENTRY_DSN="", STRIPE_REGION="", VERCEL_REGION="") == []


@pytest.mark.parametrize("region", DATABASE_REGIONS)
def test_each_region_of_a_member_state_may_have_the_database(region: str) -> None:
    assert named(SUPABASE_REGION=region) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SUPABASE_REGION", ""),
        ("SUPABASE_REGION", "us-east-1"),
        ("SUPABASE_REGION", "eu-west-2"),  # London
        ("SUPABASE_REGION", "eu-central-2"),  # Zurich
        ("VERCEL_REGION", "iad1"),
        ("VERCEL_REGION", "lhr1"),
        ("RESEND_REGION", ""),
        ("RESEND_REGION", "us-east-1"),
        ("SENTRY_DSN", "https://key@o1.ingest.us.sentry.io/1"),
        ("SENTRY_DSN", "https://key@sentry.io/1"),
        ("SENTRY_DSN", "https://key@o1.ingest.de.sentry.io.example/1"),
        ("SENTRY_DSN", "https://key@errors.example/1"),
        ("SENTRY_DSN", "https://[broken/1"),
        ("STRIPE_REGION", "us"),
    ],
)
def test_what_is_outside_is_named_and_how_to_mend_it_said(setting: str, value: str) -> None:
    (found,) = misplaced({**WELL, setting: value})
    assert found.setting == setting
    assert str(found).endswith(".") and len(found.mend) > 20
    assert not value or value.partition("@")[0] not in str(found)


def test_a_sentry_of_ones_own_is_taken_at_ones_word_and_sentrys_own_host_is_not() -> None:
    assert named(SENTRY_DSN="https://key@errors.example/1", SENTRY_REGION="eu") == []
    assert named(SENTRY_DSN="https://key@o1.ingest.us.sentry.io/1", SENTRY_REGION="eu") == ["SENTRY_DSN"]


def test_payments_have_to_say_what_is_offered_once_there_are_any() -> None:
    assert named(STRIPE_REGION="", STRIPE_SECRET_KEY="any") == ["STRIPE_REGION"]
    assert named(STRIPE_REGION="global", STRIPE_SECRET_KEY="any") == []


def test_a_database_on_this_machine_needs_no_region() -> None:
    assert named(SUPABASE_URL="http://127.0.0.1:8000", SUPABASE_REGION="") == []
    for elsewhere in ("https://127.evil.example", "https://localhost.example", "https://128.0.0.1"):
        assert named(SUPABASE_URL=elsewhere, SUPABASE_REGION="") == ["SUPABASE_REGION"]


@pytest.mark.parametrize(
    ("read", "setting", "value"),
    [
        (deployment.beacon_store_settings, "SUPABASE_REGION", "us-east-1"),
        (deployment.beacon_store_settings, "SUPABASE_REGION", ""),
        (deployment.beacon_store_settings, "VERCEL_REGION", "iad1"),
        (deployment.mail_settings, "VERCEL_REGION", "iad1"),
        (deployment.check_function_region, "VERCEL_REGION", "syd1"),
        (deployment.project_settings, "SUPABASE_REGION", "ap-southeast-1"),
        (deployment.mail_settings, "RESEND_REGION", "us-east-1"),
        (deployment.report_settings, "SENTRY_DSN", "https://key@o1.ingest.us.sentry.io/1"),
        (deployment.payment_region, "STRIPE_REGION", "us"),
    ],
)
def test_a_door_gets_no_settings_with_which_data_would_be_outside(read: Callable[..., object], setting: str, value: str) -> None:
    read(WELL)
    with pytest.raises(UnfitSetting) as refused:
        read({**WELL, setting: value})
    assert refused.value.name == setting


@pytest.mark.parametrize(
    ("read", "setting"),
    [
        (deployment.beacon_store_settings, "SUPABASE_URL"),
        (deployment.project_settings, "SUPABASE_URL"),
        (deployment.mail_settings, "APP_URL"),
        (deployment.app_url, "APP_URL"),
        (deployment.report_settings, "SENTRY_DSN"),
    ],
)
def test_no_setting_leads_anywhere_without_tls_but_to_this_machine(read: Callable[..., object], setting: str) -> None:
    elsewhere = WELL[setting].replace("https://", "http://")
    for url in (elsewhere, "ftp://x.example", "no url", "http://[broken"):
        with pytest.raises(UnfitSetting):
            read({**WELL, setting: url})
    read({**WELL, setting: "http://127.0.0.1:9/"})


def test_a_heartbeat_is_called_over_tls_alone() -> None:
    assert deployment.heartbeat_url("x", {"HEARTBEAT_URL": "https://switch.example/{job}"}) == "https://switch.example/x"
    with pytest.raises(UnfitSetting):
        deployment.heartbeat_url("x", {"HEARTBEAT_URL": "http://switch.example/{job}"})


def test_the_projects_own_file_names_regions_of_the_european_union_alone() -> None:
    project = json.loads((ROOT / "vercel.json").read_text())
    assert misplaced_project(project) == []
    assert [found.setting for found in misplaced_project({**project, "regions": ["fra1", "iad1"]})] == ["vercel.json: regions"]
    assert misplaced_project({key: value for key, value in project.items() if key != "regions"})
    assert misplaced_project({**project, "functions": {"api/v1.py": {"regions": ["sfo1"]}}})[0].setting.endswith("api/v1.py")
    assert misplaced_project({**project, "functionFailoverRegions": ["lhr1"]})


def test_the_build_of_the_pages_knows_the_same_regions() -> None:
    named = re.search(r"const DATABASE_REGIONS = (\[.*\]);", (ROOT / "vite.config.ts").read_text())
    assert named and tuple(json.loads(named[1])) == DATABASE_REGIONS


def test_each_transfer_says_what_leaves_where_to_and_by_which_tool() -> None:
    for transfer in TRANSFERS:
        assert all((transfer.recipient, transfer.purpose, transfer.data, transfer.place, transfer.tool))
        assert transfer.policy_url.startswith("https://")
    switched = {transfer.setting for transfer in TRANSFERS if transfer.setting}
    assert switched <= set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_a_vendor_that_is_not_switched_on_is_not_listed() -> None:
    assert {transfer.recipient for transfer in transfers({})} == {"Supabase", "Vercel"}
    assert "Sentry" in {transfer.recipient for transfer in transfers(WELL)}
    assert "Hunter" not in {transfer.recipient for transfer in transfers(WELL)}


def test_the_command_fails_with_the_settings_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(tmp_path, WELL) == 0
    assert command(tmp_path, {**WELL, "SUPABASE_REGION": "us-east-1"}) == 1
    assert "MISPLACED: SUPABASE_REGION is not a region of the European Union. Say the region" in capsys.readouterr().out


def test_what_the_vendors_answer_is_held_against_the_settings() -> None:
    answers = {
        "/v1/projects/abcdefghijklmnopqrst": {"region": "eu-central-1"},
        "/domains": {"data": [OURS, {"name": "else.example", "region": "us-east-1"}]},
    }
    assert ask(answers) == []
    assert ask({**answers, "/v1/projects/abcdefghijklmnopqrst": {"region": "us-east-1"}}) == ["SUPABASE_REGION"]
    assert ask({**answers, "/domains": {"data": [{**OURS, "region": "us-east-1"}]}}) == ["RESEND_REGION"]
    assert ask({}) == ["SUPABASE_REGION", "RESEND_REGION"]


def command(folder: Path, settings: dict[str, str]) -> int:
    file = folder / "settings"
    file.write_text("# a comment\n" + "".join(f'{name}="{value}"\n' for name, value in settings.items()))
    assert read_settings(file) == settings
    arguments = argparse.ArgumentParser()
    residency.configure(arguments)
    return residency.run(arguments.parse_args(["--env-file", str(file)]))


def ask(answers: dict[str, object]) -> list[str]:
    def answer(request: httpx.Request) -> httpx.Response:
        known = answers.get(request.url.path) if request.headers["authorization"] == "Bearer key" else None
        return httpx.Response(200, json=known) if known else httpx.Response(401)

    keys = {"SUPABASE_ACCESS_TOKEN": "key", "RESEND_ADMIN_KEY": "key"}
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return [found.setting for found in asked(client, WELL, keys)]
