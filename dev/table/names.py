"""From a name as registered to the name people use, and to a key that stays the same."""

import re

from dev.table.classify import fold
from dev.table.words import LEGAL_FORM

_REGISTRY_PREFIX = re.compile(r"^\s*(?:AS\d+\s*[-–:]\s*|[A-Z0-9_]+-AS(?:-[A-Z]{2})?\s*[-–:]?\s+|-Reserved AS-\s*)")
_SURROUNDING = " \t.,;:-–\"'“”«»"
_FORMS = {fold(form) for form in LEGAL_FORM} | {
    "incorporated",
    "joint",
    "stock",
    "the",
    "private",
    "public",
    "cie",
    "kgaa",
}
_SMALL_WORDS = {
    "of",
    "and",
    "the",
    "for",
    "de",
    "der",
    "des",
    "du",
    "la",
    "le",
    "und",
    "et",
    "e",
    "y",
    "di",
    "del",
    "van",
    "von",
}
_LONGEST = 80


def display_name(registered: str) -> str:
    """The name people use: without registry prefix and legal forms at its ends, in mixed case."""
    words = _REGISTRY_PREFIX.sub("", registered).strip(_SURROUNDING).split()
    kept = list(words)
    while len(kept) > 1 and _is_legal_form(kept[-1]):
        kept.pop()
    while len(kept) > 1 and _is_legal_form(kept[0]) and fold(kept[0]) not in ("the", "company"):
        kept.pop(0)
    name = " ".join(kept).strip(_SURROUNDING)
    # The registries shout, or whisper.
    return (_mixed_case(name) if name.isupper() or name.islower() else name)[:_LONGEST]


def comparable(registered: str) -> str:
    """A name without legal forms, case, accents and punctuation: equal for two spellings of one company."""
    words = re.split(r"[^a-z0-9]+", fold(display_name(registered)))
    return " ".join(word for word in words if word and word not in _FORMS)


def key_of(registered: str, country: str | None) -> str:
    """A key that stays the same while name and country do, such as robert-bosch-de; without country, robert-bosch."""
    return "-".join([*comparable(registered).split(), *([country.lower()] if country else [])])[:120]


def _is_legal_form(word: str) -> bool:
    bare = fold(word).strip(".,()\"'")
    return bare in _FORMS or bare.replace(".", "") in _FORMS or word in ("&",)


def _mixed_case(name: str) -> str:
    words = []
    for place, word in enumerate(name.split()):
        lower = word.lower()
        if place and lower in _SMALL_WORDS:
            words.append(lower)
        else:
            # Three letters and fewer are more often initials than words; a word with a digit or a dot is left alone.
            words.append(word.upper() if len(word) <= 3 or not word.isalpha() else word.capitalize())
    return " ".join(words)
