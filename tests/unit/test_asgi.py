"""What a door takes of a request."""

import asyncio
from typing import Any

import pytest

from lib.asgi import headers_of, read_body
from lib.errors import InvalidRequest


def headers(*sent: tuple[bytes, bytes]) -> dict[str, str]:
    return headers_of({"headers": list(sent)})


def body(*pieces: bytes, largest_bytes: int = 10, ends: bool = True) -> bytes:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request"} if ends else {"type": "http.disconnect"})

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return asyncio.run(read_body(receive, largest_bytes=largest_bytes))


def test_only_headers_that_a_door_reads_go_further() -> None:
    sent = [(b"origin", b"https://example.com"), (b"x-forwarded-for", b"192.0.2.7"), (b"cookie", b"a=b"), (b"dnt", b"1")]
    assert headers(*sent) == {"origin": "https://example.com", "dnt": "1"}


@pytest.mark.parametrize("name", [b"origin", b"content-type", b"content-encoding", b"user-agent"])
def test_a_header_that_says_what_a_request_is_may_stand_once(name: bytes) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        headers((name, b"192.0.2.7"), (name, b"192.0.2.7"))
    assert refusal.value.code == "duplicate_header"
    assert "192.0.2.7" not in refusal.value.message


def test_signals_sent_twice_are_joined() -> None:
    assert headers((b"dnt", b"0"), (b"dnt", b"1")) == {"dnt": "0, 1"}


def test_bytes_of_any_kind_are_read_as_they_are() -> None:
    assert headers((b"user-agent", bytes(range(128, 256)))) == {"user-agent": bytes(range(128, 256)).decode("latin-1")}


def test_a_body_is_read_whole_up_to_its_bound() -> None:
    assert body(b"12345", b"67890") == b"1234567890"
    with pytest.raises(InvalidRequest) as refusal:
        body(b"12345", b"678901")
    assert refusal.value.status == 413


def test_a_body_that_ends_early_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        body(b"12345", ends=False)
