"""Shapes of identity: how we know that this is one person, what would follow from a decision, what waits for one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, In, Out
from homing.api.shapes.events import IdOut

CustomerId = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(max_length=500, description="why, for those who ask later")]


class HeldIdOut(Out):
    """An identifier she holds."""

    type: str
    value: str
    first_at: str
    last_at: str
    status: str = Field(description="active; demoted: gave way to a limit; shared: names nobody else")
    source: str


class EdgeOut(Out):
    """Why two identifiers are one person's."""

    a: IdOut
    b: IdOut
    event_id: str
    source: str
    at: str
    how: str = Field(description="same_event | hand | linked | split")
    probability: float | None = Field(None, description="of a link without a shared key, 0 .. 1")
    made_by: str | None = None


class MergeOut(Out):
    """A merge she came out of."""

    merge_id: str
    at: str
    loser: str
    winner: str
    reason: str
    event_id: str
    evidence: dict[str, Any]
    undone: bool


class ConflictOut(Out):
    """What could not be joined."""

    conflict_id: str
    at: str
    event_id: str
    reason: str
    reason_text: Bi
    details: dict[str, Any]
    status: str


class IdentityOut(Out):
    """How we know that this is one person."""

    identifiers: list[HeldIdOut]
    edges: list[EdgeOut]
    merges: list[MergeOut]
    conflicts: list[ConflictOut]


class IdIn(In):
    """An identifier as it is stored, or as a person writes it."""

    type: Annotated[str, Field(max_length=40)]
    value: Annotated[str, Field(min_length=1, max_length=255)]


class MergeIn(In):
    """They are one person."""

    other: CustomerId
    reason: Reason = ""


class SplitIn(In):
    """They are two: takes a merge back, or identifiers out."""

    merge: Annotated[str | None, Field(max_length=64, description="merge_id of a merge that stands")] = None
    identifiers: Annotated[tuple[IdIn, ...], Field(max_length=500)] = ()
    reason: Reason = ""


class ConsentWord(Out):
    """What one of them allows."""

    purpose: str
    channel: str
    status: str


class StandingId(IdOut):
    """An identifier with its standing."""

    status: str


class NamedSegment(Out):
    """A segment."""

    id: str
    name: Bi


class SideOut(Out):
    """One customer before or after; revenue in the workspace's currency."""

    customer_id: str
    name: str
    identifiers: list[StandingId]
    events: int
    orders: int
    revenue: float
    segments: list[NamedSegment]
    consent: list[ConsentWord]


class TurnOut(Out):
    """A customer who enters or leaves a segment by it."""

    customer_id: str
    segment: NamedSegment


class WhatIfOut(Out):
    """Everyone concerned, before and after."""

    before: list[SideOut]
    after: list[SideOut]
    obstacle: str | None = Field(None, description="why it cannot be done, such as immutable:user_id")
    obstacle_text: Bi | None = None
    entered: list[TurnOut]
    left: list[TurnOut]


class DoneOut(Out):
    """What was decided, and who there is now."""

    event_id: str
    customers: list[str]


class WaitingOut(Out):
    """A conflict that waits for an answer, or had one."""

    conflict_id: str
    at: str
    event_id: str
    reason: str
    reason_text: Bi
    identifier: IdOut | None
    status: str
    settled_at: str | None
    settled_by: str | None
    customer_id: str
    name: str
    other: str | None
    other_name: str | None
    may_merge: bool = Field(description="whether two customers are meant and nothing forbids that they are one")


class AnswerConflictsIn(In):
    """The answer to some conflicts."""

    conflicts: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=500)]
    answer: Literal["merge", "apart", "dismiss"]
    reason: Reason = ""


class SettledOut(Out):
    """How many were settled."""

    event_id: str
    settled: int


class BlockedOut(Out):
    """A value that does not link, or did not for a while."""

    type: str
    value: str
    status: str = Field(description="blocked | shared | lifted")
    why: str = Field(description="hand | learned")
    reason: str
    customers: int = Field(description="learned: how many who cannot be one person it was seen with")
    made_by: str
    at: str
    lifted_at: str | None


class BlockIn(IdIn):
    """A value that shall not link."""

    status: Literal["blocked", "shared"] = "blocked"
    reason: Reason = ""


class ReleaseIn(IdIn):
    """A value that shall link again."""

    reason: Reason = ""


class RuleOut(Out):
    """The rule of one type of identifier."""

    type: str
    priority: int
    limit: int
    immutable: bool
    window_s: int | None = Field(description="seconds; null: for ever")
    shared_after: int = Field(description="0: never")


class RulesOut(Out):
    """The rules in force; `document` is what was published, null while the shipped ones hold."""

    types: list[RuleOut]
    blocked: list[IdOut]
    document: dict[str, Any] | None
