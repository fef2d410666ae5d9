"""Shapes of a customer's timeline: its events, what they are made of."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from homing.api.shapes.basics import Bi, Out, Page


class TimelineOut(Out):
    """One event of a customer."""

    event_id: str
    kind: str
    name: str
    happened_at: str
    received_at: str
    source: str
    properties: dict[str, Any]
    summary: Bi


class TimelinePage(Page[TimelineOut]):
    """A page of the timeline, newest first."""

    newer: str | None = Field(description="handed back as `after` for what is newer than the first row")


class NameCount(Out):
    """How many of her events have this name."""

    kind: str
    name: str
    n: int


class SourceCount(Out):
    """How many of her events came from this source."""

    source: str
    n: int


class DayCount(Out):
    """How many of her events happened on this day."""

    day: str = Field(description="ISO date, in the workspace's zone")
    n: int


class OutlineOut(Out):
    """What a timeline is made of."""

    total: int
    names: list[NameCount]
    sources: list[SourceCount]
    days: list[DayCount]
    as_of: str
