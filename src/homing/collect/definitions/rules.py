"""What do the rules of a source say? How its values are cleaned, what each must be, how much comes and how often.

A row rule looks at one event and refuses it or warns. A stream rule (freshness, volume) looks at all that came and
leaves a finding.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from homing.collect.definitions.wanted import Path, Pattern, Values
from homing.collect.units import UNITS
from homing.core.document import Document, Duration, Name, Slug, Zone

KIND = "rules"


class Clean(Document):
    """How values are made uniform before they are looked at; what cannot be read stays as it is, with a warning."""

    empty: bool = Field(False, description="leave out values that say nothing: 无, N/A, -, null …")
    empty_words: tuple[Annotated[str, Field(max_length=100)], ...] = Field((), description="words beside the usual")
    phone: tuple[Path, ...] = ()
    region: str | None = Field(None, pattern=r"^[A-Z]{2}$", description="of phone numbers without a country")
    email: tuple[Path, ...] = ()
    time: tuple[Path, ...] = ()
    zone: Zone | None = Field(None, description="IANA zone of times without an offset")
    day_first: bool = Field(True, description="3/4/2026 is the third of April")
    units: dict[Path, str] = Field(default_factory=dict, description="path to unit: {weight: g, volume: ml}")
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="amounts are converted to it")

    @model_validator(mode="after")
    def _known(self) -> Clean:
        unknown = sorted(set(self.units.values()) - UNITS.keys())
        if unknown:
            raise ValueError(f"unit {unknown[0]!r}, wanted one of {', '.join(UNITS)}")
        return self


class _RowRule(Document):
    field: Path
    event: str = Field("", max_length=200, description="an event's name or type; empty for all")
    then: Literal["refuse", "warn"] = "warn"


class Required(_RowRule):
    """The value is there."""

    rule: Literal["required"]


class Range(_RowRule):
    """The value is a number between two bounds."""

    rule: Literal["range"]
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.min is None and self.max is None:
            raise ValueError("a range without bounds, wanted min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min is {self.min:g} and max {self.max:g}, wanted min at most max")
        return self


class OneOf(_RowRule):
    """The value is one of a set."""

    rule: Literal["set"]
    values: Values


class Matches(_RowRule):
    """The value is a text of a form."""

    rule: Literal["pattern"]
    pattern: Pattern


class Unique(_RowRule):
    """No other event of the source has the value: on one UTC day, or in one file."""

    rule: Literal["unique"]
    within: Literal["day", "file"] = "day"


class Reference(_RowRule):
    """What the value names is known."""

    rule: Literal["reference"]
    to: Literal["products", "orders"]


class Freshness(Document):
    """Something comes at least this often."""

    rule: Literal["freshness"]
    within: Duration
    event: str = Field("", max_length=200)


class Volume(Document):
    """A day is like the same weekdays before it."""

    rule: Literal["volume"]
    event: str = Field("", max_length=200)
    weeks: int = Field(8, ge=4, le=26, description="same weekdays looked back at")
    limit: float = Field(3.5, gt=0, le=20, description="robust z-score from which a day is odd")


Rule = Annotated[
    Required | Range | OneOf | Matches | Unique | Reference | Freshness | Volume, Field(discriminator="rule")
]
RowRule = Required | Range | OneOf | Matches | Unique | Reference


class Rules(Document):
    """The rules of one source."""

    kind: Literal["rules"] = "rules"
    id: Slug
    name: Name
    source: Annotated[str, Field(min_length=1, max_length=64)]
    clean: Clean = Clean()
    rules: tuple[Rule, ...] = Field((), max_length=500)
