"""Shapes of models, of what segments share, and of how a segment came about."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, ErrorBody, In, Out

ModelKind = Literal["lookalike", "clustering", "association", "classification"]


class JobOut(Out):
    """A training or a writing of scores, and how far it is."""

    job_id: str
    what: Literal["train", "score"]
    kind: ModelKind
    id: str
    status: Literal["waiting", "running", "done", "failed"]
    share: float = Field(description="of it that is done, 0 .. 1")
    step: str
    version: int | None
    changed: int | None = Field(description="customers whose score is another one now")
    error: ErrorBody | None


class ModelVersionOut(Out):
    """A version of a model, without its card."""

    version: int
    as_of: str
    created_at: str
    created_by: str
    scored_at: str | None = Field(description="as of when its scores were written to customers last")
    segment: str | None = Field(description="the segment made of its scores")


class ModelOut(Out):
    """A model: its document, and the newest version that was learned."""

    kind: ModelKind
    id: str
    name: Bi
    document: dict[str, Any]
    trait: str | None = Field(description="the trait its scores are; rules have none")
    version: ModelVersionOut | None = Field(description="null: never trained")
    changed: bool = Field(description="what is to be learned is another than when the version was learned")
    job: JobOut | None = Field(description="what is under way")


class ModelWholeOut(ModelOut):
    """A model with the card of one version, and the versions there are."""

    card: dict[str, Any] | None
    versions: list[ModelVersionOut]


class TrainIn(In):
    """Whether to wait for the end."""

    wait: bool = False


class UseIn(In):
    """How the scores of a version are to be used."""

    version: int | None = Field(None, ge=1, description="the newest when absent")
    reach: float | None = Field(None, gt=0, le=1, description="of a lookalike: share of the customers who are no seeds")
    segment: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="made of the audience")
    name: Bi | None = None
    wait: bool = False


class SegmentPairOut(Out):
    """Two segments, or one with itself."""

    a: str
    b: str
    both: int
    jaccard: float | None = Field(description="both / either; null where both are empty")


class ExactlyOut(Out):
    """How many are in these segments and in no other of the chosen."""

    segments: list[str]
    n: int


class SegmentOverlapOut(Out):
    """What segments share."""

    segments: dict[str, Bi]
    sizes: dict[str, int]
    pairs: list[SegmentPairOut]
    exactly: list[ExactlyOut]
    anyone: int = Field(description="customers in at least one of them")
    as_of: str


class SegmentDifferenceOut(Out):
    """Members minus others, with its interval."""

    estimate: float
    low: float
    high: float
    level: float
    n_group: int
    n_others: int


class ApartOut(Out):
    """One feature of the members beside everybody else's."""

    feature: str
    label: Bi
    family: str
    unit: Literal["count", "money", "days", "share", "flag", "number"]
    group: float
    others: float
    difference: SegmentDifferenceOut
    effect: float = Field(description="Hedges' g; of a flag Cohen's h")
    p: float
    q: float = Field(description="false discovery rate over every feature that was tested")
    defining: bool = Field(description="the segment is made of it")


class SegmentComparisonOut(Out):
    """What sets the members of a segment apart."""

    members: int
    others: int
    tested: int
    significant: int
    level: float
    lookback_days: float
    features: list[ApartOut]
    as_of: str


class SegmentDayOut(Out):
    """A local day of a segment."""

    day: str
    entered: int
    left: int
    size: int


class SegmentHistoryOut(Out):
    """How a segment has grown and shrunk."""

    days: list[SegmentDayOut]
    members: int
    joined: int = Field(description="members who turned out to be one person with another one")
    as_of: str


class PassageOut(Out):
    """A customer entered or left a segment."""

    segment: str
    name: Bi
    entered: bool
    at: str
