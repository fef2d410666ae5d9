"""Which shapes do traits have? A definition with what it comes to, a customer's values, a preview."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, In, Out


class TraitCoverageOut(Out):
    """How many customers have a value."""

    n: int = Field(description="customers with a value")
    total: int = Field(description="customers there are")
    share: float | None = Field(description="n / total; null without customers")


class TraitReaderOut(Out):
    """A definition that reads a trait."""

    kind: str
    id: str
    name: Bi


class TraitOut(Out):
    """A trait that is defined."""

    id: str
    name: Bi
    description: Bi
    group: str
    unit: Bi
    owner: str
    sensitivity: str
    type: str = Field(description="number, text, boolean, time (an instant) or any")
    sentence: Bi
    status: str
    version: int
    document: dict[str, Any]
    coverage: TraitCoverageOut | None = Field(description="null while it is not in force, or not counted yet")
    used_by: list[TraitReaderOut]
    as_of: str = Field(description="until when the warehouse has seen the log")


class DefinedTraitOut(Out):
    """One trait of one customer."""

    id: str
    name: Bi
    group: str
    unit: Bi
    value: Any
    source: str = Field(description="who said it, the model that did, or `computed`")
    as_of: str | None = Field(description="when the newest event it rests on happened")
    version: int
    model_version: str | None
    n: int | None = Field(description="how many the value rests on, where that is told")
    low: float | None = Field(description="lower end of the 95 % interval, where there is one")
    high: float | None
    sentence: Bi


class CustomerTraitsOut(Out):
    """The defined traits of one customer, by group."""

    customer_id: str
    groups: dict[str, list[DefinedTraitOut]]
    as_of: str = Field(description="the instant the values are true for")
    known: Literal["received", "happened"]


class TraitPreviewIn(In):
    """A definition that is being written, and for whom to compute it."""

    document: dict[str, Any]
    customers: list[str] = Field(default=[], max_length=20, description="none: some who have a value")


class TraitExampleOut(Out):
    """One customer's value."""

    customer_id: str
    name: str
    value: Any


class TraitPreviewOut(Out):
    """What a definition would come to now."""

    coverage: TraitCoverageOut
    examples: list[TraitExampleOut]
    sentence: Bi
    type: str
    ms: float
    as_of: str


class TraitMomentIn(In):
    """A customer and an instant."""

    customer_id: str = Field(max_length=64)
    at: str | None = Field(None, max_length=40, description="ISO 8601; now when it is left out")


class TraitsAsOfIn(In):
    """Which traits of which customers at which instants."""

    traits: list[str] = Field(default=[], max_length=200, description="none: all in force")
    moments: list[TraitMomentIn] = Field(min_length=1, max_length=10_000)
    known: Literal["received", "happened"] = "received"


class TraitMomentOut(Out):
    """One moment."""

    customer_id: str
    at: str
    values: dict[str, Any]


class TraitsAsOfOut(Out):
    """The values, in the order of the moments."""

    traits: list[str]
    rows: list[TraitMomentOut]
    known: str


class TraitPresetOut(Out):
    """A set of traits that ships with Homing."""

    id: str
    name: Bi
    description: Bi
    documents: list[dict[str, Any]]
    sentences: list[Bi]
    taken: list[str] = Field(description="ids that are defined here already")
