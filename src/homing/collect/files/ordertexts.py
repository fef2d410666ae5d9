"""How do plain lines become events? A column at a time; all events of a piece are one text, cut at the end.

It is the text the database writes for the same lines, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_letters, digits

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from homing.collect.doors.segment_api import typed_id
from homing.collect.files.feed import PIECE_BYTES, PIECE_EVENTS, Encoded, ImportRequest, Share
from homing.collect.files.fields import ColumnMap
from homing.collect.files.joined import Choice, Piece, joined
from homing.collect.files.lines import Lines, paid
from homing.collect.files.ordersql import AS_SAID, JSON_NAMES, of_lines
from homing.collect.files.plainly import Cells, Mask, double, each, quoted, written
from homing.core.ids import LONGEST_BLOCKED, MAX_ID
from homing.storage.log import Packed

_ONCE = ("coupon", "store_id", "channel")
_IN_IDS = np.array([chr(n) in ascii_letters + digits + "._:-" for n in range(256)])
_BEGINS_ID = _IN_IDS & np.array([chr(n) not in "0-" for n in range(256)])
_OF_LINES = ("product_id", "product_name", "category", "brand")
_NUMBERS = ("quantity", "price", "revenue")
_PAID: tuple[Piece, Piece] = ("Order Completed", "revenue")


@dataclass(frozen=True, slots=True)
class Orders:
    """Events side by side in one text, a comma behind each."""

    ids: list[str]
    text: memoryview
    ends: NDArray[np.int32]  # where each event begins, and where the last ends
    counts: NDArray[np.int64]  # lines of each
    rows: NDArray[np.int64]  # the first of them
    of_nobody: int

    @property
    def lines(self) -> int:
        """Lines of all."""
        return int(self.counts.sum())

    def parts(self) -> Iterator[Packed]:
        """As the log takes them."""
        ends = self.ends.tolist()
        for at in range(0, len(self.ids), PIECE_EVENTS):
            to = min(at + PIECE_EVENTS, len(self.ids))
            step = to - at if ends[to] - ends[at] - 1 <= PIECE_BYTES else 1
            for n in range(at, to, step):
                yield Packed(self.ids[n : n + step], self.text[ends[n] : ends[n + step] - 1])

    def encoded(self) -> list[Encoded]:
        """One by one."""
        ends = self.ends.tolist()
        return [(i, bytes(self.text[ends[n] : ends[n + 1] - 1])) for n, i in enumerate(self.ids)]

    def shares(self) -> list[Share]:
        """How many rows became each."""
        pairs = zip(self.counts.tolist(), self.rows.tolist(), strict=True)
        return [Share(lines, 1, row) for lines, row in pairs]


class OrderTexts:
    """Writes orders.

    Args:
        mapping: the columns of the file.
        request: how it is meant.
        now_us: nothing may have happened later.
        whole: numbers to be written without a point.
    """

    def __init__(self, mapping: ColumnMap, request: ImportRequest, now_us: int, whole: frozenset[str]) -> None:
        self._at = mapping.fields
        self._ids = mapping.identifiers()
        self._request = request
        self._now = now_us
        self._whole = whole
        self._lines = of_lines(mapping)
        self._source = msgspec.json.encode(request.source).decode()
        self._prefix = f"order:{request.source}:"

    def of(self, lines: Lines) -> Orders:
        """The orders of a piece."""
        starts, many = lines.starts, len(lines.rows)
        heads, ids, of_nobody = self._heads(lines)
        counts = np.diff(starts, append=many)
        text = self._with_lines(heads, lines, counts) if self._lines else joined(*heads, "}},")
        cells = Cells.of(text)
        return Orders(ids, memoryview(text.buffers()[2]), cells.at[np.append(starts, many)], counts,
                      lines.rows[starts], of_nobody)  # fmt: skip

    def _with_lines(self, heads: list[Piece], lines: Lines, counts: NDArray[np.int64]) -> pa.Array:
        """The texts of the lines, that of an order's first behind its head, that of its last with its end."""
        starts, many = lines.starts, len(lines.rows)
        begins, ends = np.full(many, len(starts)), np.zeros(many, np.bool_)
        begins[starts] = np.arange(len(starts))
        ends[starts + counts - 1] = True
        opening, *pieces = self._line(lines)
        if not isinstance(opening, str):
            opening, pieces = "", [opening, *pieces]
        first = joined(*heads, ',"products":[{' + opening)
        before = pa.concat_arrays([first, pa.array([",{" + opening])]).take(pa.array(begins))
        return joined(before, *pieces, Choice.of(ends, "}]}},", "}"))

    def _heads(self, lines: Lines) -> tuple[list[Piece], list[str], int]:
        """Each event up to its first line, their ids, and how many name nobody."""
        starts = lines.starts
        order = lines.texts[self._at["order_id"]].take(pa.array(starts))
        said = quoted(order)
        money = paid(lines.numbers)
        total = np.add.reduceat(money, starts)
        refund = (total < 0) & ~np.logical_or.reduceat(money > 0, starts)
        name, sum_name = _PAID
        if refund.any():
            name = Choice.of(refund, "Order Refunded", "Order Completed")
            sum_name = Choice.of(refund, "total", "revenue")
            total = np.where(refund, -total, total)
        who = self._who(lines)
        known = pc.not_equal(who, "")
        of_nobody = len(known) - (pc.sum(known).as_py() or 0)
        ids: list[Piece] = [',"ids":[', who, "]"]
        if of_nobody:
            ids = [pc.if_else(known, joined(*ids), "")] if len(self._ids) else []
        currency = self._request.currency
        spent: pa.Array | str = msgspec.json.encode(currency).decode()[1:-1]
        if "currency" in self._at:
            own = _first_said(lines, self._at["currency"])
            spent = pc.if_else(pc.equal(own, ""), spent, quoted(own))
        optional = []
        for field in _ONCE:
            if field in self._at:
                own = _first_said(lines, self._at[field])
                optional.append(pc.if_else(pc.equal(own, ""), "", joined(f',"{field}":"', quoted(own), '"')))
        happened = pc.cast(pa.array(np.minimum(lines.happened, self._now)), pa.string())
        heads: list[Piece] = [
            f'{{"event_id":{msgspec.json.encode(self._prefix).decode()[:-1]}', said, '","kind":"track","name":"', name,
            '","happened_us":', happened, f',"source_id":{self._source}', *ids, ',"properties":{"order_id":"', said,
            '","currency":"', spent, '","', sum_name, '":', *double(total), *optional,
        ]  # fmt: skip
        event_ids = pc.binary_join_element_wise(self._prefix, order, "").to_pylist()
        return heads, event_ids, of_nobody

    def _who(self, lines: Lines) -> pa.Array:
        """The identifiers of each order, as JSON lists with a comma between two; empty for none."""
        found: pa.Array | None = None
        for kind, at in self._ids.items():
            meant = self._meant(kind, _first_said(lines, at))
            if found is not None:
                both = pc.and_(pc.not_equal(found, ""), pc.not_equal(meant, ""))
                meant = joined(found, pc.if_else(both, ",", ""), meant)
            found = meant
        return pa.array([""] * len(lines.starts), pa.string()) if found is None else found

    def _meant(self, kind: str, said: pa.Array) -> pa.Array:
        """Identifiers as they are kept; empty for those that name nobody."""

        def one(text: str) -> str:
            found = typed_id(kind, text, self._request.region, []) if text else None
            return "" if found is None else msgspec.json.encode(found).decode()

        sure = _kept_as_said(said) if kind in AS_SAID else None
        if sure is None:
            return each(said, one)
        kept = joined(f'["{kind}","', said, '"]')
        return (
            kept if sure.all() else pc.replace_with_mask(kept, pa.array(~sure), each(said.filter(pa.array(~sure)), one))
        )

    def _line(self, lines: Lines) -> Iterator[Piece]:
        """The pieces of a line between its brackets."""
        for name in _OF_LINES:
            if name not in self._at:
                continue
            column, key = lines.texts[self._at[name]], JSON_NAMES.get(name, name)
            said = quoted(column)
            if (Cells.of(column).sizes > 0).all():
                yield from (f'"{key}":"', said, '",')
            else:
                yield pc.if_else(pc.equal(column, ""), "", joined(f'"{key}":"', said, '",'))
        comma = ""
        for name in _NUMBERS:
            if name in lines.numbers:
                yield f'{comma}"{name}":'
                yield from written(lines.numbers[name], lines.said(self._at[name]), name in self._whole)
                comma = ","


def _kept_as_said(said: pa.Array) -> Mask | None:
    """Which identifiers that are neither e-mails nor phones are surely kept as they are; None when none is."""
    cells = Cells.of(said)
    sizes = cells.sizes
    if not len(cells.bytes) or not _IN_IDS[cells.bytes].all():
        return None
    first = cells.data[np.minimum(cells.at[:-1], len(cells.data) - 1)]
    sure: Mask = (first >= ord("1")) & (first <= ord("9")) | ((sizes > LONGEST_BLOCKED) & _BEGINS_ID[first])
    return sure & (sizes > 0) & (sizes <= MAX_ID)


def _first_said(lines: Lines, at: int) -> pa.Array:
    """Of each order what the first of its lines says that says something."""
    column, starts = lines.texts[at], lines.starts
    filled = np.flatnonzero(Cells.of(column).sizes > 0)
    if len(filled) == len(column):
        return column.take(pa.array(starts))
    if not len(filled):
        return pa.array([""] * len(starts), pa.string())
    which = np.searchsorted(filled, starts)
    found = filled[np.minimum(which, len(filled) - 1)]
    inside = (found >= starts) & (found < np.append(starts[1:], len(column)))
    return pc.if_else(pa.array(inside), column.take(pa.array(found)), "")
