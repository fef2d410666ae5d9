"""How right is a linkage where the truth is known? Of the pairs joined how many, of the right ones how many.

Counted twice: over the scored pairs as they stand, and over all pairs of the persons they come to, which is what a
customer base feels. Precision where nothing was joined is absent, not 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from homing.identity.link.clusters import LARGEST, cluster
from homing.identity.link.model import Scored

STEPS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold of the curve; shares 0 .. 1, None where there is nothing to divide by."""

    threshold: float
    pairs: int
    precision: float | None
    recall: float | None
    f1: float | None
    person_precision: float | None
    person_recall: float | None
    person_f1: float | None
    largest: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def curve(
    truth: Sequence[object], scored: Scored, steps: Sequence[float] = STEPS, *, largest: int = LARGEST
) -> list[Point]:
    """Precision, recall and F1 by threshold.

    Args:
        truth: whose each record is, in the order of the records.
        scored: the pairs.
        steps: thresholds.
        largest: the guard the clusters are made with.
    """
    _, whose = np.unique(np.array([str(t) for t in truth]), return_inverse=True)
    same = whose[scored.left] == whose[scored.right]
    total = _pairs(np.bincount(whose))
    points = []
    for step in steps:
        likely = scored.probability >= step
        made = cluster(len(whose), scored, threshold=step, review=step, largest=largest)
        both = np.unique(np.stack([made.labels, whose]), axis=1, return_counts=True)[1]
        sizes = np.bincount(made.labels)
        edges = _shares(int(same[likely].sum()), int(likely.sum()), total)
        persons = _shares(_pairs(both), _pairs(sizes), total)
        points.append(Point(step, int(likely.sum()), *edges, *persons, int(sizes.max())))
    return points


def _pairs(sizes: np.ndarray[Any, Any]) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def _shares(right: int, joined: int, total: int) -> tuple[float | None, float | None, float | None]:
    precision = right / joined if joined else None
    recall = right / total if total else None
    f1 = 2 * right / (joined + total) if joined + total else None
    return precision, recall, f1
