"""What sets some customers apart from the others? Every feature compared, with its interval and corrected significance.

The group is held against everybody else, so the two samples share nobody. A share is compared by Newcombe's interval; a
figure by Welch's, on its own scale; its size beside the spread (Hedges' g) is taken on the scale where it is about
symmetric. Testing a hundred features finds five by chance: q is the false discovery rate (Benjamini-Hochberg).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from homing.core.errors import InvalidInput
from homing.core.stats import LEVEL, newcombe
from homing.predict.features import Column, Floats, Matrix
from homing.predict.metrics import benjamini_hochberg
from homing.predict.prepare import LOGGED
from homing.predict.wording import label

FEWEST = 2


@dataclass(frozen=True, slots=True)
class Apart:
    """One feature of a group beside the others."""

    column: Column
    group: float  # mean, or share
    others: float
    difference: float
    low: float
    high: float
    p: float
    n_group: int
    n_others: int
    effect: float  # Hedges' g; of a share the difference of arcsines (Cohen's h)
    q: float = 1.0
    defining: bool = False  # the group is defined by it, so it says nothing new

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "feature": self.column.key, "label": label(self.column), "family": self.column.family,
            "unit": self.column.unit, "group": _short(self.group), "others": _short(self.others),
            "difference": {"estimate": _short(self.difference), "low": _short(self.low), "high": _short(self.high),
                           "level": LEVEL, "n_group": self.n_group, "n_others": self.n_others},
            "effect": _short(self.effect), "p": _tiny(self.p), "q": _tiny(self.q), "defining": self.defining,
        }  # fmt: skip


def set_apart(table: Matrix, group: NDArray[np.bool_], *, defined_by: Collection[tuple[str, str]] = ()) -> list[Apart]:
    """Compare a group with everybody else by every feature, the largest effect first.

    Args:
        table: the customers' features.
        group: which rows are the group.
        defined_by: the events and traits that the group is made of; see `ground.bases`.

    Raises:
        InvalidInput: fewer than two in the group or beside it.
    """
    n = int(group.sum())
    if min(n, len(group) - n) < FEWEST:
        raise InvalidInput(
            f"{n} in the group and {len(group) - n} beside it, wanted {FEWEST} of each to compare", field="segment"
        )
    compared = (_compared(c, table.x[group, at], table.x[~group, at]) for at, c in enumerate(table.columns))
    found = [one for one in compared if one is not None]
    q = benjamini_hochberg(np.array([one.p for one in found]))
    made = [replace(a, q=float(q[n]), defining=a.column.basis in defined_by) for n, a in enumerate(found)]
    return sorted(made, key=lambda a: (-abs(a.effect), a.column.key))


def _compared(column: Column, mine: Floats, theirs: Floats) -> Apart | None:
    """None where it cannot be compared."""
    mine, theirs = mine[~np.isnan(mine)], theirs[~np.isnan(theirs)]
    n1, n0 = len(mine), len(theirs)
    if min(n1, n0) < FEWEST:
        return None
    if column.unit == "flag":
        d = newcombe((int(mine.sum()), n1), (int(theirs.sum()), n0))
        if d.p_value is None:
            return None
        h = 2 * np.arcsin(np.sqrt(d.treated_mean)) - 2 * np.arcsin(np.sqrt(d.control_mean))
        return Apart(column, d.treated_mean, d.control_mean, d.estimate, d.low, d.high, d.p_value, n1, n0, float(h))
    plain = _welch(mine, theirs)
    even = _welch(np.log1p(np.maximum(mine, 0)), np.log1p(np.maximum(theirs, 0))) if column.unit in LOGGED else plain
    if plain is None or even is None:
        return None
    return Apart(column, float(mine.mean()), float(theirs.mean()), *plain[:3], even[3], n1, n0, even[4])


def _welch(mine: Floats, theirs: Floats) -> tuple[float, float, float, float, float] | None:
    """(difference, low, high, p, Hedges' g); None where nothing varies."""
    n1, n0 = len(mine), len(theirs)
    v1, v0 = float(mine.var(ddof=1)), float(theirs.var(ddof=1))
    spread = v1 / n1 + v0 / n0
    if spread <= 0:
        return None
    d = float(mine.mean() - theirs.mean())
    df = spread**2 / ((v1 / n1) ** 2 / (n1 - 1) + (v0 / n0) ** 2 / (n0 - 1))
    half = float(stdtrit(df, (1 + LEVEL) / 2)) * np.sqrt(spread)
    pooled = np.sqrt(((n1 - 1) * v1 + (n0 - 1) * v0) / (n1 + n0 - 2))
    small = 1 - 3 / (4 * (n1 + n0) - 9)
    return d, d - half, d + half, float(2 * stdtr(df, -abs(d) / np.sqrt(spread))), float(d / pooled * small)


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _tiny(value: float) -> float:
    return float(f"{max(value, 1e-300):.3g}")  # a p-value is never 0
