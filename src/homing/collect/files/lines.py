"""Which lines were read? Those of whole orders, one order behind the other, a column at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from homing.collect.files.plainly import UNIT, Mask, Whole


class Lines(NamedTuple):
    """A piece of the file as far as it is plain: whole orders, one behind the other."""

    rows: NDArray[np.int64]  # number of each line's row
    cells: pa.Table  # as they stood
    texts: dict[int, pa.Array]  # by column, empty where nothing is said
    numbers: dict[str, Whole]  # by field, in ten-thousandths
    starts: NDArray[np.int64]  # where each order begins
    happened: Whole  # when, of each order

    def said(self, at: int) -> pa.Array:
        """A column as it stood."""
        column = self.cells.column(at)
        return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def paid(said: dict[str, Whole]) -> Whole:
    """What each line brings in: what it says, else its price times its quantity."""
    if "revenue" in said:
        return said["revenue"]
    return said["price"] * said["quantity"] // UNIT if "quantity" in said else said["price"]


def without(lines: Lines, orders: Mask, which: Mask) -> Lines:
    """The orders and lines that these masks leave."""
    mask = pa.array(which)
    lengths = np.diff(lines.starts, append=len(which))[orders]
    return Lines(
        lines.rows[which],
        lines.cells.filter(mask),
        {at: column.filter(mask) for at, column in lines.texts.items()},
        {name: values[which] for name, values in lines.numbers.items()},
        np.cumsum(lengths) - lengths,
        lines.happened[orders],
    )


def together(pieces: Sequence[Lines]) -> Lines:
    """Pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    first = np.cumsum([0, *[len(p.rows) for p in pieces]])
    return Lines(
        np.concatenate([p.rows for p in pieces]),
        pa.concat_tables([p.cells for p in pieces]),
        {at: pa.concat_arrays([p.texts[at] for p in pieces]) for at in pieces[0].texts},
        {name: np.concatenate([p.numbers[name] for p in pieces]) for name in pieces[0].numbers},
        np.concatenate([p.starts + at for p, at in zip(pieces, first, strict=False)]),
        np.concatenate([p.happened for p in pieces]),
    )


def by_time(lines: Lines, order_id: int) -> Lines:
    """The orders by time, those of the same instant by their ids, which stand in this column."""
    orders = lines.texts[order_id].take(pa.array(lines.starts))
    happened = lines.happened
    later = happened[1:] > happened[:-1]
    if later.all():
        return lines
    same = happened[1:] == happened[:-1]
    if (later | (same & pc.greater(orders[1:], orders[:-1]).to_numpy(zero_copy_only=False))).all():
        return lines
    table = pa.table({"happened": happened, "order": orders})
    place = pc.sort_indices(table, [("happened", "ascending"), ("order", "ascending")]).to_numpy().astype(np.int64)
    return picked(lines, place)


def picked(lines: Lines, place: Whole) -> Lines:
    """These orders, in this order."""
    lengths = np.diff(lines.starts, append=len(lines.rows))[place]
    starts = np.cumsum(lengths) - lengths
    which = np.arange(int(lengths.sum())) + np.repeat(lines.starts[place] - starts, lengths)
    index = pa.array(which)
    return Lines(
        lines.rows[which],
        lines.cells.take(index),
        {at: column.take(index) for at, column in lines.texts.items()},
        {name: values[which] for name, values in lines.numbers.items()},
        starts,
        lines.happened[place],
    )


def some(lines: Lines, at: int, to: int) -> Lines:
    """A run of the orders."""
    if at == 0 and to >= len(lines.starts):
        return lines
    starts = lines.starts[at:to]
    first = int(starts[0])
    last = int(lines.starts[to]) if to < len(lines.starts) else len(lines.rows)
    return Lines(
        lines.rows[first:last],
        lines.cells.slice(first, last - first),
        {n: column[first:last] for n, column in lines.texts.items()},
        {name: values[first:last] for name, values in lines.numbers.items()},
        starts - first,
        lines.happened[at:to],
    )


def rows_of(lines: Lines, first_row: int) -> list[tuple[int, tuple[str, ...]]]:
    """Number and values of the rows of the order that begins with this one."""
    first = int(np.flatnonzero(lines.rows == first_row)[0])
    last = int(np.append(lines.starts, len(lines.rows))[np.searchsorted(lines.starts, first, "right")])
    columns = [column.to_pylist() for column in lines.cells.slice(first, last - first).columns]
    return list(zip(lines.rows[first:last].tolist(), zip(*columns, strict=True), strict=True))
