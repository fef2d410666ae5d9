"""What does a tracking plan say? Which events are expected, with which properties, and what follows when one is not so.

`observe` counts and shows, `warn` says it in the verdict too, `block` refuses. For `identify` and `group` calls the
properties are their traits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from homing.collect.definitions.wanted import Path, Pattern, Values, ValueType
from homing.core.document import BothText, Document, Name, Slug
from homing.core.document import Text as Both
from homing.core.event import Kind

KIND = "plan"
Mode = Literal["observe", "warn", "block"]


class Property(Document):
    """What is wanted of one property."""

    type: ValueType = "any"
    required: bool = False
    values: Values | None = None
    pattern: Pattern | None = None
    min: float | None = None
    max: float | None = None
    description: BothText = Both()

    @model_validator(mode="after")
    def _ordered(self) -> Property:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min is {self.min:g} and max {self.max:g}, wanted min at most max")
        return self


class PlannedEvent(Document):
    """One expected event; of `page`, `screen`, `identify`, `group` and `alias` an empty name stands for all."""

    event: str = Field("", max_length=200)
    type: Kind = "track"
    description: BothText = Both()
    properties: dict[Path, Property] = Field(default_factory=dict, max_length=500)
    others: Literal["allow", "report"] = Field("allow", description="properties that the plan does not name")

    @model_validator(mode="after")
    def _named(self) -> PlannedEvent:
        if self.type == "track" and not self.event:
            raise ValueError("a track event without a name, wanted one")
        return self


def _once(events: tuple[PlannedEvent, ...]) -> tuple[PlannedEvent, ...]:
    _distinct((e.type, e.event) for e in events)
    return events


def _distinct(names: Iterable[tuple[str, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{' '.join(name).strip()!r} stands in the plan twice, wanted it once")
        seen.add(name)


class Plan(Document):
    """The tracking plan of some sources, or of all."""

    kind: Literal["plan"] = "plan"
    id: Slug
    name: Name
    sources: tuple[Annotated[str, Field(max_length=64)], ...] = Field((), description="source ids; none means all")
    mode: Mode = "observe"
    unknown: Literal["ignore", "observe", "warn", "block"] = Field(
        "ignore", description="events that the plan does not name"
    )
    events: Annotated[tuple[PlannedEvent, ...], AfterValidator(_once)] = Field((), max_length=1_000)
