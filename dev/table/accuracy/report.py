"""Write docs/accuracy.md: how good the table is on samples it has never learnt from, each figure with its interval."""

import json
from collections.abc import Callable, Mapping, Sequence

from dev.bootstrap import ROOT
from dev.table.accuracy.agreement import agreement_of_readers, agreement_of_sample
from dev.table.accuracy.figures import (
    FIGURES,
    SEED,
    Sampled,
    Share,
    figures_of,
    namesake_figures,
    read_sample,
    well_known_figures,
)
from dev.table.build import compile_table, read_knowledge
from dev.table.holder import Holder
from dev.table.kinds.classify import Verdict, classify
from dev.table.kinds.readings import Readings
from dev.table.kinds.training import examples_of, train
from dev.table.sources.layers import read_layers
from dev.table.sources.release import RELEASE

DOCUMENT = ROOT / "docs" / "accuracy.md"
_BARS = {
    "organisation precision": "at least 95 %",
    "organisation recall": "at least 80 %",
    "company precision": "at least 93 %",
    "company recall": "",
    "carriers shown": "at most 2 %",
    "hosters shown": "at most 2 %",
    "relays shown": "",
    "persons shown": "none",
    "undeterminable shown": "",
    "companies that sound like a person, shown": "at least 95 %",
    "well-known companies found": "at least 95 %",
    "well-known companies with the right domain": "at least 90 %",
}


def write_report(report: Callable[[str], None]) -> str:
    """Score the table, write the document and the figures the next build packs into the table, and return the document."""
    knowledge = read_knowledge()
    compiled = compile_table(read_layers([], report), knowledge, report)
    verdicts = {party.holder: verdict for party, verdict in compiled.verdicts.items() if party.source == RELEASE}
    holders = {party.holder: compiled.holders[party] for party in compiled.of_release().values()}
    sample = read_sample(holders)
    report(f"scoring {len(sample):,} holders of the held-apart sample")
    figures = figures_of(sample, verdicts) | namesake_figures(compiled) | well_known_figures(compiled)
    report("training the model again without the sample, to see what it does alone")
    alone = figures_of(sample, _by_the_model_alone(sample, holders, knowledge.readings))
    text = _document(figures, alone, sample, verdicts, agreement_of_readers(knowledge.readings, holders))
    DOCUMENT.write_text(text, encoding="utf-8")
    FIGURES.write_text(json.dumps({name: share.figures() for name, share in figures.items()}, indent=2) + "\n")
    return text


def _by_the_model_alone(sample: Sequence[Sampled], holders: Mapping[str, Holder], readings: Readings) -> dict[str, Verdict]:
    """What the table would say of the sample had nobody read it: as of holders that are new in a release."""
    apart = {row.holder for row in sample}
    others = readings.without(apart)
    model = train([example for holder in holders.values() for example in examples_of(holder, others.find(holder.name))])
    return {name: classify(holders[name], None, None, model) for name in apart}


def _document(
    figures: dict[str, Share],
    alone: dict[str, Share],
    sample: Sequence[Sampled],
    verdicts: Mapping[str, Verdict],
    readers: str,
) -> str:
    parts = {
        "Europe": [row for row in sample if row.stratum.startswith("europe")],
        "North America": [row for row in sample if row.stratum.startswith("north america")],
        "elsewhere": [row for row in sample if row.stratum.startswith("elsewhere")],
        "holders with IPv4": [row for row in sample if "ipv6 only" not in row.stratum],
        "holders with IPv6 only": [row for row in sample if "ipv6 only" in row.stratum],
        "up to 1,024 addresses": [row for row in sample if "up to" in row.stratum],
        "more addresses": [row for row in sample if row.stratum.endswith("more")],
    }
    return _TEMPLATE.format(
        size=len(sample),
        seed=SEED,
        readers=readers,
        sample_readers=agreement_of_sample(),
        bars=_table(["figure", "bar", "measured"], [[name, _BARS[name], str(share)] for name, share in figures.items()]),
        alone=_table(["figure", "measured"], [[name, str(share)] for name, share in alone.items()]),
        parts=_table(["part of the sample", *_PART_FIGURES], [_part(name, rows, verdicts) for name, rows in parts.items()]),
    )


_PART_FIGURES = ("organisation precision", "organisation recall", "carriers shown", "hosters shown")


def _part(name: str, rows: Sequence[Sampled], verdicts: Mapping[str, Verdict]) -> list[str]:
    figures = figures_of(rows, verdicts)
    return [name, *(str(figures[figure]) for figure in _PART_FIGURES)]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


_TEMPLATE = """\
# How good the company-IP table is

Written by `python3 -m dev table report`; the table carries the same figures (`python3 -m dev table info`). In brackets: how
many holders a share was counted on, and its 95 % interval.

## The table

{bars}

The sample: {size:,} holders of the data release, drawn at random from nine strata (three regions by three sizes of network)
with the seed {seed}, weighted back to the whole release. It was read apart, twice, by the labelling guide, and where the two
readers differed a third decided; nothing of it was used to train the model, to choose a threshold or to correct a reading.
Holders whose kind careful readers could not tell are in no precision or recall; how many of them are shown stands in a line
of its own.

Holders of well-known companies and of companies that sound like a person were collected by a reader who did not know the table.

## By region, family and size

{parts}

## What a new holder gets

A release brings holders that nobody has read. Here the sample's holders are decided as if they were new: the model was
trained again without them, and decides alone, shy as it is set.

{alone}

## Agreement of readers

{readers}

{sample_readers}

Readers of one school err alike: agreement shows that the guide is clear, not that every reading is true.

## Limits

- An address table sees a company only where its network announces ranges of its own. A mid-size or small firm behind an
  internet provider's line, which most of them are, cannot be seen by any address table, ours included. Of the page views of
  an ordinary site most come from such lines; recall here is recall among holders of ranges, not among visitors.
- A range may be used by others than its holder: guests on a company's wireless network, a customer of a firm that hosts for
  others.
- The data release says who announces a range. Where a carrier announces a company's range, the company is not seen.
- The release is from the date the table states, and its authors say that it holds errors.
"""
