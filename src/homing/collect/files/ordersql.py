"""Which statements turn raw rows into orders? Written here, run by the scratch database; only places of columns vary.

The database reads what is written plainly; `mend_…` tables hold what was read by hand. A problem is `code:field`.
"""

from __future__ import annotations

from homing.collect.files.fields import ColumnMap
from homing.collect.normalise import EMPTY
from homing.core.query import Query

_LINE_PROOF = {"product_id", "product_name"}
TEXTS = ("product_id", "product_name", "category", "brand", "currency", "coupon", "store_id", "channel", "products")
NUMBERS = ("revenue", "price", "quantity")
_DECIMAL = "DECIMAL(18,4)"
_OFFSET = r"[0-9]\s*([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
MAX_LINES = 10_000
_JSON_NAMES = {"product_name": "name"}
_MICROSECONDS = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"}
_FLOATS = {"DOUBLE", "FLOAT"}


class OrderSql:
    """The statements for one file."""

    def __init__(self, mapping: ColumnMap, types: list[str], damaged: bool, whole: set[int]) -> None:
        self._at = mapping.fields
        self._ids = mapping.identifiers()
        self._types = types
        self._damaged = damaged
        self._whole = whole  # columns of text whose every value ends in ".0"
        self.lines = bool(_LINE_PROOF & mapping.fields.keys()) and "products" not in mapping.fields
        self.numbers = [n for n in NUMBERS if n in self._at]

    def odd(self, name: str) -> Query:
        """The distinct values of a field that are not written plainly."""
        cell, plain = f"c{self._at[name]}", self._plain_time() if name == "time" else self._plain_number(name)
        return Query(f"SELECT DISTINCT {cell}::VARCHAR FROM raw WHERE {cell} IS NOT NULL AND {plain} IS NULL")

    def checked(self, latest_us: int) -> Query:
        """Make table `checked`: every row cleaned, with its problem or none."""
        texts = ", ".join(f"{self._text(n)} AS {n}" for n in TEXTS)
        ids = "".join(f", {self._text_at(at)} AS id_{kind}" for kind, at in self._ids.items())
        numbers = ", ".join(self._number(n) for n in NUMBERS)
        joins = "".join(f" LEFT JOIN mend_{n} m_{n} ON m_{n}.said = c{self._at[n]}::VARCHAR" for n in self.numbers)
        cells = ", ".join(f"c{n}" for n in range(len(self._types))) if self.lines else "_row"
        time, plain = f"c{self._at['time']}", self._plain_time()
        zoned = f"CASE WHEN {plain} IS NULL THEN m_time.zoned ELSE {self._zoned()} END"
        sql = (
            f"CREATE OR REPLACE TABLE checked AS SELECT *, {self._problem()} AS problem FROM ("
            f"SELECT _row, hash({cells}) AS h, {self._text('order_id')} AS order_id, {texts}{ids}, {numbers},"
            f" coalesce({plain}, m_time.meant) AS at_us, {zoned} AS zoned, {self._said(time)} AS time_said,"
            f" {self._is_damaged()} AS damaged"
            f" FROM raw LEFT JOIN mend_time m_time ON m_time.said = {time}::VARCHAR{joins})"
        )
        words = {"empty": sorted(EMPTY)} if "$empty" in sql else {}
        return Query(sql, {"latest": latest_us, **words})

    def too_long(self) -> Query:
        """Refuse orders of absurd length: the order id is then no order id."""
        return Query(
            "UPDATE checked SET problem = 'event_too_large:order' WHERE problem IS NULL AND order_id IN"
            " (SELECT order_id FROM checked GROUP BY order_id HAVING count(*) > $most)",
            {"most": MAX_LINES},
        )

    def rows(self, rows: list[int]) -> Query:
        """What stands in these rows."""
        return Query("SELECT * FROM raw WHERE list_contains($rows, _row) ORDER BY _row", {"rows": rows})

    def refused(self) -> Query:
        """The rows with a problem, and what stood in them."""
        return Query(
            "SELECT c._row, c.problem, r.* EXCLUDE (_row) FROM checked c JOIN raw r ON r._row = c._row"
            " WHERE c.problem IS NOT NULL ORDER BY c._row"
        )

    def drop_twice(self) -> Query:
        """Leave the first of identical rows (of rows with the same order id, in the header form); count the others."""
        same = "order_id, h" if self.lines else "order_id"
        return Query(
            f"WITH first AS (SELECT {same}, min(_row) AS r FROM checked WHERE problem IS NULL GROUP BY {same}"
            f" HAVING count(*) > 1) DELETE FROM checked USING first WHERE checked._row > first.r AND problem IS NULL"
            + "".join(f" AND checked.{c} = first.{c}" for c in same.split(", "))
        )

    def orders(self) -> Query:
        """The orders by time: id, first row, rows, time, zoned, revenue, gains, products, texts, identifiers."""
        line = "coalesce(revenue, TRY_CAST(price * coalesce(quantity, 1) AS DECIMAL(18,4)))"
        products = (
            f"'[' || string_agg({self._line_json()}, ',' ORDER BY _row) || ']'" if self.lines else "any_value(products)"
        )
        texts = ", ".join(f"arg_min({n}, _row)" for n in ("currency", "coupon", "store_id", "channel"))
        ids = "".join(f", arg_min(id_{kind}, _row)" for kind in self._ids)
        return Query(
            f"SELECT order_id, min(_row), count(*), min(at_us) AS at_us, arg_min(zoned, at_us), sum({line})::DOUBLE,"
            f" count(*) FILTER ({line} > 0), {products}, {texts}{ids}"
            " FROM checked WHERE problem IS NULL GROUP BY order_id ORDER BY at_us, order_id"
        )

    # -- pieces --------------------------------------------------------------------------------------------------------
    def _said(self, cell: str) -> str:
        if self._types[int(cell[1:])] != "VARCHAR":
            return f"({cell} IS NOT NULL)"
        return f"({cell} IS NOT NULL AND NOT list_contains($empty, lower(trim({cell}))))"

    def _text(self, name: str) -> str:
        return self._text_at(self._at[name]) if name in self._at else "NULL::VARCHAR"

    def _text_at(self, at: int) -> str:
        cell = f"c{at}"
        if self._types[at] in _FLOATS:  # whole numbers that had gaps between them are written as floats
            return f"CASE WHEN {cell} = floor({cell}) THEN {cell}::HUGEINT::VARCHAR ELSE {cell}::VARCHAR END"
        if self._types[at].endswith("[]"):  # Parquet keeps `products` as a list of structures
            return f"CASE WHEN {cell} IS NOT NULL THEN to_json({cell})::VARCHAR END"
        text = f"regexp_replace(trim({cell}), '\\.0$', '')" if at in self._whole else f"trim({cell}::VARCHAR)"
        return f"CASE WHEN {self._said(cell)} THEN {text} END"

    def _plain_number(self, name: str) -> str:
        return f"TRY_CAST(c{self._at[name]} AS {_DECIMAL})"

    def _number(self, name: str) -> str:
        if name not in self._at:
            return f"NULL::{_DECIMAL} AS {name}, false AS {name}_odd"
        mended = f"TRY_CAST(m_{name}.meant AS {_DECIMAL})"
        odd = f"c{self._at[name]} IS NOT NULL AND {self._plain_number(name)} IS NULL AND {mended} IS NULL"
        return (
            f"coalesce({self._plain_number(name)}, {mended}) AS {name},"
            f" ({odd} AND m_{name}.meant IS DISTINCT FROM '') AS {name}_odd"
        )

    def _plain_time(self) -> str:
        at = self._at["time"]
        cell, kind = f"c{at}", self._types[at]
        if kind in _MICROSECONDS:
            return f"epoch_us({cell}::TIMESTAMP)"
        if kind == "TIMESTAMP WITH TIME ZONE":
            return f"epoch_us({cell})"
        if kind != "VARCHAR":
            return "NULL::BIGINT"
        return (
            f"CASE WHEN NOT regexp_matches({cell}, '^[0-9]{{4}}-') THEN NULL WHEN {self._zoned()}"
            f" THEN epoch_us(TRY_CAST({cell} AS TIMESTAMPTZ)) ELSE epoch_us(TRY_CAST({cell} AS TIMESTAMP)) END"
        )

    def _zoned(self) -> str:
        at = self._at["time"]
        if self._types[at] == "VARCHAR":
            return f"(contains(c{at}, ':') AND regexp_matches(c{at}, '{_OFFSET}'))"
        return str(self._types[at] == "TIMESTAMP WITH TIME ZONE").lower()

    def _is_damaged(self) -> str:
        cells = [f"contains(c{n}, chr(65533))" for n, kind in enumerate(self._types) if kind == "VARCHAR"]
        return f"coalesce({' OR '.join(cells)}, false)" if self._damaged and cells else "false"

    def _problem(self) -> str:
        checks = [
            ("damaged", "encoding:"),
            ("order_id IS NULL", "missing_value:order_id"),
            ("NOT time_said", "missing_value:time"),
            ("at_us IS NULL OR at_us < 0", "bad_time:time"),
            ("at_us > $latest", "future_time:time"),
            *((f"{n}_odd", f"bad_number:{n}") for n in self.numbers),
            ("revenue IS NULL AND price IS NULL", "missing_value:revenue"),
        ]
        return "CASE " + " ".join(f"WHEN {test} THEN '{code}'" for test, code in checks) + " END"

    def _line_json(self) -> str:
        parts = [
            f"'\"{_JSON_NAMES.get(n, n)}\":' || to_json({n})::VARCHAR"
            for n in ("product_id", "product_name", "category", "brand")
            if n in self._at
        ]
        parts += [
            f"'\"{n}\":' || rtrim(rtrim({n}::VARCHAR, '0'), '.')"
            for n in ("quantity", "price", "revenue")
            if n in self._at
        ]
        return f"'{{' || concat_ws(',', {', '.join(parts)}) || '}}'"
