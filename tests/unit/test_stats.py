"""Intervals against published examples, against scipy, and against their own promise of 95 %."""

import numpy as np
import pytest
from scipy import stats as oracle

from homing.core.errors import InvalidInput
from homing.core.stats import difference, newcombe, sample_ratio_p, wilson

ARMS = np.r_[np.ones(14, bool), np.zeros(9, bool)]


def test_wilson_gives_the_published_interval_and_keeps_inside_zero_and_one():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, score method without correction
    assert [round(x, 4) for x in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(x, 4) for x in wilson(15, 148)] == [0.0624, 0.1605]
    assert [round(x, 4) for x in wilson(0, 20)] == [0.0, 0.1611]
    assert [round(x, 4) for x in wilson(1, 29)] == [0.0061, 0.1718]
    assert wilson(29, 29)[1] == 1.0


def test_newcombe_gives_the_published_intervals():
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10
    for treated, control, low, high in (
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((0, 10), (0, 10), -0.2775, 0.2775),
    ):
        got = newcombe(treated, control)
        assert (round(got.low, 4), round(got.high, 4)) == (low, high)
    assert newcombe((0, 10), (0, 10)).p_value is None  # nobody did it: there is nothing to test


def test_without_covariates_it_is_welch_to_the_digit():
    rng = np.random.default_rng(3)
    y = np.where(ARMS, rng.normal(2, 3, ARMS.size), rng.normal(1, 1, ARMS.size))
    got = difference(y, ARMS)
    welch = oracle.ttest_ind(y[ARMS], y[~ARMS], equal_var=False)
    low, high = welch.confidence_interval()
    assert (got.low, got.high, got.df) == pytest.approx((low, high, welch.df), rel=1e-12)
    assert got.p_value == pytest.approx(welch.pvalue, rel=1e-9)


def test_a_covariate_gives_the_interacted_regression_with_hc3():
    """Against the textbook sandwich of the one pooled regression, written out."""
    rng = np.random.default_rng(4)
    t = rng.random(200) < 0.8
    x = rng.gamma(2, 2, 200)
    y = x * np.where(t, 1.5, 1.0) + rng.normal(0, 1 + x / 4, 200)
    got = difference(y, t, x[:, None])
    c = x - x.mean()
    d = np.column_stack([np.ones(200), t, c, c * t])
    bread = np.linalg.inv(d.T @ d)
    e = y - d @ (bread @ d.T @ y)
    h = np.diag(d @ bread @ d.T)
    sandwich = bread @ (d.T * (e / (1 - h)) ** 2) @ d @ bread
    assert got.estimate == pytest.approx((bread @ d.T @ y)[1], rel=1e-10)
    half = oracle.t.ppf(0.975, got.df) * np.sqrt(sandwich[1, 1])
    assert got.high - got.estimate == pytest.approx(half, rel=1e-9)
    assert got.high - got.low < 0.7 * (difference(y, t).high - difference(y, t).low)


def test_a_covariate_that_says_nothing_is_left_out():
    y = np.arange(23.0)
    for x in (np.ones((23, 1)), ARMS[:, None] * 1.0, np.empty((23, 0))):
        assert difference(y, ARMS, x) == difference(y, ARMS)
    twice = np.column_stack([y**2, y**2 * 3])
    assert difference(y, np.tile([True, False], 12)[:23], twice).method == "regression on 1 pre-period covariates, HC3"


def test_an_arm_too_small_for_a_covariate_is_read_without():
    y, x = np.arange(23.0), np.sin(np.arange(23.0))[:, None]
    assert difference(y, ARMS, x).method == "difference of means, Welch"  # 9 controls, 10 wanted


@pytest.mark.parametrize(
    ("outcome", "treated"),
    [([1.0, 2.0], [True, False]), ([1.0, 2.0, 3.0], [True, True, True]), ([1.0, float("nan")], [True, False]),
     ([1.0], [True, False])],
)  # fmt: skip
def test_what_cannot_be_computed_is_an_error_and_never_zero(outcome, treated):
    with pytest.raises(InvalidInput):
        difference(outcome, treated)


def test_no_spread_gives_no_p_value():
    got = difference([1.0, 1.0, 1.0, 1.0], [True, True, False, False])
    assert (got.estimate, got.p_value) == (0.0, None)


def test_sample_ratio_against_scipy():
    counts, shares = [812, 231], [0.8, 0.2]
    want = oracle.chisquare(counts, [sum(counts) * s for s in shares]).pvalue
    assert sample_ratio_p(counts, shares) == pytest.approx(want, rel=1e-9)
    with pytest.raises(InvalidInput):
        sample_ratio_p([0, 0], shares)


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, 0.3])
def test_the_interval_covers_the_truth_19_times_in_20(effect):
    """20,000 experiments of counts that spread more than Poisson, 40 controls and 160 treated."""
    rng, n, hits, draws = np.random.default_rng(20), 200, 0, 20_000
    for _ in range(draws):
        rate = rng.gamma(1.2, 0.8, n)
        t = np.zeros(n, bool)
        t[rng.permutation(n)[:160]] = True
        y = rng.poisson(rate) + t * (rng.random(n) < effect)
        got = difference(y, t, rng.poisson(rate * 6)[:, None])
        hits += got.low <= effect <= got.high
    assert 0.94 <= hits / draws <= 0.96, hits / draws
