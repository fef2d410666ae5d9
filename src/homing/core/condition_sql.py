"""How does SQL say the comparisons of `core.condition_values`? Word for word; a property test holds the two together.

A JSON value lies in a VARIANT. What a comparison needs of it is taken out once: its kind, its text when it is a text,
its number when it is one or a text that writes one, its texts when it is a list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from homing.core.condition_values import MAX_AMOUNT, NUMBER_TEXT, UNITS, Op, is_whole_text

Bind = Callable[[object], str]
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "ne": "<>"}


@dataclass(frozen=True, slots=True)
class Forms:
    """The SQL expressions of one value's kind, text, number and list of texts."""

    kind: str
    text: str
    number: str
    texts: str

    @classmethod
    def of_columns(cls, prefix: str) -> Forms:
        """Forms that stand in columns (or struct fields) `prefix` + k, s, n, l."""
        return cls(f"{prefix}k", f"{prefix}s", f"{prefix}n", f"{prefix}l")

    @classmethod
    def of_variant(cls, value: str) -> Forms:
        """Forms taken out of a VARIANT expression."""
        return cls._made(value, f"coalesce(variant_typeof({value}), 'VARIANT_NULL')")

    @classmethod
    def _made(cls, value: str, kind: str) -> Forms:
        text = f"CASE WHEN {kind} = 'VARCHAR' THEN CAST({value} AS VARCHAR) END"
        number = (
            f"CASE WHEN {kind} = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST({value} AS VARCHAR), '{NUMBER_TEXT}')"
            f" THEN TRY_CAST(CAST({value} AS VARCHAR) AS DOUBLE) END"
            f" WHEN {kind} IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with({kind}, 'ARRAY')"
            f" OR starts_with({kind}, 'OBJECT') THEN NULL ELSE TRY_CAST({value} AS DOUBLE) END"
        )
        texts = (
            f"CASE WHEN starts_with({kind}, 'ARRAY') THEN list_transform(TRY_CAST({value} AS VARIANT[]),"
            " lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END"
        )
        return cls(kind, text, number, texts)

    def struct(self) -> str:
        """The forms as one struct with the fields k, s, n, l."""
        return f"{{'k': {self.kind}, 's': {self.text}, 'n': {self.number}, 'l': {self.texts}}}"

    @staticmethod
    def columns(value: str) -> list[str]:
        """The forms of the VARIANT column `value` as columns `value` + k, s, n, l; those nobody reads cost nothing."""
        kind = f"coalesce(variant_typeof({value}), 'VARIANT_NULL') AS {value}k"
        made = Forms._made(value, f"{value}k")
        pairs = ((made.text, "s"), (made.number, "n"), (made.texts, "l"))
        return [kind, *(f"{expression} AS {value}{letter}" for expression, letter in pairs)]

    def units(self) -> str:
        """The value in ten-thousandths, rounded half away from zero; NULL when it is no number or too large."""
        fits = f"abs({self.number}) * {UNITS} <= {MAX_AMOUNT * UNITS!r}"
        return f"CASE WHEN {fits} THEN CAST(round({self.number} * {UNITS}) AS BIGINT) END"

    def compare(self, op: Op, wanted: object, bind: Bind) -> str:
        """The comparison: true or false, never NULL."""
        if op in ("exists", "not_exists"):
            return f"{self.kind} {'<>' if op == 'exists' else '='} 'VARIANT_NULL'"
        if op in ("ne", "not_in"):
            return f"({self.kind} <> 'VARIANT_NULL' AND NOT {self._one_of(wanted, bind)})"
        if op in ("eq", "in"):
            return self._one_of(wanted, bind)
        if op == "contains":
            name = bind(wanted)
            return f"coalesce(contains({self.text}, {name}) OR list_contains({self.texts}, {name}), false)"
        if isinstance(wanted, str):
            return f"coalesce({self.text} {_SIGNS[op]} {bind(wanted)}, false)"
        assert isinstance(wanted, int | float)  # noqa: S101 - checked with the tree
        return f"coalesce({self.number} {_SIGNS[op]} {bind(float(wanted))}, false)"

    def _one_of(self, wanted: object, bind: Bind) -> str:
        values = wanted if isinstance(wanted, tuple | list) else (wanted,)
        texts = [v for v in values if isinstance(v, str)]
        texts += [str(v).lower() for v in values if isinstance(v, bool)]
        numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        whole = [float(v) for v in values if isinstance(v, str) and is_whole_text(v)]
        kinds = [f"BOOL_{str(v).upper()}" for v in values if isinstance(v, bool)]
        parts = [_among(self.kind, kinds, bind), _among(self.text, texts, bind), _among(self.number, numbers, bind)]
        if whole:
            parts.append(f"({self.kind} <> 'VARCHAR' AND {_among(self.number, whole, bind)})")
        return "(" + " OR ".join(part for part in parts if part) + ")"


def sign(op: str) -> str:
    """The SQL sign of an order."""
    return _SIGNS[op]


def _among(column: str, values: list[float] | list[str], bind: Bind) -> str:
    if not values:
        return ""
    if len(values) == 1:
        return f"coalesce({column} = {bind(values[0])}, false)"
    return f"coalesce(list_contains({bind(list(values))}, {column}), false)"
