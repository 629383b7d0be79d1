"""A report says which exception, where in our code, and nothing else, whatever the package in between collects."""

import asyncio
import json
from typing import Any

import pytest
import sentry_sdk

from lib.errors import StoreUnavailable
from lib.identification.spellings import spellings
from lib.observe import report
from lib.observe.event import allowed, event_of
from lib.observe.reporter import Reporter
from lib.settings import ReportSettings, report_settings

CANARY = "155.56.213.87"


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return caught


def test_an_event_says_type_and_deployment() -> None:
    event = event_of(raised(StoreUnavailable("status 401")), release="0123abcd", environment="production", unsent=7)
    [said] = event["exception"]["values"]
    assert (said["type"], said["module"], event["level"]) == ("StoreUnavailable", "lib.errors", "error")
    assert (event["release"], event["environment"]) == ("0123abcd", "production")
    assert event["tags"] == {"reason": "status 401", "unsent": "7"}


def test_an_event_names_the_exceptions_before_it_unless_they_are_hidden() -> None:
    def failing(hidden: bool) -> None:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise ValueError(CANARY) from (None if hidden else error)

    for hidden, types in ((True, ["ValueError"]), (False, ["KeyError", "ValueError"])):
        with pytest.raises(ValueError, match="155") as caught:
            failing(hidden)
        assert [one["type"] for one in event_of(caught.value)["exception"]["values"]] == types


@pytest.mark.parametrize(
    ("reason", "said"),
    [("deadline", "deadline"), ("TimeoutError", "TimeoutError"), ("ConnectionRefusedError", "ConnectionRefusedError"),
     ("status 503", "status 503"), ("status 500, 57014", "status 500, 57014"),
     ("status 401, PGRST301", "status 401, PGRST301"), ("status 500, 9B380C22", "other"), ("busy", "busy"),
     (f"from {CANARY}", "other"), ("jane@example.com", "other"),
     ("status 5033", "other"), ("Aa1" * 20, "other")],
)  # fmt: skip
def test_a_reason_is_of_the_vocabulary_or_other(reason: str, said: str) -> None:
    assert event_of(StoreUnavailable(reason))["tags"] == {"reason": said}


@pytest.mark.parametrize("release", [CANARY, "v1 of jane@example.com", "A" * 40, "0123456", "0123456789" * 5])
def test_a_release_is_a_commit_or_left_out(release: str) -> None:
    assert event_of(ValueError(), release=release).get("release") == (release if release == "0123456" else None)


def test_the_gate_keeps_back_all_that_the_package_collects_by_default() -> None:
    """The package's own event, with its default settings, before and after."""
    collected: list[dict[str, Any]] = []

    def collect(event: Any, hint: object) -> None:
        collected.append(dict(event))

    client = sentry_sdk.Client(dsn="http://a@127.0.0.1:9/1", before_send=collect)
    scope = sentry_sdk.Scope(client=client)
    scope.set_user({"ip_address": CANARY, "email": "jane@canary.example"})
    scope.set_tag("address", CANARY)
    scope.set_extra("address", CANARY)
    scope.set_context("visitor", {"address": CANARY})
    scope.add_breadcrumb(message=f"from {CANARY}")
    with sentry_sdk.scope.use_scope(scope):
        try:
            address = CANARY  # noqa: F841  a local that default settings send
            raise ValueError(f"from {CANARY}")
        except ValueError as error:
            scope.capture_exception(error)
    [event] = collected
    before, after = json.dumps(event, default=str), json.dumps(allowed(event))
    assert before.count(CANARY) >= 6
    assert not any(form.decode("latin-1") in after for form in spellings(CANARY)) and "jane" not in after
    assert allowed(event)["exception"]["values"][0]["type"] == "ValueError"
    assert not {"server_name", "modules", "contexts", "extra", "user", "breadcrumbs", "request", "sdk"} & set(allowed(event))


@pytest.mark.parametrize(
    "event",
    [
        {}, {"exception": None}, {"exception": {"values": [None, 1, "x", {}]}}, {"exception": CANARY},
        {"tags": [["door", CANARY]]},
        {"tags": {"door": CANARY, "reason": CANARY, "unsent": CANARY, CANARY: "1"}}, {"event_id": CANARY, "timestamp": CANARY},
        {"level": CANARY, "platform": CANARY, "release": CANARY, "environment": CANARY, "type": CANARY, CANARY: CANARY},
        {"type": "transaction", "transaction": f"/{CANARY}", "spans": [{"description": CANARY}], "request": {"url": CANARY}},
        {"exception": {"values": [{"type": CANARY, "module": CANARY, "value": CANARY, "mechanism": {"data": CANARY}}]}},
        {"exception": {"values": [{"type": "E", "stacktrace": {"frames": [
            {"filename": f"api/{CANARY}.py", "lineno": 1},
            {"filename": "lib/x.py", "function": CANARY, "lineno": 2, "vars": {"a": CANARY},
             "context_line": CANARY,
             "pre_context": [CANARY], "abs_path": CANARY, "module": CANARY},
            {"filename": "lib/x.py", "lineno": CANARY},
        ]}}]}},
    ],
)  # fmt: skip
def test_no_part_of_an_event_carries_what_has_not_its_form(event: dict[str, Any]) -> None:
    assert CANARY not in json.dumps(allowed(event))


def test_at_most_ten_reports_leave_in_a_minute_and_the_next_says_how_many_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    sent: list[dict[str, Any]] = []
    reporter = Reporter(ReportSettings("http://a@127.0.0.1:9/1", "", ""), clock=lambda: now[0])
    monkeypatch.setattr(reporter, "_send", sent.append)
    handed_on = [reporter.hand_on(ValueError()) for _ in range(50)]
    assert [bool(one) for one in handed_on] == [True] * 10 + [False] * 40
    now[0] = 60.0
    last = reporter.hand_on(ValueError())
    assert last is not None
    last.result(5)
    assert (len(sent), sent[-1]["tags"], sent[0]["tags"]) == (11, {"unsent": "40"}, {})


def test_reporting_never_raises(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("lib.observe.reporter._reporter", lambda: Reporter(ReportSettings(f"no dsn but {CANARY}", "", "")))
    asyncio.run(report(ValueError(CANARY)))
    assert "a report was not sent: BadDsn" in caplog.text and CANARY not in caplog.text


def test_without_a_dsn_nothing_is_reported() -> None:
    assert report_settings({"SENTRY_DSN": "  "}) is None
    assert "secret" not in repr(report_settings({"SENTRY_DSN": "https://secret@o1.ingest.de.sentry.io/1"}))
