"""Figures about rankings and groups agree with brute force, scipy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from homing.core.errors import InvalidInput
from homing.predict.apart import set_apart
from homing.predict.drift import drift_between, stability_index
from homing.predict.features import Column, Matrix
from homing.predict.metrics import auc, average_precision, benjamini_hochberg, brier, calibration, resampled

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=5, max_size=60)


def arrays(found: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([y for y, _ in found]), np.array([float(s) for _, s in found])


@settings(max_examples=150, deadline=None)
@given(rows)
def test_the_area_is_the_share_of_pairs_in_the_right_order(found):
    label, score = arrays(found)
    if min(label.sum(), (~label).sum()) < 2:
        with pytest.raises(InvalidInput):
            auc(label, score)
        return
    pairs = [(a > b) + (a == b) / 2 for a in score[label] for b in score[~label]]
    got = auc(label, score)
    assert got.estimate == pytest.approx(np.mean(pairs))
    assert got.estimate == pytest.approx(roc_auc_score(label, score))
    assert 0 <= got.low <= got.estimate <= got.high <= 1
    assert average_precision(label, score) == pytest.approx(average_precision_score(label, score))


def test_the_interval_of_the_area_holds_what_it_promises():
    truth = float(stats.norm.cdf(1 / np.sqrt(2)))  # two normals one apart
    draw, held = np.random.default_rng(5), 0
    for _ in range(400):
        label = np.r_[np.ones(40, dtype=bool), np.zeros(80, dtype=bool)]
        got = auc(label, draw.normal(size=120) + label)
        held += got.low <= truth <= got.high
    assert 0.92 <= held / 400 <= 0.98


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=40))
def test_the_false_discovery_rate_is_that_of_scipy(p):
    assert benjamini_hochberg(np.array(p)) == pytest.approx(stats.false_discovery_control(p))


def test_a_calibrated_chance_lies_on_the_diagonal_and_another_does_not():
    draw = np.random.default_rng(1)
    chance = draw.uniform(size=20_000)
    label = draw.uniform(size=20_000) < chance
    told = calibration(label, chance)
    assert [abs(row["told"] - row["was"]["estimate"]) < 0.03 for row in told] == [True] * 10
    assert brier(label, chance) < brier(label, np.full(20_000, 0.5))
    got = resampled(brier, label, chance, seed=3)
    assert got == resampled(brier, label, chance, seed=3)
    assert got.estimate == pytest.approx(1 / 6, abs=0.005)  # of a chance that is uniform and right
    assert got.low < got.estimate < got.high < 0.18


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_what_sets_a_group_apart_is_tested_as_scipy_tests_it(seed):
    draw = np.random.default_rng(seed)
    x = np.column_stack([draw.normal(size=90), (draw.random(90) < 0.4).astype(float), draw.poisson(3, 90)])
    columns = (Column("trait.a", "traits", "a", "number", "number"), Column("trait.b=x", "traits", "b", "x", "flag"),
               Column("bought.c", "bought", "c", "count", "count"))  # fmt: skip
    group = draw.random(90) < 0.4
    found = {a.column.key: a for a in set_apart(Matrix(tuple(map(str, range(90))), columns, x, 0), group)}
    number, wanted = found["trait.a"], stats.ttest_ind(x[group, 0], x[~group, 0], equal_var=False)
    assert number.p == pytest.approx(wanted.pvalue)
    assert (number.low, number.high) == pytest.approx(tuple(wanted.confidence_interval()))
    logged = stats.ttest_ind(np.log1p(x[group, 2]), np.log1p(x[~group, 2]), equal_var=False)
    assert found["bought.c"].p == pytest.approx(logged.pvalue)
    table = [[x[group, 1].sum(), (1 - x[group, 1]).sum()], [x[~group, 1].sum(), (1 - x[~group, 1]).sum()]]
    assert found["trait.b=x"].p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert [a.q for a in found.values()] == pytest.approx(
        list(stats.false_discovery_control([a.p for a in found.values()]))
    )


def test_what_cannot_be_said_of_some_is_compared_among_the_others():
    x = np.array([[1.0], [2.0], [np.nan], [5.0], [6.0], [7.0]])
    group = np.array([True, True, True, False, False, False])
    gap = Column("orders.order_gap", "orders", "o", "order_gap", "days")
    (only,) = set_apart(Matrix(tuple("abcdef"), (gap,), x, 0), group)
    assert (only.n_group, only.n_others, only.group, only.others) == (2, 3, 1.5, 6.0)


def test_clusters_keep_their_names_and_a_new_one_gets_one_that_was_never_used():
    old = np.repeat([0, 1, 2], [40, 30, 30])
    new = np.r_[np.repeat(1, 38), 0, 0, np.repeat(0, 30), np.repeat(2, 14), np.repeat(3, 16)]
    got = drift_between(old, [0.5, 0.3, 0.2], new, 4, names=("c1", "c2", "c5"), highest=6)
    assert got.names == ("c2", "c1", "c7", "c5")
    assert (got.gone, got.new) == ((), ("c7",))
    assert got.stayed == pytest.approx((38 + 30 + 16) / 100)
    assert got.stability_index == pytest.approx(stability_index(np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])))
    assert stability_index(np.array([0.5, 0.5]), np.array([0.5, 0.5])) == 0
