"""Decide what kind of organisation a registered name stands for. The one seam between names and kinds.

The order of preference, when in doubt: not shown before shown. A reviewed label decides first; then words that tell a
carrier, a hoster, a relay or a single person; a name is shown only on strong evidence: a word of a public institution,
or a trade that runs no network for others together with a legal form.
"""

import re
import unicodedata
from dataclasses import dataclass

from dev.table import words

SHOWN_KINDS = ("company", "education", "government", "nonprofit")
HIDDEN_KINDS = ("carrier", "hoster", "relay", "natural_person", "unknown")
_NAME_LIKE = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_MOST_NAME_WORDS = 4
_MOST_COUNTRIES_OF_A_STUB = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind and the rule that decided it, in words fit for an evidence card."""

    kind: str
    rule: str


@dataclass(frozen=True, slots=True)
class Holder:
    """What the data say of a registered name: its number of autonomous systems and the countries of its ranges."""

    name: str
    asns: frozenset[int]
    countries: frozenset[str]


class _Words:
    """A set of words and patterns, matched against a name's words and pairs of words."""

    def __init__(self, patterns: list[str]) -> None:
        alternatives = "|".join(re.escape(fold(pattern)).replace(r"\*", r"[\w.&/-]*") for pattern in patterns)
        # A * inside a pattern stands between two words: "city*of" is "city of".
        alternatives = re.sub(r"(?<=\w)\[\\w\.&/-\]\*(?=\w)", r"[\\s-]+(?:\\w+[\\s-]+)?", alternatives)
        self._pattern = re.compile(rf"(?<![\w]){'(?:' + alternatives + ')'}(?![\w])")

    def found_in(self, folded: str) -> bool:
        return self._pattern.search(folded) is not None


def fold(text: str) -> str:
    """Lower case without accents, for comparing words."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


_CARRIER, _HOSTER, _RELAY = _Words(words.CARRIER), _Words(words.HOSTER), _Words(words.RELAY)
_GOVERNMENT, _EDUCATION, _NONPROFIT = _Words(words.GOVERNMENT), _Words(words.EDUCATION), _Words(words.NONPROFIT)
_SECTOR, _LEGAL_FORM, _SOLE_TRADER = _Words(words.COMPANY_SECTOR), _Words(words.LEGAL_FORM), _Words(words.SOLE_TRADER)


def classify(holder: Holder, *, label: str | None, brand: str | None, listed: bool) -> Verdict:
    """The kind of a registered name.

    label: what a reviewer judged it to be. brand: the part of the name that belongs to a company of the directory.
    listed: whether the whole name is that of a company listed on a stock exchange.
    """
    if label is not None:
        return Verdict(label, "reviewed by hand")
    folded = fold(holder.name)
    if brand is not None and not _runs_networks(folded.replace(brand, " ")):
        return Verdict("company", "a company of the reviewed directory")
    if listed and not _runs_networks(folded):
        return Verdict("company", "a listed company")
    hidden = _hidden_kind(holder, folded)
    if hidden is not None:
        return hidden
    return _institution(folded) or _company(holder, folded) or Verdict("unknown", "nothing certain in the name")


def reads_like_a_person(name: str) -> bool:
    """Whether a name may be a natural person's: a sole trader's form, or two to four names and nothing else."""
    folded = fold(name)
    if _SOLE_TRADER.found_in(folded):
        return True
    parts = name.split()
    if not 2 <= len(parts) <= _MOST_NAME_WORDS or _LEGAL_FORM.found_in(folded):
        return False
    tells_a_trade = any(kind.found_in(folded) for kind in _INSTITUTIONS_AND_TRADES)
    return all(_NAME_LIKE.fullmatch(part.strip(".,")) for part in parts) and not tells_a_trade


_INSTITUTIONS_AND_TRADES = (_CARRIER, _HOSTER, _RELAY, _GOVERNMENT, _EDUCATION, _NONPROFIT, _SECTOR)


def _runs_networks(folded: str) -> bool:
    return any(kind.found_in(folded) for kind in (_CARRIER, _HOSTER, _RELAY))


def _hidden_kind(holder: Holder, folded: str) -> Verdict | None:
    if reads_like_a_person(holder.name):
        return Verdict("natural_person", "reads like a person's name")
    for kind, found in (("relay", _RELAY), ("hoster", _HOSTER), ("carrier", _CARRIER)):
        if found.found_in(folded):
            return Verdict(kind, f"a word of a {kind}")
    return None


def _institution(folded: str) -> Verdict | None:
    for kind, found in (("education", _EDUCATION), ("government", _GOVERNMENT), ("nonprofit", _NONPROFIT)):
        if found.found_in(folded):
            return Verdict(kind, "a word of a public institution" if kind != "nonprofit" else "a word of a nonprofit")
    return None


def _company(holder: Holder, folded: str) -> Verdict | None:
    # Whoever announces ranges in many countries runs a network for others more often than a trade.
    if len(holder.countries) > _MOST_COUNTRIES_OF_A_STUB:
        return None
    if _LEGAL_FORM.found_in(folded) and _SECTOR.found_in(folded):
        return Verdict("company", "a legal form and a trade that runs no network for others")
    return None
