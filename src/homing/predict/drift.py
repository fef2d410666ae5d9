"""How much has moved since the run before? Clusters matched by whom they hold, sizes, and the stability of the mix.

The customers of today are put into the old clusters and into the new ones. Old and new are matched so that as many as
possible stay (the assignment problem); a match that shares less than a third of its members is none, and the cluster
gets a name that was never used. The population stability index compares the old clusters' sizes then and now: below 0.1
little has changed, above 0.25 much has (the usual reading).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
SAME = 1 / 3
FLOOR = 1e-4  # of a share, so that an empty cluster has a logarithm


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed between two runs."""

    names: tuple[str, ...]  # of the new clusters
    matches: tuple[tuple[str, str, float], ...]  # old name, new name, Jaccard
    gone: tuple[str, ...]
    new: tuple[str, ...]
    stayed: float  # share of customers whose cluster has the name it had
    stability_index: float
    then: tuple[tuple[str, float, float], ...]  # old name, share then, share now

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "matches": [{"before": a, "now": b, "jaccard": round(j, 4)} for a, b, j in self.matches],
            "gone": list(self.gone), "new": list(self.new), "stayed": round(self.stayed, 4),
            "stability_index": round(self.stability_index, 4),
            "sizes": [{"id": name, "then": round(a, 4), "now": round(b, 4)} for name, a, b in self.then],
        }  # fmt: skip


def drift_between(
    old: Ints, old_shares: list[float], new: Ints, k: int, *, names: tuple[str, ...], highest: int
) -> Drift:
    """Match two clusterings of the same customers.

    Args:
        old: the old cluster of each, by position.
        old_shares: how large each old cluster was when it was found.
        new: the new cluster of each, by position.
        k: how many new clusters there are.
        names: of the old clusters.
        highest: the highest number that a name ever had.
    """
    both = np.zeros((len(names), k))
    np.add.at(both, (old, new), 1)
    union = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
    jaccard = both / np.maximum(union, 1)
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow to import, and few ask

    pairs = [(int(a), int(b)) for a, b in zip(*linear_sum_assignment(-both), strict=True) if jaccard[a, b] >= SAME]
    given: dict[int, str] = {b: names[a] for a, b in pairs}
    for b in range(k):
        if b not in given:
            highest += 1
            given[b] = f"c{highest}"
    called = tuple(given[b] for b in range(k))
    now = np.bincount(old, minlength=len(names)) / max(1, len(old))
    stayed = np.mean(np.array(names, dtype=object)[old] == np.array(called, dtype=object)[new]) if len(old) else 0.0
    return Drift(
        called, tuple((names[a], names[a], float(jaccard[a, b])) for a, b in pairs),
        tuple(sorted(set(names) - set(called))), tuple(sorted(set(called) - set(names))), float(stayed),
        stability_index(np.array(old_shares), now),
        tuple((name, float(old_shares[i]), float(now[i])) for i, name in enumerate(names)),
    )  # fmt: skip


def stability_index(then: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """The population stability index of two mixes.

    Example:
        >>> round(stability_index(np.array([0.5, 0.5]), np.array([0.6, 0.4])), 4)
        0.0405
    """
    a, b = np.maximum(then, FLOOR), np.maximum(now, FLOOR)
    return float(np.sum((b - a) * np.log(b / a)))
