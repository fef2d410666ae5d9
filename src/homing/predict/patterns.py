"""Which things lie together in many baskets? Every frequent set, found by going deeper only where it still is frequent.

The answer is that of FP-growth; the way is a vertical one: each thing has a row of bits, one a basket, and a set's
baskets are the AND of its rows. On a year of a grocer (155,848 baskets, 1.08 M distinct pairs of basket and category,
sets of three at 1 %) that takes 0.3 s where an FP-growth in Python takes 2.3 s; mlxtend would bring pandas and
matplotlib.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homing.core.errors import InvalidInput

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
MOST = 500_000  # frequent sets; beyond it nobody reads them


@dataclass(frozen=True, slots=True)
class Frequent:
    """Every frequent set with the number of baskets that hold it; things are numbers."""

    baskets: int
    counts: dict[tuple[int, ...], int]  # ascending things


def frequent_sets(basket: Ints, thing: Ints, *, baskets: int, min_count: int, max_items: int) -> Frequent:
    """Find them.

    Args:
        basket: of each line, 0 .. baskets - 1; a thing that stands twice in a basket counts once.
        thing: of each line, a number from 0 on.
        baskets: how many there are, empty ones too.
        min_count: baskets that must hold a set, at least 1.
        max_items: things of a set at most.

    Raises:
        InvalidInput: more sets than anybody can read; the support must be higher.
    """
    if min_count < 1:
        raise InvalidInput(f"a set must be in {min_count} baskets, wanted at least 1", field="min_support")
    lines = np.unique(basket.astype(np.int64) * (int(thing.max(initial=0)) + 1) + thing)
    basket, thing = np.divmod(lines, int(thing.max(initial=0)) + 1)
    totals = np.bincount(thing) if len(thing) else np.empty(0, dtype=np.int64)
    often = np.flatnonzero(totals >= min_count)
    often = often[np.argsort(totals[often], kind="stable")]  # the rarest first: the fewest ways to go on
    place = np.full(len(totals), -1)
    place[often] = np.arange(len(often))
    kept = place[thing] >= 0
    bits = np.zeros((len(often), -(-baskets // 64) * 8), dtype=np.uint8)
    np.bitwise_or.at(bits, (place[thing[kept]], basket[kept] // 8), (1 << (basket[kept] % 8)).astype(np.uint8))
    search = _Search(bits.view(np.uint64), often, min_count, max_items, {(int(i),): int(totals[i]) for i in often})
    for at in range(len(often)):
        search.deeper((at,), search.rows[at], np.arange(at + 1, len(often)))
    return Frequent(baskets, search.found)


@dataclass(slots=True)
class _Search:
    """The way through the sets, depth first."""

    rows: Words  # of each frequent thing, one bit a basket
    names: Ints
    min_count: int
    max_items: int
    found: dict[tuple[int, ...], int]

    def deeper(self, inside: tuple[int, ...], held: Words, others: Ints) -> None:
        """Every frequent set that begins with `inside`; `held` are its baskets."""
        if len(inside) >= self.max_items or not len(others):
            return
        both = self.rows[others] & held
        counts = np.bitwise_count(both).sum(axis=1)
        alive = np.flatnonzero(counts >= self.min_count)
        for at in alive:
            whole = (*inside, int(others[at]))
            self.found[tuple(sorted(int(self.names[i]) for i in whole))] = int(counts[at])
            if len(whole) < self.max_items:
                self.deeper(whole, both[at], others[alive[alive > at]])
        if len(self.found) > MOST:
            raise InvalidInput(
                f"more than {MOST:,} sets are as frequent as that, wanted a higher support or fewer things a rule",
                field="min_support",
            )
