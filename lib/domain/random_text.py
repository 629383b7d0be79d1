"""Tell keys from words: text drawn at random, and text that hides another in base64."""

import base64
import binascii
import re
from collections.abc import Callable

_SHORTEST_TOKEN = 16
_LONGEST_WORD = 40
_MIXTURE_OF_TOKENS = 0.15
_WORD = re.compile(r"[A-Za-z0-9]+")
# camelCase has a piece for each of its words; random letters have one for every two characters.
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_CAN_BE_SAID = re.compile(r"(?=.*[AEIOUYaeiouy])(?!.*[^AEIOUYaeiouy]{5})[A-Z]?[a-z]+|[A-Z]{1,4}").fullmatch
_COUNTED_WORD = re.compile(r"\d{1,4}[A-Za-z]+|[A-Za-z]+\d{1,4}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_URL_SAFE = str.maketrans("-_", "+/")


def looks_random(part: str) -> bool:
    """Whether a part reads like a key rather than like words: long, and its kinds of characters keep alternating.

    Inside the words of random base64 a new piece begins at about every second character, in hexadecimal likewise, in a
    slug such as iPhone-15-Pro-Max-256GB hardly ever.
    """
    if len(part) < _SHORTEST_TOKEN:
        return False
    words = _WORD.findall(part)
    changes = sum(len(_PIECE.findall(word)) - 1 for word in words if not _is_camel_case(word))
    return changes >= _MIXTURE_OF_TOKENS * len(part) or any(map(_is_random_word, words))


def is_encoded(part: str, is_personal: Callable[[str], bool]) -> bool:
    """Whether a part holds base64 of a text that names a person."""
    if part.islower():
        return False
    for found in _BASE64.findall(part):
        for piece in {found, *re.split("[-_/]", found)}:
            text = None if len(piece) < 8 or piece.islower() or (piece.isalpha() and piece.istitle()) else _find_text(piece)
            if text and is_personal(text):
                return True
    return False


def _find_text(encoded: str) -> str | None:
    """The printable ASCII text that base64 stands for, if it does."""
    padded = encoded.rstrip("=").translate(_URL_SAFE)
    try:
        text = base64.b64decode(padded + "=" * (-len(padded) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return text if text.isprintable() else None


def _is_random_word(word: str) -> bool:
    if len(word) < _SHORTEST_TOKEN or word.isdigit():
        return False
    if len(word) > _LONGEST_WORD:
        return True
    if not word.isalpha() and not _COUNTED_WORD.fullmatch(word):
        return True
    letters = word.strip("0123456789")
    return not (letters.islower() or letters.isupper() or letters.istitle() or _is_camel_case(letters))


def _is_camel_case(word: str) -> bool:
    """Whether letters read as words joined by capitals: each can be said or is an abbreviation, and they are not short."""
    if not word.isalpha():
        return False
    pieces = _PIECE.findall(word)
    return len(word) >= 3 * len(pieces) and all(_CAN_BE_SAID(piece) for piece in pieces)
