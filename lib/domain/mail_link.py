"""The links in mails by which a reader unsubscribes: what is asked, taken without trust. Source: RFC 8058."""

import re

from lib.domain.json_body import flat_object
from lib.errors import InvalidRequest, UnknownMailLink

ONE_CLICK_PATH = "/api/public/unsubscribe/"
WISHES = ("stop", "stop_all", "resume")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def parse_link_path(path: str) -> str:
    """The token of a one-click link's path. Raises UnknownMailLink for what is none."""
    return _token(path.removeprefix(ONE_CLICK_PATH))


def parse_link(body: bytes) -> str:
    """The token of a body {token}. Raises InvalidRequest and UnknownMailLink."""
    return _token(_fields(body, {"token"})["token"])


def parse_wish(body: bytes) -> tuple[str, str]:
    """Token and wish of a body {token, wish}. Raises InvalidRequest and UnknownMailLink."""
    fields = _fields(body, {"token", "wish"})
    if fields["wish"] not in WISHES:
        raise InvalidRequest("invalid_wish", f"The wish is one of {', '.join(WISHES)}.")
    return _token(fields["token"]), fields["wish"]


def _fields(body: bytes, names: set[str]) -> dict[str, str]:
    fields = flat_object(body)
    if fields.keys() != names:
        raise InvalidRequest("invalid_fields", f"The body has the keys {' and '.join(sorted(names))}, and no other.")
    return fields


def _token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise UnknownMailLink
    return text
