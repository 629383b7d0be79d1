"""Score the table on samples whose judgements it has never learnt from.

Four samples, each read apart from the readings the table is made of (docs/labelling-guide.md says how):
data/sample.csv, holders drawn at random from strata; data/well_known.csv, well-known companies with their domains;
data/namesakes.csv, companies whose names sound like a person's; data/domains.csv, domains of holders drawn at random.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from dev.table import DATA
from dev.table.build import Compiled
from dev.table.data_file import WrongData, read_by_first_column, read_text
from dev.table.kinds.classify import Verdict
from dev.table.kinds.letters import LETTERS, SHOWN_KINDS
from dev.table.kinds.readings import Reading, hashed

SAMPLE, WELL_KNOWN, NAMESAKES = DATA / "sample.csv", DATA / "well_known.csv", DATA / "namesakes.csv"
DOMAINS = DATA / "domains.csv"
SAMPLE_COLUMNS = ("holder", "stratum", "of", "first", "second", "kind")
_WELL_KNOWN_COLUMNS, _NAMESAKES_COLUMNS = ("holder", "domain"), ("holder",)
FIGURES = DATA / "accuracy.json"
_Z = 1.96  # of a 95 % interval
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Sampled:
    """A holder of the held-apart sample: its stratum, how many holders it stands for, and its true kind."""

    holder: str
    stratum: str
    weight: float
    kind: str

    @property
    def is_organisation(self) -> bool:
        """Whether it belongs on the list of companies."""
        return self.kind in SHOWN_KINDS


@dataclass(frozen=True)
class Share:
    """A share with how many holders it was counted on and its 95 % interval; None where there was nothing to count."""

    value: float | None
    count: int
    low: float
    high: float

    def __str__(self) -> str:
        if self.value is None:
            return "none in the sample"
        return f"{self.value:.1%} (n = {self.count:,}; {self.low:.1%} to {self.high:.1%})"

    def figures(self) -> dict[str, float | int | None]:
        """For the table's header."""
        return {
            "value": None if self.value is None else round(self.value, 4),
            "n": self.count,
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


def share(rows: Sequence[Sampled], holds: Callable[[Sampled], bool]) -> Share:
    """The weighted share of rows of which something holds, with Wilson's interval (1927) on the effective sample size."""
    total = sum(row.weight for row in rows)
    if not rows or not total:
        return Share(None, 0, 0.0, 1.0)
    value = sum(row.weight for row in rows if holds(row)) / total
    effective = total**2 / sum(row.weight**2 for row in rows)
    centre = (value + _Z**2 / (2 * effective)) / (1 + _Z**2 / effective)
    margin = _Z / (1 + _Z**2 / effective) * math.sqrt(value * (1 - value) / effective + _Z**2 / (4 * effective**2))
    return Share(value, len(rows), max(centre - margin, 0.0), min(centre + margin, 1.0))


def read_sample(holders: Iterable[str]) -> list[Sampled]:
    """The held-apart sample, as far as the release still has its holders."""
    rows = _read(SAMPLE, SAMPLE_COLUMNS, holders, _sampled)
    drawn = Counter(row.stratum for row in rows.values())
    return [replace(row, holder=holder, weight=row.weight / drawn[row.stratum]) for holder, row in rows.items()]


def _sampled(row: dict[str, str]) -> Sampled:
    """A row of the sample; its weight is still that of its whole stratum."""
    kind = Reading(row["kind"], "").first
    return Sampled(row["holder"], row["stratum"], int(row["of"]), LETTERS[kind.lower()])


def _read(
    file: Path, columns: Sequence[str], holders: Iterable[str], make: Callable[[dict[str, str]], _Read]
) -> dict[str, _Read]:
    """The rows of a sample by holder: of those who are not shown, the file holds a hash.

    Whom a newer release does not have any more cannot be scored, and is left out. Raises WrongData.
    """
    names = {name: holder for holder in holders for name in (holder, hashed(holder))}
    rows = read_by_first_column(file, columns, make)
    return {names[name]: row for name, row in rows.items() if name in names}


def figures_of(sample: Sequence[Sampled], verdicts: Mapping[str, Verdict]) -> dict[str, Share]:
    """The bars of a decision, by name. Holders whose kind even careful readers could not tell count nowhere but in the last."""

    def is_shown(row: Sampled) -> bool:
        return verdicts[row.holder].kind in SHOWN_KINDS

    def is_shown_as_company(row: Sampled) -> bool:
        return verdicts[row.holder].kind == "company"

    told = [row for row in sample if row.kind != "unknown"]
    of_kind = {kind: [row for row in told if row.kind == kind] for kind in LETTERS.values()}
    return {
        "organisation precision": share([row for row in told if is_shown(row)], lambda row: row.is_organisation),
        "organisation recall": share([row for row in told if row.is_organisation], is_shown),
        "company precision": share([row for row in told if is_shown_as_company(row)], lambda row: row.kind == "company"),
        "company recall": share(of_kind["company"], is_shown),
        "carriers shown": share(of_kind["carrier"], is_shown),
        "hosters shown": share(of_kind["hoster"], is_shown),
        "relays shown": share(of_kind["relay"], is_shown),
        "persons shown": share(of_kind["natural_person"], is_shown),
        "undeterminable shown": share([row for row in sample if row.kind == "unknown"], is_shown),
    }


def read_figures() -> dict[str, Any]:
    """The figures of the latest report; empty before the first."""
    if not FIGURES.exists():
        return {}
    try:
        return dict(json.loads(read_text(FIGURES)))
    except json.JSONDecodeError as error:
        raise WrongData(
            f"{FIGURES.name}, line {error.lineno}: {error.msg}; `python3 -m dev table report` writes it anew"
        ) from None


def write_figures(figures: Mapping[str, Share]) -> None:
    """Write them, for the next build to pack into the table."""
    FIGURES.write_text(json.dumps(as_read(figures), indent=2) + "\n")


def as_read(figures: Mapping[str, Share]) -> dict[str, Any]:
    """Figures as `read_figures` gives them."""
    return {name: share.figures() for name, share in figures.items()}


def figures_of_table(compiled: Compiled) -> dict[str, Share]:
    """All figures of a table, by name, in the order of the report."""
    parties = compiled.of_release()
    verdicts = {holder: compiled.verdicts[party] for holder, party in parties.items()}
    figures = figures_of(read_sample(parties), verdicts)
    return figures | namesake_figures(compiled) | well_known_figures(compiled) | domain_figures(compiled)


def well_known_figures(compiled: Compiled) -> dict[str, Share]:
    """How many holders of well-known companies are found, and how many of them with the right domain."""
    parties = compiled.of_release()
    domains = _read(WELL_KNOWN, _WELL_KNOWN_COLUMNS, parties, lambda row: row["domain"])
    found = {holder: compiled.organisation_of(parties[holder]) for holder in domains}

    def has_right_domain(row: Sampled) -> bool:
        organisation = found[row.holder]
        return organisation is not None and organisation.facts.get("domain", ("", ""))[0] == domains[row.holder]

    known = [Sampled(holder, "", 1.0, "company") for holder in found]
    return {
        "well-known companies found": share(known, lambda row: found[row.holder] is not None),
        "well-known companies with the right domain": share(known, has_right_domain),
    }


def domain_figures(compiled: Compiled) -> dict[str, Share]:
    """How many domains of the table are those that a reader gave who had not seen them."""
    parties = compiled.of_release()
    given = _read(DOMAINS, _WELL_KNOWN_COLUMNS, parties, lambda row: row["domain"])
    organisations = {holder: compiled.organisation_of(parties[holder]) for holder in given}
    told = {holder: shown.facts["domain"][0] for holder, shown in organisations.items() if shown and "domain" in shown.facts}
    rows = [Sampled(holder, "", 1.0, "company") for holder in told]
    return {"domains as an independent reader gives them": share(rows, lambda row: told[row.holder] == given[row.holder])}


def namesake_figures(compiled: Compiled) -> dict[str, Share]:
    """How many companies that sound like a person are shown."""
    parties = compiled.of_release()
    rows = [Sampled(holder, "", 1.0, "company") for holder in _read(NAMESAKES, _NAMESAKES_COLUMNS, parties, dict)]
    shown = share(rows, lambda row: compiled.organisation_of(parties[row.holder]) is not None)
    return {"companies that sound like a person, shown": shown}
