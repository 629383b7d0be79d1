"""What a report may say: which exception, where in our own code, in which deployment. No text of it, and no value.

With its default settings Sentry's package sends headers, local variables, texts of exceptions and the host's name, and a
visitor's address in any of them. So nothing is taken out of an event: a new one is made of what is allowed.
"""

import builtins
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from lib.errors import Unavailable

_ROOT = Path(__file__).resolve().parents[2]
_MOST_EXCEPTIONS = 5
_MOST_FRAMES = 50
_EVENT_ID = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{5,20}(Z|\+00:00)")
_LEVELS = {"fatal", "error", "warning", "info", "debug"}
_RELEASE = re.compile(r"[0-9a-f]{7,40}")
_ENVIRONMENTS = {"production", "preview", "development"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}(\.[A-Za-z_][A-Za-z0-9_]{0,39}){0,9}")
_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}|<(lambda|listcomp|genexpr|dictcomp|setcomp|module)>")
_OWN_FILE = re.compile(r"(api|functions|lib)/[a-z0-9_]{1,40}(/[a-z0-9_]{1,40}){0,4}\.py")
_DOOR = re.compile(r"[a-z0-9]{1,40}([_/][a-z0-9]{1,40}){0,6}")
_COUNT = re.compile(r"\d{1,9}")
# With an SQLSTATE or a code of PostgREST, which are too short to hold an address.
_STATUS = re.compile(r"status [1-5]\d\d(, ([0-9A-Z]{5}|PGRST[0-9X]\d\d))?")
# The reasons of lib.errors.Unavailable that are neither a status nor a built-in exception's name.
_REASONS = {"busy", "deadline", "rules", "setting", "empty answer", "no JSON", "RemoteDisconnected", "IncompleteRead",
            "BadStatusLine", "CannotSendRequest", "ResponseNotReady", "LineTooLong", "LifetimeTimeout",
            "NoNameservers", "NoAnswer"}  # fmt: skip
_TAGS = {"door": _DOOR, "reason": None, "unsent": _COUNT}


def event_of(error: BaseException, *, release: str = "", environment: str = "", unsent: int = 0) -> dict[str, Any]:
    """The event of an exception, with those it was raised from. unsent: how many before it were counted and not sent."""
    exceptions = [
        {"type": type(one).__name__, "module": type(one).__module__, "stacktrace": _stack(one.__traceback__)}
        for one in _chain(error)
    ]
    return allowed(
        {
            "event_id": uuid.uuid4().hex,
            "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": "error",
            "release": release,
            "environment": environment,
            "exception": {"values": exceptions[::-1]},  # Sentry wants the one that was raised last at the end
            "tags": {
                "door": _door(error.__traceback__),
                "reason": error.reason if isinstance(error, Unavailable) else "",
                "unsent": str(unsent) if unsent else "",
            },
        }
    )


def allowed(event: Any, hint: object = None) -> dict[str, Any]:
    """A new event of what may leave, each part held to its own form; whatever else the given one has stays here.

    As before_send and before_send_transaction it stands between Sentry's package, whatever that collects, and the wire.
    """
    kept = {
        "event_id": _matching(event.get("event_id"), _EVENT_ID),
        "timestamp": _matching(event.get("timestamp"), _TIME),
        "level": _among(event.get("level"), _LEVELS),
        "platform": "python",
        "release": _matching(event.get("release"), _RELEASE),
        "environment": _among(event.get("environment"), _ENVIRONMENTS),
        "type": _among(event.get("type"), {"transaction"}),
        "exception": {"values": [_exception(one) for one in _values(event.get("exception"))[-_MOST_EXCEPTIONS:]]},
        "tags": _tags(event.get("tags")),
    }
    return {name: value for name, value in kept.items() if value is not None}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those before it, as a traceback shows them."""
    current: BaseException | None = error
    for _ in range(_MOST_EXCEPTIONS):
        if current is None:
            return
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _stack(traceback: TracebackType | None) -> dict[str, list[dict[str, Any]]]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        filename = code.co_filename.removeprefix(f"{_ROOT}/")
        frames.append({"filename": filename, "function": code.co_name, "lineno": traceback.tb_lineno})
        traceback = traceback.tb_next
    return {"frames": frames}


def _door(traceback: TracebackType | None) -> str:
    """The door an exception passed, such as public or cron/prove_addresses."""
    files = (frame["filename"] for frame in _stack(traceback)["frames"])
    return next((file.removeprefix("api/").removesuffix(".py") for file in files if file.startswith("api/")), "")


def _exception(value: dict[str, Any]) -> dict[str, Any]:
    frames = [_frame(frame) for frame in _values(value.get("stacktrace"), "frames")[-_MOST_FRAMES:]]
    kept = {
        "type": _matching(value.get("type"), _NAME) or "Unnamed",
        "module": _matching(value.get("module"), _DOTTED),
        "stacktrace": {"frames": [frame for frame in frames if frame]},
    }
    return {name: part for name, part in kept.items() if part is not None}


def _frame(frame: dict[str, Any]) -> dict[str, Any] | None:
    """File, function and line of a frame of ours; None of another's."""
    file, line = _matching(frame.get("filename"), _OWN_FILE), frame.get("lineno")
    if file is None or type(line) is not int:
        return None
    return {"filename": file, "function": _matching(frame.get("function"), _FUNCTION) or "?", "lineno": line, "in_app": True}


def _tags(tags: Any) -> dict[str, str]:
    given = tags if isinstance(tags, dict) else {}
    kept = {name: _matching(given.get(name), form) if form else _reason(given.get(name)) for name, form in _TAGS.items()}
    return {name: value for name, value in kept.items() if value}


def _reason(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    is_exception = _NAME.fullmatch(value) and isinstance(getattr(builtins, value, None), type)
    return value if value in _REASONS or is_exception or _STATUS.fullmatch(value) else "other"


def _values(holder: Any, name: str = "values") -> list[dict[str, Any]]:
    listed = holder.get(name) if isinstance(holder, dict) else None
    return [value for value in listed or [] if isinstance(value, dict)]


def _matching(value: object, form: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and form.fullmatch(value) else None


def _among(value: object, words: set[str]) -> str | None:
    return value if isinstance(value, str) and value in words else None
