"""The hash service: the same answer each time, in the shares asked for, and experiments that do not know each other."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from homing.core.errors import InvalidInput
from homing.decide.assign import arm, draw, holdout

UNITS = [f"c_{n}" for n in range(20_000)]
FIXED = [0.944223, 0.762131, 0.035721]
names = st.text(min_size=1, max_size=20)


@given(names, names, st.sampled_from(["global", "campaign", "split"]), st.integers(1, 99), names)
def test_the_same_question_has_the_same_answer(unit, experiment, layer, version, salt):
    asked = {"layer": layer, "version": version, "salt": salt}
    assert 0 <= draw(unit, experiment, **asked) < 1
    assert draw(unit, experiment, **asked) == draw(unit, experiment, **asked)


def test_an_answer_is_the_same_in_every_release():
    assert [round(draw("c_1", "spring", layer=layer), 6) for layer in ("global", "campaign", "split")] == FIXED


@pytest.mark.parametrize("layer", ["global", "campaign", "split"])
def test_draws_are_uniform(layer):
    drawn = [draw(u, "spring", layer=layer) for u in UNITS]
    assert stats.kstest(drawn, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"experiment": "spring"}, {"experiment": "summer"}),
        ({"experiment": "spring", "layer": "campaign"}, {"experiment": "spring", "layer": "split"}),
        ({"experiment": "spring", "version": 1}, {"experiment": "spring", "version": 2}),
        ({"experiment": "spring", "salt": "a"}, {"experiment": "spring", "salt": "b"}),
        ({"experiment": "a", "version": 11}, {"experiment": "a1", "version": 1}),
    ],
)
def test_layers_experiments_versions_and_salts_are_independent(a, b):
    x, y = ([draw(u, **asked) for u in UNITS] for asked in (a, b))
    table = np.histogram2d(x, y, bins=5)[0]
    assert stats.chi2_contingency(table).pvalue > 0.001
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.03


def test_arms_have_the_shares_asked_for():
    n = Counter(arm(u, "subject", {"a": 1, "b": 2, "c": 1}) for u in UNITS)
    assert stats.chisquare([n["a"], n["b"], n["c"]], [5_000, 10_000, 5_000]).pvalue > 0.001


@given(st.floats(0, 100), st.floats(0, 100))
def test_raising_a_holdout_only_adds_to_it(one, other):
    low, high = sorted((one, other))
    held = {u for u in UNITS[:300] if holdout(u, "spring", low) == "control"}
    assert held <= {u for u in UNITS[:300] if holdout(u, "spring", high) == "control"}


def test_nobody_and_everybody_can_be_held_out():
    assert {holdout(u, "x", 0) for u in UNITS[:500]} == {"treated"}
    assert {holdout(u, "x", 100) for u in UNITS[:500]} == {"control"}


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 2, "b": -1}])
def test_weights_that_make_no_choice_are_refused(weights):
    with pytest.raises(InvalidInput):
        arm("c_1", "x", weights)


def test_a_percentage_outside_0_to_100_is_refused():
    with pytest.raises(InvalidInput):
        holdout("c_1", "x", 101)
