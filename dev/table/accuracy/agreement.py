"""How far independent readers agree: the share of equal judgements, and Cohen's kappa (1960), which discounts chance."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dev.table.accuracy.figures import SAMPLE, SAMPLE_COLUMNS
from dev.table.data_file import read_rows
from dev.table.kinds.letters import LETTERS, SHOWN_KINDS
from dev.table.kinds.readings import Readings


@dataclass(frozen=True)
class Agreement:
    """Of `count` holders judged twice: the shares judged alike, and kappa of the kinds."""

    count: int
    kind: float
    shown: float
    kappa: float

    def __str__(self) -> str:
        return (
            f"{self.count:,} holders judged twice: the same kind for {self.kind:.1%} (Cohen's kappa {self.kappa:.2f}), "
            f"the same answer to whether it may be shown for {self.shown:.1%}."
        )


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """The agreement of pairs of letters; case, which says how sure a reader was, is left aside."""
    kinds = [(LETTERS[left.lower()], LETTERS[right.lower()]) for left, right in pairs]
    count = len(kinds)
    alike = sum(left == right for left, right in kinds) / count
    shown = sum((left in SHOWN_KINDS) == (right in SHOWN_KINDS) for left, right in kinds) / count
    lefts, rights = Counter(left for left, _ in kinds), Counter(right for _, right in kinds)
    chance = sum(lefts[kind] * rights[kind] for kind in lefts) / count**2
    return Agreement(count, alike, shown, (alike - chance) / (1 - chance))


def agreement_of_readers(readings: Readings, holders: Iterable[str]) -> str:
    """How far the two readers of the release agree."""
    found = filter(None, map(readings.find, holders))
    return f"The release: {agreement([(reading.first, reading.second) for reading in found if reading.second])}"


def agreement_of_sample() -> str:
    """How far the two readers of the held-apart sample agree."""
    pairs = read_rows(SAMPLE, SAMPLE_COLUMNS, lambda row: (row["first"], row["second"]))
    return f"The held-apart sample: {agreement(list(pairs))}"
