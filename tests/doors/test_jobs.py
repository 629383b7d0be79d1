"""Jobs, called as the platform calls them: twice, late, by strangers, and while something does not answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from dev.stack import Stack
from lib.domain.job import JOBS
from tests.builders import World
from tests.deployments import deployment, free_port

DELIVER = "/api/cron/deliver_outbox"


@pytest.fixture
def secret(stack: Stack, world: World) -> dict[str, str]:
    world.database.execute("delete from private.job_runs")
    return {"Authorization": f"Bearer {stack.secrets.cron_secret}"}


def post_trial(world: World, to: str, key: str = "trial") -> None:
    world.database.execute("delete from private.outbox")
    world.database.execute(
        "select private.post(%s, 'mail', %s, 'trial', %s)", [key, f"mail:{to}", json.dumps({"to": to, "note": "a test"})]
    )


def mails_to(stack: Stack, to: str) -> list[dict[str, object]]:
    mails = [json.loads(file.read_text()) for file in (stack.state / "mail").glob("*.json")]
    return [mail for mail in mails if mail["to"] == [to]]


def forget_runs(world: World) -> None:
    world.database.execute("delete from private.job_runs")


def test_a_message_of_the_outbox_arrives_once_however_often_the_job_is_called(
    app: httpx.Client, secret: dict[str, str], stack: Stack, world: World
) -> None:
    post_trial(world, "once@example.org")
    first, second = (app.get(DELIVER, headers=secret).json() for _ in range(2))
    assert (first["state"], first["done"], first["failed"]) == ("claimed", 1, 0)
    assert second["state"] == "done" or second["done"] == 0  # of the next minute, where the clock went on
    [mail] = mails_to(stack, "once@example.org")
    assert mail["subject"] == "Mails of your Leadsment deployment arrive"
    assert world.database.execute("select state, content from private.outbox").fetchall() == [("delivered", {})]


def test_two_calls_at_once_are_one_run(app: httpx.Client, secret: dict[str, str], stack: Stack, world: World) -> None:
    post_trial(world, "beside@example.org")
    answers = []

    def call() -> None:
        answers.append(httpx.get(f"{stack.app_url}{DELIVER}", headers=secret, trust_env=False, timeout=15).json())

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer["done"] for answer in answers) == 1
    assert len(mails_to(stack, "beside@example.org")) == 1


@pytest.mark.parametrize("job", sorted(JOBS))
def test_every_job_is_closed_to_strangers(app: httpx.Client, job: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}):
        assert app.get(f"/api/cron/{job}", headers=headers).status_code == 401
    assert app.post(f"/api/cron/{job}").status_code == 405


def test_there_is_no_other_job(app: httpx.Client, secret: dict[str, str]) -> None:
    assert app.get("/api/cron/nothing-here", headers=secret).status_code == 404
    assert app.get("/api/cron/nothing-here").status_code == 401


def test_both_secrets_are_let_in_while_one_is_changed_and_then_only_the_new_one(stack: Stack, world: World) -> None:
    with deployment(stack, CRON_SECRET="new" * 12, CRON_SECRET_PREVIOUS="old" * 12) as app:
        for secret in ("new" * 12, "old" * 12):
            assert app.get(DELIVER, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
        assert app.get(DELIVER, headers={"Authorization": f"Bearer {stack.secrets.cron_secret}"}).status_code == 401
    with deployment(stack, CRON_SECRET="new" * 12) as app:
        assert app.get(DELIVER, headers={"Authorization": f"Bearer {'old' * 12}"}).status_code == 401
    with deployment(stack, CRON_SECRET="", CRON_SECRET_PREVIOUS="old" * 12) as app:
        assert app.get(DELIVER, headers={"Authorization": f"Bearer {'old' * 12}"}).status_code == 503


def test_a_mail_waits_while_the_service_is_away(stack: Stack, world: World, secret: dict[str, str]) -> None:
    post_trial(world, "later@example.org")
    with deployment(stack, RESEND_API_URL=f"http://127.0.0.1:{free_port()}") as app:
        answer = app.get(DELIVER, headers=secret).json()
    assert (answer["done"], answer["failed"]) == (0, 1)
    row = world.database.execute(
        "select message.state, attempt.outcome, attempt.detail from private.outbox as message "
        "join private.outbox_attempts as attempt on attempt.message_id = message.id"
    ).fetchone()
    assert row is not None and row[:2] == ("waiting", "uncertain") and "later@" not in row[2]


def test_one_message_that_cannot_be_written_does_not_keep_the_others(
    app: httpx.Client, secret: dict[str, str], stack: Stack, world: World
) -> None:
    post_trial(world, "good@example.org")
    world.database.execute("select private.post('bad', 'mail', 'bad', 'no.such.letter', '{\"to\": \"bad@example.org\"}')")
    answer = app.get(DELIVER, headers=secret).json()
    assert (answer["done"], answer["failed"]) == (1, 1)
    assert world.database.execute("select fault from private.outbox where key = 'bad'").fetchall() == [
        ("there is no letter no.such.letter",)
    ]


class Switch:
    """A dead man's switch: what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        switch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                switch.told.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def switch() -> Iterator[Switch]:
    switch = Switch()
    thread = threading.Thread(target=switch.server.serve_forever)
    thread.start()
    yield switch
    switch.server.shutdown()
    thread.join()
    switch.server.server_close()


def test_the_dead_mans_switch_hears_of_runs_that_went_through_alone(
    stack: Stack, world: World, secret: dict[str, str], switch: Switch
) -> None:
    with deployment(stack, HEARTBEAT_URL=f"{switch.url}/key/{{job}}") as app:
        assert app.get(DELIVER, headers=secret).status_code == 200
    assert switch.told == ["/key/deliver-outbox"]
    forget_runs(world)
    with deployment(stack, HEARTBEAT_URL=f"{switch.url}/key/{{job}}", DELIVERER_TOKEN="") as app:
        assert app.get(DELIVER, headers=secret).status_code == 503
    assert len(switch.told) == 1
    [run] = [run for run in world.role("scheduler").result("list_jobs") if run["job"] == "deliver_outbox"]
    assert (run["fault"], run["finished_at"]) == ("MissingSetting", None)


def test_a_switch_that_does_not_answer_holds_up_nothing(stack: Stack, secret: dict[str, str]) -> None:
    with deployment(stack, HEARTBEAT_URL=f"http://127.0.0.1:{free_port()}/{{job}}") as app:
        assert app.get(DELIVER, headers=secret).json()["state"] == "claimed"


def test_health_says_when_a_job_last_went_through(app: httpx.Client, secret: dict[str, str], world: World) -> None:
    assert app.get("/api/health").json()["jobs"]["deliver_outbox"] == {"finished_at": None, "late": True}
    app.get(DELIVER, headers=secret)
    state = app.get("/api/health").json()["jobs"]
    assert state["deliver_outbox"]["late"] is False and state["purge_expired"]["late"] is True
    world.database.execute("update private.job_runs set finished_at = now() - interval '10 minutes'")
    state = app.get("/api/health").json()["jobs"]["deliver_outbox"]
    assert state["late"] is True and state["finished_at"] is not None


def test_what_is_over_is_deleted(app: httpx.Client, secret: dict[str, str], world: World) -> None:
    post_trial(world, "old@example.org")
    world.database.execute("update private.outbox set state = 'dead', ended_at = now() - interval '31 days'")
    assert app.get("/api/cron/purge_expired", headers=secret).json()["done"] >= 1
    assert world.database.execute("select count(*) from private.outbox").fetchone() == (0,)
