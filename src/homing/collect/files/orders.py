"""How do rows become orders? Lines with the same order id become one `Order Completed` with its products.

Revenue is the exact decimal sum of the lines. A line that cannot be read is refused, the rest of its order goes in. An
order that only takes money back becomes `Order Refunded`. An order without a customer is a fact about no one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa

from homing.collect.doors.segment_api import typed_id
from homing.collect.doors.wire import No, guard
from homing.collect.files.feed import FeedBatch, ImportRequest, RowReject, Share
from homing.collect.files.fields import ColumnMap, whole_columns
from homing.collect.files.lines import Lines, by_time, rows_of, some, together
from homing.collect.files.linetexts import LineTexts
from homing.collect.files.ordersql import MAX_LINES, NUMBERS, QUARTER_US, OrderSql
from homing.collect.files.ordertexts import OrderTexts
from homing.collect.files.sidebyside import Proof, sorted_groups
from homing.collect.met import TIME, unlike
from homing.collect.normalise import EMPTY, MONTH_FIRST_REGIONS, TimeReader, number, proves_day_first, wall_to_us
from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.time import DAY
from homing.storage.files import Scratch
from homing.storage.files.scratch import PART_BYTES

ORDERS_A_BATCH = 5_000
KNOWN_A_PART = 50_000


class OrderFeed:
    """The orders of a file.

    Args:
        scratch: its rows.
        mapping: its columns.
        request: how it is meant.
        now_us: nothing may have happened a day after this.
        proof: that most orders can be put together without the database.
    """

    def __init__(
        self, scratch: Scratch, mapping: ColumnMap, request: ImportRequest, now_us: int, proof: Proof | None = None
    ) -> None:
        self._scratch = scratch
        self._mapping = mapping
        self._request = request
        self._now_us = now_us
        self._proof = proof
        self._plain: Lines | None = None  # of the batch given last, where the database has no part in it
        self._whole = frozenset(NUMBERS) if proof is None else proof.whole
        ids = [*mapping.identifiers().values(), mapping.fields["order_id"]]
        whole = whole_columns(scratch, ids) if proof is None else set()
        self._sql = OrderSql(mapping, scratch.types, scratch.damaged, whole, EMPTY | request.empty)
        self.lines = self._sql.lines
        place = mapping.fields.get("products")
        self._typed = place is not None and scratch.types[place].endswith("[]")
        self.day_first: bool | None = None
        self._orders = self._of_nobody = 0

    def batches(self) -> Iterator[FeedBatch]:
        """Rows that stand twice and the orders by time, part by part; refused rows last.

        What the database puts together comes before what needs none.
        """
        if self._proof is None or self._proof.odd:
            yield from self._laid()
        if self._proof is not None:
            yield from self._side_by_side(self._proof)
        if self._proof is None or self._proof.odd:
            self._plain = None
            yield from self._refused()

    def _laid(self) -> Iterator[FeedBatch]:
        self._sql.learn(self._scratch.ask(self._sql.survey())[0])
        self._mend()
        self._scratch.run(Query("CREATE OR REPLACE TABLE refused (_row BIGINT, problem VARCHAR)"))
        for _ in self._scratch.parts(f"c{self._mapping.fields['order_id']}"):
            self._scratch.run(self._sql.checked(self._now_us + DAY))
            if self.lines:
                self._scratch.run(self._sql.too_long())
            self._scratch.run(Query("INSERT INTO refused SELECT _row, problem FROM checked WHERE problem IS NOT NULL"))
            twice = (
                int(self._scratch.ask(self._sql.drop_twice())[0][0]) if self._scratch.ask(self._sql.any_twice()) else 0
            )
            if twice:
                yield FeedBatch([], [], [], twice)
            self._scratch.run(self._sql.put_together())
            self._know()
            r = self._request
            self._scratch.run(self._sql.headed({"source": r.source, "currency": r.currency,
                                                "prefix": f"order:{r.source}:", "now": self._now_us}))  # fmt: skip
            yield from self._lines() if self.lines else self._rows()

    def _side_by_side(self, proof: Proof) -> Iterator[FeedBatch]:
        texts = OrderTexts(self._mapping, self._request, self._now_us, self._whole)
        pieces = proof.pieces()
        for many in sorted_groups(proof.places, PART_BYTES):
            lines = by_time(together([piece for _, piece in islice(pieces, many)]), self._mapping.fields["order_id"])
            for at in range(0, len(lines.starts), ORDERS_A_BATCH):
                self._plain = some(lines, at, at + ORDERS_A_BATCH)
                orders = texts.of(self._plain)
                self._orders += len(orders.ids)
                self._of_nobody += orders.of_nobody
                yield FeedBatch([], [], [], ready=orders)

    def rows_of(self, first_row: int) -> list[tuple[int, tuple[str, ...]]]:
        """The rows of the order that begins at this one, while its part is read."""
        if self._plain is not None:
            return rows_of(self._plain, first_row)
        found = self._scratch.ask(self._sql.rows_of(first_row))
        return [(row, tuple(_text(v) for v in values)) for row, *values in found]

    def counts(self) -> dict[str, int]:
        """How many orders the file holds, and how many of them name no customer."""
        return {"orders": self._orders, "orders_without_customer": self._of_nobody}

    def _know(self) -> None:
        """Identifiers as they are kept, and the zone's offsets: each distinct value once."""
        for made in self._sql.ids_kept():
            self._scratch.run(made)
        for kind, query in self._sql.ids_said().items():
            for rows in self._scratch.stream(query, KNOWN_A_PART):
                said = [str(r[0]) for r in rows]
                self._scratch.extend(f"known_{kind}", pa.table({
                    "said": pa.array(said, pa.string()),
                    "meant": pa.array([self._id(kind, text) for text in said], pa.string()),
                }))  # fmt: skip
        self._scratch.run(Query("CREATE OR REPLACE TABLE shift (quarter BIGINT, shift_us BIGINT)"))
        for rows in self._scratch.stream(self._sql.quarters(), KNOWN_A_PART):
            quarters = [int(r[0]) for r in rows]
            walls = [quarter * QUARTER_US for quarter in quarters]
            self._scratch.extend("shift", pa.table({
                "quarter": pa.array(quarters, pa.int64()),
                "shift_us": pa.array([wall - wall_to_us(wall, self._request.zone) for wall in walls], pa.int64()),
            }))  # fmt: skip

    def _id(self, kind: str, text: str) -> str | None:
        found = typed_id(kind, text, self._request.region, [])
        return None if found is None else msgspec.json.encode(found).decode()

    def _mend(self) -> None:
        """Read by hand what the database could not: each distinct odd number and time once."""
        odd = self._sql.odd_fields
        for name in odd - {"time"}:
            self._scratch.run(Query(f"CREATE OR REPLACE TABLE mend_{name} (said VARCHAR, meant VARCHAR)"))
            for said in self._odd(name):
                self._scratch.extend(f"mend_{name}", pa.table({
                    "said": pa.array(said, pa.string()),
                    "meant": pa.array([_number(text) for text in said], pa.string()),
                }))  # fmt: skip
        if "time" not in odd:
            return
        self.day_first = proves_day_first(text for said in self._odd("time") for text in said)
        assumed = self._request.region not in MONTH_FIRST_REGIONS if self.day_first is None else self.day_first
        reader = TimeReader(self._request.zone, assumed)
        self._scratch.run(Query("CREATE OR REPLACE TABLE mend_time (said VARCHAR, meant BIGINT, zoned BOOLEAN)"))
        for said in self._odd("time"):
            parts = [_time(reader, text) for text in said]
            self._scratch.extend("mend_time", pa.table({
                "said": pa.array(said, pa.string()),
                "meant": pa.array([p[0] for p in parts], pa.int64()),
                "zoned": pa.array([p[1] for p in parts], pa.bool_()),
            }))  # fmt: skip

    def _odd(self, name: str) -> Iterator[list[str]]:
        for rows in self._scratch.stream(self._sql.odd(name), KNOWN_A_PART):
            yield [str(r[0]) for r in rows]

    def _refused(self) -> Iterator[FeedBatch]:
        for rows in self._scratch.stream(self._sql.refused()):
            rejects = []
            for row, problem, *values in rows:
                code, _, name = str(problem).partition(":")
                texts = tuple(_text(v) for v in values)
                rejects.append(RowReject(row, code, self._reason(code, name, texts), texts))
            yield FeedBatch([], [], rejects)

    def _reason(self, code: str, name: str, texts: tuple[str, ...]) -> str:
        if code not in _WANTED:
            return _WORDS[code].format(name)
        at = self._mapping.fields[name]
        return unlike(name, texts[at], _WANTED[code], column=self._mapping.columns[at])

    # -- batches -------------------------------------------------------------------------------------------------------
    def _lines(self) -> Iterator[FeedBatch]:
        """Orders of lines: the database has written them line by line, one behind the other."""
        (found,) = self._scratch.ask(self._sql.whole_numbers())
        whole = frozenset(n for n, is_whole in zip(NUMBERS, found, strict=True) if is_whole)
        if self._proof is not None:
            whole &= self._proof.whole
            self._whole &= whole
        texts = LineTexts(self._scratch.table(self._sql.texts_of_lines(whole)))
        self._scratch.run(Query("ALTER TABLE headed DROP COLUMN head"))  # it stands in the texts, and was the largest
        all_orders = self._scratch.table(self._sql.orders_by_place())
        for at in range(0, len(all_orders), ORDERS_A_BATCH):
            event_ids, lines, of_nobody, first_rows = (
                column.to_numpy().tolist() for column in all_orders.slice(at, ORDERS_A_BATCH).columns
            )
            bodies = texts.next(lines)
            shares = [Share(n, 1, first_row) for n, first_row in zip(lines, first_rows, strict=True)]
            self._of_nobody += sum(of_nobody)
            yield self._counted(FeedBatch(list(zip(event_ids, bodies, strict=True)), shares, []))

    def _rows(self) -> Iterator[FeedBatch]:
        """Orders of one row each; their products are as somebody wrote them."""
        for rows in self._scratch.stream(self._sql.events_by_place(), ORDERS_A_BATCH):
            batch, odd = FeedBatch([], [], []), []
            for event_id, lines, of_nobody, first_row, body, products in rows:
                ending = self._ending(products)
                if ending is None:
                    odd.append(first_row)
                    continue
                batch.encoded.append((event_id, body + ending))
                batch.shares.append(Share(lines, 1, first_row))
                self._of_nobody += of_nobody
            for row_number, *values in self._scratch.ask(self._sql.rows(odd)) if odd else []:
                said = _WORDS["shape"].format("products")
                batch.rejects.append(RowReject(row_number, "shape", said, tuple(_text(v) for v in values)))
            yield self._counted(batch)

    def _counted(self, batch: FeedBatch) -> FeedBatch:
        self._orders += len(batch.encoded)
        return batch

    def _ending(self, products: str | None) -> bytes | None:
        """The event from `products` on; None when they are no list."""
        if products is None:
            return b"}}"
        found = _written(products) if self._typed else _listed(products)
        return None if found is None else b',"products":' + msgspec.json.encode(found) + b"}}"


_NOT_JSON = re.compile(r'(?<!\\)":(?:-?Infinity|NaN)')
_WANTED = {"bad_time": f"a time such as {TIME}", "bad_number": "a number", "future_time": "a time that has been"}
_WORDS = {
    "missing_value": "{} is empty, wanted a value",
    "encoding": "the row holds bytes that are no text in the file's encoding",
    "event_too_large": f"{{}} has over {MAX_LINES} lines",
    "shape": "{} is not a JSON list of products",
}


def _written(text: str) -> msgspec.Raw:
    """JSON the database wrote of typed columns: sound but for what is no number, which becomes null."""
    if "NaN" in text or "Infinity" in text:
        text = _NOT_JSON.sub('":null', text)
    return msgspec.Raw(text.encode())


def _listed(text: str) -> list[dict[str, Any]] | None:
    """The products somebody wrote as JSON; None when they are no list of objects."""
    try:
        found = msgspec.json.decode(text)
        guard(found)
    except (No, ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(p, dict) for p in found) else None


def _number(text: str) -> str | None:
    if text.strip().lower() in EMPTY:
        return ""  # means nothing, and that is allowed
    try:
        return str(number(text))
    except InvalidInput:
        return None


def _time(reader: TimeReader, text: str) -> tuple[int | None, bool]:
    try:
        return reader.parts(text)
    except InvalidInput:
        return None, False


def _text(value: object) -> str:
    return "" if value is None else str(value)
