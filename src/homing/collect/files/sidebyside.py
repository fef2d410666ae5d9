"""Do the lines of each order lie side by side in a file? Then it is read piece by piece, and no database is needed.

It is proved on the whole file before anything is made of it: pieces end where orders end, and no order stands in two
places. Orders with a line that is not written plainly are set aside; they are put together as those of any other file.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from homing.collect.files.apart import Apart, NotSo, OutOfOrder
from homing.collect.files.feed import ImportRequest
from homing.collect.files.fields import ColumnMap
from homing.collect.files.lines import Lines, paid, without
from homing.collect.files.ordersql import MAX_LINES, NUMBERS, QUARTER_US, TEXTS, of_lines
from homing.collect.files.plainly import UNIT, Cells, Mask, Texts, Whole, numbers, times
from homing.collect.normalise import EMPTY, wall_to_us
from homing.core.time import DAY
from homing.storage.files import Scratch
from homing.storage.files.pieces import Pieces, PieceScratch

PIECE = 2 * 1024 * 1024  # its columns stay near the processor, and memory that was given back is taken again
LONGEST = 64 * 1024 * 1024  # bytes of one order
KEPT_BYTES = 80_000_000  # of a file of no more the pieces stay in memory between proof and use
MOST_ODD = 0.25  # of the rows may be set aside, else the database reads the whole file
FEW = 100_000  # rows of which all may
MOST_ASIDE = 1_000_000  # rows set aside: they lie in memory
AHEAD = 3  # pieces read while others are used
MOST_AN_ORDER = 10**9 * UNIT
_MIXES = (0x9E3779B97F4A7C1, 0x2545F4914F6CDD1D, 0x369DEA0F31A53F85, 0x5851F42D4C957F2D)
_SHIFTS = 64  # lines of an order that are compared one by one


class Read(NamedTuple):
    """What was found in a piece; its rows are counted from 0."""

    lines: Lines
    odd: pa.Table | None  # lines set aside, with `_row`
    orders: pa.Array  # the ids of all its orders
    rows: int

    def behind(self, first: int) -> Read:
        """The same, its first row having this number in the file."""
        odd = self.odd
        if odd is not None:
            odd = odd.set_column(odd.num_columns - 1, "_row", pc.add(odd.column("_row"), first))
        return self._replace(lines=self.lines._replace(rows=self.lines.rows + first), odd=odd)


class Place(NamedTuple):
    """Where a piece lies in the file, and the earliest and latest time in it."""

    at: int
    size: int
    row: int
    earliest: int
    latest: int


class Proof:
    """What is known of a file whose orders lie side by side."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.places: list[Place] = []
        self.odd: list[pa.Table] = []
        self.rows = 0
        self.whole = frozenset(NUMBERS)
        self._kept: list[Lines] | None = [] if reader.size <= KEPT_BYTES else None

    def add(self, at: int, size: int, read: Read) -> None:
        """The next piece."""
        read = read.behind(self.rows + 2)
        lines = read.lines
        if len(lines.starts):
            self.places.append(Place(at, size, self.rows + 2, int(lines.happened.min()), int(lines.happened.max())))
            if self._kept is not None:
                self._kept.append(lines)
        self.rows += read.rows
        if read.odd is not None:
            self.odd.append(read.odd)
            odd = sum(len(table) for table in self.odd)
            if odd > min(max(FEW, MOST_ODD * self.rows), MOST_ASIDE):
                raise NotSo
        whole = self.whole & lines.numbers.keys()
        self.whole -= {n for n in whole if (lines.numbers[n] % UNIT).any()}

    def pieces(self) -> Iterator[tuple[Place, Lines]]:
        """The pieces, a few of them read ahead."""
        if self._kept is not None:
            kept, self._kept = deque(self._kept), []
            for place in self.places:
                yield place, kept.popleft()
            return
        with ThreadPoolExecutor(1) as pool:
            waiting: deque[tuple[Place, Future[Read]]] = deque()
            for place in self.places:
                waiting.append((place, pool.submit(self._reader.again, place)))
                if len(waiting) >= AHEAD:
                    first, read = waiting.popleft()
                    yield first, read.result().lines
            for first, read in waiting:
                yield first, read.result().lines


def proof_in(
    scratch: Scratch, mapping: ColumnMap, request: ImportRequest, now_us: int, *, piece: int = PIECE
) -> Proof | None:
    """What is known of the file; None where it has to be read as a whole.

    Args:
        scratch: its rows; what is set aside is all it will lay out, where there is a proof.
        mapping: its columns.
        request: how it is meant.
        now_us: nothing may have happened a day after this.
        piece: bytes read at a time.
    """
    if not isinstance(scratch, PieceScratch) or "products" in mapping.fields:
        return None
    reader = Reader(scratch.pieces, mapping, request, now_us, piece)
    try:
        try:
            proof = reader.prove(by_one=False)
        except OutOfOrder:
            proof = reader.prove(by_one=True)
    except NotSo:
        return None
    scratch.only(proof.rows, proof.odd)
    return proof


class Reader:
    """Reads pieces of one file."""

    def __init__(
        self, pieces: Pieces, mapping: ColumnMap, request: ImportRequest, now_us: int, piece: int = PIECE
    ) -> None:
        self._piece = piece
        self._pieces = pieces
        self._zone = request.zone
        self._latest = now_us + DAY
        self.size = pieces.path.stat().st_size
        fields = mapping.fields
        self._most = MAX_LINES if of_lines(mapping) else 1
        self._order, self._time = fields["order_id"], fields["time"]
        self._who = list(mapping.identifiers().values())
        self._numbers = {n: fields[n] for n in NUMBERS if n in fields}
        self._texts = sorted({fields[n] for n in TEXTS if n in fields} | set(self._who) - {self._order})
        self._pointed: set[int] = set()  # columns of ids with values that end in `.0`
        self._settled: set[int] = set()  # those with others
        self._words = Texts(EMPTY | request.empty)

    def prove(self, *, by_one: bool) -> Proof:
        """Read all pieces and find that no order stands in two places.

        Raises:
            NotSo: one does, or the file is not plain.
        """
        proof, apart = Proof(self), Apart(by_one)
        waiting: deque[tuple[int, int, Future[Read]]] = deque()
        with ThreadPoolExecutor(2) as pool:
            try:
                for at, text in self._cut():
                    waiting.append((at, len(text), pool.submit(self._read, text)))
                    if len(waiting) > AHEAD:
                        self._take(proof, apart, waiting.popleft())
                while waiting:
                    self._take(proof, apart, waiting.popleft())
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        apart.settle()
        if not proof.rows or self._pointed - self._settled:
            raise NotSo
        return proof

    def again(self, place: Place) -> Read:
        """A piece that was read before."""
        with self._pieces.path.open("rb") as file:
            file.seek(place.at)
            return self._read(file.read(place.size)).behind(place.row)

    @staticmethod
    def _take(proof: Proof, apart: Apart, found: tuple[int, int, Future[Read]]) -> None:
        at, size, waited = found
        read = waited.result()
        apart.add(read.orders)
        proof.add(at, size, read)

    # -- cutting -------------------------------------------------------------------------------------------------------
    def _cut(self) -> Iterator[tuple[int, bytes]]:
        """Where each piece begins, and its text: whole orders."""
        at, rest = self._pieces.begin, b""
        with self._pieces.path.open("rb") as file:
            file.seek(at)
            while more := file.read(self._piece):
                text = rest + more
                end = self._last_order(text)
                if end:
                    yield at, text[:end]
                at, rest = at + end, text[end:]
                if len(rest) > LONGEST:
                    raise NotSo
        if rest:
            yield at, rest

    def _last_order(self, text: bytes) -> int:
        """Where the last order that may go on behind the text begins; 0 when it is the only one."""
        end = text.rfind(b"\n")
        last: str | None = None
        lines = 0
        while end > 0 and lines <= MAX_LINES:
            begin = text.rfind(b"\n", 0, end) + 1
            order = self._order_of(text[begin:end])
            if last is not None and order != last:
                return end + 1
            last, end, lines = order, begin - 1, lines + 1
        return 0

    def _order_of(self, line: bytes) -> str:
        try:
            cells = next(csv.reader([line.decode()], delimiter=self._pieces.delimiter, strict=True))
            return cells[self._order]
        except (UnicodeDecodeError, StopIteration, IndexError, csv.Error):
            raise NotSo from None

    # -- reading -------------------------------------------------------------------------------------------------------
    def _read(self, text: bytes) -> Read:
        table = self._pieces.table(text)
        if table is None:
            raise NotSo
        table = table.combine_chunks()
        many = table.num_rows
        columns = {at: _whole(table, at) for at in {self._order, self._time, *self._texts, *self._numbers.values()}}
        ids, unclean = self._words.read(columns[self._order])
        if unclean is not None:
            raise NotSo
        self._note_points(columns)
        odd = np.zeros(many, np.bool_)
        texts = {self._order: ids}
        for at in self._texts:
            texts[at], unclean = self._words.read(columns[at])
            if unclean is not None:
                odd |= unclean
        said: dict[str, Whole] = {}
        for name, at in self._numbers.items():
            said[name], unclean = numbers(columns[at])
            if unclean is not None:
                odd |= unclean
        at_us, unclean = times(columns[self._time])
        if unclean is not None:
            odd |= unclean
        odd |= at_us > self._latest
        odd |= Cells.of(ids).sizes == 0
        odd |= _inexact(said)
        changed = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
        starts = np.concatenate([[0], np.flatnonzero(changed) + 1])
        orders = ids.take(pa.array(starts))
        lengths = np.diff(starts, append=many)
        aside = np.logical_or.reduceat(odd, starts) | (lengths > self._most) | _twice(table, said, at_us, starts)
        aside |= _too_large(said, starts)
        happened = np.minimum.reduceat(at_us, starts)
        happened -= self._shift(happened)
        lines = Lines(np.arange(many), table, texts, said, starts, happened)
        if not aside.any():
            return Read(lines, None, orders, many)
        away = np.repeat(aside, lengths)
        away_rows = table.filter(pa.array(away)).append_column("_row", pa.array(lines.rows[away]))
        return Read(without(lines, ~aside, ~away), away_rows, orders.filter(pc.not_equal(orders, "")), many)

    def _shift(self, wall: Whole) -> Whole:
        """How far wall time is ahead of UTC; every change lies on a quarter of an hour."""
        quarters, which = np.unique(wall // QUARTER_US, return_inverse=True)
        walls = [quarter * QUARTER_US for quarter in quarters.tolist()]
        return np.array([at - wall_to_us(at, self._zone) for at in walls], np.int64)[which]

    def _note_points(self, columns: dict[int, pa.Array]) -> None:
        """Note which ids may be whole numbers written with `.0` throughout: one that is not settles it."""
        for at in {self._order, *self._who} - self._settled:
            pointed = pc.ends_with(columns[at], ".0").to_numpy(zero_copy_only=False)
            if (~pointed & (Cells.of(columns[at]).sizes > 0)).any():
                self._settled.add(at)
            elif pointed.any():
                self._pointed.add(at)


def _whole(table: pa.Table, at: int) -> pa.Array:
    column = table.column(at)
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _inexact(said: dict[str, Whole]) -> Any:
    """Lines whose price times their quantity is very large, or has more places than are kept."""
    if "revenue" in said or "quantity" not in said:
        return False
    price, quantity = said["price"], said["quantity"]
    return (price % UNIT * (quantity % UNIT) % UNIT != 0) | (np.abs(price / UNIT * quantity) > MOST_AN_ORDER)


def _too_large(said: dict[str, Whole], starts: NDArray[np.int64]) -> Any:
    """Orders of a sum that a double does not hold exactly."""
    return np.abs(np.add.reduceat(paid(said), starts)) > MOST_AN_ORDER


def _twice(table: pa.Table, said: dict[str, Whole], at_us: Whole, starts: NDArray[np.int64]) -> Mask:
    """Orders that may hold the same line twice."""
    lengths = np.diff(starts, append=len(at_us))
    found = lengths > _SHIFTS
    order = np.repeat(np.arange(len(starts)), lengths)
    key = order * _MIXES[0] + at_us
    for values, mix in zip(said.values(), _MIXES[1:], strict=False):
        key += values * mix
    for apart in range(1, min(_SHIFTS, int(lengths.max()))):
        near = np.flatnonzero(key[apart:] == key[:-apart])
        if len(near):
            first, second = table.take(pa.array(near)), table.take(pa.array(near + apart))
            same = order[near] == order[near + apart]
            for one, other in zip(first.columns, second.columns, strict=True):
                same &= pc.equal(one, other).to_numpy()
            found[order[near[same]]] = True
    return found


def sorted_groups(places: Sequence[Place], most: int) -> Iterator[int]:
    """How many pieces to put in order together: so few that no later one holds anything earlier.

    Args:
        places: of all pieces.
        most: bytes of a group; where more would belong together they are put in order part by part.
    """
    if not places:
        return
    later = np.minimum.accumulate([p.earliest for p in reversed(places)])[::-1]
    begin = size = 0
    latest = -1
    for n, place in enumerate(places):
        latest, size = max(latest, place.latest), size + place.size
        if n + 1 == len(places) or latest < later[n + 1] or size + places[n + 1].size > most:
            yield n + 1 - begin
            begin, size, latest = n + 1, 0, -1
