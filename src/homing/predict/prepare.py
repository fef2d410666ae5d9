"""How do features of all kinds come onto one scale? Counts and money by their logarithm, gaps filled, unit variance.

What is missing is filled so that it says what missing means: no order yet is as far back as one can look, a number
nobody told is the middle of those told. Fill, mean and scale are learned once and kept with the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from homing.core.errors import InvalidInput
from homing.core.time import DAY
from homing.predict.features import Column, Floats, Matrix

LOGGED = frozenset({"count", "money", "days"})
FAR = 4.0  # standard deviations beyond which a value counts no more


@dataclass(frozen=True, slots=True)
class Scale:
    """What brings a table onto one scale."""

    keys: tuple[str, ...]
    logged: tuple[bool, ...]
    fill: Floats
    mean: Floats
    spread: Floats

    @classmethod
    def learn(cls, table: Matrix, lookback_us: int) -> Scale:
        """Learn it from a table; a column without spread is left out.

        Raises:
            InvalidInput: no column has any.
        """
        logged = np.array([c.unit in LOGGED for c in table.columns])
        x = _log(table.x, logged)
        fill = np.array([_fill(c, x[:, n], lookback_us) for n, c in enumerate(table.columns)])
        x = np.where(np.isnan(x), fill, x)
        mean, spread = x.mean(axis=0), x.std(axis=0)
        kept = np.flatnonzero(spread > 1e-9)
        if not len(kept):
            raise InvalidInput("all customers are the same by these features, wanted others", field="features")
        keys = tuple(table.columns[i].key for i in kept)
        return cls(keys, tuple(bool(b) for b in logged[kept]), fill[kept], mean[kept], spread[kept])

    def apply(self, table: Matrix) -> Floats:
        """A table on this scale: the learned columns in their order, each of mean 0 and variance 1 where learned."""
        place = {c.key: n for n, c in enumerate(table.columns)}
        x = _log(table.x[:, [place[k] for k in self.keys]], np.array(self.logged))
        x = np.where(np.isnan(x), self.fill, x)
        return np.asarray(np.clip((x - self.mean) / self.spread, -FAR, FAR), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        return {"keys": list(self.keys), "logged": list(self.logged), "fill": self.fill.tolist(),
                "mean": self.mean.tolist(), "spread": self.spread.tolist()}  # fmt: skip

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Scale:
        """As it was kept."""
        arrays = (np.array(kept[name], dtype=np.float64) for name in ("fill", "mean", "spread"))
        return cls(tuple(kept["keys"]), tuple(kept["logged"]), *arrays)


def _log(x: Floats, logged: Any) -> Floats:
    return np.where(logged, np.sign(x) * np.log1p(np.abs(x)), x)


def _fill(column: Column, values: Floats, lookback_us: int) -> float:
    if column.unit == "days":
        return float(np.log1p(lookback_us / DAY))
    said = values[~np.isnan(values)]
    if column.unit in {"count", "flag", "share"} or not len(said):
        return 0.0
    return float(np.median(said))
