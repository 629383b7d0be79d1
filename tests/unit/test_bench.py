"""The instrument that measures: it must not overlook what was refused, lost or spent."""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dev.bench.figures import Figure, Report
from dev.bench.processes import cpu_seconds
from dev.bench.sender import send_for
from dev.bench.visitors import Prepared

REQUEST = b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n"
KEPT = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nslow"
CREATED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


@contextmanager
def answering(*answers: bytes, resets: bool = False) -> Iterator[tuple[str, int]]:
    """A server of one connection that gives each answer in pieces, reads what comes next, and closes or resets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    connection.recv(65536)
                    for piece in (answer[:20], answer[20:]):
                        connection.sendall(piece)
                connection.recv(65536)
                if resets:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()
        thread.join()


def test_answers_are_counted_by_status_however_they_are_cut_into_pieces() -> None:
    with answering(KEPT, REFUSED, CREATED, KEPT) as address:
        done = send_for(address, iter([REQUEST] * 4), senders=1, seconds=5)
    assert done.statuses == {"204": 2, "429": 1, "201": 1}
    assert done.refused("204") == 2
    assert done.first_refusal == REFUSED
    assert len(done.latencies) == 4


@pytest.mark.parametrize("resets", [False, True], ids=["closed", "reset"])
def test_a_request_whose_connection_was_cut_counts_as_refused(resets: bool) -> None:
    with answering(KEPT, resets=resets) as address:
        done = send_for(address, iter([REQUEST] * 3), senders=1, seconds=5)
    assert (done.statuses["204"], done.cut, done.refused("204")) == (1, 1, 1)


def test_requests_that_were_not_sent_are_sent_in_the_next_round() -> None:
    requests = Prepared(iter([b"1", b"2", b"3"]))
    assert next(requests.at_least(2)) == b"1"
    assert list(requests.at_least(2)) == [b"2", b"3"]


def test_the_time_of_a_child_that_has_ended_is_counted() -> None:
    before = cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert cpu_seconds(os.getpid()) - before > 0.25


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("", "", 1, "floor", 4, 0.25, at_least=0.5), "MISSED"),
        (Figure("", "", 3, "floor", 4, 0.75, at_least=0.5), "ok"),
        (Figure("", "", 9, "floor", 4, 2.25, at_most=2.2), "MISSED"),
        (Figure("", "", 621, at_most=620), "MISSED"),
        (Figure("", "", 9, "floor", 4, 2.25), ""),
    ],
)
def test_a_bar_holds_for_the_ratio_or_without_a_peer_for_the_figure(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_a_run_passes_only_if_every_bar_is_kept_and_nothing_failed() -> None:
    report = Report()
    report.section("snippet", "Snippet")
    report.add(Figure("brotli 11", "bytes", 600, at_most=620))
    assert report.passed
    report.fail("one was lost")
    assert not report.passed
