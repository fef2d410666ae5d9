"""Many small trees, one after the other: scikit-learn's histogram gradient boosting, kept as plain numbers.

What is kept is the trees themselves (feature, threshold, left, right, value), not a pickle: it can be read by anybody,
outlives versions, and scoring needs neither scikit-learn nor trust in a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from homing.predict.metrics import Bools, Floats

TREES, LEAVES, RATE, FEWEST = 150, 15, 0.06, 20


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree; a leaf has no left."""

    feature: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats

    def score(self, x: Floats) -> Floats:
        """The value of the leaf each row falls into."""
        at = np.zeros(len(x), dtype=np.int64)
        going = np.flatnonzero(self.left[at] > 0)
        while len(going):
            node = at[going]
            lower = x[going, self.feature[node]] <= self.threshold[node]
            at[going] = np.where(lower, self.left[node], self.right[node])
            going = going[self.left[at[going]] > 0]
        return self.value[at]


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees and what everybody begins with."""

    base: float
    trees: tuple[Tree, ...]
    fitted: Any = field(default=None, compare=False, repr=False)  # where it was just fitted: the same, but quicker

    def score(self, x: Floats) -> Floats:
        """The log odds of each row."""
        if self.fitted is not None:
            return np.asarray(self.fitted.decision_function(x), dtype=np.float64)
        found = np.full(len(x), self.base)
        for tree in self.trees:
            found += tree.score(x)
        return found

    def chance(self, x: Floats) -> Floats:
        """The probability of each row, not calibrated."""
        return np.asarray(expit(self.score(x)), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        trees = [{name: getattr(t, name).tolist() for name in ("feature", "threshold", "left", "right", "value")}
                 for t in self.trees]  # fmt: skip
        return {"base": self.base, "trees": trees}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Forest:
        """As it was kept."""
        return cls(float(kept["base"]), tuple(
            Tree(np.array(t["feature"], dtype=np.int64), np.array(t["threshold"], dtype=np.float64),
                 np.array(t["left"], dtype=np.int64), np.array(t["right"], dtype=np.int64),
                 np.array(t["value"], dtype=np.float64))
            for t in kept["trees"]
        ))  # fmt: skip


def fit_forest(x: Floats, label: Bools, *, seed: int) -> Forest:
    """Fit it on rows without gaps, both kinds of label present."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - only training needs it

    fitted = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=FEWEST, early_stopping=False,
        random_state=seed,
    ).fit(x, label)  # fmt: skip
    trees = []
    for (one,) in fitted._predictors:
        n = one.nodes
        left = np.where(n["is_leaf"], 0, n["left"]).astype(np.int64)
        right = np.where(n["is_leaf"], 0, n["right"]).astype(np.int64)
        threshold = np.where(n["is_leaf"], 0.0, n["num_threshold"]).astype(np.float64)
        trees.append(Tree(n["feature_idx"].astype(np.int64), threshold, left, right, n["value"].astype(np.float64)))
    return Forest(float(np.ravel(fitted._baseline_prediction)[0]), tuple(trees), fitted)
