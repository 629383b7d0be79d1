"""A linear model of the kinds: one whole-number weight for each feature and kind, in a file that can be read.

It is used when the table is built, for holders nobody has read yet and beside readers who only leant to a kind.
data/model.tsv has a line for each feature; `python -m dev table explain NAME` shows what speaks for what.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from dev.table import DATA
from dev.table.data_file import WrongData, read_text
from dev.table.holder import Holder
from dev.table.kinds.features import features_of
from dev.table.kinds.letters import KINDS

MODEL = DATA / "model.tsv"
WEIGHT_SCALE = 50  # a weight of 50 is one unit of log odds
BIAS = "(bias)"


@dataclass(frozen=True)
class KindModel:
    """Weights by feature, in the order of KINDS; whole numbers, so that every machine decides alike."""

    weights: dict[str, tuple[int, ...]]

    def probabilities(self, holder: Holder) -> dict[str, float]:
        """How likely each kind is; they add up to 1."""
        scores = list(self.weights[BIAS])
        for feature in features_of(holder):
            for place, weight in enumerate(self.weights.get(feature, ())):
                scores[place] += weight
        # One model for each kind against the rest, as it was trained.
        single = [1 / (1 + math.exp(-max(min(score / WEIGHT_SCALE, 30), -30))) for score in scores]
        return {kind: value / sum(single) for kind, value in zip(KINDS, single, strict=True)}

    def reasons(self, holder: Holder, kind: str) -> list[tuple[str, float]]:
        """The features that speak for a kind or against it, with their log odds, strongest first."""
        place = KINDS.index(kind)
        weighed = [
            (feature, self.weights[feature][place] / WEIGHT_SCALE) for feature in features_of(holder) & self.weights.keys()
        ]
        return sorted(weighed, key=lambda reason: (-abs(reason[1]), reason[0]))


def read_model(file: Path = MODEL) -> KindModel:
    """Read the weights. Raises WrongData, also when the file is of other kinds."""
    header, *lines = read_text(file).rstrip("\n").split("\n")
    if header.split("\t") != ["feature", *KINDS]:
        raise WrongData(f"{file.name} was made for other kinds: train the model again")
    model = KindModel(dict(_weights(file, number, line) for number, line in enumerate(lines, start=2)))
    if BIAS not in model.weights:
        raise WrongData(f"{file.name} has no line {BIAS}: train the model again")
    return model


def _weights(file: Path, number: int, line: str) -> tuple[str, tuple[int, ...]]:
    feature, *weights = line.split("\t")
    try:
        whole = tuple(map(int, weights))
    except ValueError:
        whole = ()
    if len(whole) != len(KINDS):
        raise WrongData(f"{file.name}, line {number}: a feature has {len(KINDS)} whole numbers: train the model again")
    return feature, whole


def write_model(model: KindModel, file: Path = MODEL) -> None:
    """Write the weights, sorted by feature."""
    lines = ["\t".join(["feature", *KINDS])]
    lines += ["\t".join([feature, *map(str, weights)]) for feature, weights in sorted(model.weights.items())]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
