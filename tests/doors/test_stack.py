"""The local stack behaves as a hosted project does, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from dev.stack import Stack, running_stack
from dev.stack.layout import ROOT
from dev.stack.migrations import MigrationFailed, apply_migrations
from tests.builders import Caller, World

REST = "/rest/v1/accounts"
UNAUTHORIZED = httpx.codes.UNAUTHORIZED


@pytest.fixture
def gateway(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.supabase_url, timeout=15, trust_env=False) as client:
        yield client


def test_a_request_without_a_key_is_refused(gateway: httpx.Client) -> None:
    answer = gateway.get(REST)
    assert (answer.status_code, answer.json()["message"]) == (UNAUTHORIZED, "No API key found in request")


def test_an_unknown_key_is_refused(gateway: httpx.Client) -> None:
    answer = gateway.get(REST, headers={"apikey": "sb_publishable_other"})
    assert (answer.status_code, answer.json()["message"]) == (UNAUTHORIZED, "Invalid API key")


def test_a_key_becomes_a_token_of_its_role(gateway: httpx.Client, stack: Stack) -> None:
    for key, role in ((stack.publishable_key, "anon"), (stack.secrets.secret_key, "service_role")):
        for authorization in ({}, {"Authorization": f"Bearer {key}"}):
            answer = gateway.get(REST, headers={"apikey": key, **authorization})
            # Neither role may read a table here; PostgREST says 401 to anon and 403 to a role that has signed in.
            assert answer.status_code == (UNAUTHORIZED if role == "anon" else httpx.codes.FORBIDDEN)
            assert "permission denied" in answer.json()["message"]


def test_a_secret_key_is_refused_in_a_browser(gateway: httpx.Client, stack: Stack) -> None:
    answer = gateway.get(REST, headers={"apikey": stack.secrets.secret_key, "User-Agent": "Mozilla/5.0"})
    assert (answer.status_code, answer.json()["message"]) == (UNAUTHORIZED, "Forbidden use of secret API key in browser")


def test_a_person_signs_up_confirms_and_reads_their_own(gateway: httpx.Client, stack: Stack) -> None:
    gateway.headers["apikey"] = stack.publishable_key
    person = {"email": "newcomer@example.org", "password": "correct horse battery staple"}
    assert gateway.post("/auth/v1/signup", json=person).is_success
    refused = gateway.post("/auth/v1/token?grant_type=password", json=person)
    assert (refused.status_code, refused.json()["error_code"]) == (400, "email_not_confirmed")
    [mail] = [
        mail
        for mail in httpx.get(f"{stack.mail_url}/messages.json").json()
        if mail["to"] == [person["email"]] or mail["to"] == person["email"]
    ]
    token_hash = re.search(r"token_hash=(\w+)", mail["html"])
    assert token_hash and f"{stack.app_url}/app/confirm?" in mail["html"]
    session = gateway.post("/auth/v1/verify", json={"token_hash": token_hash[1], "type": "signup"}).json()
    gateway.headers["Authorization"] = f"Bearer {session['access_token']}"
    account_id = gateway.post("/rest/v1/rpc/create_account", json={"account_name": "Newcomer"}).json()
    [membership] = gateway.get("/rest/v1/memberships").json()
    assert (membership["account_id"], membership["user_id"], membership["role"]) == (account_id, session["user"]["id"], "owner")


def test_storage_answers_behind_the_gateway(gateway: httpx.Client, stack: Stack) -> None:
    headers = {"apikey": stack.secrets.secret_key, "Authorization": f"Bearer {stack.secrets.secret_key}"}
    answer = gateway.get("/storage/v1/bucket", headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text


def test_the_auth_and_storage_server_undoes_no_grant(gateway: httpx.Client, stack: Stack, world: World) -> None:
    test_storage_answers_behind_the_gateway(gateway, stack)  # its first request is when it would
    granted = world.database.execute(
        "select grantee, table_name, privilege_type from information_schema.role_table_grants "
        "where table_schema = 'public' and grantee in ('anon', 'service_role', 'beacon', 'PUBLIC')"
    ).fetchall()
    assert granted == []


def test_migrations_are_recorded_as_the_supabase_cli_records_them(stack: Stack, world: World) -> None:
    files = sorted(file.stem for file in (ROOT / "supabase" / "migrations").glob("*.sql"))
    recorded = world.database.execute(
        "select version || '_' || name from supabase_migrations.schema_migrations order by 1"
    ).fetchall()
    assert [name for (name,) in recorded] == files
    assert apply_migrations(stack.db_url, ROOT / "supabase" / "migrations") == []


def test_a_failing_migration_names_its_line_and_leaves_nothing(stack: Stack, world: World, tmp_path: Path) -> None:
    (tmp_path / "20990101000000_break_things.sql").write_text("create table public.half_done ();\n\nselect no_such_function();\n")
    with pytest.raises(MigrationFailed, match=r"20990101000000_break_things.sql, line 3: function no_such_function"):
        apply_migrations(stack.db_url, tmp_path)
    assert world.database.execute("select to_regclass('public.half_done')").fetchone() == (None,)


def test_migrations_are_safe_where_everything_was_granted_by_default(tmp_path: Path) -> None:
    """Projects from before 30 October 2026: every new table and function is the API roles' unless it is taken away."""
    with running_stack(tmp_path / "legacy", legacy_grants=True) as legacy, psycopg.connect(legacy.superuser_url) as database:
        tables = database.execute(
            "select grantee, table_name, privilege_type from information_schema.role_table_grants "
            "where table_schema = 'public' and grantee in ('anon', 'service_role', 'PUBLIC')"
        ).fetchall()
        functions = database.execute(
            "select p.oid::regprocedure::text, r.rolname from pg_proc p, pg_roles r "
            "where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) "
            "and r.rolname in ('anon', 'service_role') and has_function_privilege(r.oid, p.oid, 'execute')"
        ).fetchall()
        # The proofs and the audit log's roots are for everybody to read.
        assert (tables, sorted(functions)) == ([], [("list_address_proofs()", "anon"), ("list_audit_anchors()", "anon")])


def test_the_mail_sink_takes_a_message_once_for_one_key(stack: Stack) -> None:
    message = {"from": "a@example.org", "to": ["b@example.org"], "subject": "Hello", "text": "Hello"}
    headers = {"Authorization": "Bearer re_x", "Idempotency-Key": "hello-1"}
    with httpx.Client(base_url=stack.mail_url, headers=headers, trust_env=False) as client:
        first, second = (client.post("/emails", json=message) for _ in range(2))
        assert first.json()["id"] == second.json()["id"]
        clash = client.post("/emails", json={**message, "subject": "Other"})
        assert (clash.status_code, clash.json()["name"]) == (409, "invalid_idempotent_request")
        assert client.post("/emails", json={"from": "a@example.org"}).status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert client.post("/emails", json=message, headers={"Authorization": ""}).status_code == UNAUTHORIZED
        assert client.get(f"/emails/{first.json()['id']}").json()["subject"] == "Hello"
        assert "Hello" in client.get("/").text


def test_an_unknown_page_is_a_404_with_the_security_headers(stack: Stack) -> None:
    answer = httpx.get(f"{stack.app_url}/nowhere", trust_env=False)
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "There is nothing here" in answer.text
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains; preload"


@pytest.mark.parametrize(
    "path", ["/../vercel.json", "/%2e%2e/vercel.json", "/..%2fvercel.json", "/assets/../../secrets.json", "/index.html%00"]
)
def test_nothing_outside_the_public_folder_is_served(stack: Stack, path: str) -> None:
    assert httpx.get(f"{stack.app_url}{path}", trust_env=False).status_code == httpx.codes.NOT_FOUND


def test_killed_at_once_it_leaves_no_process_and_keeps_its_data(tmp_path: Path) -> None:
    state = tmp_path / "state"
    program = (
        "import sys, time; from pathlib import Path; from dev.stack import running_stack\n"
        f"with running_stack(Path({str(state)!r})) as stack:\n"
        "    print(' '.join(str(part.process.pid) for part in stack.parts), flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 6
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in pids if is_running(pid)] == []
    first = (state / "stack.json").read_text()
    with running_stack(state) as stack, psycopg.connect(stack.db_url) as database:
        assert database.execute("select count(*) from supabase_migrations.schema_migrations").fetchone() != (0,)
    assert (state / "stack.json").read_text() == first  # the same ports and keys


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]


def test_the_token_command_makes_a_token_for_the_beacon_door(stack: Stack, world: World) -> None:
    made = run_token(stack.secrets.jwt_secret, "--role", "beacon")
    door = Caller(world.client, made.stdout.strip())
    assert door.call("record_beacons", beacons=[]).json() == []
    assert door.get("sites").status_code == httpx.codes.FORBIDDEN
    assert stack.secrets.jwt_secret not in made.stdout + made.stderr


def test_the_token_command_refuses_what_is_no_secret() -> None:
    refused = run_token("short")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "at least 32 bytes" in refused.stderr


def run_token(secret: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dev", "token", *options]
    return subprocess.run(command, cwd=ROOT, input=secret + "\n", capture_output=True, text=True, check=False)
