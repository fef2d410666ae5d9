"""Which statements turn raw rows into orders? Written here, run by the scratch database; only places of columns vary.

The database reads what is written plainly and writes each event's JSON; small tables hold what was read by hand:
`mend_FIELD` odd numbers and times, `known_TYPE` identifiers as they are kept, `shift` the offsets of a zone. A problem
is `code:field`. A file of many rows is cut into parts by order id, so that memory does not grow with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from homing.collect.files.fields import ColumnMap
from homing.collect.normalise import EMPTY
from homing.core.query import Query

_LINE_PROOF = {"product_id", "product_name"}
TEXTS = ("product_id", "product_name", "category", "brand", "currency", "coupon", "store_id", "channel", "products")
NUMBERS = ("revenue", "price", "quantity")
_DECIMAL = "DECIMAL(18,4)"
_OFFSET = r"[0-9]\s*([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
MAX_LINES = 10_000
QUARTER_US = 900_000_000
_JSON_NAMES = {"product_name": "name"}
_MICROSECONDS = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"}
_FLOATS = {"DOUBLE", "FLOAT"}


class OrderSql:
    """The statements for one file."""

    def __init__(
        self, mapping: ColumnMap, types: list[str], damaged: bool, whole: set[int], empty: frozenset[str] = EMPTY
    ) -> None:
        self._at = mapping.fields
        self._ids = mapping.identifiers()
        self._types = types
        self._damaged = damaged
        self._whole = whole  # columns of text whose every value ends in ".0"
        self._empty = {f"empty_{n}": word for n, word in enumerate(sorted(empty))}
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
            f" FROM incoming_rows LEFT JOIN mend_time m_time ON m_time.said = {time}::VARCHAR{joins})"
        )
        words = self._empty if "$empty_0" in sql else {}
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

    def rows_of(self, first_row: int) -> Query:
        """What stands in the rows of one order."""
        return Query(
            "SELECT r.* FROM raw r JOIN checked c ON c._row = r._row WHERE c.problem IS NULL AND c.order_id ="
            " (SELECT order_id FROM checked WHERE _row = $row) ORDER BY r._row",
            {"row": first_row},
        )

    def refused(self) -> Query:
        """The rows with a problem, and what stood in them."""
        return Query(
            "SELECT c._row, c.problem, r.* EXCLUDE (_row) FROM refused c JOIN raw r ON r._row = c._row ORDER BY c._row"
        )

    def drop_twice(self) -> Query:
        """Leave the first of identical rows (of rows with the same order id, in the header form); count the others."""
        same = "order_id, h" if self.lines else "order_id"
        return Query(
            f"WITH first AS (SELECT {same}, min(_row) AS r FROM checked WHERE problem IS NULL GROUP BY {same}"
            f" HAVING count(*) > 1) DELETE FROM checked USING first WHERE checked._row > first.r AND problem IS NULL"
            + "".join(f" AND checked.{c} = first.{c}" for c in same.split(", "))
        )

    def ids_said(self) -> dict[str, Query]:
        """For each type of identifier the distinct values there are."""
        return {
            kind: Query(f"SELECT DISTINCT id_{kind} FROM checked WHERE problem IS NULL AND id_{kind} IS NOT NULL")
            for kind in self._ids
        }

    def quarters(self) -> Query:
        """The quarters of an hour, counted in wall time, in which something happened."""
        return Query(f"SELECT DISTINCT at_us // {QUARTER_US} FROM checked WHERE problem IS NULL AND NOT zoned")

    def whole_numbers(self) -> Query:
        """Of each number of a line, whether it is whole in all rows."""
        return Query("SELECT " + ", ".join(f"coalesce(bool_and({n} = floor({n})), true)" for n in NUMBERS)
                     + " FROM checked WHERE problem IS NULL")  # fmt: skip

    def orders(self, said: Mapping[str, object], whole: frozenset[str]) -> Query:
        """The orders by time: event id, rows, whether they are of nobody, first row, the event but for `products`,
        and `products` where somebody wrote them.

        Args:
            said: `source`, `currency`, `prefix` of the events' ids and `now`.
            whole: numbers to be written without a point.
        """
        line = "coalesce(revenue, TRY_CAST(price * coalesce(quantity, 1) AS DECIMAL(18,4)))"
        texts = ", ".join(f"arg_min({n}, _row) AS {n}" for n in ("currency", "coupon", "store_id", "channel"))
        ids = "".join(f", arg_min(id_{kind}, _row) AS id_{kind}" for kind in self._ids)
        products = (
            f"list({{'a': _row, 'line': {self._line_json(whole)}}})" if self.lines else "any_value(products)"
        ) + " AS products"
        joins = "".join(f" LEFT JOIN known_{kind} k_{kind} ON k_{kind}.said = id_{kind}" for kind in self._ids)
        who = f"concat_ws(',', {', '.join(f'k_{kind}.meant' for kind in self._ids)})" if self._ids else "''"
        end = (
            "',\"products\":[' || array_to_string(list_transform(list_sort(products), lambda x: x.line), ',') || ']}}'"
            if self.lines
            else "''"
        )
        return Query(
            "SELECT event_id, n, who = '', first_row, encode('{\"event_id\":' || to_json(event_id)::VARCHAR ||"
            ' \',"kind":"track","name":"\' || CASE WHEN refund THEN \'Order Refunded\' ELSE \'Order Completed\' END ||'
            ' \'","happened_us":\' || least(happened, $now)::VARCHAR ||'
            " ',\"source_id\":' || to_json($source)::VARCHAR ||"
            " CASE WHEN who = '' THEN '' ELSE ',\"ids\":[' || who || ']' END ||"
            ' \',"properties":{"order_id":\' || to_json(order_id)::VARCHAR ||'
            " ',\"currency\":' || to_json(coalesce(currency, $currency))::VARCHAR ||"
            " CASE WHEN revenue IS NULL THEN '' WHEN refund THEN ',\"total\":' || to_json(-revenue)::VARCHAR"
            " ELSE ',\"revenue\":' || to_json(revenue)::VARCHAR END ||"
            " coalesce(',\"coupon\":' || to_json(coupon)::VARCHAR, '') ||"
            " coalesce(',\"store_id\":' || to_json(store_id)::VARCHAR, '') ||"
            f" coalesce(',\"channel\":' || to_json(channel)::VARCHAR, '') || {end}),"
            f" {'NULL' if self.lines else 'products'}"
            f" FROM (SELECT g.*, $prefix || order_id AS event_id, revenue < 0 AND NOT gains AS refund, {who} AS who,"
            " CASE WHEN zoned THEN at_us ELSE at_us - coalesce(shift_us, 0) END AS happened"
            " FROM (SELECT order_id, min(_row) AS first_row, count(*) AS n, min(at_us) AS at_us,"
            f" arg_min(zoned, at_us) AS zoned, sum({line})::DOUBLE AS revenue,"
            f" coalesce(bool_or({line} > 0), false) AS gains, {products}, {texts}{ids}"
            f" FROM checked WHERE problem IS NULL GROUP BY order_id) g{joins}"
            f" LEFT JOIN shift ON shift.quarter = at_us // {QUARTER_US})"
            " ORDER BY happened, order_id",
            dict(said),
        )

    # -- pieces --------------------------------------------------------------------------------------------------------
    def _said(self, cell: str) -> str:
        if self._types[int(cell[1:])] != "VARCHAR":
            return f"({cell} IS NOT NULL)"
        words = ", ".join(f"${name}" for name in self._empty)
        plain = f"lower(trim({cell})) NOT IN ({words})"
        if not any(
            word[:1].isdigit() for word in self._empty.values()
        ):  # then a digit settles it, and most are numbers
            plain = f"(ascii({cell}) BETWEEN 48 AND 57 OR {plain})"
        return f"({cell} IS NOT NULL AND {plain})"

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

    def _line_json(self, whole: frozenset[str]) -> str:
        """A line as JSON: at once where it has every value, piece by piece where one is missing."""
        texts = [n for n in ("product_id", "product_name", "category", "brand") if n in self._at]
        numbers = [n for n in ("quantity", "price", "revenue") if n in self._at]
        values: dict[str, str] = {_JSON_NAMES.get(n, n): n for n in texts}
        values |= {n: f"{n}::{'BIGINT' if n in whole else 'DOUBLE'}" for n in numbers}
        full = " AND ".join(f"{n} IS NOT NULL" for n in [*texts, *numbers])
        at_once = ", ".join(f"'{name}': {value}" for name, value in values.items())
        pieces = ", ".join(f"'\"{name}\":' || to_json({value})::VARCHAR" for name, value in values.items())
        return (
            f"CASE WHEN {full} THEN to_json({{{at_once}}})::VARCHAR ELSE '{{' || concat_ws(',', {pieces}) || '}}' END"
        )
