"""What is the value of a formula? Checked once for its types, then made into a function and into SQL.

Both say the same: numbers are double precision, `min` and `max` pass over what is missing, a result that is no finite
number is missing, `and` and `or` are three-valued as in SQL. In the SQL no part is written twice, so a formula's
statement is no longer than the formula.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from homing.core.errors import InvalidInput
from homing.core.time import DAY
from homing.profile.traits.expression import Call, Expression, Literal_, Name, Type, walk

Values = Callable[[str], Any]  # a trait's typed value by name: float, str, bool, microseconds, or None
Evaluate = Callable[[Values, int], Any]  # values, the instant
Bind = Callable[[object], str]

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
MAX_DIGITS = 6


def type_of(tree: Expression, types: Mapping[str, Type]) -> Type:
    """The type of a formula over traits of these types.

    Raises:
        InvalidInput: a part has a type that its place does not take, or a trait of no single type.
    """
    if isinstance(tree, Literal_):
        return "boolean" if isinstance(tree.value, bool) else "text" if isinstance(tree.value, str) else "number"
    if isinstance(tree, Name):
        found = types.get(tree.name)
        if found is None:
            raise InvalidInput(f"the formula reads {tree.name!r}, wanted a trait that is defined", field="formula")
        if found == "any":
            raise InvalidInput(
                f"the formula reads {tree.name!r}, which may be anything; wanted one whose `value` says number, text or"
                " boolean", field="formula",
            )  # fmt: skip
        return found
    return _type_of_call(tree, [type_of(one, types) for one in tree.args])


def _type_of_call(tree: Call, met: list[Type]) -> Type:
    op = tree.op
    if op in _ARITHMETIC or op in ("min", "max", "floor", "round", "cut"):
        _all(op, met, "number")
        if op == "round" and len(tree.args) == 2:
            _digits(tree)
        return "number"
    if op in _ORDERS:
        return _compared(op, met)
    if op in ("and", "or", "not"):
        _all(op, met, "boolean")
        return "boolean"
    if op == "days_since":
        _all(op, met, "time")
        return "number"
    if op in ("if", "choose"):
        _all(op, met[:1], "boolean" if op == "if" else "number")
        return _one(op, met[1:])
    return _one(op, met)


def _compared(op: str, met: list[Type]) -> Type:
    one = _one(op, met)
    if one == "boolean" and op not in ("=", "!="):
        raise InvalidInput(f"{op} between true and false, wanted = or !=", field="formula")
    return "boolean"


def _all(op: str, met: Sequence[Type], wanted: Type) -> None:
    for one in met:
        if one != wanted:
            raise InvalidInput(f"{op} on a {one}, wanted a {wanted}", field="formula")


def _one(op: str, met: Sequence[Type]) -> Type:
    if len(set(met)) > 1:
        raise InvalidInput(f"{op} between {' and '.join(sorted(set(met)))}, wanted one type", field="formula")
    return met[0]


def _digits(tree: Call) -> int:
    given = tree.args[1] if len(tree.args) == 2 else Literal_(0.0)
    value = given.value if isinstance(given, Literal_) else None
    if not isinstance(value, float) or not value.is_integer() or not 0 <= value <= MAX_DIGITS:
        raise InvalidInput(f"round to {value} digits, wanted a whole number 0 .. {MAX_DIGITS}", field="formula")
    return int(value)


def moves(tree: Expression) -> bool:
    """Whether the value changes by the passing of time alone, whatever it reads."""
    return any(isinstance(part, Call) and part.op == "days_since" for part in walk(tree))


def clocks(tree: Expression) -> tuple[Evaluate, ...]:
    """The instants that the days are counted since: the value can change a whole number of days after each."""
    return tuple(function(p.args[0]) for p in walk(tree) if isinstance(p, Call) and p.op == "days_since")


def next_day(since_us: int, now_us: int) -> int:
    """The next instant at which another whole day has passed since `since_us`."""
    return since_us + ((now_us - since_us) // DAY + 1) * DAY


def finite(value: Any) -> Any:
    """A number that is no finite one is missing."""
    return None if type(value) is float and not math.isfinite(value) else value


# -- as a function -----------------------------------------------------------------------------------------------------
def function(tree: Expression) -> Evaluate:
    """The formula as a function; its types were checked."""
    if isinstance(tree, Literal_):
        value = tree.value
        return lambda _values, _now: value
    if isinstance(tree, Name):
        name = tree.name
        return lambda values, _now: values(name)
    args = tuple(function(one) for one in tree.args)
    if tree.op == "if":
        test, yes, no = args
        return lambda values, now: yes(values, now) if test(values, now) else no(values, now)
    apply = _applied(tree)
    return lambda values, now: apply([arg(values, now) for arg in args], now)


def _applied(tree: Call) -> Callable[[list[Any], int], Any]:
    op = tree.op
    if op in _ARITHMETIC:
        return lambda met, _now: _computed(op, *met)
    if op in _ORDERS:
        order = _ORDERS[op]
        return lambda met, _now: None if met[0] is None or met[1] is None else order(met[0], met[1])
    if op == "round":
        scale = 10.0 ** _digits(tree)
        return lambda met, _now: None if met[0] is None else _rounded(met[0], scale)
    return _FUNCTIONS[op]


def _computed(op: str, one: float | None, other: float | None) -> float | None:
    if one is None or other is None or (op == "/" and other == 0):
        return None
    value = _ARITHMETIC[op](one, other)
    return None if math.isnan(value) else value


def _rounded(value: float, scale: float) -> float | None:
    size = abs(value) * scale + 0.5
    if not math.isfinite(size):
        return None
    return (-1.0 if value < 0 else 1.0) * (math.floor(size) / scale)


def _days(met: list[Any], now: int) -> float | None:
    return None if met[0] is None else float((now - met[0]) // DAY)


def _cut(met: list[Any], _now: int) -> float | None:
    return None if None in met else 1.0 + sum(met[0] >= limit for limit in met[1:])


def _choose(met: list[Any], _now: int) -> Any:
    place = met[0]
    if place is None or not 1 <= place < len(met):
        return None
    return met[math.floor(place)]


def _and(met: list[Any], _now: int) -> bool | None:
    return False if False in met else None if None in met else True


def _or(met: list[Any], _now: int) -> bool | None:
    return True if True in met else None if None in met else False


def _there(met: list[Any]) -> list[Any]:
    return [one for one in met if one is not None]


_FUNCTIONS: dict[str, Callable[[list[Any], int], Any]] = {
    "min": lambda met, _: min(_there(met), default=None),
    "max": lambda met, _: max(_there(met), default=None),
    "coalesce": lambda met, _: next(iter(_there(met)), None),
    "floor": lambda met, _: None if met[0] is None or not math.isfinite(met[0]) else float(math.floor(met[0])),
    "cut": _cut,
    "choose": _choose,
    "days_since": _days,
    "and": _and,
    "or": _or,
    "not": lambda met, _: None if met[0] is None else not met[0],
}


# -- as SQL ------------------------------------------------------------------------------------------------------------
def sql(tree: Expression, column: Callable[[str], str], at: str, bind: Bind) -> str:
    """The formula as one SQL expression over typed columns (DOUBLE, VARCHAR, BOOLEAN, BIGINT microseconds).

    Args:
        tree: the formula; its types were checked.
        column: the column of a trait by name.
        at: the column of the instant in microseconds.
        bind: gives a value a name.
    """
    if isinstance(tree, Literal_):
        kind = "BOOLEAN" if isinstance(tree.value, bool) else "VARCHAR" if isinstance(tree.value, str) else "DOUBLE"
        return f"CAST({bind(tree.value)} AS {kind})"
    if isinstance(tree, Name):
        return column(tree.name)
    args = [sql(one, column, at, bind) for one in (tree.args[:1] if tree.op == "round" else tree.args)]
    return _sql_of(tree, args, at)


def _sql_of(tree: Call, args: list[str], at: str) -> str:  # noqa: PLR0911 - one line an operation
    op = tree.op
    if op in _ARITHMETIC:
        other = f"nullif({args[1]}, 0)" if op == "/" else args[1]
        return f"nullif(({args[0]} {op} {other}), CAST('nan' AS DOUBLE))"
    if op in _ORDERS:
        return f"({args[0]} {'<>' if op == '!=' else op} {args[1]})"
    if op in ("and", "or"):
        return f"({args[0]} {op.upper()} {args[1]})"
    if op == "if":
        return f"(CASE WHEN {args[0]} THEN {args[1]} ELSE {args[2]} END)"
    if op in ("min", "max"):
        return f"{'least' if op == 'min' else 'greatest'}({', '.join(args)})"
    if op == "days_since":
        return f"CAST(({at} - {args[0]}) // {DAY} AS DOUBLE)"
    return _sql_with(tree, args)


def _sql_with(tree: Call, args: list[str]) -> str:
    op = tree.op
    if op == "round":
        scale = repr(10.0 ** _digits(tree))
        body = f"CASE WHEN isfinite(abs(v) * {scale} + 0.5) THEN CASE WHEN v < 0 THEN -1.0 ELSE 1.0 END" \
            f" * (floor(abs(v) * {scale} + 0.5) / {scale}) END"  # fmt: skip
        return _once(args[0], body)
    if op == "cut":
        limits = ", ".join(args[1:])
        body = "CASE WHEN list_bool_and(list_transform(v, lambda x: x IS NOT NULL)) THEN" \
            " CAST(len(list_filter(v, lambda x: v[1] >= x)) AS DOUBLE) END"  # fmt: skip
        return _once(f"[{args[0]}, {limits}]", body)
    if op == "choose":
        made = f"struct_pack(i := {args[0]}, l := [{', '.join(args[1:])}])"
        body = f"CASE WHEN v.i >= 1 AND v.i < {len(args)} THEN v.l[CAST(floor(v.i) AS BIGINT)] END"
        return _once(made, body)
    if op == "floor":
        return _once(args[0], "CASE WHEN isfinite(v) THEN floor(v) END")
    return {"coalesce": f"coalesce({', '.join(args)})", "not": f"(NOT {args[0]})"}[op]


def _once(value: str, body: str) -> str:
    """An expression that names a value several times and holds it once."""
    return f"(list_transform([{value}], lambda v: {body}))[1]"
