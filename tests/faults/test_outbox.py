"""No message is lost and none is sent twice, however the other side answers and whenever the sender is killed.

The job runs as a process that is killed with SIGKILL at a drawn moment and begun again; PostgREST and backends of the
database are killed too. What the test hurries along is the waiting: leases and pauses are over at once.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from typing import Any, LiteralString

import psycopg

from dev.stack import Stack
from dev.stack.layout import ROOT
from tests.faults.killing import Killer
from tests.faults.mail_service import MailService

_MESSAGES, _LANES = 1_050, 150
_KILLS_OF_THE_SENDER = 30
_SECONDS = 240
_RECOVERY_SECONDS = 30
_JOB = """
from datetime import UTC, datetime
from api.cron import run
from lib.domain.job import JOBS
run(JOBS["deliver_outbox"], datetime.now(UTC))
"""


def test_no_message_is_lost_or_sent_twice(stack: Stack, seed: str) -> None:
    print(f"\nFAULT_SEED={seed}")
    dice = random.Random(seed)
    killer, killed, started = Killer(stack, [stack.part("edge")], dice), Counter[str](), time.monotonic()
    with MailService(random.Random(seed)) as service:
        _post(stack)
        while (left := _left(stack)) and time.monotonic() - started < _SECONDS:
            # Killed while there is much to do, and left alone at the end.
            is_killed = killed["sender"] < _KILLS_OF_THE_SENDER and left > _MESSAGES // 20
            killed["sender"] += _run_job(stack, service.url, seconds=dice.uniform(0.4, 1.6) if is_killed else 60)
            if is_killed and killed["sender"] % 6 == 0:
                killer.kill(dice.choice(["backend", "PostgREST"]))
            _hurry(stack)
    told = defaultdict(list)
    for to, note in service.taken:
        told[to].append(int(note))
    print(f"{_MESSAGES} messages in {_LANES} lanes, {time.monotonic() - started:.0f} s")
    print("kills:", dict(killed | killer.kills))
    print("manners:", dict(service.manners))
    print(f"attempts: {_attempts(stack)}; repeated and told apart by the service: {service.repeated}")
    taken, different = len(service.taken), len(set(service.taken))
    print(f"taken {taken}, lost {_MESSAGES - different}, doubled {taken - different}")
    assert _states(stack) == {"delivered": _MESSAGES}
    assert taken == different == _MESSAGES
    assert service.clashes == 0
    assert all(notes == sorted(notes) for notes in told.values())
    assert killed["sender"] == _KILLS_OF_THE_SENDER and service.repeated > 0


def _in_database(stack: Stack, *statements: LiteralString) -> list[tuple[Any, ...]]:
    """Execute statements in one transaction, once the database has recovered from what was killed; the last one's rows."""
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while True:
        try:
            with psycopg.connect(stack.superuser_url) as database:
                for statement in statements:
                    answer = database.execute(statement)
                return answer.fetchall() if answer.description else []
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _post(stack: Stack) -> None:
    with psycopg.connect(stack.superuser_url) as database:
        database.execute("delete from private.outbox")
        for number in range(_MESSAGES):
            to = f"person{number % _LANES}@example.org"
            content = json.dumps({"to": to, "note": str(number)})
            database.execute("select private.post(%s, 'mail', %s, 'trial', %s)", [f"fault {number}", to, content])


def _run_job(stack: Stack, mail_url: str, *, seconds: float) -> bool:
    """Run the job for so long at most; whether it had to be killed."""
    environment = {**os.environ, **stack.function_environment(), "RESEND_API_URL": mail_url}
    with (stack.logs / "sender.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-c", _JOB], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True
    return False


def _hurry(stack: Stack) -> None:
    """Let every lease and every wait be over, as they are after a while."""
    _in_database(
        stack,
        "delete from private.job_runs",
        "update private.outbox set next_attempt_at = now() where state = 'waiting'",
        "update private.outbox set leased_until = now() - interval '1 second' where state = 'sending'",
    )


def _left(stack: Stack) -> int:
    return sum(number for state, number in _states(stack).items() if state in ("waiting", "sending"))


def _states(stack: Stack) -> dict[str, int]:
    return dict(_in_database(stack, "select state, count(*)::int from private.outbox group by state"))


def _attempts(stack: Stack) -> dict[str, int]:
    return dict(_in_database(stack, "select outcome, count(*)::int from private.outbox_attempts group by outcome"))
