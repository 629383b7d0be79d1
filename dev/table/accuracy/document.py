"""docs/accuracy.md: how good the table is, each figure with its interval.

What can be had without training is written by functions of its own: `python -m dev table build --check` holds the
committed document to it.
"""

from collections.abc import Mapping, Sequence

from dev.bootstrap import ROOT
from dev.table.accuracy.agreement import agreement_of_readers, agreement_of_sample
from dev.table.accuracy.drawing import SEED
from dev.table.accuracy.figures import Sampled, Share, figures_of, figures_of_table, read_sample
from dev.table.build import Compiled
from dev.table.kinds.classify import Verdict
from dev.table.kinds.readings import Readings

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
    "domains as an independent reader gives them": "",
}
_PART_FIGURES = ("organisation precision", "organisation recall", "carriers shown", "hosters shown")


def document(compiled: Compiled, readings: Readings, alone: Mapping[str, Share]) -> str:
    """The whole document. alone: the figures of the model that decides by itself."""
    return _TEMPLATE.format(
        alone=_table(["figure", "measured"], [[name, str(share)] for name, share in alone.items()]),
        **_untrained(compiled, readings),
    )


def is_current(compiled: Compiled, readings: Readings) -> bool:
    """Whether the committed document states the figures of a table, as far as they need no training."""
    text = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    return all(part in text for part in _untrained(compiled, readings).values())


def _untrained(compiled: Compiled, readings: Readings) -> dict[str, str]:
    """The document's parts by their names in the template, but for the model's own."""
    parties = compiled.of_release()
    sample = read_sample(parties)
    verdicts = {holder: compiled.verdicts[party] for holder, party in parties.items()}
    figures = figures_of_table(compiled)
    parts = [_part(name, rows, verdicts) for name, rows in _parts_of(sample).items()]
    return {
        "size": f"{len(sample):,}",
        "readers": agreement_of_readers(readings, parties),
        "sample_readers": agreement_of_sample(),
        "bars": _table(["figure", "bar", "measured"], [[name, _BARS[name], str(share)] for name, share in figures.items()]),
        "seed": str(SEED),
        "parts": _table(["part of the sample", *_PART_FIGURES], parts),
    }


def _parts_of(sample: Sequence[Sampled]) -> dict[str, list[Sampled]]:
    return {
        "Europe": [row for row in sample if row.stratum.startswith("europe")],
        "North America": [row for row in sample if row.stratum.startswith("north america")],
        "elsewhere": [row for row in sample if row.stratum.startswith("elsewhere")],
        "holders with IPv4": [row for row in sample if "ipv6 only" not in row.stratum],
        "holders with IPv6 only": [row for row in sample if "ipv6 only" in row.stratum],
        "up to 1,024 addresses": [row for row in sample if "up to" in row.stratum],
        "more addresses": [row for row in sample if row.stratum.endswith("more")],
    }


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

The sample: {size} holders of the data release, drawn at random from nine strata (three regions by three sizes of network)
with the seed {seed} (`python3 -m dev table draw`), weighted back to the whole release. It was read apart, twice, by the
labelling guide, and where the two differed a third reading decided; none of these judgements was used to train the model or to
correct a reading. Thresholds for holders that were read were set on 800 others, but by somebody who had seen earlier figures of
this sample. The table itself decides about these holders as about all others: by its own readings of them, and by a model trained
on those. Holders whose kind careful readers could not tell are in no precision or recall; how many of them are shown stands in a
line of its own.

Holders of well-known companies and of companies that sound like a person were collected without sight of the table, and those
that are another company after all were taken out so. After a look at the misses the domains of the largest companies were read
again, and the instruction for that named one of the companies missed (two of these holders) as an example.

The 500 holders whose domains were compared were drawn at random from the directory when it had about 19,000 of its domains; what
came later, mostly in North America and beyond, is not in it. A reading made without sight of ours gave a domain for most. Many
that differ are a country's site of the same company, or its former domain.

## By region, family and size

{parts}

## What a new holder gets

A release brings holders that nobody has read. Here the sample's holders are decided as if they were new: the model was
trained again without them, and decides alone, shy as it is set. How shy, and that a company called by bare words waits to be
read, was settled after a look at these very figures: they flatter it, and the next release will tell.

{alone}

## Agreement of readers

{readers}

{sample_readers}

Readings are judgements from knowledge; with a few exceptions nothing was looked up. Readers of one school err alike: agreement
shows that the guide is clear, not that every reading is true. In the first reading, long runs of providers (much of Bangladesh,
Brazil, Hungary, India and Indonesia) were entered as carriers unless a holder was singled out; the second judged each one.

## Limits

- An address table sees a company only where its network announces ranges of its own. A mid-size or small firm behind an
  internet provider's line, which most of them are, cannot be seen by any address table, ours included. Of the page views of
  an ordinary site most come from such lines; recall here is recall among holders of ranges, not among visitors.
- A range may be used by others than its holder: guests on a company's wireless network, a customer of a firm that hosts for
  others.
- The data release says who announces a range. Where a carrier announces a company's range, the company is not seen.
- The release is from the date the table states, and its authors say that it holds errors.
"""
