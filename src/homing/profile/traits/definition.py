"""What does a trait's document say? What it is called, what it measures, and for whom it may be seen.

One definition serves both engines: the stream keeps it up to date, the warehouse computes it for any instant.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from homing.core.condition import Where
from homing.core.document import BothText, Document, Duration, Name, Text
from homing.core.errors import InvalidInput
from homing.core.time import DAY, duration_us
from homing.profile.person import COMPUTED_TRAITS
from homing.profile.traits.expression import Type, names, parse
from homing.profile.traits.paths import ANY_ACTIVITY, read_path

KIND = "trait"
Text200 = Annotated[str, Field(min_length=1, max_length=200)]
Group = Literal["demographics", "behaviour", "needs", "value", "social", "satisfaction"]
GROUPS: tuple[Group, ...] = ("demographics", "behaviour", "needs", "value", "social", "satisfaction")
Sensitivity = Literal["public", "internal", "personal", "sensitive"]
Measure = Literal[
    "count", "sum", "average", "min", "max", "distinct", "first", "last", "most_frequent", "newest", "first_at",
    "last_at", "share",
]  # fmt: skip
Wins = Literal["newest", "first", "most_frequent", "source"]
ValueType = Literal["number", "text", "boolean", "any"]
MAX_NEWEST = 50
MAX_WINDOW_US = 3 * 366 * DAY
OF_VALUE = frozenset({"first", "last", "most_frequent"})
WITHOUT_PROPERTY = frozenset({"count", "first_at", "last_at", "share"})


def _known_path(text: str) -> str:
    read_path(text)
    return text


def _window(text: str) -> str:
    if not 0 < duration_us(text) <= MAX_WINDOW_US:
        raise ValueError("a window outside 1 s .. 3 years, wanted one inside or none at all (ever)")
    return text


def _half_life(text: str) -> str:
    if not 3_600_000_000 <= duration_us(text) <= MAX_WINDOW_US:
        raise ValueError("a half-life outside 1 h .. 3 years, wanted one inside")
    return text


Path = Annotated[
    Text200,
    AfterValidator(_known_path),
    Field(description="a property, context.device.type, products[].category, $hour, $weekday, $source"),
]
Window = Annotated[Duration, AfterValidator(_window)]
HalfLife = Annotated[Duration, AfterValidator(_half_life)]
Conditions = Annotated[tuple[Where, ...], Field(max_length=20)]
Event = Annotated[Text200, Field(description="an event by name; * is whatever the customer did")]


class _Windowed(Document):
    """What looks back for a while, or ever."""

    within: Window | None = None

    @property
    def window_us(self) -> int | None:
        """The window in microseconds; None means ever."""
        return None if self.within is None else duration_us(self.within)


class Aggregate(_Windowed):
    """Something measured over the customer's events of one name, in a window or ever."""

    type: Literal["aggregate"] = "aggregate"
    measure: Measure
    event: Event
    property: Path | None = None
    where: Conditions = ()
    part: Conditions = ()
    n: int = Field(default=5, ge=1, le=MAX_NEWEST)
    value: ValueType = "any"

    @model_validator(mode="after")
    def _fits(self) -> Aggregate:
        if (self.property is None) != (self.measure in WITHOUT_PROPERTY):
            wanted = "none" if self.property else "one"
            raise ValueError(f"measure {self.measure} with{'' if self.property else 'out'} a property, wanted {wanted}")
        if (self.measure == "share") != bool(self.part):
            raise ValueError("`part` belongs to measure share: which of the events are counted above the line")
        return self


class Formula(Document):
    """A value computed from other traits."""

    type: Literal["formula"] = "formula"
    formula: Annotated[str, Field(min_length=1, max_length=2_000)]

    @model_validator(mode="after")
    def _readable(self) -> Formula:
        try:
            parse(self.formula)
        except InvalidInput as error:
            raise ValueError(error.message) from error
        return self


class Signal(Document):
    """Events that speak for a key, such as a category, and how loudly."""

    event: Event
    key: Path
    where: Conditions = ()
    weight: int = Field(default=1, ge=1, le=1_000)


class Decayed(Document):
    """What a customer leans to: every event speaks for a key, and its word is worth half after each half-life."""

    type: Literal["decayed"] = "decayed"
    half_life: HalfLife
    signals: Annotated[tuple[Signal, ...], Field(min_length=1, max_length=10)]
    show: Literal["shares", "top", "keys", "share"] = "shares"
    n: int = Field(default=5, ge=1, le=MAX_NEWEST)
    key: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Decayed:
        if (self.show == "share") != (self.key is not None):
            raise ValueError("`key` belongs to `show: share`: whose share")
        return self

    @property
    def half_life_us(self) -> int:
        """In microseconds."""
        return duration_us(self.half_life)


class Said(Document):
    """A trait that sources say, and whose word counts when they disagree."""

    type: Literal["said"] = "said"
    trait: Text200
    wins: Wins = "newest"
    sources: Annotated[tuple[Text200, ...], Field(max_length=50)] = ()
    value: ValueType = "any"

    @model_validator(mode="after")
    def _fits(self) -> Said:
        if (self.wins == "source") != bool(self.sources):
            raise ValueError("`sources` belongs to `wins: source`: the sources, the most trusted first")
        if self.trait in COMPUTED_TRAITS:
            raise ValueError(f"the trait {self.trait} is computed, wanted one that sources say")
        return self


class Score(Document):
    """A trait that a model says, with the version of the model that said it."""

    type: Literal["score"] = "score"
    trait: Text200
    model: Text200
    version: Text200 | None = None
    value: ValueType = "number"


class Percentile(Document):
    """Where a customer stands among all who have the other trait, 0 .. 100, judged every night."""

    type: Literal["percentile"] = "percentile"
    trait: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]


class Elasticity(_Windowed):
    """By how many percent the quantity changes where a price is one percent higher, over the lines of orders.

    Ordinary least squares of ln(quantity) on ln(price) within each product (a product's own level is taken out); only
    products met at two prices or more count. Absent below `min_lines` such lines or three degrees of freedom.
    """

    type: Literal["elasticity"] = "elasticity"
    event: Event = "Order Completed"
    items: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")] = "products"
    product: Text200 = "product_id"
    price: Text200 = "price"
    quantity: Text200 = "quantity"
    within: Window | None = "365d"
    min_lines: int = Field(default=8, ge=5, le=1_000)


Spec = Annotated[Aggregate | Formula | Decayed | Said | Score | Percentile | Elasticity, Field(discriminator="type")]


class Trait(Document):
    """What is known of every customer under one name, and how it comes to be known."""

    kind: Literal["trait"] = "trait"
    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
    name: Name
    description: BothText = Text()
    group: Group = "behaviour"
    unit: BothText = Text()
    owner: Annotated[str, Field(max_length=200)] = ""
    sensitivity: Sensitivity = "internal"
    of: Spec

    @model_validator(mode="after")
    def _free(self) -> Trait:
        if self.id in COMPUTED_TRAITS:
            raise ValueError(f"the name {self.id} is taken by a trait that is always computed, wanted another")
        return self


def depends_on(spec: Spec) -> frozenset[str]:
    """The other definitions this one reads."""
    if isinstance(spec, Formula):
        return names(parse(spec.formula))
    return frozenset({spec.trait}) if isinstance(spec, Percentile) else frozenset()


_OF_MEASURE: dict[str, Type] = {"first_at": "time", "last_at": "time", "newest": "any"}
_OF_SHOW: dict[str, Type] = {"top": "text", "share": "number"}


def type_of_spec(spec: Any) -> Type:
    """The type of a value; of a formula it follows from its parts (see `program`)."""
    if isinstance(spec, Aggregate):
        if spec.measure in OF_VALUE:
            return spec.value
        return _OF_MEASURE.get(spec.measure, "number")
    if isinstance(spec, Decayed):
        return _OF_SHOW.get(spec.show, "any")
    if isinstance(spec, Said | Score):
        return spec.value
    return "number"


__all__ = ["ANY_ACTIVITY", "GROUPS", "KIND", "Trait"]
