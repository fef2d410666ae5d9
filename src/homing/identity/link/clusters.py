"""Which records become one person at a threshold? Groups of the likely pairs in which most agree, none too large.

A chain of likely pairs can join strangers: a is like b, b is like c, a is nothing like c. So two groups join only where
at least half of the pairs between them are themselves more likely than not, and where they do not come to more records
than the guard. A likely pair that did not join for that is cut: a person decides about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from homing.identity import bulk
from homing.identity.link.model import Scored

THRESHOLD = 0.98  # pairs at least this likely join
REVIEW = 0.8  # from here to the threshold a person decides
LARGEST = 50  # records of one person
AGREED = 0.5  # share of the pairs between two groups that must be more likely than not


@dataclass(frozen=True, slots=True)
class Clusters:
    """What the likely pairs come to.

    Args:
        labels: for each record the first record of its person.
        accepted: places in the scored pairs that joined.
        cut: places in the scored pairs that were likely enough and whose groups did not agree or were too large.
        grey: places in the scored pairs between review and threshold, of records that are not one person anyway.
    """

    labels: np.ndarray[Any, Any]
    accepted: np.ndarray[Any, Any]
    cut: np.ndarray[Any, Any]
    grey: np.ndarray[Any, Any]


def cluster(
    records: int, scored: Scored, *, threshold: float = THRESHOLD, review: float = REVIEW, largest: int = LARGEST
) -> Clusters:
    """Join what is likely.

    Args:
        records: how many there are.
        scored: pairs of them, the likeliest first.
        threshold: probability from which pairs join, 0 .. 1.
        review: probability from which a person is asked, at most `threshold`.
        largest: records one person may come to, at least 2.

    Returns:
        The partition, and what became of each pair of at least `review`.
    """
    likely = np.flatnonzero(scored.probability >= threshold)
    loose = bulk.components(records, scored.left[likely], scored.right[likely])
    sizes = np.bincount(loose, minlength=records)
    labels = loose.copy()
    chained = sizes[loose] > 2  # a pair alone is what it is
    labels[chained] = np.flatnonzero(chained)
    known = chained[scored.left] & (loose[scored.left] == loose[scored.right])
    groups = _Groups(scored, np.flatnonzero(known), largest)
    for place in likely[chained[scored.left[likely]]]:  # the likeliest first
        groups.join(int(scored.left[place]), int(scored.right[place]))
    for record, label in groups.labels():
        labels[record] = label
    together = labels[scored.left] == labels[scored.right]
    enough = scored.probability >= threshold
    grey = ~enough & ~together & (scored.probability >= review)
    return Clusters(labels, *(np.flatnonzero(which) for which in (enough & together, enough & ~together, grey)))


class _Groups:
    """Groups of records, and how many known pairs there are between any two of them."""

    def __init__(self, scored: Scored, known: np.ndarray[Any, Any], largest: int) -> None:
        self._largest = largest
        self._parent: dict[int, int] = {}
        self._size: dict[int, int] = {}
        self._between: dict[int, dict[int, int]] = {}
        for a, b in zip(scored.left[known].tolist(), scored.right[known].tolist(), strict=True):
            self._between.setdefault(a, {})[b] = 1
            self._between.setdefault(b, {})[a] = 1

    def join(self, a: int, b: int) -> None:
        """Make one group of theirs, if they agree and fit."""
        kept, gone = self._root(a), self._root(b)
        if kept == gone:
            return
        if len(self._between[kept]) < len(self._between[gone]):
            kept, gone = gone, kept
        sizes = self._size.get(kept, 1), self._size.get(gone, 1)
        agreed = self._between[kept].get(gone, 0)
        if sum(sizes) > self._largest or agreed < AGREED * sizes[0] * sizes[1]:
            return
        for other, pairs in self._between.pop(gone).items():
            del self._between[other][gone]
            if other != kept:
                total = self._between[kept].get(other, 0) + pairs
                self._between[kept][other] = self._between[other][kept] = total
        self._parent[gone] = kept
        self._size[kept] = sum(sizes)

    def labels(self) -> list[tuple[int, int]]:
        """Every record with the first record of its group."""
        first: dict[int, int] = {}
        records = sorted(self._parent)
        for record in records:
            first.setdefault(self._root(record), record)
        return [(record, first[self._root(record)]) for record in records]

    def _root(self, x: int) -> int:
        parent = self._parent
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x
