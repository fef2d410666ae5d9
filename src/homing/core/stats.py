"""How sure may we be of a number? Intervals for shares, means and their differences; nothing here knows a store.

Every function says how many it is based on and refuses what cannot be computed: an interval from one person is an
error, never a zero. Arms may spread differently: each has its own robust variance and degrees of freedom, joined as
Welch and Satterthwaite join them. With covariates the variance is HC3, which held 95 % with 25 controls and counts as
outcomes where HC2 fell to 93.5 %; a strongly skewed outcome (money) needs some 60 controls for 94 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri, stdtr, stdtrit

from homing.core.errors import InvalidInput

LEVEL = 0.95
MIN_SPARE = 8  # persons an arm must have beyond its coefficients before a covariate may be used

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """Treated minus control, a unit: an estimate with its interval and what it rests on."""

    estimate: float
    low: float
    high: float
    level: float
    p_value: float | None  # None: there is no spread to test against, or the method gives none
    df: float | None
    n_treated: int
    n_control: int
    treated_mean: float
    control_mean: float
    method: str


def wilson(hits: int, n: int, *, level: float = LEVEL) -> tuple[float, float]:
    """Interval for a share, sound for small `n` and for shares near 0 and 1.

    Args:
        hits: persons who did it, 0 .. n.
        n: persons who could, at least 1.
        level: confidence, in (0, 1).

    Returns:
        (low, high), shares in [0, 1], low <= hits / n <= high.

    Raises:
        InvalidInput: `n` is below 1 or `hits` is outside 0 .. n.

    Source:
        Wilson (1927), JASA 22(158), 209-212; the score interval, no continuity correction.

    Example:
        >>> [round(x, 3) for x in wilson(8, 10)]
        [0.49, 0.943]
    """
    _check_level(level)
    if n < 1 or not 0 <= hits <= n:
        raise InvalidInput(f"{hits} of {n}, wanted 0 <= hits <= n and n >= 1", field="hits")
    z = float(ndtri((1 + level) / 2))
    share, z2 = hits / n, z * z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == n else min(1.0, middle + half)
    return low, high


def newcombe(treated: tuple[int, int], control: tuple[int, int], *, level: float = LEVEL) -> Difference:
    """The difference of two independent shares, its interval put together from the two Wilson intervals.

    Args:
        treated: (persons who did it, persons), at least one person.
        control: the same of the other arm.
        level: confidence, in (0, 1).

    Returns:
        The difference in [-1, 1]; its p-value is that of the pooled score test, absent when nobody or everybody did it.

    Raises:
        InvalidInput: an arm is empty or has more hits than persons.

    Source:
        Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.

    Example:
        >>> d = newcombe((56, 70), (48, 80))
        >>> [round(x, 4) for x in (d.estimate, d.low, d.high)]
        [0.2, 0.0524, 0.3339]
    """
    (h1, n1), (h0, n0) = treated, control
    low1, high1 = wilson(h1, n1, level=level)
    low0, high0 = wilson(h0, n0, level=level)
    p1, p0 = h1 / n1, h0 / n0
    pooled = (h1 + h0) / (n1 + n0)
    spread = pooled * (1 - pooled) * (1 / n1 + 1 / n0)
    return Difference(
        estimate=p1 - p0,
        low=p1 - p0 - sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2),
        high=p1 - p0 + sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2),
        level=level,
        p_value=float(chdtrc(1, (p1 - p0) ** 2 / spread)) if spread > 0 else None,
        df=None,
        n_treated=n1,
        n_control=n0,
        treated_mean=p1,
        control_mean=p0,
        method="newcombe",
    )


def difference(
    outcome: Sequence[float] | Floats,
    treated: Sequence[bool] | NDArray[np.bool_],
    covariates: Floats | None = None,
    *,
    level: float = LEVEL,
) -> Difference:
    """The mean effect of an assignment by regression, with a robust t-interval.

    Without covariates this is Welch's interval. With covariates measured *before* the assignment it is Lin's
    estimator (CUPED with a slope an arm): each arm's regression, read where the covariates have the mean of both arms.
    It stays consistent whatever the true relation is; covariates only make the interval narrower. Covariates that do
    not vary are left out, and all of them are when an arm has fewer than `MIN_SPARE` persons beyond its coefficients.
    The interval is about the persons who were assigned, not about a population they were drawn from.

    Args:
        outcome: one finite number a person.
        treated: whether that person was assigned to treatment.
        covariates: persons x k, or None.
        level: confidence, in (0, 1).

    Returns:
        The effect, in the outcome's unit a person. The means are the plain means of the arms.

    Raises:
        InvalidInput: an arm has fewer than two persons, the lengths differ, or a value is not finite.

    Source:
        Lin (2013), Annals of Applied Statistics 7(1), 295-318 (the interacted regression). HC2 and HC3: MacKinnon and
        White (1985). Degrees of freedom: within an arm Bell and McCaffrey (2002), Survey Methodology 28(2); between
        the arms Welch (1947). Without covariates both are Welch's to the digit.

    Example:
        >>> d = difference([1.0, 2.0, 3.0, 2.0, 4.0, 6.0], [False, False, False, True, True, True])
        >>> round(d.estimate, 6), round(d.df, 6)
        (2.0, 2.941176)
    """
    _check_level(level)
    y, t = np.asarray(outcome, dtype=np.float64), np.asarray(treated, dtype=bool)
    x = _usable(covariates, t) if covariates is not None else np.empty((len(y), 0))
    _check_rows(y, t, x)
    k, n1 = x.shape[1], int(t.sum())
    design = np.hstack([np.ones((len(y), 1)), x - x.mean(axis=0) if k else x])
    one, zero = _intercept(design[t], y[t]), _intercept(design[~t], y[~t])
    effect, variance = one.value - zero.value, one.variance + zero.variance
    spread = one.variance**2 / one.df + zero.variance**2 / zero.df
    df = variance**2 / spread if spread > 0 else min(one.df, zero.df)
    se = sqrt(variance)
    half = float(stdtrit(df, (1 + level) / 2)) * se
    return Difference(
        estimate=effect,
        low=effect - half,
        high=effect + half,
        level=level,
        p_value=float(2 * stdtr(df, -abs(effect) / se)) if se > 0 else None,
        df=df,
        n_treated=n1,
        n_control=len(y) - n1,
        treated_mean=float(y[t].mean()),
        control_mean=float(y[~t].mean()),
        method=f"regression on {k} pre-period covariates, HC3" if k else "difference of means, Welch",
    )


def sample_ratio_p(counts: Sequence[int], shares: Sequence[float]) -> float:
    """How likely are arms as uneven as these, if assignment kept its planned shares? Pearson's chi-square.

    Args:
        counts: persons in each arm, in all at least 1.
        shares: the planned share of each arm, positive, summing to 1.

    Returns:
        The p-value in [0, 1]; below 0.001 the experiment is not to be trusted.

    Raises:
        InvalidInput: fewer than two arms, nobody assigned, or shares that are not positive and sum to 1.

    Source:
        Fabijan et al. (2019), KDD, on sample ratio mismatch and the 0.001 threshold.

    Example:
        >>> round(sample_ratio_p([800, 200], [0.8, 0.2]), 6)
        1.0
    """
    if len(counts) != len(shares) or len(counts) < 2 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise InvalidInput("wanted two or more arms with positive shares that sum to 1", field="shares")
    n = sum(counts)
    if n < 1 or min(counts) < 0:
        raise InvalidInput(f"{n} persons assigned, wanted at least 1", field="counts")
    statistic = sum((c - n * s) ** 2 / (n * s) for c, s in zip(counts, shares, strict=True))
    return float(chdtrc(len(counts) - 1, statistic))


class _Arm(NamedTuple):
    value: float
    variance: float
    df: float


def _intercept(design: Floats, y: Floats) -> _Arm:
    """An arm's mean where the covariates have the mean of both arms: value, robust variance, its df."""
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ (design.T @ y)
    spare = 1 - np.einsum("ij,jk,ik->i", design, bread, design)  # 1 - leverage
    pull = design @ bread[0]
    weight = np.where(spare > 1e-10, pull**2 / np.maximum(spare, 1e-10), 0.0)  # leverage 1 leaves no residual
    if design.shape[1] > 1:
        weight /= np.maximum(spare, 1e-10)  # HC3
    variance = float(np.sum(weight * (y - design @ beta) ** 2))
    inner = bread @ ((design * weight[:, None]).T @ design)
    scatter = float(np.sum(weight**2 * (2 * spare - 1)) + np.trace(inner @ inner))
    return _Arm(float(beta[0]), variance, float(np.sum(weight * spare)) ** 2 / scatter)


def _usable(covariates: Floats, treated: NDArray[np.bool_]) -> Floats:
    x = np.asarray(covariates, dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if len(x) != len(treated) or not np.isfinite(x).all():
        raise InvalidInput("covariates wanted: one finite row a person", field="covariates")
    kept: list[int] = []
    for j in range(x.shape[1]):
        columns = x[:, [*kept, j]]
        full = all(np.linalg.matrix_rank(columns[arm] - columns[arm].mean(axis=0)) == len(kept) + 1
                   for arm in (treated, ~treated) if arm.sum() > 1)  # fmt: skip
        if full:
            kept.append(j)
    smallest = min(int(treated.sum()), int((~treated).sum()))
    return x[:, kept] if smallest >= len(kept) + 1 + MIN_SPARE else x[:, :0]


def _check_rows(y: Floats, treated: NDArray[np.bool_], x: Floats) -> None:
    if y.ndim != 1 or len(y) != len(treated) or len(x) != len(y) or not np.isfinite(y).all():
        raise InvalidInput("wanted one finite outcome and one arm a person", field="outcome")
    n1 = int(treated.sum())
    if min(n1, len(y) - n1) < 2:
        raise InvalidInput(f"{n1} treated and {len(y) - n1} control, wanted two of each", field="treated")


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InvalidInput(f"level is {level}, wanted a confidence between 0 and 1", field="level")
