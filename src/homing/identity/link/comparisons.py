"""By which steps of likeness is a column compared? From the same, over a slip of the hand, to something else.

Only imported where Splink is installed; how much each step weighs is learned from the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl

ALIKE, CLOSE = 0.92, 0.88  # Jaro-Winkler; Splink's own steps for names


def comparisons(columns: Sequence[str]) -> list[Any]:
    """One comparison a column; given name and surname are one, for they swap places and change together."""
    made = []
    names = {"given_name", "surname"} <= set(columns)
    if names:
        made.append(_name())
    for column in columns:
        if names and column in {"given_name", "surname"}:
            continue
        role = column.rstrip("0123456789").rstrip("_")
        made.append(_STEPS.get(role, _same)(column))
    return made


def _custom(column: str, *levels: Any) -> Any:
    null, other = cll.NullLevel(column), cll.ElseLevel()
    return cl.CustomComparison(comparison_levels=[null, *levels, other], output_column_name=column)


def _exact(column: str) -> Any:
    return cll.ExactMatchLevel(column, term_frequency_adjustments=True)


def _same(column: str) -> Any:
    return _custom(column, _exact(column))


def _word(column: str) -> Any:
    return _custom(column, _exact(column), cll.JaroWinklerLevel(column, ALIKE), cll.JaroWinklerLevel(column, CLOSE))


def _code(column: str) -> Any:
    return _custom(
        column, _exact(column), cll.DamerauLevenshteinLevel(column, 1), cll.DamerauLevenshteinLevel(column, 2)
    )


def _digits(column: str) -> Any:
    return _custom(column, _exact(column), cll.DamerauLevenshteinLevel(column, 1))


def _date(column: str) -> Any:
    day = f"substr({column}_l, 6) = substr({column}_r, 6)"
    year = f"substr({column}_l, 1, 4) = substr({column}_r, 1, 4)"
    return _custom(
        column,
        _exact(column),
        cll.DamerauLevenshteinLevel(column, 1),
        cll.CustomLevel(day, "same day and month"),
        cll.CustomLevel(year, "same year"),
    )


def _postcode(column: str) -> Any:
    near = f"substr({column}_l, 1, length({column}_l) - 3) = substr({column}_r, 1, length({column}_r) - 3)"
    return _custom(
        column,
        _exact(column),
        cll.DamerauLevenshteinLevel(column, 1),
        cll.CustomLevel(f"length({column}_l) > 3 and {near}", "same area"),
    )


def _mail(column: str) -> Any:
    person = f"split_part({column}_l, '@', 1) = split_part({column}_r, '@', 1)"
    return _custom(
        column,
        _exact(column),
        cll.CustomLevel(person, "same name before the @"),
        cll.JaroWinklerLevel(column, ALIKE),
    )


def _name() -> Any:
    """Both names; each missing one is no contradiction."""
    given, surname = "given_name", "surname"
    swapped = f"{given}_l = {surname}_r and {surname}_l = {given}_r"
    return cl.CustomComparison(
        comparison_levels=[
            cll.And(cll.NullLevel(given), cll.NullLevel(surname)),
            cll.ExactMatchLevel("whole_name").configure(tf_adjustment_column="whole_name"),
            cll.CustomLevel(swapped, "names swapped"),
            cll.And(cll.JaroWinklerLevel(given, ALIKE), cll.JaroWinklerLevel(surname, ALIKE)),
            cll.And(cll.JaroWinklerLevel(given, CLOSE), cll.JaroWinklerLevel(surname, CLOSE)),
            cll.ExactMatchLevel(surname).configure(tf_adjustment_column=surname),
            cll.JaroWinklerLevel(surname, ALIKE),
            cll.ExactMatchLevel(given).configure(tf_adjustment_column=given),
            cll.ElseLevel(),
        ],
        output_column_name="name",
    )


_STEPS: dict[str, Any] = {
    "given_name": _word, "surname": _word, "city": _word, "address": _word, "national_id": _code, "phone": _digits,
    "number": _digits, "birth_date": _date, "postcode": _postcode, "email": _mail,
}  # fmt: skip
