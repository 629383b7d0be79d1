"""From a name as registered to a legal name, to the name people use, and to a key that stays the same."""

import re

from dev.table.features import fold

_REGISTRY_HANDLE = re.compile(
    r"^\s*(?:"
    r"AS\d+\s*[-–:]\s*"  # AS61576 - UNIVERSIDADE ...
    r"|[A-Z0-9]+(?:[_-][A-Z0-9]+)*\s+-\s+(?=\S{2})"  # RFG-AU - RETAIL FOOD GROUP LIMITED
    r"|\S+-AS(?:-[A-Z]{2})?\s*[-–:]?\s+"  # Sanoma-AS Sanoma Oyj
    r"|-Reserved AS-\s*)"
)
_SURROUNDING = " \t.,;:-–_'“”«»"
_LONGEST = 80

# Legal forms as they stand at the end of a name, or before it. Dots, and the spaces between single letters, are optional.
_FORMS_BEHIND = """
gmbh & co. kgaa | gmbh & co. kg | gmbh & co. ohg | gmbh co. kg | gesellschaft m.b.h. | gesellschaft mbh | ges.m.b.h. | gesm.b.h. | g.m.b.h. | gmbh |
mbh | se | ag & co. kgaa | ag & co. kg | se & co. kgaa | se & co. kg | kgaa | ag | kg | ohg | gbr | e.v. | eingetragener verein | eg | egmbh | ug |
ug (haftungsbeschraenkt) | (haftungsbeschraenkt) | haftungsbeschraenkt | aktiengesellschaft | anstalt des oeffentlichen rechts | aoer | kdoer | k.d.oe.r. |
limited liability partnership | limited liability company | limited liability co. | public limited company | private limited company | private limited |
public company limited | company limited | co. limited | co. ltd. | company ltd. | co., ltd. | co.,ltd. | co ltd | pty. limited | pty. ltd. | (pty) ltd. | proprietary limited |
pte. ltd. | pte. limited | pvt. ltd. | pvt. limited | (pvt) ltd. | (p) ltd. | (private) limited | p. ltd. | sdn. bhd. | bhd. | berhad | tbk | ltd. | limited | llp | l.l.p. | lp |
l.p. | llc | l.l.c. | plc | p.l.c. | inc. | incorporated | corp. | corporation | company | co. | p.c. | pllc | n.a. | usa inc. | unlimited company | dac |
s.a. de c.v. | s.a.b. de c.v. | s.a.p.i. de c.v. | s. de r.l. de c.v. | s. de r.l. | s de rl de cv | sa de cv | sociedad anonima | s.a.c. | s.a.a. | s.a.s. | s.a.s. esp | s.a. esp | e.s.p. | s.r.l. | s.r.l.s. | s.p.a. | s.a. |
s.a.r.l. | s.a.r.l.u. | s.a.s.u. | s.n.c. | s.c.a. | s.c.r.l. | s.c.p.a. | s.c. | s.l. | s.l.u. | s.a.u. | s.coop. | s.c.c.l. | scarl | s.c.a.r.l. | s.c.p. a r.l. | societa per azioni | societe anonyme | sprl | bvba | b.v. | n.v. | v.o.f. | c.v. |
cvba | a.s.b.l. | asbl | vzw | i.v.z.w. | ltda. | limitada | ltda me | ltda - me | ltda epp | ltda - epp | eireli | eireli - me | - me | - epp | s/a | s.a | sociedade anonima | lda. | unipessoal lda | cia. ltda. | compania limitada | cia ltda |
a/s | a.s. | as | aps | i/s | p/s | a.m.b.a. | amba | ab (publ) | ab (publ.) | ab | aktiebolag | hb | oy | oyj | oy ab | abp | ky | asa | ans | da | hf | hf. | ehf. | ehf | sf | ba |
sp. z o.o. | sp. z.o.o. | spolka z o.o. | sp. z o. o. | sp z o o | spolka z ograniczona odpowiedzialnoscia | spolka akcyjna | sp. k. | sp. j. | sp. z o.o. sp. k. | s.k.a. | spol. s r.o. | spol. s.r.o. | spolecnost s rucenim omezenym | s.r.o. | s r.o. | s. r. o. | k.s. | v.o.s. | o.p.s. |
zrt. | nyrt. | kft. | bt. | kkt. | d.o.o. | d.d. | d.n.o. | a.d. | ad | ead | e.a.d. | eood | ood | j.d.o.o. | doo | dooel | s.r.l | s.c. | srl | sia | uab | vsi | vi | ou | oue | as. | tov | tzov | pat | prat | pjsc | p.j.s.c. | pao | oao | zao | ooo |
ojsc | cjsc | jsc | j.s.c. | joint stock company | public joint stock company | closed joint stock company | open joint stock company | private joint stock company | public joint stock | (closed) | b.s.c. | b.s.c. (c) | b.s.c. (closed) | s.a.o.g. | s.a.o.c. | saog | saoc | k.s.c. | k.s.c.p. | k.s.c.c. | q.p.s.c. | q.s.c. |
w.l.l. | wll | s.p.c. | l.l.c | fz-llc | fzco | fze | fz llc | dmcc | s.a.l. | s.a.e. | sae | sarl | sasu | sas | sa | spa | bv | nv | sl | slu | aoe | a.e. | ae | a.b.e.e. | epe | e.p.e. | ike | i.k.e. | m.i.k.e. | anonim sirketi | a.s | limited sirketi | ltd. sti. | san. ve tic. a.s. | tic. a.s. |
k.k. | kk | kabushiki kaisha | kabushiki gaisha | godo kaisha | g.k. | shpk | sh.p.k. | sh.a. | sha | eesti as | aktsiaselts | osauhing | s.a.p.a.
"""
_FORMS_BEFORE = """
limited liability company | joint stock company | joint-stock company | public joint stock company | public joint-stock company | closed joint stock company | closed joint-stock company |
open joint stock company | open joint-stock company | private joint stock company | private joint-stock company | joint stock commercial bank | llc | jsc | pjsc | ojsc | cjsc | ooo | oao | zao | pao | ao | tov | pat | prat | uab | ab | sia | vsi | as | oue | ou | pt. | pt |
pt (persero) | cv | s.c. | sc | sarl | eurl | sas | s.a. | ead | ad | ood | eood | et | limited company | state enterprise | subsidiary enterprise
"""


def _pattern(form: str) -> str:
    return r"[\s,]+".join(re.escape(word).replace(r"\.", r"\.?\s?") for word in form.split())


def _alternatives(forms: str) -> str:
    listed = {" ".join(form.split()) for form in forms.split("|")}
    return "|".join(_pattern(form) for form in sorted(listed, key=lambda form: (-len(form), form)))


_BEHIND = re.compile(rf"(?<=[\s,.)\"/-])[\s,(]*(?:{_alternatives(_FORMS_BEHIND)})[\s.,)]*$")
_BEFORE = re.compile(rf"^\(?(?:{_alternatives(_FORMS_BEFORE)})\)?(?=[\s\"«“,])[\s,.]*")
_ARTICLE = re.compile(r"^the\s+(?=\S)", re.IGNORECASE)
_QUOTED = re.compile(r"^[\"«“]+([^\"»”]{2,})[\"»”]+$")
_SMALL_WORDS = frozenset(
    "of and the for de der des die das du la le les und et e y i di da do dos del della dei van von zu zur im in am an "
    "na nad pri para por con voor het op og av v ve".split()
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
    if lower in _SMALL_WORDS:
        return lower.capitalize() if first else lower
    if "-" in word.strip("-"):
        return "-".join(_cased(part, first=True) for part in word.split("-"))
    # Three letters and fewer are more often initials than words; so is what has no vowel, a digit or a dot.
    letters = word.strip("(),'")
    if len(letters) <= 3 or not letters.isalpha() or not re.search(r"[aeiouyàáâãäåèéêëìíîïòóôõöùúûüąęőű]", lower):
        return word.upper()
    return word[: len(word) - len(word.lstrip("(',"))] + word.lstrip("(',").capitalize()
