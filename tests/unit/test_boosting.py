"""A forest that is kept as numbers scores as scikit-learn's own does."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from homing.predict.boosting import FEWEST, LEAVES, RATE, TREES, Forest, fit_forest


def test_the_kept_trees_say_what_scikit_learn_says():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(900, 6))
    y = x[:, 0] * x[:, 1] + draw.normal(size=900) > 0
    with threadpool_limits(1):
        check(x, y, draw.normal(size=(400, 6)))


def check(x, y, new):
    forest = Forest.of(fit_forest(x, y, seed=3).as_dict())
    theirs = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=FEWEST, early_stopping=False,
        random_state=3,
    ).fit(x, y)  # fmt: skip
    assert forest.chance(new) == pytest.approx(theirs.predict_proba(new)[:, 1], abs=1e-9)
