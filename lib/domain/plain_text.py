"""Read a text as a person would finally see it, whatever encodings and look-alikes it was written in."""

import re
import unicodedata
from urllib.parse import unquote

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOTHING_ENCODED = re.compile(r"[A-Za-z0-9 !#$'*+,\-./:;=?@^_|~]*")
# Characters that are not seen: soft hyphen, joiners, directions, fillers, variation selectors, tags.
_UNSEEN = re.compile(
    r"[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
# The percent sign may itself be encoded any number of times: %252540 is %40.
_NESTED_PERCENT = re.compile(r"%(?:25)+(?=[0-9A-Fa-fu])")
_ESCAPE = re.compile(r"[%\\]u\{?([0-9A-Fa-f]{4})\}?|\\x([0-9A-Fa-f]{2})")
_SPELLED_AT, _SPELLED_DOT = (re.compile(rf"\s?[(\[{{<]\s?{word}\s?[)\]}}>]\s?", re.IGNORECASE) for word in ("at", "dot|punkt"))
_AT_IN_WORDS = re.compile(r"(?<=\w)[_\s]at[_\s](?=[\w-]{1,63}?[_\s]dot[_\s])", re.IGNORECASE)
_LOOK_ALIKES = str.maketrans(
    {**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00b7", "-"), "\u3002": ".", "\u2024": ".", "\u2044": "/"}
)
_LOOK_ALIKES.update({0x00B7: ".", 0x2236: ":", 0xA789: ":"})
_MOST_DECODINGS = 12


class UnreadableText(ValueError):
    """A text is encoded more often than anybody does who wants it read. It does not say which text."""

    def __init__(self) -> None:
        super().__init__("encoded too often")


def readable_text(text: str) -> str:
    """Undo percent-encoding, also where it was applied several times; control characters are dropped.

    PostgreSQL takes no NUL in a text, and a line break has no business in a path. Raises UnreadableText.
    """
    for _ in range(_MOST_DECODINGS):
        if "%" not in text:
            return CONTROL_CHARACTERS.sub("", text)
        decoded = unquote(_NESTED_PERCENT.sub("%", text))
        if decoded == text:
            return CONTROL_CHARACTERS.sub("", text)
        text = decoded
    raise UnreadableText


def plain_text(text: str) -> str:
    """Undo encodings until nothing changes: percent-encoding, character references, escapes, forms of compatibility.

    Characters that are not seen are dropped, dashes and dots of other scripts become ours, and "(at)" an @. For looking
    into a text, not for showing it: it may differ from what was meant. Raises UnreadableText.
    """
    if _NOTHING_ENCODED.fullmatch(text):
        return _AT_IN_WORDS.sub("@", text) if "dot" in text.lower() else text
    for _ in range(_MOST_DECODINGS):
        decoded = _decoded_once(text)
        if decoded == text:
            return _AT_IN_WORDS.sub("@", text)
        text = decoded
    raise UnreadableText


def _decoded_once(text: str) -> str:
    if "%" in text:
        text = unquote(_NESTED_PERCENT.sub("%", text))
    if "u" in text or "\\" in text:
        text = _ESCAPE.sub(lambda escape: chr(int(escape[1] or escape[2], 16)), text)
    if "&" in text:
        # Rare, and its table of names is large: loaded when first needed.
        from html import unescape  # noqa: PLC0415

        text = unescape(text)
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text).translate(_LOOK_ALIKES))
    text = CONTROL_CHARACTERS.sub("", text)
    if "(" in text or "[" in text or "{" in text or "<" in text:
        text = _SPELLED_DOT.sub(".", _SPELLED_AT.sub("@", text))
    return text
