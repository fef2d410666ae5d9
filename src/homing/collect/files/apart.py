"""Is every order of a file another one? Told by their ids rising or falling all along, else one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from homing.collect.files.plainly import Cells

MOST_KNOWN = 8_000_000  # orders that may be told apart one by one, where they do not lie in order


class NotSo(Exception):
    """The file is not what it would have to be."""


class OutOfOrder(Exception):
    """The order ids neither rise nor fall."""


class Apart:
    """The orders of a file, told one run after the other.

    Args:
        by_one: whether to remember each; else they have to rise or fall.
    """

    def __init__(self, by_one: bool) -> None:
        self._by_one = by_one
        self._last: pa.Array | None = None
        self._rises: bool | None = None
        self._known: list[NDArray[np.int64]] = []
        self._many = 0

    def add(self, orders: pa.Array) -> None:
        """The orders that follow.

        Raises:
            NotSo: they are too many to remember.
            OutOfOrder: they neither rise nor fall.
        """
        if self._by_one:
            self._many += len(orders)
            if self._many > MOST_KNOWN:
                raise NotSo
            self._known.append(np.fromiter(map(hash, orders.to_pylist()), np.int64, len(orders)))
            return
        if not len(orders):
            return
        if self._last is not None:
            orders = pa.concat_arrays([self._last, orders])
        self._last = orders[len(orders) - 1 :]
        if len(orders) == 1:
            return
        before, behind = orders[:-1], orders[1:]
        sizes = Cells.of(orders).sizes
        longer, same = sizes[1:] > sizes[:-1], sizes[1:] == sizes[:-1]
        rising = longer | (same & pc.greater(behind, before).to_numpy(zero_copy_only=False))
        if self._rises is None:
            self._rises = bool(rising[0])
        differ = pc.not_equal(behind, before).to_numpy(zero_copy_only=False)
        if not (differ & (rising == self._rises)).all():
            raise OutOfOrder

    def settle(self) -> None:
        """All have been told.

        Raises:
            NotSo: one may stand in two places.
        """
        if not self._known:
            return
        every = np.concatenate(self._known)
        self._known = []
        every.sort()
        if (every[1:] == every[:-1]).any():
            raise NotSo
