"""Which of ten million identifiers are one person? Links as integer arrays in, one label an identifier out.

The answer is a partition and does not depend on the order of the links: a label is the smallest identifier of its
component. Two guards keep a shared device from making one person of a town. An identifier linked to more others than
`hub` stops linking; a component still larger than `largest` is not joined at all. Both are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from homing.core.errors import InvalidInput

Ints = np.ndarray[Any, np.dtype[np.int32]]
MAX_NODES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Resolved:
    """A partition of identifiers.

    Args:
        labels: for each identifier the smallest one of its component.
        hubs: identifiers that stopped linking, ascending.
        oversize: labels of the components that were too large and were not joined, with their sizes.
    """

    labels: Ints
    hubs: Ints
    oversize: dict[int, int]

    @property
    def sizes(self) -> Ints:
        """Identifiers a component, the largest first."""
        counts = np.bincount(self.labels, minlength=len(self.labels))
        found: Ints = np.sort(counts[counts > 0])[::-1].astype(np.int32)
        return found


def resolve(nodes: int, a: Ints, b: Ints, *, hub: int | None = None, largest: int | None = None) -> Resolved:
    """The components of a graph, guarded.

    Args:
        nodes: how many identifiers there are; they are numbered 0 .. nodes - 1.
        a: one end of each link.
        b: its other end.
        hub: different neighbours an identifier may have before it counts as shared; None: any number.
        largest: identifiers one component may have; None: any number.

    Returns:
        The partition; the same for any order of the links and of their ends.

    Raises:
        InvalidInput: the two ends differ in length, or name an identifier that is not there.
    """
    a, b = _checked(nodes, a, b)
    hubs = np.empty(0, np.int32)
    if hub is not None:
        hubs = _hubs(nodes, a, b, hub)
        shared = np.zeros(nodes, bool)
        shared[hubs] = True
        keep = ~(shared[a] | shared[b])
        a, b = a[keep], b[keep]
    labels = components(nodes, a, b)
    oversize: dict[int, int] = {}
    if largest is not None:
        counts = np.bincount(labels, minlength=nodes)
        over = np.flatnonzero(counts > largest)
        oversize = {int(label): int(counts[label]) for label in over}
        if oversize:
            apart = np.zeros(nodes, bool)
            apart[over] = True
            inside = apart[labels]
            labels[inside] = np.flatnonzero(inside).astype(np.int32)
    return Resolved(labels, hubs, oversize)


def numbered(identifiers: pa.ChunkedArray | pa.Array) -> tuple[Ints, int]:
    """A number for each typed identifier, written `type:value`: equal ones get equal numbers.

    Args:
        identifiers: texts, at most 2 GB of them an array or chunk; without nulls.

    Returns:
        (numbers in the order of first sight, how many different ones there are).

    Raises:
        InvalidInput: an identifier is missing.
    """
    if identifiers.null_count:
        raise InvalidInput(f"{identifiers.null_count} identifiers are missing, wanted none", field="identifiers")
    coded = pc.dictionary_encode(identifiers)
    whole = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    found: Ints = whole.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return found, len(whole.dictionary)


def components(nodes: int, a: Ints, b: Ints) -> Ints:
    """For each identifier the smallest one it is linked to, directly or through others.

    With numba (the extra `fast`) a union-find; without it the same answer by numpy, some times slower.
    """
    a, b = _checked(nodes, a, b)
    try:
        from homing.identity.union import union_find  # noqa: PLC0415 - numba is an extra and slow to import
    except ImportError:
        return propagate(nodes, a, b)
    found: Ints = union_find(nodes, a, b)
    return found


def propagate(nodes: int, a: Ints, b: Ints) -> Ints:
    """The components by numpy alone: labels sink to the smallest neighbour's, and chains of labels are shortened."""
    labels = np.arange(nodes, dtype=np.int32)
    while len(a):
        low, high = np.minimum(labels[a], labels[b]), np.maximum(labels[a], labels[b])
        np.minimum.at(labels, high, low)
        while True:
            shorter = labels[labels]
            if np.array_equal(shorter, labels):
                break
            labels = shorter
        open_still = labels[a] != labels[b]
        a, b = a[open_still], b[open_still]
    return labels


def _hubs(nodes: int, a: Ints, b: Ints, limit: int) -> Ints:
    """Identifiers with more than `limit` different neighbours."""
    degree = np.bincount(a, minlength=nodes) + np.bincount(b, minlength=nodes)
    suspects = degree > limit  # links may repeat: count different neighbours only where it could matter
    one = np.concatenate((a[suspects[a]], b[suspects[b]])).astype(np.int64)
    other = np.concatenate((b[suspects[a]], a[suspects[b]])).astype(np.int64)
    different = np.unique(one[one != other] * nodes + other[one != other]) // max(nodes, 1)
    found: Ints = np.flatnonzero(np.bincount(different, minlength=nodes) > limit).astype(np.int32)
    return found


def _checked(nodes: int, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    if not 0 <= nodes <= MAX_NODES:
        raise InvalidInput(f"{nodes} identifiers, wanted 0 .. {MAX_NODES}", field="nodes")
    if len(a) != len(b):
        raise InvalidInput(f"{len(a)} first and {len(b)} second ends of links, wanted as many", field="links")
    a, b = np.asarray(a), np.asarray(b)
    for end in (a, b):
        if len(end) and (end.min() < 0 or end.max() >= nodes):
            raise InvalidInput(f"a link names an identifier outside 0 .. {nodes - 1}", field="links")
    return a.astype(np.int32, copy=False), b.astype(np.int32, copy=False)
