"""Shapes of linkage: a run, what it took columns for, a pair with what each comparison weighs, answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from homing.api.language import Said
from homing.api.shapes.basics import Bi, In, Out

Share = Annotated[float | None, Field(ge=0.5, le=1)]


class LinkAskIn(In):
    """What a run shall do; what is not said is as homing.toml has it."""

    sources: Annotated[tuple[str, ...], Field(max_length=200, description="whose words count; none: every one's")] = ()
    threshold: Share = None
    review: Share = None
    largest: Annotated[int | None, Field(ge=2, le=1000)] = None
    accept: Annotated[bool | None, Field(description="accept likely pairs without a person")] = None
    dry_run: bool = False
    wait: Annotated[bool, Field(description="answer when it is over")] = False


class LinkColumnOut(Out):
    """A trait and what it was taken for."""

    name: str
    role: str
    label: Bi
    filled: float = Field(description="share of records that have it")
    distinct: int
    by: str = Field(description="what told: its name or its values")


class LinkBlockOut(Out):
    """Columns that must agree for a pair to be compared; `x:3` is the beginning of x."""

    columns: list[str]
    pairs: int
    filled: float


class LinkRunOut(Out):
    """One run."""

    run_id: str
    at: str
    finished_at: str | None
    status: Literal["running", "done", "failed", "interrupted"]
    step: str
    share: float = Field(description="of the work that is done, 0 .. 1")
    by: str
    asked: dict[str, Any]
    columns: list[LinkColumnOut]
    blocks: list[LinkBlockOut]
    compared: int | None = Field(description="pairs that were compared")
    impossible: int | None = Field(description="likely pairs that hold different identifiers of one person for good")
    rejected_before: int | None
    records: int
    accepted: int
    review: int
    error: Said | None


class ComparisonOut(Out):
    """One comparison of a pair."""

    name: str
    label: Bi
    weight: float = Field(description="evidence in bits: above 0 for one person, below against, 0 where one lacks it")
    a: list[str]
    b: list[str]


class LinkSideOut(Out):
    """One customer of a pair."""

    customer_id: str
    today: str = Field(description="the customer it is part of now: itself, unless it was joined")
    name: str | None
    source: str | None
    last_seen_at: str | None
    ids: int
    orders: int


class LinkPairOut(Out):
    """Two customers that may be one person."""

    pair_id: str
    run_id: str
    probability: float
    prior: float = Field(description="evidence in bits before anything was compared")
    why: Literal["likely", "grey", "cut"]
    status: Literal["open", "accepted", "rejected", "impossible"]
    decided_at: str | None
    decided_by: str | None
    a: LinkSideOut
    b: LinkSideOut
    comparisons: list[ComparisonOut]


class LinkSourcesOut(Out):
    """Whose words can be compared."""

    items: list[str] = Field(description="ids of sources")


class LinkCountsOut(Out):
    """How many pairs there are of each standing."""

    open: int = 0
    accepted: int = 0
    rejected: int = 0
    impossible: int = 0


class LinkAnswerIn(In):
    """What is said of pairs."""

    pairs: Annotated[list[str], Field(min_length=1, max_length=1000)]
    answer: Literal["accept", "reject"]


class LinkAnswerOut(Out):
    """What became of them."""

    accepted: int
    rejected: int
    impossible: int
    settled: int = Field(description="had an answer already")
    waiting: LinkCountsOut
