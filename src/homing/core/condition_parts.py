"""What can one predicate of a condition say? The leaves of the tree, and what narrows the events they look at.

A window is either `within: 30d`, rolling by exact 24-hour days, or `during: this_week`, by the customer's own calendar
(see `core.calendar`). `clock` keeps events by the customer's own time of day and weekday; `near` keeps events, or the
customer, within a distance of a point (see `core.geo`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    field_validator,
    model_validator,
)

from homing.core.calendar import check_during, minute_of
from homing.core.condition_values import MAX_AMOUNT, Op
from homing.core.errors import InvalidInput
from homing.core.geo import MAX_KM
from homing.core.time import duration_us

MAX_COUNT = 10_000  # "at least n times": n
MAX_STEPS = 10
MAX_TOP = 1_000_000
MAX_PLACES = 1_000
NO_VALUE = frozenset({"exists", "not_exists"})
LISTS = frozenset({"in", "not_in"})
ORDERED = frozenset({"gt", "gte", "lt", "lte"})
ZONE_TRAIT = "timezone"  # the trait that names a customer's time zone
TAG_TRAIT = "tag."  # a tag's value is the trait of this name and the tag's id

Text200 = Annotated[str, Field(min_length=1, max_length=200)]
Scalar = StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | StrictStr
Values = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=1_000)]
NumberOp = Literal["eq", "ne", "gt", "gte", "lt", "lte"]
Measure = Literal["count", "sum", "first", "last"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Level = Literal["country", "region", "city"]


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


class Tag(_Compared):
    """A tag of the customer: that it is there, or its value compared."""

    type: Literal["tag"] = "tag"
    tag: Text200
    op: Op = "exists"

    def as_trait(self) -> Trait:
        """The same, asked of the trait that carries the tag's value."""
        return Trait(name=TAG_TRAIT + self.tag, op=self.op, value=self.value)


class Place(Node):
    """The customer is in one of these countries, regions or cities, by the trait of that name."""

    type: Literal["place"] = "place"
    level: Level
    places: Annotated[tuple[Text200, ...], Field(min_length=1, max_length=MAX_PLACES)]

    def as_trait(self) -> Trait:
        """The same, asked of the trait."""
        return Trait(name=self.level, op="in", value=self.places)


class _Circle(Node):
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lng: float = Field(ge=-180, le=180, allow_inf_nan=False)
    km: float = Field(gt=0, le=MAX_KM, allow_inf_nan=False)


class Circle(_Circle):
    """An event happened at most so far from a point, by two of its properties."""

    lat_property: Text200 = "lat"
    lng_property: Text200 = "lng"


class Near(_Circle):
    """The customer is at most so far from a point, by two traits."""

    type: Literal["near"] = "near"
    lat_trait: Text200 = "lat"
    lng_trait: Text200 = "lng"


class Clock(Node):
    """The customer's own time of day and weekday; `start` after `end` runs over midnight."""

    start: str | None = None  # HH:MM, counted
    end: str | None = None  # HH:MM, not counted any more
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Clock:
        if (self.start is None) != (self.end is None):
            raise ValueError("a start without an end or an end without a start, wanted both or neither")
        if self.start is None and self.weekdays is None:
            raise ValueError("a clock that says nothing, wanted start and end, or weekdays")
        if self.start is not None and self.end is not None and minute_of(self.start) == minute_of(self.end):
            raise ValueError(f"a clock from {self.start} to {self.end}, wanted two different times")
        return self

    @property
    def minutes(self) -> tuple[int, int] | None:
        """From which minute of the day to which, the second not counted."""
        return None if self.start is None or self.end is None else (minute_of(self.start), minute_of(self.end))

    @property
    def days(self) -> frozenset[int] | None:
        """Which days, Monday is 0."""
        return None if self.weekdays is None else frozenset(map(WEEKDAYS.index, self.weekdays))


class Step(Node):
    """One step of a sequence; `gap` is the most that may lie between it and the step before."""

    event: Text200
    where: Annotated[tuple[Where, ...], Field(max_length=20)] = ()
    near: Circle | None = None
    clock: Clock | None = None
    gap: str | None = None

    @field_validator("gap")
    @classmethod
    def _is_duration(cls, text: str | None) -> str | None:
        return _positive(text, "a gap")

    @property
    def gap_us(self) -> int | None:
        """The gap in microseconds; None means any."""
        return None if self.gap is None else duration_us(self.gap)


class _Windowed(Node):
    within: str | None = None
    during: str | None = None

    @field_validator("within")
    @classmethod
    def _is_duration(cls, text: str | None) -> str | None:
        return _positive(text, "a window")

    @field_validator("during")
    @classmethod
    def _is_calendar(cls, text: str | None) -> str | None:
        return None if text is None else check_during(text)

    @model_validator(mode="after")
    def _one_window(self) -> _Windowed:
        if self.within is not None and self.during is not None:
            raise ValueError("within and during at once, wanted one of them")
        return self

    @property
    def window_us(self) -> int | None:
        """The rolling window in microseconds; None means ever, or a calendar window."""
        return None if self.within is None else duration_us(self.within)


class _OverEvents(_Windowed):
    event: Text200
    where: Annotated[tuple[Where, ...], Field(max_length=20)] = ()
    near: Circle | None = None
    clock: Clock | None = None

    @model_validator(mode="after")
    def _clock_has_window(self) -> _OverEvents:
        if self.clock is not None and self.within is None and self.during is None:
            raise ValueError("a clock without a window, wanted within or during beside it")
        return self

    @property
    def zoned(self) -> bool:
        """Whether the customer's time zone has a say."""
        return self.during is not None or self.clock is not None


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

    def times(self) -> int:
        """What a count is compared with."""
        if not isinstance(self.value, int):
            raise TypeError(f"{self.measure} has no number of times, wanted a count")
        return self.value


class Absent(_OverEvents):
    """The customer has not done it."""

    type: Literal["absent"] = "absent"


class Sequence(_Windowed):
    """The customer did this, then that: each step after the one before, all of them inside the window."""

    type: Literal["sequence"] = "sequence"
    steps: Annotated[tuple[Step, ...], Field(min_length=2, max_length=MAX_STEPS)]
    span: str | None = None

    @field_validator("span")
    @classmethod
    def _is_span(cls, text: str | None) -> str | None:
        return _positive(text, "a span")

    @model_validator(mode="after")
    def _fits(self) -> Sequence:
        if self.within is None and self.during is None:
            raise ValueError("a sequence without a window, wanted within or during")
        if self.steps[0].gap is not None:
            raise ValueError("the first step with a gap, wanted none: nothing comes before it")
        return self

    @property
    def span_us(self) -> int | None:
        """The most that may lie between the first step and the last, in microseconds; None means any."""
        return None if self.span is None else duration_us(self.span)

    @property
    def zoned(self) -> bool:
        """Whether the customer's time zone has a say."""
        return self.during is not None or any(step.clock is not None for step in self.steps)


class Top(Node):
    """The customer is among the n, or the percent, with the highest (lowest) value of a trait.

    Counted are customers whose trait is a number; of equal values the smaller customer id comes first. A percentage of
    them is rounded up to whole customers.
    """

    type: Literal["top"] = "top"
    trait: Text200
    n: Annotated[int, Field(ge=1, le=MAX_TOP, strict=True)] | None = None
    percent: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    order: Literal["highest", "lowest"] = "highest"

    @model_validator(mode="after")
    def _fits(self) -> Top:
        if (self.n is None) == (self.percent is None):
            raise ValueError("n and percent both or neither given, wanted one of them")
        if self.percent is not None and round(self.percent * 100) != self.percent * 100:
            raise ValueError(f"percent is {self.percent}, wanted at most two decimals")
        return self

    @property
    def hundredths(self) -> int | None:
        """The percentage in hundredths of a percent."""
        return None if self.percent is None else round(self.percent * 100)

    def places(self, people: int) -> int:
        """How many of so many people are in."""
        return self.n if self.n is not None else (people * (self.hundredths or 0) + 9_999) // 10_000


class InSegment(Node):
    """The customer is in another segment."""

    type: Literal["in_segment"] = "in_segment"
    segment: Text200


class Share(Node):
    """A fixed random share of all customers, drawn by a hash of the salt and the customer."""

    type: Literal["share"] = "share"
    percent: float = Field(ge=0, le=100)
    salt: Text200


Leaf = Trait | Tag | Place | Near | Did | Absent | Sequence | Top | InSegment | Share


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


def _positive(text: str | None, what: str) -> str | None:
    try:
        length = 1 if text is None else duration_us(text)
    except InvalidInput as error:
        raise ValueError(error.message) from error
    if length <= 0:
        raise ValueError(f"{what} of no length, wanted one above zero")
    return text
