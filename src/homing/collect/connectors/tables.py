"""How is a table or a query of a database read? Whole, or behind a cursor column; in portions; and never written to.

Equal values of the cursor column are read again from the first of them, so none is lost; rows whose cursor is empty are
read every time. Rows that belong together, as the lines of an order do, come together: a change of one brings them all.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from pydantic import model_validator

from homing.collect.connectors.connector import Portion, Puller, Row
from homing.collect.connectors.place import Place, place_of, read_place
from homing.collect.connectors.values import json_value
from homing.core.errors import InvalidInput
from homing.core.form import ask

LAST = "_homing_last"  # the newest cursor value among rows that belong together
FETCH = 500
PORTION_BYTES = 8_000_000
MOST_TOGETHER = 20_000  # rows; more are no order


class Reading(Protocol):
    """A conversation with a database in which nothing can be written."""

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[dict[str, Any]]]:
        """The rows of a statement, `size` at a time, as the driver gives them."""

    def plain(self, row: dict[str, Any]) -> Row:
        """A row as JSON."""


class TablePuller(Puller):
    """What the connectors of databases share."""

    gives: ClassVar[str] = "orders"
    same_columns: ClassVar[bool] = True
    mark: ClassVar[str] = "?"  # where the n-th bound value stands, from 1

    table: str = ask(
        "Table, or schema.table; empty with a query", "表名或 模式.表名；使用查询时留空", "", max_length=200
    )
    query: str = ask("A query that reads, instead of a table", "只读查询，代替表名", "", max_length=20_000)
    cursor: str = ask(
        "Column that grows with every change, such as updated_at; empty to read everything each time",
        "随每次变更递增的列，如 updated_at；留空则每次读取全部",
        "",
        max_length=200,
    )
    overlap: int = ask(
        "How far to step back behind the cursor for late commits: seconds, or units of a number",
        "为捕获延迟提交而回退的范围：秒，或数值列的单位",
        60,
        ge=0,
        le=31_536_000,
    )
    together: str = ask(
        "Column that rows of one order share, such as order_id, where each row is a line",
        "每行是订单明细时，同一订单各行共有的列，如 order_id",
        "",
        max_length=200,
    )
    batch: int = ask("Rows a portion", "每批行数", 5_000, ge=100, le=50_000)
    timeout_s: int = ask("Seconds to wait for rows", "等待数据的秒数", 300, ge=1, le=86_400)

    @model_validator(mode="after")
    def _one(self) -> TablePuller:
        if bool(self.table.strip()) == bool(self.query.strip()):
            raise ValueError("a table and a query, or neither, wanted one of them")
        return self

    # -- what a database says in its own way ---------------------------------------------------------------------------
    @abstractmethod
    def open(self) -> AbstractContextManager[Reading]:
        """A conversation that cannot write; errors inside become InvalidInput or Transient."""

    @abstractmethod
    def quote(self, name: str) -> str:
        """A name as an identifier."""

    def bound(self, place: Place) -> Any:
        """The value of a place as it is bound."""
        return place.value()

    def text(self, query: str) -> str:
        """The user's query as it stands in a statement."""
        return query

    # -- what is asked -------------------------------------------------------------------------------------------------
    def read(self, after: str | None, *, now_us: int) -> Iterator[Portion]:
        """Rows behind the cursor, in portions."""
        place = read_place(after) if after and self.cursor else None
        sql, count = self.statement(behind=place is not None)
        values = [self.bound(place.back(self.overlap))] * count if place is not None else []
        with self.open() as reading:
            found = reading.stream(sql, values, min(FETCH, self.batch))
            for rows in self._portions(found):
                place = self._reached(rows, place)
                for row in rows:
                    row.pop(LAST, None)
                cursor = place.not_after(now_us).as_cursor() if place is not None else ""
                yield Portion(cursor, [reading.plain(row) for row in rows])

    def peek(self, n: int, *, now_us: int) -> list[Row]:  # noqa: ARG002 - the interface's
        """Some rows, in no order."""
        with self.open() as reading:
            sql = f"SELECT q.* FROM {self._from()} q LIMIT {int(n)}"
            return [reading.plain(row) for rows in reading.stream(sql, (), n) for row in rows]

    def check(self) -> None:
        """Reach it, and see that the columns are there."""
        with self.open() as reading:
            for _ in reading.stream(f"SELECT q.* FROM {self._from()} q LIMIT 1", (), 1):
                pass
            for column in filter(None, (self.cursor, self.together)):
                sql = f"SELECT q.{self.quote(column)} FROM {self._from()} q LIMIT 1"
                for _ in reading.stream(sql, (), 1):
                    pass

    def statement(self, *, behind: bool) -> tuple[str, int]:
        """The statement that reads, and how often the place is bound in it."""
        cursor, together = self.cursor and self.quote(self.cursor), self.together and self.quote(self.together)
        count = 0

        def newer(name: str) -> str:
            nonlocal count
            count += 1
            return f"({name}.{cursor} >= {self.mark.format(n=count)} OR {name}.{cursor} IS NULL)"

        source = self._from()
        if not cursor:
            return f"SELECT q.* FROM {source} q" + (f" ORDER BY q.{together}" if together else ""), 0
        if not together:
            where = f" WHERE {newer('q')}" if behind else ""
            return f"SELECT q.* FROM {source} q{where} ORDER BY q.{cursor}", count
        where = (
            f" WHERE q.{together} IN (SELECT r.{together} FROM {source} r WHERE {newer('r')})"
            f" OR (q.{together} IS NULL AND {newer('q')})"
            if behind
            else ""
        )
        last = self.quote(LAST)
        return (
            f"SELECT o.* FROM (SELECT q.*, max(q.{cursor}) OVER (PARTITION BY q.{together}) AS {last}"
            f" FROM {source} q{where}) o ORDER BY o.{last}, o.{together}"
        ), count

    # -- pieces --------------------------------------------------------------------------------------------------------
    def _from(self) -> str:
        if self.table.strip():
            return ".".join(self.quote(part) for part in self.table.strip().split("."))
        return f"({self.text(self.query.strip().rstrip(';'))}\n)"  # a comment at its end must not swallow the bracket

    def _portions(self, found: Iterator[list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
        """The rows in portions of bounded size; what belongs together is not taken apart."""
        held: list[dict[str, Any]] = []
        size = 0
        for rows in found:
            held += rows
            size += sum(len(v) for row in rows for v in row.values() if isinstance(v, str | bytes))
            if len(held) < self.batch and size < PORTION_BYTES:
                continue
            cut = self._cut(held)
            if cut:
                yield held[:cut]
                held, size = held[cut:], 0
        if held:
            yield held

    def _cut(self, rows: list[dict[str, Any]]) -> int:
        """How many of these rows can go: all, or those before the group that may go on."""
        if not self.together or len(rows) >= self.batch + MOST_TOGETHER:
            return len(rows)
        same: Callable[[dict[str, Any]], Any] = lambda row: _value(row, self.together)  # noqa: E731
        cut = len(rows)
        while cut and same(rows[cut - 1]) == same(rows[-1]):
            cut -= 1
        return cut

    def _reached(self, rows: list[dict[str, Any]], before: Place | None) -> Place | None:
        if not self.cursor:
            return None
        column = LAST if self.together else self.cursor
        for row in reversed(rows):
            value = _value(row, column)
            if value is not None:
                return place_of(value)
        return before


def plain_row(row: dict[str, Any]) -> Row:
    """A row as JSON, every value by its own type."""
    return {name: json_value(value) for name, value in row.items()}


def _value(row: dict[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    for name, value in row.items():  # a database that folds the case of names
        if name.lower() == column.lower():
            return value
    raise InvalidInput(f"no column {column[:60]!r}, the rows have {', '.join(list(row)[:40])}", field="cursor")
