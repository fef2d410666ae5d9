"""Who is meant? One typed tree for segments, branches and the console's builder; it runs on the stream and in SQL.

A window `within: 30d` at the instant t holds what happened after t - 30 d and not after t: (t - 30 d, t]. A day is
exactly 24 hours. Comparisons are defined in `condition_values`. A `did` with count or sum over nothing is 0; with
first or last over nothing it is false whatever the operator. Among events of one instant the log's order decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from homing.core.condition_values import MAX_AMOUNT, Op
from homing.core.errors import InvalidInput
from homing.core.time import duration_us

MAX_DEPTH = 12
MAX_NODES = 200
MAX_INLINED = 2_000  # nodes of a tree with every segment it names written out
MAX_COUNT = 10_000  # "at least n times": n
NO_VALUE = frozenset({"exists", "not_exists"})
LISTS = frozenset({"in", "not_in"})
ORDERED = frozenset({"gt", "gte", "lt", "lte"})

Text200 = Annotated[str, Field(min_length=1, max_length=200)]
Scalar = StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | StrictStr
Values = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=1_000)]
NumberOp = Literal["eq", "ne", "gt", "gte", "lt", "lte"]
Measure = Literal["count", "sum", "first", "last"]


class Node(BaseModel):
    """What every part of the tree is: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Compared(Node):
    op: Op = "eq"
    value: Scalar | Values | None = None

    @model_validator(mode="after")
    def _fits(self) -> _Compared:
        check_pair(self.op, self.value)
        return self


class Where(_Compared):
    """A property of an event, compared."""

    property: Text200


class Trait(_Compared):
    """A trait of the customer, compared."""

    type: Literal["trait"] = "trait"
    name: Text200


class All(Node):
    """Every one of these holds."""

    type: Literal["all"] = "all"
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=50)]


class Any_(Node):  # noqa: N801 - `Any` is typing's
    """At least one of these holds."""

    type: Literal["any"] = "any"
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=50)]


class Not(Node):
    """This does not hold."""

    type: Literal["not"] = "not"
    of: Condition


class _OverEvents(Node):
    event: Text200
    where: Annotated[tuple[Where, ...], Field(max_length=20)] = ()
    within: str | None = None

    @field_validator("within")
    @classmethod
    def _is_duration(cls, text: str | None) -> str | None:
        if text is not None and duration_us(text) <= 0:
            raise ValueError("a window of no length, wanted one above zero")
        return text

    @property
    def window_us(self) -> int | None:
        """The window in microseconds; None means ever."""
        return None if self.within is None else duration_us(self.within)


class Did(_OverEvents):
    """Something measured over the customer's events of one name: how often, how much, the first, the last."""

    type: Literal["did"] = "did"
    measure: Measure = "count"
    property: Text200 | None = None
    op: Op = "gte"
    value: Scalar | Values | None = None

    @model_validator(mode="before")
    @classmethod
    def _at_least_once(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and raw.get("measure", "count") == "count" and "op" not in raw and "value" not in raw:
            return raw | {"op": "gte", "value": 1}
        return raw

    @model_validator(mode="after")
    def _fits(self) -> Did:
        if (self.measure == "count") != (self.property is None):
            wanted = "none" if self.measure == "count" else "one"
            raise ValueError(f"measure {self.measure} with{'' if self.property else 'out'} a property, wanted {wanted}")
        if self.measure in ("count", "sum"):
            _check_number(self.measure, self.op, self.value)
        else:
            check_pair(self.op, self.value)
        return self


class Absent(_OverEvents):
    """The customer has not done it."""

    type: Literal["absent"] = "absent"


class InSegment(Node):
    """The customer is in another segment."""

    type: Literal["in_segment"] = "in_segment"
    segment: Text200


class Share(Node):
    """A fixed random share of all customers, drawn by a hash of the salt and the customer."""

    type: Literal["share"] = "share"
    percent: float = Field(ge=0, le=100)
    salt: Text200


Condition: TypeAlias = Annotated[
    All | Any_ | Not | Trait | Did | Absent | InSegment | Share, Field(discriminator="type")
]
for _model in (All, Any_, Not):
    _model.model_rebuild()
_adapter: TypeAdapter[Condition] = TypeAdapter(Condition)


def check_pair(op: str, value: object) -> None:
    """Whether an operator and a wanted value go together.

    Raises:
        ValueError: they do not; it says what was wanted.
    """
    if op in NO_VALUE:
        if value is not None:
            raise ValueError(f"operator {op} with a value, wanted none")
    elif op in LISTS:
        if not isinstance(value, tuple):
            raise ValueError(f"operator {op} without a list, wanted a list of values")
    elif value is None or isinstance(value, tuple):
        raise ValueError(f"operator {op} with {'no value' if value is None else 'a list'}, wanted one value")
    elif op == "contains" and not isinstance(value, str):
        raise ValueError("operator contains with no text, wanted a text")
    elif op in ORDERED and isinstance(value, bool):
        raise ValueError(f"operator {op} with true or false, wanted a number or a text")


def _check_number(measure: str, op: str, value: object) -> None:
    if op not in ORDERED | {"eq", "ne"}:
        raise ValueError(f"operator {op} with measure {measure}, wanted eq, ne, gt, gte, lt or lte")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"measure {measure} compared with no number, wanted a number")
    if measure == "count" and not (isinstance(value, int) and 0 <= value <= MAX_COUNT):
        raise ValueError(f"a count compared with {value}, wanted a whole number 0 .. {MAX_COUNT}")
    if abs(value) > MAX_AMOUNT:
        raise ValueError(f"a sum compared with a number beyond {MAX_AMOUNT:g}, wanted a smaller one")


def parse(document: object, *, field: str = "condition") -> Condition:
    """The tree of a JSON or YAML document.

    Raises:
        InvalidInput: it is no tree, too deep or too large; `field` names the path to what is wrong.

    Example:
        >>> parse({"type": "absent", "event": "Order Completed", "within": "60d"}).within
        '60d'
    """
    _measure(document, field)
    try:
        return _adapter.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join([field, *(str(part) for part in first["loc"] if part not in _TAGS)])
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{path}: {message}", field=path) from error
    except InvalidInput as error:  # a duration inside; pydantic lets ours through
        raise InvalidInput(error.message, field=field) from error


def parse_text(text: str, *, field: str = "condition") -> Condition:
    """The tree of a JSON or YAML text.

    Raises:
        InvalidInput: the text is neither, or no tree.
    """
    try:
        return parse(yaml.safe_load(text), field=field)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{field} is neither JSON nor YAML", field=field) from error


def dump(tree: Condition) -> dict[str, Any]:
    """The tree as a JSON document; `parse` gives the same tree back."""
    return tree.model_dump(mode="json", exclude_none=True)


def fingerprint(tree: Condition) -> bytes:
    """The same bytes for the same tree only; `==` takes 1, 1.0 and true for one another, this does not."""
    return msgspec.json.encode(dump(tree), order="sorted")


def children(tree: Condition) -> tuple[Condition, ...]:
    """The trees right below this one."""
    if isinstance(tree, All | Any_):
        return tree.of
    return (tree.of,) if isinstance(tree, Not) else ()


def walk(tree: Condition) -> Iterator[Condition]:
    """Every part of the tree, from the top."""
    yield tree
    for child in children(tree):
        yield from walk(child)


def inline(tree: Condition, find: Callable[[str], Condition | None], *, path: tuple[str, ...] = ()) -> Condition:
    """The tree with every `in_segment` replaced by that segment's own tree.

    Args:
        tree: the tree.
        find: a segment's tree by its id; None when there is no such segment.
        path: ids of the segments being written out, outermost first.

    Raises:
        InvalidInput: an unknown segment, a segment that leads back to itself, or too large when written out.
    """
    done = _inline(tree, find, path)
    n = sum(1 for _ in walk(done))
    if n > MAX_INLINED:
        raise InvalidInput(f"{n} conditions with segments written out, wanted at most {MAX_INLINED}", field="condition")
    return done


def _inline(tree: Condition, find: Callable[[str], Condition | None], path: tuple[str, ...]) -> Condition:
    if isinstance(tree, InSegment):
        if tree.segment in path:
            raise InvalidInput(f"segment {' → '.join((*path, tree.segment))} leads back to itself", field="condition")
        found = find(tree.segment)
        if found is None:
            raise InvalidInput(f"segment {tree.segment!r} does not exist, wanted one that does", field="condition")
        return inline(found, find, path=(*path, tree.segment))
    if isinstance(tree, All | Any_):
        return tree.model_copy(update={"of": tuple(_inline(child, find, path) for child in tree.of)})
    if isinstance(tree, Not):
        return tree.model_copy(update={"of": _inline(tree.of, find, path)})
    return tree


_TAGS = frozenset({"all", "any", "not", "trait", "did", "absent", "in_segment", "share"})


def _measure(document: object, field: str) -> None:
    n, level = 0, [document]
    for depth in range(MAX_DEPTH + 1):
        n += len(level)
        if n > MAX_NODES:
            raise InvalidInput(f"a tree of more than {MAX_NODES} conditions, wanted fewer", field=field)
        below: list[object] = []
        for node in level:
            of = node.get("of") if isinstance(node, dict) else None
            below += of if isinstance(of, list | tuple) else [] if of is None else [of]
        if not below:
            return
        level = below
        if depth == MAX_DEPTH - 1:
            raise InvalidInput(f"a tree deeper than {MAX_DEPTH}, wanted a flatter one", field=field)
