"""From a name as registered to a legal name, to the name people use, and to a key that stays the same."""

import re

from dev.table import DATA
from dev.table.data_file import WrongData, read_text
from dev.table.kinds.features import fold

_REGISTRY_HANDLE = re.compile(
    r"^\s*(?:"
    r"AS\d+\s*[-–:]\s*"  # AS61576 - UNIVERSIDADE ...
    r"|[A-Z0-9]+(?:[_-][A-Z0-9]+)*\s+-\s+(?=\S{2})"  # RFG-AU - RETAIL FOOD GROUP LIMITED
    r"|\S+-AS(?:-[A-Z]{2})?\s*[-–:]?\s+"  # Sanoma-AS Sanoma Oyj
    r"|-Reserved AS-\s*)"
)
_SURROUNDING = " \t.,;:-–_'“”«»"
_LONGEST = 80
_LEGAL_FORMS = DATA / "legal_forms.txt"


def _pattern(form: str) -> str:
    return r"[\s,]+".join(re.escape(word).replace(r"\.", r"\.?\s?") for word in form.split())


def _alternatives(place: str) -> str:
    """The legal forms of one section of data/legal_forms.txt as a pattern, the longest first."""
    _, _, section = read_text(_LEGAL_FORMS).partition(f"[{place}]\n")
    forms = section.partition("\n\n")[0].splitlines()
    if not forms:  # an empty pattern would fit every name
        raise WrongData(f"{_LEGAL_FORMS.name} needs the line [{place}] with a legal form on each line below")
    return "|".join(_pattern(form) for form in sorted(forms, key=lambda form: (-len(form), form)))


_BEHIND = re.compile(rf"(?<=[\s,.)\"/-])[\s,(]*(?:{_alternatives('behind')})[\s.,)]*$")
_BEFORE = re.compile(rf"^\(?(?:{_alternatives('before')})\)?(?=[\s\"«“,])[\s,.]*")
_ARTICLE = re.compile(r"^the\s+(?=\S)", re.IGNORECASE)
_QUOTED = re.compile(r"^[\"«“]+([^\"»”]{2,})[\"»”]+$")
_SMALL_WORDS = re.compile(
    r"of|and|the|for|de|der|des|die|das|du|la|le|les|und|et|e|y|i|di|da|do|dos|del|della|dei|van|von|zu|zur|im|in|am|an|na|nad|pri|para|"
    r"por|con|voor|het|op|og|av|v|ve"
)


def legal_name(registered: str) -> str:
    """The registered name without the registry's handle in front of it."""
    name = " ".join(_REGISTRY_HANDLE.sub("", registered, count=1).split()).strip(" -–_,;:")
    return name or registered.strip()


def display_name(registered: str) -> str:
    """The name people use: without registry handle and legal forms, in mixed case."""
    name = _without_forms(legal_name(registered))
    # The registries shout, or whisper.
    return (_mixed_case(name) if name.isupper() or name.islower() else name)[:_LONGEST].rstrip()


def comparable(registered: str) -> str:
    """A name without legal forms, case, accents and punctuation: equal for two spellings of one company."""
    return " ".join(re.findall(r"[^\W_]+", fold(display_name(registered)).replace("&", " and ").replace("'", "")))


def key_of(registered: str, country: str | None) -> str:
    """A key for an organisation that has none yet, such as robert-bosch-de."""
    words = re.findall(r"[a-z0-9]+", fold(comparable(registered)))
    return "-".join([*(words or ["organisation"]), *([country.lower()] if country else [])])[:120].strip("-")


def has_legal_form(registered: str) -> bool:
    """Whether a name carries a legal form at its end or its beginning."""
    folded = fold(legal_name(registered))
    return bool(_BEHIND.search(folded) or _BEFORE.match(folded))


def _without_forms(name: str) -> str:
    while True:
        shorter = _cut_once(name).strip(_SURROUNDING)
        if len(shorter) < 2 or shorter == name:
            break
        name = shorter
    quoted = _QUOTED.match(name)
    return (quoted[1] if quoted else name).replace('"', "").strip(_SURROUNDING) or name


def _cut_once(name: str) -> str:
    folded = fold(name)
    if len(folded) != len(name):  # a letter that folds to two, such as ß: compare what was written
        folded = name.casefold() if len(name.casefold()) == len(name) else name.lower()
    behind = _BEHIND.search(folded)
    if behind and behind.start() > 1:
        return _ARTICLE.sub("", name[: behind.start()])  # The Boeing Company
    before = _BEFORE.match(folded)
    if before and len(name) - before.end() > 1:
        return name[before.end() :]
    return name


def _mixed_case(name: str) -> str:
    return " ".join(_cased(word, first=place == 0) for place, word in enumerate(name.split()))


def _cased(word: str, *, first: bool) -> str:
    lower = word.lower()
    if _SMALL_WORDS.fullmatch(lower):
        return lower.capitalize() if first else lower
    if "-" in word.strip("-"):
        return "-".join(_cased(part, first=True) for part in word.split("-"))
    # Three letters and fewer are more often initials than words; so is what has no vowel, a digit or a dot.
    letters = word.strip("(),'")
    if len(letters) <= 3 or not letters.isalpha() or not re.search(r"[aeiouyàáâãäåèéêëìíîïòóôõöùúûüąęőű]", lower):
        return word.upper()
    return word[: len(word) - len(word.lstrip("(',"))] + word.lstrip("(',").capitalize()
