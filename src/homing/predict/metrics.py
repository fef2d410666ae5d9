"""How good is a ranking or a probability, and how sure are we? Each figure with its interval and its n.

AUC by DeLong, shares by Wilson, the rest by a bootstrap over customers with a seed that is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from homing.core.errors import InvalidInput
from homing.core.stats import LEVEL, wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ROUNDS = 400


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate with its interval."""

    estimate: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {"estimate": _short(self.estimate), "low": _short(self.low), "high": _short(self.high), "n": self.n,
                "level": LEVEL}  # fmt: skip


def auc(label: Bools, score: Floats, *, level: float = LEVEL) -> Figure:
    """The chance that one with the label scores above one without; half for a tie.

    Args:
        label: who has it; at least two with and two without.
        score: any scale, higher is likelier.
        level: confidence, in (0, 1).

    Returns:
        The area in [0, 1]; its interval is taken on the logit scale, so that it stays inside. Where every pair is in
        order, or all are ties, it is Wilson's of as many trials as the smaller side has customers.

    Raises:
        InvalidInput: fewer than two on a side.

    Source:
        DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845; by midranks as Sun and Xu (2014).

    Example:
        >>> round(auc(np.array([True, True, False, False]), np.array([3.0, 1.0, 2.0, 0.0])).estimate, 3)
        0.75
    """
    m, n = int(label.sum()), int((~label).sum())
    if min(m, n) < 2:
        raise InvalidInput(f"{m} with the label and {n} without, wanted two of each", field="label")
    yes, no = score[label], score[~label]
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import, and few ask

    whole = rankdata(np.r_[yes, no])
    above = (whole[:m] - rankdata(yes)) / n  # of each with the label: the share of the others below
    below = 1 - (whole[m:] - rankdata(no)) / m
    value = float(above.mean())
    spread = float(np.var(above, ddof=1) / m + np.var(below, ddof=1) / n)
    if not 0 < value < 1 or spread <= 0:  # all in order: no spread is seen, and as many trials say only so much
        low, high = wilson(round(value * min(m, n)), min(m, n), level=level)
        return Figure(value, min(value, low), max(value, high), m + n)
    half = float(ndtri((1 + level) / 2)) * np.sqrt(spread) / (value * (1 - value))
    middle = logit(value)
    return Figure(value, float(expit(middle - half)), float(expit(middle + half)), m + n)


def average_precision(label: Bools, score: Floats) -> float:
    """The area under precision against recall, as steps; ties are taken together.

    Example:
        >>> round(average_precision(np.array([True, False, True]), np.array([3.0, 2.0, 1.0])), 4)
        0.8333
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(label[order])
    ends = np.r_[np.flatnonzero(np.diff(score[order])), len(score) - 1]
    precision, recall = hits[ends] / (ends + 1), hits[ends] / max(1, int(label.sum()))
    return float(np.sum(np.diff(np.r_[0.0, recall]) * precision))


def brier(label: Bools, chance: Floats) -> float:
    """The mean squared distance between the chance told and what was; 0 is perfect."""
    return float(np.mean((chance - label) ** 2))


def resampled(measure: Callable[[Bools, Floats], float], label: Bools, score: Floats, *, seed: int) -> Figure:
    """A figure with the 95 % percentile interval of a bootstrap over customers."""
    draw = np.random.default_rng(seed)
    n = len(label)
    found = []
    for _ in range(ROUNDS):
        picked = draw.integers(n, size=n)
        if 0 < label[picked].sum() < n:
            found.append(measure(label[picked], score[picked]))
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if found else (np.nan, np.nan)
    return Figure(measure(label, score), float(low), float(high), n)


def share(hits: int, n: int, *, scale: float = 1.0) -> Figure:
    """A share with Wilson's interval, times a factor that is known."""
    low, high = wilson(hits, n)
    return Figure(hits / n * scale, low * scale, high * scale, n)


def calibration(label: Bools, chance: Floats, *, bins: int = 10) -> list[dict[str, Any]]:
    """What was told beside what was, in equal groups of the chance told."""
    order = np.argsort(chance, kind="stable")
    groups = [part for part in np.array_split(order, bins) if len(part)]
    return [
        {"told": _short(float(chance[part].mean())), "was": share(int(label[part].sum()), len(part)).as_dict()}
        for part in groups
    ]


def benjamini_hochberg(p: Floats) -> Floats:
    """p-values as the smallest false discovery rate at which each would be called.

    Source:
        Benjamini and Hochberg (1995), JRSS B 57, 289-300.

    Example:
        >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
        [0.03, 0.04, 0.04]
    """
    m = len(p)
    if not m:
        return np.empty(0)
    order = np.argsort(p)
    scaled = p[order] * m / np.arange(1, m + 1)
    out = np.empty(m)
    out[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return out


def _short(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
