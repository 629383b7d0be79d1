"""Say what decides the kind of a registered name, for the person who wonders."""

from dev.table.build import read_knowledge
from dev.table.holder import Holder, look_at_release
from dev.table.kinds.classify import classify

_REASONS_NAMED = 12


def explain(name: str) -> str:
    """The verdict, the readings and what the model sees in a name, as lines of text."""
    knowledge = read_knowledge()
    holders = look_at_release()
    holder = holders.get(name, Holder(name))
    read = knowledge.readings.find(name)
    letters = [read.first, read.second, read.review] if read else ["none"]
    verdict = classify(holder, None, read, knowledge.model)
    likely = knowledge.model.probabilities(holder)
    likeliest = max(likely, key=lambda kind: likely[kind])
    lines = [
        name,
        f"  in the release    {'yes' if name in holders else 'no: judged by its name alone'}",
        f"  decided           {verdict.kind}: {verdict.rule} ({verdict.sureness} %)",
        f"  readings          {' '.join(filter(None, letters))}",
        f"  model             {', '.join(f'{kind} {share:.0%}' for kind, share in likely.items() if share >= 0.01)}",
        f"  for and against {likeliest}",
    ]
    lines += [
        f"    {weight:+6.2f}  {feature!r}" for feature, weight in knowledge.model.reasons(holder, likeliest)[:_REASONS_NAMED]
    ]
    return "\n".join(lines)
