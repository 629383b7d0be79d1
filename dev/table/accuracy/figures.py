"""Score the table on samples it has never learnt from, and write docs/accuracy.md.

Three samples, each read apart from the readings the table is made of (docs/labelling-guide.md says how):
data/sample.csv, holders drawn at random from strata; data/well_known.csv, well-known companies with their domains;
data/namesakes.csv, companies whose names sound like a person's.
"""

import csv
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.table import DATA
from dev.table.build import Compiled
from dev.table.kinds.classify import Verdict
from dev.table.kinds.letters import LETTERS, SHOWN_KINDS
from dev.table.kinds.readings import hashed

SAMPLE, WELL_KNOWN, NAMESAKES = DATA / "sample.csv", DATA / "well_known.csv", DATA / "namesakes.csv"
FIGURES = DATA / "accuracy.json"
SEED = 20261124
_Z = 1.96  # of a 95 % interval


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
    """The held-apart sample."""
    rows = _read(SAMPLE, holders)
    drawn = Counter(row["stratum"] for row in rows)
    return [
        Sampled(row["holder"], row["stratum"], int(row["of"]) / drawn[row["stratum"]], LETTERS[row["kind"].lower()])
        for row in rows
    ]


def _read(file: Path, holders: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a sample with the names of their holders: of those who are not shown, the file holds a hash."""
    names = {hashed(holder): holder for holder in holders}
    with file.open(newline="", encoding="utf-8") as opened:
        return [row | {"holder": names.get(row["holder"], row["holder"])} for row in csv.DictReader(opened)]


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
    return dict(json.loads(FIGURES.read_text())) if FIGURES.exists() else {}


def well_known_figures(compiled: Compiled) -> dict[str, Share]:
    """How many holders of well-known companies are found, and how many of them with the right domain."""
    parties = compiled.of_release()
    rows = _read(WELL_KNOWN, parties)
    found = {row["holder"]: compiled.organisation_of(parties[row["holder"]]) for row in rows}
    domains = {row["holder"]: row["domain"] for row in rows}

    def has_right_domain(row: Sampled) -> bool:
        organisation = found[row.holder]
        return organisation is not None and organisation.facts.get("domain", ("", ""))[0] == domains[row.holder]

    known = [Sampled(holder, "", 1.0, "company") for holder in found]
    return {
        "well-known companies found": share(known, lambda row: found[row.holder] is not None),
        "well-known companies with the right domain": share(known, has_right_domain),
    }


def namesake_figures(compiled: Compiled) -> dict[str, Share]:
    """How many companies that sound like a person are shown."""
    parties = compiled.of_release()
    rows = [Sampled(row["holder"], "", 1.0, "company") for row in _read(NAMESAKES, parties)]
    shown = share(rows, lambda row: compiled.organisation_of(parties[row.holder]) is not None)
    return {"companies that sound like a person, shown": shown}
