"""Everything a process lets out while something runs: what it sends, logs, prints and would report."""

import contextlib
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import TextIO

from lib.observe.event import event_of


class Recording:
    """What was let out, by place. Nothing is held back: it goes where it would have gone all the same.

    `sees` is to be shown every byte that leaves; `error` every exception somebody met.
    """

    def __init__(self) -> None:
        self._places: dict[str, list[bytes]] = {"egress": [], "logs": [], "output": [], "reports": []}

    def sees(self, data: bytes) -> None:
        """Take note of bytes that leave the process."""
        self._places["egress"].append(bytes(data))

    def error(self, error: BaseException) -> None:
        """Take note of what a report of an exception would say."""
        self._places["reports"].append(json.dumps(event_of(error)).encode())

    def plant(self, text: str) -> None:
        """Let a text into every place but egress, as if the process had: the search that follows must find it."""
        self.log(logging.makeLogRecord({"msg": "planted: %s", "args": (text,)}))
        self._places["output"].append(text.encode())
        self._places["reports"].append(json.dumps({"value": text}).encode())

    def log(self, record: logging.LogRecord) -> None:
        """Take note of a log record: its line, and whatever else is in it for a handler to write."""
        line = f"{logging.Formatter().format(record)}\n{vars(record)}"
        self._places["logs"].append(line.encode("utf-8", "backslashreplace"))

    def printed(self, text: str) -> None:
        """Take note of what is printed."""
        self._places["output"].append(text.encode("utf-8", "backslashreplace"))

    def content(self) -> dict[str, bytes]:
        """All of it, by place: egress, logs, output, reports."""
        return {place: b"".join(pieces) for place, pieces in self._places.items()}


@contextlib.contextmanager
def recording() -> Iterator[Recording]:
    """Record what the process lets out until the block ends, whichever thread it comes from."""
    kept, root = Recording(), logging.getLogger()
    handler = _Handler(kept)
    root.addHandler(handler)
    try:
        with contextlib.redirect_stdout(_Tee(kept, sys.stdout)), contextlib.redirect_stderr(_Tee(kept, sys.stderr)):
            yield kept
    finally:
        root.removeHandler(handler)


class _Handler(logging.Handler):
    def __init__(self, kept: Recording) -> None:
        super().__init__()
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.log(record)


class _Tee(io.TextIOBase):
    """Writes on what it is given, having taken note."""

    def __init__(self, kept: Recording, onwards: TextIO) -> None:
        self._kept, self._onwards = kept, onwards

    def write(self, text: str) -> int:
        self._kept.printed(text)
        return self._onwards.write(text)

    def flush(self) -> None:
        self._onwards.flush()
