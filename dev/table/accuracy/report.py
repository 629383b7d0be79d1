"""Measure how good the table is, and write it down. Needs scikit-learn; building the table does not."""

from collections.abc import Callable, Mapping, Sequence

from dev.table.accuracy.document import DOCUMENT, document
from dev.table.accuracy.figures import Sampled, figures_of, figures_of_table, read_sample, write_figures
from dev.table.build import compile_table, read_knowledge
from dev.table.holder import Holder
from dev.table.kinds.classify import Verdict, classify
from dev.table.kinds.readings import Readings
from dev.table.kinds.training import examples_of, train
from dev.table.sources.layers import read_layers


def write_report(report: Callable[[str], None]) -> str:
    """Score the table, write the document and the figures the next build packs into the table, and return the document."""
    knowledge = read_knowledge()
    compiled = compile_table(read_layers([], report), knowledge, report)
    holders = {holder: compiled.holders[party] for holder, party in compiled.of_release().items()}
    sample = read_sample(holders)
    report(f"scoring {len(sample):,} holders of the held-apart sample")
    figures = figures_of_table(compiled)
    report("training the model again without the sample, to see what it does alone")
    alone = figures_of(sample, _by_the_model_alone(sample, holders, knowledge.readings))
    text = document(compiled, knowledge.readings, alone)
    DOCUMENT.write_text(text, encoding="utf-8")
    write_figures(figures)
    return text


def _by_the_model_alone(sample: Sequence[Sampled], holders: Mapping[str, Holder], readings: Readings) -> dict[str, Verdict]:
    """What the table would say of the sample had nobody read it: as of holders that are new in a release."""
    apart = {row.holder for row in sample}
    others = readings.without(apart)
    model = train([example for holder in holders.values() for example in examples_of(holder, others.find(holder.name))])
    return {name: classify(holders[name], None, None, model) for name in apart}
