"""A straight line through many features: logistic regression with a penalty, kept as its coefficients.

scikit-learn fits it and is imported only then; scoring needs nothing but the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from homing.predict.metrics import Bools, Floats

ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """Coefficients and an intercept."""

    coefficients: Floats
    intercept: float

    def score(self, x: Floats) -> Floats:
        """The log odds of each row."""
        return np.asarray(x @ self.coefficients + self.intercept, dtype=np.float64)

    def chance(self, x: Floats) -> Floats:
        """The probability of each row."""
        return np.asarray(expit(self.score(x)), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        return {"coefficients": self.coefficients.tolist(), "intercept": self.intercept}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Line:
        """As it was kept."""
        return cls(np.array(kept["coefficients"], dtype=np.float64), float(kept["intercept"]))


def fit_line(x: Floats, label: Bools, *, strength: float, seed: int) -> Line:
    """Fit it.

    Args:
        x: rows on one scale, see `prepare`.
        label: who has it, both kinds present.
        strength: inverse of the L2 penalty, above 0; smaller is firmer.
        seed: of the solver, where it draws.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - half a second that only training needs

    fitted = LogisticRegression(C=strength, max_iter=ROUNDS, tol=1e-6, random_state=seed).fit(x, label)
    return Line(np.asarray(fitted.coef_[0], dtype=np.float64), float(fitted.intercept_[0]))
