"""How does a condition over the warehouse read a defined trait? As one table with a row a customer, at its instant.

What had happened by the instant counts, as for everything else that a condition reads there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from homing.core.condition_values import NUMBER_TEXT
from homing.profile.traits.asof import everybody
from homing.profile.traits.definition import Trait
from homing.profile.traits.statement import Column

PREFIX = "d"  # begins the names of bound values
_NULLS = {"s": "CAST(NULL AS VARCHAR)", "n": "CAST(NULL AS DOUBLE)", "l": "CAST(NULL AS VARCHAR[])"}


@dataclass(frozen=True, slots=True)
class DefinedTraits:
    """The traits in force, for conditions that name them."""

    traits: Sequence[Trait]
    zone: ZoneInfo

    def names(self) -> frozenset[str]:
        """Which there are."""
        return frozenset(trait.id for trait in self.traits)

    def table(self, columns: Mapping[str, str], at_us: int) -> tuple[str, dict[str, object]]:
        """The SELECT of customer_id and the forms of each trait, under the columns given by name; and its values.

        It reads the instant `$at` of the statement it becomes part of, too.
        """
        names: Collection[str] = sorted(columns)
        made = everybody(self.traits, names, at_us, self.zone, known="happened", prefix=PREFIX)
        forms = ",\n    ".join(part for column in made.columns for part in _forms(column, columns[column.name]))
        return f"SELECT customer_id,\n    {forms}\n  FROM (\n{made.sql}\n)\n  WHERE at_us = $at", made.params


def _forms(column: Column, name: str) -> list[str]:
    """The value's kind, text, number and list of texts, as `Forms` names them."""
    value = column.column
    parts = dict(_NULLS)
    if column.shape == "key":
        kind = (
            f"CASE WHEN starts_with({value}, 's:') THEN 'VARCHAR' WHEN {value} = 'b:1' THEN 'BOOL_TRUE' WHEN {value} ="
            f" 'b:0' THEN 'BOOL_FALSE' WHEN starts_with({value}, 'n:') THEN 'DOUBLE'"
            f" WHEN starts_with({value}, 'l:') THEN 'ARRAY' END"
        )
        parts["s"] = f"CASE WHEN starts_with({value}, 's:') THEN substr({value}, 3) END"
        number = f"substr({value}, 3)"
        written = f"starts_with({value}, 's:') AND regexp_full_match({number}, '{NUMBER_TEXT}')"
        parts["n"] = f"CASE WHEN starts_with({value}, 'n:') OR ({written}) THEN TRY_CAST({number} AS DOUBLE) END"
        parts["l"] = (
            f"CASE WHEN starts_with({value}, 'l:') THEN CAST(CAST(substr({value}, 3) AS JSON) AS VARCHAR[]) END"
        )
    elif column.shape in ("keys", "texts"):
        kind = "'ARRAY'"
        texts = f"list_transform(list_filter({value}, lambda x: starts_with(x, 's:')), lambda x: substr(x, 3))"
        parts["l"] = value if column.shape == "texts" else texts
    elif column.shape == "shares":
        kind = "'OBJECT'"
    elif column.type == "number":
        kind, parts["n"] = "'DOUBLE'", value
    elif column.type == "boolean":
        kind = f"CASE WHEN {value} THEN 'BOOL_TRUE' ELSE 'BOOL_FALSE' END"
    else:
        text = value if column.type == "text" else f"strftime(make_timestamp({value}), '%Y-%m-%dT%H:%M:%S.%gZ')"
        kind, parts["s"] = "'VARCHAR'", text
        if column.type == "text":
            parts["n"] = f"CASE WHEN regexp_full_match({value}, '{NUMBER_TEXT}') THEN TRY_CAST({value} AS DOUBLE) END"
    there = f"CASE WHEN {value} IS NULL THEN 'VARIANT_NULL' ELSE {kind} END AS {name}k"
    return [there, *(f"{sql} AS {name}{letter}" for letter, sql in parts.items())]
