"""Train the model of the kinds from the readings. Needs scikit-learn; building the table does not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import SGDClassifier

from dev.table.holder import Holder, look_at_release
from dev.table.kinds.features import features_of
from dev.table.kinds.letters import KINDS, LETTERS
from dev.table.kinds.model import BIAS, WEIGHT_SCALE, KindModel
from dev.table.kinds.readings import Reading, read_readings

_RAREST_FEATURE = 12  # a holder read twice counts twice
_SEED = 20261124
_PENALTY = 1e-5
_ROUNDS = 12
_SURE, _LEANING = 1.0, 0.4
_LARGEST_WEIGHT = 999


@dataclass(frozen=True)
class Example:
    """A holder with the kind it is to be learnt as, and how much it counts."""

    holder: Holder
    kind: str
    weight: float


def examples_of(holder: Holder, reading: Reading | None) -> list[Example]:
    """What a reading teaches: the review alone where there is one, else each reader's judgement."""
    if reading is None:
        return []
    letters = [reading.review] if reading.review else [reading.first, reading.second]
    return [
        Example(holder, LETTERS[letter.lower()], (_SURE if letter.islower() else _LEANING) / len(letters))
        for letter in letters
        if letter
    ]


def train(examples: Sequence[Example]) -> KindModel:
    """Fit one logistic regression a kind, against the rest, and round its weights to whole numbers."""
    vectorizer = CountVectorizer(analyzer=features_of, binary=True, min_df=_RAREST_FEATURE)
    occurrences = vectorizer.fit_transform(example.holder for example in examples)
    classifier = SGDClassifier(loss="log_loss", alpha=_PENALTY, max_iter=_ROUNDS, tol=None, average=True, random_state=_SEED)
    classifier.fit(
        occurrences,
        [KINDS.index(example.kind) for example in examples],
        sample_weight=[example.weight for example in examples],
    )
    weights = [_whole(row) for row in zip(*classifier.coef_.tolist(), strict=True)]
    kept = {feature: weights[place] for feature, place in vectorizer.vocabulary_.items() if any(weights[place])}
    return KindModel({BIAS: _whole(classifier.intercept_.tolist()), **kept})


def _whole(values: Iterable[float]) -> tuple[int, ...]:
    return tuple(max(-_LARGEST_WEIGHT, min(round(value * WEIGHT_SCALE), _LARGEST_WEIGHT)) for value in values)


def train_on_release(report: Callable[[str], None]) -> KindModel:
    """Train on every reading of a holder of the installed release."""
    report("reading ranges and countries")
    holders, readings = look_at_release(), read_readings()
    examples = [example for holder in holders.values() for example in examples_of(holder, readings.find(holder.name))]
    report(f"training on {len(examples):,} judgements")
    return train(examples)
