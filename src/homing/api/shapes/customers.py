"""Shapes of customers: the row, the page, the timeline, the identity, the messages."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from homing.api.shapes.basics import Bi, Out, Page


class CustomerRowOut(Out):
    """A customer in a list; revenue is in the workspace's currency."""

    customer_id: str
    name: str | None
    email: str | None
    stage: str
    rfm: str | None
    orders: int
    revenue: float
    last_order_at: str | None
    last_seen_at: str
    ids: int


class CustomerPage(Page[CustomerRowOut]):
    """A page of the list."""

    exact: bool = Field(description="whether `total` was counted; else it is an estimate")


class CustomerCountOut(Out):
    """How many customers there are."""

    total: int
    exact: bool = Field(description="false: counting would have taken too long, this is an estimate")
    as_of: str


class TraitValueOut(Out):
    """A trait with where it comes from."""

    name: str
    label: Bi
    value: Any
    source: str
    as_of: str


class CategoryOut(Out):
    """How much of what she bought is of one category."""

    name: str
    share: float
    n: int


class StatsOut(Out):
    """What she has done, in numbers; null where it cannot be said."""

    orders: int
    revenue: float
    average_order: float | None
    first_order_at: str | None
    last_order_at: str | None
    active_hour: int | None
    active_hours: list[int]
    favourite_category: str | None
    categories: list[CategoryOut]


class RfmOut(Out):
    """Her RFM scores, 1 (low) to 5."""

    r: int
    f: int
    m: int
    name: str
    label: Bi


class ChurnOut(Out):
    """How unusual the present silence is for her; a signal, not a probability."""

    risk: float
    basis: Bi


class SegmentRef(Out):
    """A segment she is in."""

    id: str
    name: Bi
    since: str


class ConsentOut(Out):
    """What she allows."""

    purpose: str
    channel: str
    status: str
    since: str
    source: str


class JourneyRef(Out):
    """A journey she is in."""

    journey: str
    version: int
    node: str
    since: str


class CustomerOut(Out):
    """Everything about one customer."""

    customer_id: str
    name: str
    traits: list[TraitValueOut]
    stats: StatsOut
    rfm: RfmOut | None
    stage: str
    stage_label: Bi
    churn: ChurnOut | None
    tags: list[str]
    segments: list[SegmentRef]
    consent: list[ConsentOut]
    journeys: list[JourneyRef]
    merged_into: str | None
    first_seen_at: str
    last_seen_at: str
    as_of: str


class SendOut(Out):
    """A message that was decided for her, sent or not."""

    send_key: str
    at: str
    channel: str
    campaign: str | None
    journey: str
    node: str
    status: str
    reason: str | None
    reason_text: Bi | None
    subject: str | None
    opened_at: str | None
    clicked_at: str | None


class StatusAt(Out):
    """A step in the life of a message."""

    status: str
    at: str


class MessageOut(Out):
    """What she received."""

    send_key: str
    customer_id: str
    subject: str | None = Field(description="null when it was never rendered")
    html: str | None
    text: str | None
    headers: dict[str, str]
    status: str
    reason: str | None
    reason_text: Bi | None
    history: list[StatusAt]
