"""Shapes of the overview, the catalogue and the insights."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, Out

ValueType = Literal["string", "number", "time", "boolean"]


class FigureOut(Out):
    """One figure of a stage; null where it cannot be said."""

    key: str
    value: float | None
    unit: str | None = None
    label: Bi


class StageOut(Out):
    """A stage of the loop and how fresh it is."""

    stage: Literal["collect", "understand", "decide", "act", "measure"]
    as_of: str
    lag_ms: float
    figures: list[FigureOut]


class DayOut(Out):
    """One local day of the workspace's zone."""

    day: str
    events: int
    orders: int
    revenue: float
    sends: int
    opened: int
    clicked: int


class DemoOut(Out):
    """The demo's own report."""

    running: bool
    day: int | str | None
    of_days: int | None
    campaign: str | None = None
    truth: list[dict[str, Any]] | dict[str, Any] | None = None
    note: Bi | None = None


class OverviewOut(Out):
    """The loop at a glance."""

    as_of: str
    currency: str
    stages: list[StageOut]
    daily: list[DayOut]
    demo: DemoOut | None = None


class FieldOut(Out):
    """A property or trait that a condition may name."""

    name: str
    label: Bi | None = None
    type: ValueType
    examples: list[Any]


class EventNameOut(Out):
    """An event that a condition may name."""

    name: str
    label: Bi
    n: int
    properties: list[FieldOut]


class CatalogueOut(Out):
    """Everything a condition may name."""

    events: list[EventNameOut]
    traits: list[FieldOut]
    operators: dict[str, list[str]]


class FunnelStepOut(Out):
    """How many reached a step; shares are null where there is nobody to share."""

    name: str
    people: int
    share_of_first: float | None
    share_of_previous: float | None
    median_seconds: float | None


class FunnelOut(Out):
    """A funnel with the statement that answered it."""

    steps: list[FunnelStepOut]
    window: str
    as_of: str
    sql: str


class RfmCellOut(Out):
    """A named RFM segment."""

    name: str
    label: Bi
    people: int
    revenue: float


class RfmSpotOut(Out):
    """How many have this recency and frequency score."""

    r: int
    f: int
    people: int


class RfmGridOut(Out):
    """The spread of everybody with an order."""

    cells: list[RfmCellOut]
    grid: list[RfmSpotOut]
    people: int
    currency: str
    as_of: str


class PointOut(Out):
    """One local day; the last one is not over."""

    day: str
    value: float | None


class TrendOut(Out):
    """One figure a day."""

    metric: str
    unit: str | None = Field(description="the currency where the figure is money")
    points: list[PointOut]
    as_of: str
