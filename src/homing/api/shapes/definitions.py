"""Shapes of definitions: segments, journeys, campaigns, plans."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, Estimate, In, Out
from homing.api.shapes.customers import CustomerRowOut

Status = Literal["draft", "live", "paused"]


class SegmentOut(Out):
    """A segment with its count."""

    kind: Literal["segment"] = "segment"
    id: str
    name: Bi
    condition: dict[str, Any]
    count: int
    as_of: str
    sentence: Bi
    version: int
    status: Status


class PreviewIn(In):
    """A condition to try."""

    condition: dict[str, Any]
    sample: bool = Field(False, description="answer at once from a random share of the customers, if they are many")


class PreviewOut(Out):
    """How a condition would turn out."""

    count: int
    total: int = Field(description="customers there are")
    exact: bool = Field(True, description="false: judged by a random share of the customers")
    low: int | None = Field(None, description="not exact: the interval that holds the count with 95 % confidence")
    high: int | None = None
    sampled: int | None = Field(None, description="not exact: how many customers were looked at")
    sentence: Bi
    ms: float
    as_of: str
    examples: list[CustomerRowOut]


class MemberOut(CustomerRowOut):
    """A customer in a segment."""

    since: str


class NodeOut(Out):
    """What happened at one node."""

    reached: int = 0
    waiting: int = 0
    refused: dict[str, int] = Field(default_factory=dict)
    sent: int = 0
    opened: int = 0
    clicked: int = 0


class FaultOut(Out):
    """What must be mended before publishing; `node` is null when it is the whole document."""

    node: str | None
    message: Bi


class JourneyRowOut(Out):
    """A journey in a list."""

    id: str
    name: Bi
    status: Status
    version: int
    live_version: int | None
    entered: int
    waiting: int
    sent: int


class JourneyOut(Out):
    """A journey: its newest document, and the counts of what runs."""

    document: dict[str, Any]
    version: int
    live_version: int | None = Field(description="the version that was published last; null when none was")
    status: Status
    nodes: dict[str, NodeOut]
    edges: dict[str, int] = Field(description="`a>b` to how many passed; `@entry>a` for those who entered")
    errors: list[FaultOut]
    as_of: str


class HoldoutOut(Out):
    """The control group."""

    percent: float
    salt: str = ""


class OutcomeOut(Out):
    """What the campaign is for."""

    event: str
    value: str
    window: str


class CampaignOut(Out):
    """A campaign's document and standing."""

    kind: Literal["campaign"] = "campaign"
    id: str
    name: Bi
    segment: str
    journey: str
    holdout: HoldoutOut
    outcome: OutcomeOut
    caps: list[dict[str, Any]] | None = None
    version: int
    status: Status
    errors: list[FaultOut] = Field(default_factory=list)


class LiftOut(Out):
    """The effect on one metric."""

    metric: Literal["orders", "revenue", "conversion"]
    per_customer: Estimate
    unadjusted: Estimate
    total: Estimate
    control_mean: float
    treated_mean: float
    p_value: float | None
    method: str


class TruthOut(Out):
    """What the simulator knows the true effect to be."""

    metric: str
    value: float


class RatioOut(Out):
    """Whether the arms have the sizes they should have; null where nobody was drawn."""

    p_value: float | None
    suspect: bool


class DailyOut(Out):
    """Outcome events a customer so far, by day since the draw."""

    day: int
    treated: float
    control: float


class ResultOut(Out):
    """What came of a campaign."""

    campaign: str
    as_of: str
    window_days: float
    currency: str
    eligible: int
    control: int
    treated: int
    unfinished: int = Field(description="drawn too lately: their window is not over")
    sent: int
    refused: dict[str, int]
    opened: int
    clicked: int
    bought: int
    lift: list[LiftOut]
    absent: dict[str, str] = Field(description="metric to why there is no figure yet")
    truth: list[TruthOut] | None
    srm: RatioOut
    daily: list[DailyOut]


class ApplyIn(In):
    """Documents to apply; a dry run only says what would change."""

    documents: list[dict[str, Any]] = Field(max_length=500)
    dry_run: bool = False
    publish: bool = Field(False, description="bring journeys into force too")


class ChangeOut(Out):
    """One place that differs."""

    path: str
    old: Any
    new: Any


class StepOut(Out):
    """What applying one document does."""

    kind: str
    id: str
    action: Literal["create", "change", "same"]
    version: int
    publish: bool
    changes: list[ChangeOut]


class PlanOut(Out):
    """What was, or would be, done; in this order."""

    applied: bool
    plan: list[StepOut]


class DefinitionOut(Out):
    """A document, its version and its standing."""

    kind: str
    id: str
    name: Bi
    version: int
    live_version: int | None
    status: Status
    updated_at: str
    document: dict[str, Any]


class DefinitionsOut(Out):
    """Every document of a kind, and the JSON schema of the kind."""

    items: list[DefinitionOut]
    next: str | None = None
    total: int
    json_schema: dict[str, Any]
