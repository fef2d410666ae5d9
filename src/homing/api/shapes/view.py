"""Shapes of what a customer's page says as of an instant: what was said, what was done, who stands around her."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from homing.api.shapes.basics import Bi, Out
from homing.api.shapes.customers import CustomerRowOut


class WordOut(Out):
    """The newest word of one source on a trait."""

    source: str
    value: Any
    at: str
    times: int = Field(description="how often this source spoke of it")


class SaidTraitOut(Out):
    """A trait: the word that stands first, then what other sources said last."""

    name: str
    label: Bi
    group: str = Field(description="contact, demographics, behaviour, needs, value, social, satisfaction or other")
    words: list[WordOut]
    disputed: bool = Field(description="whether a source said something else than the word that stands")


class FactOut(Out):
    """A value that follows from what she did; null where too little happened to say it."""

    key: str
    value: float | str | None
    unit: str = Field(description="count, money, share, days, per_30_days, hour, text, rating")
    n: int = Field(description="how many events support it")
    sources: list[str]
    at: str | None = Field(description="the newest of them")


class CountedOut(Out):
    """How often, as a share of all of its kind, and when last."""

    name: str
    n: int
    share: float
    at: str


class InterestOut(Out):
    """How much something interests her."""

    name: str
    label: str
    weight: float = Field(description="weights of what she did, each halved every `half_life_days`")
    share: float = Field(description="of the weights of all")
    n: int
    at: str


class ViewOut(Out):
    """What is known of a customer as of an instant."""

    at: str = Field(description="the instant asked for")
    as_of: str = Field(description="until when the warehouse knows what happened")
    said: list[SaidTraitOut]
    behaviour: list[FactOut]
    value: list[FactOut]
    spending: list[FactOut]
    satisfaction: list[FactOut]
    strip: list[list[int]] = Field(description="her own activity by day of the week, Monday first, and local hour")
    zone: str = Field(description="whose hours these are")
    channels: list[CountedOut]
    devices: list[CountedOut]
    sources: list[CountedOut]
    categories: list[InterestOut]
    products: list[InterestOut]
    half_life_days: int


class MeasureOut(Out):
    """Where she stands among everybody with an order, in one measure."""

    key: str = Field(description="recency_days, orders, revenue")
    value: float
    score: int = Field(description="1 to 5")
    percentile: int = Field(description="so many hundredths of everybody are strictly below her, 0 to 99")
    limits: list[float] = Field(description="where the four limits between the fifths are")


class StandingOut(Out):
    """Her RFM scores with what decides them; null where she has not ordered."""

    people: int
    measures: list[MeasureOut]
    segment: str | None
    segment_label: Bi | None
    as_of: str


class RelationOut(Out):
    """Somebody around her."""

    how: str = Field(description="referred_by, refers, household, account")
    customer: CustomerRowOut
    source: str
    at: str


class RelationsOut(Out):
    """Everybody around her."""

    items: list[RelationOut]
    unknown_referrer: bool = Field(description="somebody brought her whom nobody knows")
