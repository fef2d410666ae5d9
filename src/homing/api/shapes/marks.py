"""Shapes of tags and lifecycles: the catalogue, who has what and why, stages and the flow between them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, In, Out

How = Literal["rule", "model", "manual", "import"]
Standing = Literal["draft", "proposed", "approved", "rejected"]


class TagRowOut(Out):
    """A tag in the catalogue."""

    id: str
    name: Bi
    how: How
    value_type: Literal["text", "number", "bool"] | None
    category: str
    owner: str
    status: Literal["draft", "live", "paused"]
    approval: Standing = Field(description="of the newest version")
    version: int
    live_version: int | None
    n: int = Field(description="customers who have it now")
    share: float | None = Field(description="of all customers; null where there are none")
    of: int = Field(description="customers there are")
    expires: str | None = Field(description="`30d` after it was given, or a day; null: never")


class ApprovalOut(Out):
    """One step of approving a version."""

    version: int
    step: Literal["proposed", "approved", "rejected"]
    by: str
    at: str
    note: str


class TagValueOut(Out):
    """A value and how many have it."""

    value: Any
    n: int


class TagOut(TagRowOut):
    """A tag whole."""

    description: Bi
    document: dict[str, Any]
    live_document: dict[str, Any] | None
    sentences: list[Bi] = Field(description="the rules of its newest version in words, in their order")
    live_sentences: list[Bi] = Field(description="the rules in force in words; empty when none is")
    values: list[TagValueOut]
    approvals: list[ApprovalOut]
    used_by: list[dict[str, str]]
    as_of: str


class TagDayOut(Out):
    """One day of a tag."""

    day: str
    n: int
    added: int
    removed: int


class TagTrendOut(Out):
    """How many had a tag, by day."""

    days: list[TagDayOut]
    as_of: str


class HolderOut(Out):
    """A customer who has a tag."""

    customer_id: str
    name: str
    value: Any
    since: str
    until: str | None
    by: str


class NoteIn(In):
    """What is said with a step of approving."""

    note: str = Field("", max_length=1000)


class HandIn(In):
    """Whom to give a tag, or take it from."""

    customers: list[str] = Field(default_factory=list, max_length=10_000)
    segment: str | None = None
    value: Any = None
    dry_run: bool = False


class HandOut(Out):
    """What was, or would be, done."""

    batch: str | None = Field(description="what `undo` is asked with; null where nothing changed")
    asked: int
    changed: int
    same: int
    unknown: list[str] = Field(description="ids nobody has, the first 20")
    examples: list[str]


class BatchOut(Out):
    """What was done to one or many by hand."""

    batch: str
    way: Literal["give", "take"]
    n: int
    at: str
    by: str
    undone: bool


class CustomerTagOut(Out):
    """A tag of a customer."""

    id: str
    name: Bi
    value: Any
    since: str
    until: str | None
    how: How
    by: str


class CustomerStageOut(Out):
    """Where a customer stands in a lifecycle."""

    model: str
    name: Bi
    stage: str
    label: Bi
    colour: str
    since: str


class CustomerMarksOut(Out):
    """What is said of a customer in tags and stages."""

    tags: list[CustomerTagOut]
    stages: list[CustomerStageOut]
    as_of: str


class WhyPartOut(Out):
    """One part of a condition and what it comes to."""

    type: str
    holds: bool
    sentence: Bi
    figure: Any = None
    last_at: str | None = None
    parts: list[WhyPartOut] = Field(default_factory=list)


class WhyRuleOut(Out):
    """One rule of a tag: the value it gives, and what it comes to."""

    value: Any
    reason: WhyPartOut


class WhyOut(Out):
    """Why a customer has a tag, or has it not."""

    tag: str
    has: bool
    value: Any = None
    how: How
    since: str | None = None
    until: str | None = None
    by: str = ""
    source: str = Field("", description="import: the source that said so")
    file: str = Field("", description="import: the file's name, where it is known")
    version: int | None = Field(None, description="of the definition that gave it")
    score: dict[str, Any] | None = Field(None, description="model: the number, whence and when it is of")
    rules: list[WhyRuleOut] = Field(default_factory=list, description="in the order in which they are judged")
    history: list[dict[str, Any]]
    as_of: str


class LifecycleStageOut(Out):
    """One stage with how many are in it."""

    id: str
    name: Bi
    colour: str
    n: int | None = Field(description="customers in it now; null where the model is not in force")
    sentence: Bi | None


class LifecycleOut(Out):
    """A lifecycle."""

    id: str
    name: Bi
    description: Bi
    main: bool
    preset: bool = Field(description="it comes with Homing and was not saved here")
    status: Literal["preset", "draft", "live", "paused"]
    version: int
    stages: list[LifecycleStageOut]
    document: dict[str, Any]
    as_of: str


class LifecyclesOut(Out):
    """Every lifecycle and preset."""

    items: list[LifecycleOut]
    as_of: str


class MovedOut(Out):
    """How many went from one stage to another."""

    from_: str = Field(alias="from", description="a stage, @new or @none")
    to: str
    n: int


class FlowOut(Out):
    """The flow between two instants."""

    model: str
    from_: str = Field(alias="from")
    to: str
    stages: list[LifecycleStageOut]
    moves: list[MovedOut]
    before: int = Field(description="customers known at the earlier instant")
    after: int = Field(description="customers known at the later instant")
    merged: int = Field(description="merges between the two; both parts are counted as the one they are today")
    as_now: list[str] = Field(description="traits in its conditions that are known only as they are now")
    as_of: str
