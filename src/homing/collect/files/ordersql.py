"""Which statements turn raw rows into orders? Written here, run by the scratch database; only places of columns vary.

The database reads what is written plainly and writes each event's JSON; small tables hold what was read by hand:
`mend_FIELD` odd numbers and times, `known_TYPE` identifiers as they are kept, `shift` the offsets of a zone. A problem
is `code:field`. A file of many rows is cut into parts by order id, so that memory does not grow with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_letters, digits

from homing.collect.files.fields import ColumnMap
from homing.collect.normalise import EMPTY
from homing.core.ids import BLOCKED, ID_TYPES
from homing.core.query import Query

_LINE_PROOF = {"product_id", "product_name"}
TEXTS = ("product_id", "product_name", "category", "brand", "currency", "coupon", "store_id", "channel", "products")
NUMBERS = ("revenue", "price", "quantity")
_DECIMAL = "DECIMAL(18,4)"
_SECONDS = "[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}"
_OFFSET = r"[0-9]\s*([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
_LETTERS = sorted([*map(ord, ascii_letters + digits), *range(0x4E00, 0x9FD6)])  # of which none is a blank or a sign
_ASCII = 128
MAX_LINES = 10_000
QUARTER_US = 900_000_000
AS_SAID = ID_TYPES.keys() - {"email", "phone"}  # types whose values are only trimmed
_PLAIN_ID = r"[0-9A-Za-z._:-]{1,255}"
_ONCE = ("currency", "coupon", "store_id", "channel")  # said once an order: by the first of its rows that says it
JSON_NAMES = {"product_name": "name"}
_MICROSECONDS = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"}
_FLOATS = {"DOUBLE", "FLOAT"}


def of_lines(mapping: ColumnMap) -> bool:
    """Whether a row is a line of an order, not a whole one."""
    return bool(_LINE_PROOF & mapping.fields.keys()) and "products" not in mapping.fields


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
        self.lines = of_lines(mapping)
        self.numbers = [n for n in NUMBERS if n in self._at]
        self.read = ["time", *self.numbers]  # fields whose values may need reading by hand
        self.odd_fields: set[str] = set()
        self._seconds = False
        texts = {self._at[n] for n in (*TEXTS, "order_id") if n in self._at} | set(self._ids.values())
        self._texts = sorted(at for at in texts if types[at] == "VARCHAR" and at not in whole)
        self._tidy: set[int] = set()  # columns of text whose values all mean what they are

    def survey(self) -> Query:
        """How the file is written: which fields have values that are not plain, which texts need no cleaning."""
        time = f"c{self._at['time']}"
        tests = [f"coalesce(bool_or({self._odd(n)}), false)" for n in self.read]
        tests.append(f"bool_and({time} IS NULL OR {self._to_the_second(time)})" if self._is_text("time") else "false")
        tests += [f"bool_and(c{at} IS NULL OR {self._clean(f'c{at}')})" for at in self._texts]
        return Query(f"SELECT {', '.join(tests)} FROM raw")

    def learn(self, found: Sequence[bool | None]) -> None:
        """Write the statements from now on for what `survey` found."""
        many = len(self.read)
        self.odd_fields = {name for name, is_odd in zip(self.read, found[:many], strict=True) if is_odd}
        self._seconds = bool(found[many])
        self._tidy = {at for at, is_clean in zip(self._texts, found[many + 1 :], strict=True) if is_clean}

    def odd(self, name: str) -> Query:
        """The distinct values of a field that are not written plainly."""
        return Query(f"SELECT DISTINCT c{self._at[name]}::VARCHAR FROM raw WHERE {self._odd(name)}")

    def checked(self, latest_us: int) -> Query:
        """Make table `checked`: every row cleaned, with its problem or none."""
        texts = "".join(f", {self._text(n)} AS {n}" for n in TEXTS if n in self._at)
        ids = "".join(f", {self._text_at(at)} AS id_{kind}" for kind, at in self._ids.items())
        numbers = ", ".join(self._number(n) for n in NUMBERS)
        odd = sorted(self.odd_fields)
        joins = "".join(f" LEFT JOIN mend_{n} m_{n} ON m_{n}.said = c{self._at[n]}::VARCHAR" for n in odd)
        cells = ", ".join(f"c{n}" for n in range(len(self._types))) if self.lines else "_row"
        time, at_us, zoned = f"c{self._at['time']}", self._plain_time(), self._zoned()
        if "time" in odd:
            zoned = f"CASE WHEN {at_us} IS NULL THEN m_time.zoned ELSE {zoned} END"
            at_us = f"coalesce({at_us}, m_time.meant)"
        tests = ", ".join(["time_said", "damaged", *(f"{n}_odd" for n in NUMBERS)])
        sql = (
            f"CREATE OR REPLACE TABLE checked AS SELECT * EXCLUDE ({tests}), {self._problem()} AS problem FROM ("
            f"SELECT _row, hash({cells}) AS h, {self._text('order_id')} AS order_id{texts}{ids}, {numbers},"
            f" {at_us} AS at_us, {zoned} AS zoned, {self._said(time)} AS time_said,"
            f" {self._is_damaged()} AS damaged FROM incoming_rows{joins})"
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

    def any_twice(self) -> Query:
        """Whether rows may stand twice."""
        same = "h" if self.lines else "order_id"
        return Query(f"SELECT 1 FROM checked WHERE problem IS NULL GROUP BY {same} HAVING count(*) > 1 LIMIT 1")

    def drop_twice(self) -> Query:
        """Leave the first of identical rows (of rows with the same order id, in the header form); count the others."""
        same = "order_id, h" if self.lines else "order_id"
        return Query(
            f"WITH first AS (SELECT {same}, min(_row) AS r FROM checked WHERE problem IS NULL GROUP BY {same}"
            f" HAVING count(*) > 1) DELETE FROM checked USING first WHERE checked._row > first.r AND problem IS NULL"
            + "".join(f" AND checked.{c} = first.{c}" for c in same.split(", "))
        )

    def put_together(self) -> Query:
        """Make table `together`: the orders, with what their rows say once."""
        line = "coalesce(revenue, TRY_CAST(TRY(price * coalesce(quantity, 1)) AS DECIMAL(18,4)))"
        texts = "".join(f", arg_min({n}, _row) AS {n}" for n in _ONCE if n in self._at)
        ids = "".join(f", arg_min(id_{kind}, _row) AS id_{kind}" for kind in self._ids)
        products = "any_value(products)" if "products" in self._at else "NULL::VARCHAR"
        return Query(
            "CREATE OR REPLACE TABLE together AS SELECT order_id, min(_row) AS first_row, max(_row) AS last_row,"
            f" count(*) AS n, min(at_us) AS at_us, arg_min(zoned, at_us) AS zoned, sum({line})::DOUBLE AS revenue,"
            f" coalesce(bool_or({line} > 0), false) AS gains{'' if self.lines else f', {products} AS products'}"
            f"{texts}{ids} FROM checked WHERE problem IS NULL GROUP BY order_id"
        )

    def ids_kept(self) -> list[Query]:
        """Make tables `known_TYPE`: identifiers as they are kept, as far as the database can say."""
        return [
            Query(
                f"CREATE OR REPLACE TABLE known_{kind} AS SELECT DISTINCT id_{kind} AS said,"
                f" '[\"{kind}\",\"' || id_{kind} || '\"]' AS meant FROM together WHERE {self._kept_as_said(kind)}"
            )
            for kind in self._ids
        ]

    def ids_said(self) -> dict[str, Query]:
        """For each type of identifier the distinct values of which the database cannot say how they are kept."""
        others = {kind: f"id_{kind} IS NOT NULL AND NOT {self._kept_as_said(kind)}" for kind in self._ids}
        return {kind: Query(f"SELECT DISTINCT id_{kind} FROM together WHERE {test}") for kind, test in others.items()}

    @staticmethod
    def _kept_as_said(kind: str) -> str:
        plain = (
            f"regexp_full_match(id_{kind}, '{_PLAIN_ID}') AND NOT regexp_matches(id_{kind}, '(?i){BLOCKED.pattern}')"
        )
        return f"({plain})" if kind in AS_SAID else "false"

    def quarters(self) -> Query:
        """The quarters of an hour, counted in wall time, in which something happened."""
        return Query(f"SELECT DISTINCT at_us // {QUARTER_US} FROM together WHERE NOT zoned")

    def whole_numbers(self) -> Query:
        """Of each number of a line, whether it is whole in all rows."""
        return Query("SELECT " + ", ".join(f"coalesce(bool_and({n} = floor({n})), true)" for n in NUMBERS)
                     + " FROM checked WHERE problem IS NULL")  # fmt: skip

    def headed(self, said: Mapping[str, object]) -> Query:
        """Make table `headed`: the orders in their place by time, with the event up to its products.

        Args:
            said: `source`, `currency`, `prefix` of the events' ids and `now`.
        """
        joins = "".join(f" LEFT JOIN known_{kind} k_{kind} ON k_{kind}.said = id_{kind}" for kind in self._ids)
        who = f"concat_ws(',', {', '.join(f'k_{kind}.meant' for kind in self._ids)})" if self._ids else "''"
        currency = "coalesce(currency, $currency)" if "currency" in self._at else "$currency"
        optional = ", ".join(
            f"CASE WHEN {n} IS NOT NULL THEN ',\"{n}\":' || to_json({n})::VARCHAR END"
            for n in ("coupon", "store_id", "channel") if n in self._at
        )  # fmt: skip
        return Query(
            "CREATE OR REPLACE TABLE headed AS SELECT order_id, first_row, last_row, n, event_id, who = '' AS nobody,"
            ' concat(\'{"event_id":\', to_json(event_id)::VARCHAR, \',"kind":"track","name":"\','
            " CASE WHEN refund THEN 'Order Refunded' ELSE 'Order Completed' END, '\",\"happened_us\":',"
            " least(happened, $now), ',\"source_id\":', to_json($source)::VARCHAR,"
            " CASE WHEN who <> '' THEN ',\"ids\":[' || who || ']' END,"
            ' \',"properties":{"order_id":\', to_json(order_id)::VARCHAR,'
            f" ',\"currency\":', to_json({currency})::VARCHAR,"
            " CASE WHEN revenue IS NOT NULL THEN CASE WHEN refund THEN ',\"total\":' || to_json(-revenue)::VARCHAR"
            " ELSE ',\"revenue\":' || to_json(revenue)::VARCHAR END END"
            f"{', ' + optional if optional else ''}{self._opened()}) AS head,"
            f" {'' if self.lines else 'products, '}row_number() OVER (ORDER BY happened, order_id) AS place"
            f" FROM (SELECT g.*, $prefix || order_id AS event_id, revenue < 0 AND NOT gains AS refund, {who} AS who,"
            " CASE WHEN zoned THEN at_us ELSE at_us - coalesce(shift_us, 0) END AS happened"
            f" FROM together g{joins} LEFT JOIN shift ON shift.quarter = at_us // {QUARTER_US})",
            dict(said),
        )

    def _opened(self) -> str:
        return ", ',\"products\":['" if self.lines else ""

    def orders_by_place(self) -> Query:
        """The orders by time: event id, rows, whether they are of nobody, first row."""
        return Query("SELECT event_id, n, nobody, first_row FROM headed ORDER BY place")

    def texts_of_lines(self, whole: frozenset[str]) -> Query:
        """For every row, in no order, its order's place, its number and its text: those of an order's rows, one behind
        the other, are its event.

        Args:
            whole: numbers to be written without a point.
        """
        return Query(
            "SELECT place, _row, concat(CASE WHEN _row = first_row THEN head ELSE ',' END, line,"
            f" CASE WHEN _row = last_row THEN ']}}}}' END) AS body FROM"
            f" (SELECT _row, order_id, {self._line_json(whole)} AS line FROM checked WHERE problem IS NULL)"
            " JOIN headed USING (order_id)"
        )

    def events_by_place(self) -> Query:
        """In the header form: as `orders_by_place`, then the event up to `products`, and these as they were written."""
        return Query("SELECT event_id, n, nobody, first_row, encode(head), products FROM headed ORDER BY place")

    # -- pieces --------------------------------------------------------------------------------------------------------
    def _is_text(self, name: str) -> bool:
        return self._types[self._at[name]] == "VARCHAR"

    def _said(self, cell: str) -> str:
        if self._types[int(cell[1:])] != "VARCHAR" or int(cell[1:]) in self._tidy:
            return f"({cell} IS NOT NULL)"
        words = ", ".join(f"${name}" for name in self._empty)
        return (
            f"({cell} IS NOT NULL AND (CASE WHEN {self._sure(cell)} THEN true ELSE"
            f" lower(trim({cell})) NOT IN ({words}) END))"
        )

    def _sure(self, cell: str) -> str:
        """Whether the first letter or digit settles that it is none of the words for nothing: it does for most."""
        runs = _runs([n for n in self._beginnings() if n < _ASCII])
        return "(" + " OR ".join(f"ascii({cell}) BETWEEN {low} AND {high}" for low, high in runs) + ")"

    def _clean(self, cell: str) -> str:
        """Whether it is no word for nothing, and nothing has to be cut off: it begins and ends with a letter."""
        first, last = (_klass(letters) for letters in (self._beginnings(), _LETTERS))
        return f"regexp_full_match({cell}, '(?s){first}(.*{last})?')"

    def _beginnings(self) -> list[int]:
        """Letters with which no word for nothing begins."""
        begun = {c for word in self._empty.values() for c in (word[:1].lower(), word[:1].upper())}
        return [n for n in _LETTERS if chr(n) not in begun]

    def _text(self, name: str) -> str:
        return self._text_at(self._at[name]) if name in self._at else "NULL::VARCHAR"

    def _text_at(self, at: int) -> str:
        cell = f"c{at}"
        if self._types[at] in _FLOATS:  # whole numbers that had gaps between them are written as floats
            return f"CASE WHEN {cell} = floor({cell}) THEN {cell}::HUGEINT::VARCHAR ELSE {cell}::VARCHAR END"
        if self._types[at].endswith("[]"):  # Parquet keeps `products` as a list of structures
            return f"CASE WHEN {cell} IS NOT NULL THEN to_json({cell})::VARCHAR END"
        if at in self._tidy:
            return cell
        text = f"regexp_replace(trim({cell}), '\\.0$', '')" if at in self._whole else f"trim({cell}::VARCHAR)"
        return f"CASE WHEN {self._said(cell)} THEN {text} END"

    def _plain_number(self, name: str) -> str:
        return f"TRY_CAST(c{self._at[name]} AS {_DECIMAL})"

    def _odd(self, name: str) -> str:
        plain = self._plain_time() if name == "time" else self._plain_number(name)
        return f"(c{self._at[name]} IS NOT NULL AND {plain} IS NULL)"

    def _number(self, name: str) -> str:
        if name not in self._at:
            return f"NULL::{_DECIMAL} AS {name}, false AS {name}_odd"
        if name not in self.odd_fields:
            return f"{self._plain_number(name)} AS {name}, false AS {name}_odd"
        mended = f"TRY_CAST(m_{name}.meant AS {_DECIMAL})"
        return (
            f"coalesce({self._plain_number(name)}, {mended}) AS {name},"
            f" ({self._odd(name)} AND {mended} IS NULL AND m_{name}.meant IS DISTINCT FROM '') AS {name}_odd"
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
        local = f"epoch_us(TRY_CAST({cell} AS TIMESTAMP))"
        if self._seconds:
            return local
        return (
            f"CASE WHEN {self._to_the_second(cell)} THEN {local}"
            f" WHEN NOT regexp_matches({cell}, '^[0-9]{{4}}-') THEN NULL WHEN {self._zoned()}"
            f" THEN epoch_us(TRY_CAST({cell} AS TIMESTAMPTZ)) ELSE {local} END"
        )

    def _zoned(self) -> str:
        cell = f"c{self._at['time']}"
        if not self._is_text("time"):
            return str(self._types[self._at["time"]] == "TIMESTAMP WITH TIME ZONE").lower()
        if self._seconds:
            return "false"
        behind = f"contains({cell}, ':') AND regexp_matches({cell}, '{_OFFSET}')"
        return f"(CASE WHEN {self._to_the_second(cell)} THEN false ELSE {behind} END)"

    def _to_the_second(self, cell: str) -> str:
        """Whether it looks like 2026-01-02 10:00:00 and nothing behind: the way most times are written."""
        return f"regexp_full_match({cell}, '{_SECONDS}')"

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
        values: dict[str, str] = {JSON_NAMES.get(n, n): n for n in texts}
        values |= {n: f"{n}::{'BIGINT' if n in whole else 'DOUBLE'}" for n in numbers}
        full = " AND ".join(f"{n} IS NOT NULL" for n in [*texts, *numbers])
        at_once = ", ".join(f"'{name}': {value}" for name, value in values.items())
        pieces = ", ".join(f"'\"{name}\":' || to_json({value})::VARCHAR" for name, value in values.items())
        return (
            f"CASE WHEN {full} THEN to_json({{{at_once}}})::VARCHAR ELSE '{{' || concat_ws(',', {pieces}) || '}}' END"
        )


def _klass(letters: Sequence[int]) -> str:
    """The letters as a regular expression has them."""
    return "[" + "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in _runs(letters)) + "]"


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbours."""
    runs: list[tuple[int, int]] = []
    for n in sorted(numbers):
        low = runs.pop()[0] if runs and n == runs[-1][1] + 1 else n
        runs.append((low, n))
    return runs
