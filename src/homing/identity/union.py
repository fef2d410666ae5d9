"""Union-find over integer arrays, compiled by numba; the extra `fast` brings it.

The smaller root always goes on, so the label of a component is its smallest member whatever the order of the links.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def union_find(nodes: int, a: Any, b: Any) -> Any:
    """For each node the smallest node of its component."""
    parent = np.arange(nodes, dtype=np.int32)
    for k in range(len(a)):
        x, y = a[k], b[k]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x < y:
            parent[y] = x
        elif y < x:
            parent[x] = y
    for x in range(nodes):  # a parent is never larger than its child: one pass from below flattens all
        parent[x] = parent[parent[x]]
    return parent
