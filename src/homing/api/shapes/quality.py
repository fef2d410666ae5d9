"""Shapes of refused rows, of plans and rules at work, and of the quality of sources."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.language import Said
from homing.api.shapes.basics import Bi, In, Out
from homing.collect.quality.rejected import MAX_ROWS

Standing = Literal["open", "replayed", "dropped"]


class Reason(Out):
    """Why an item was not taken."""

    code: str
    message: Said
    text: Bi
    field: str = Field("", description="where in the item the reason lies; empty for the item itself")
    met: list[Any] | None = Field(
        None, description="the values that stand there, the first five; null for a viewer, and where it is no property"
    )


class RejectedOut(Out):
    """An item that was not taken."""

    rejected_id: str
    at: str
    source: str
    import_id: str | None
    place: str
    type: str = Field("", description="the kind of call; empty for rows of files")
    event: str = Field("", description="the event a refused call names")
    reason: Reason
    status: Standing
    settled_at: str | None = None
    shape: str = Field(description="call, row:orders …: what the body is; empty when it cannot be sent again")
    body: str | None = Field(description="as it came, cut to 32,768 characters; null for a viewer")


class RejectedGroupOut(Out):
    """How many items have the same source, reason and standing."""

    source: str
    name: Bi
    code: str
    text: Bi
    status: Standing
    n: int
    last_at: str


class RejectedGroupsOut(Out):
    """Every group there is, the largest first."""

    items: list[RejectedGroupOut]
    reasons: dict[str, Bi] = Field(description="the words of every reason")


class SelectionIn(In):
    """Refused items: these, or all that have this in common; at most 10,000 at once, the oldest first."""

    ids: list[str] = Field(default_factory=list, max_length=MAX_ROWS)
    source: str | None = Field(None, max_length=64)
    code: str | None = Field(None, max_length=64)
    import_id: str | None = Field(None, max_length=64)


class ChangeIn(In):
    """One change of a field."""

    op: Literal["set", "replace", "trim", "remove"]
    field: str = Field(max_length=200, description="such as properties.price")
    value: Any = None
    find: str = Field("", max_length=1_000)


class FixIn(In):
    """A change of many items."""

    select: SelectionIn
    change: ChangeIn
    dry_run: bool = False


class EditIn(In):
    """Another text for one item."""

    body: str = Field(max_length=32_768)


class SettleIn(In):
    """What is to be sent again, dropped or opened again."""

    select: SelectionIn


class DifferenceOut(Out):
    """An item before and after."""

    rejected_id: str
    before: str
    after: str


class FixOut(Out):
    """What a change did; with `dry_run` what it would."""

    matched: int
    changed: int
    unreadable: int = Field(description="items whose text is no JSON object")
    sample: list[DifferenceOut]


class OutcomeOut(Out):
    """What became of one item that was sent again."""

    rejected_id: str
    status: Literal["replayed", "duplicate", "failed"]
    reason: Reason | None = None


class ReplayOut(Out):
    """What became of all; the first of those that failed."""

    replayed: int
    duplicate: int = Field(description="the log held it already; settled too")
    failed: int
    items: list[OutcomeOut]


class CountOut(Out):
    """How many items were changed, and which."""

    n: int
    ids: list[str]


class PartOut(Out):
    """One share of a score."""

    share: float = Field(description="0 .. 1")
    n: int


class FindingOut(Out):
    """What a stream rule found."""

    code: str
    text: Bi
    event: str
    by: str
    facts: dict[str, Any]


class QualityDayOut(Out):
    """One source on one day of the workspace's zone."""

    source: str
    name: Bi
    day: str
    received: int
    rejected: int
    warned: int
    score: float | None = Field(description="0 .. 1; null on a day with findings on which nothing came")
    parts: dict[str, PartOut] = Field(description="completeness, validity, uniqueness, timeliness; absent: not judged")
    findings: list[FindingOut]


class SourceQualityOut(Out):
    """One source: its newest day, and what waits to be mended."""

    source: str
    name: Bi
    latest: QualityDayOut
    open: int = Field(description="rejected rows that are open")


class QualityOut(Out):
    """Every source that sent something, or should have, in these days."""

    items: list[SourceQualityOut]
    days: list[QualityDayOut] = Field(description="oldest first; a day on which nothing came is absent")
    weights: dict[str, float]
    as_of: str


class JudgedOut(Out):
    """What was judged."""

    days: int = Field(description="days of sources that were scored")
    findings: int


class ViolationGroupOut(Out):
    """How often one thing was not as planned or by the rules."""

    source: str
    name: Bi
    type: str = Field(description="the kind of call; `row:orders` and the like when rows of a file were refused")
    event: str
    code: str
    text: Bi
    field: str
    by: str = Field(description="plan:ID or rules:ID; empty when they were refused")
    said: Said = Field(description="what was met and what was wanted, without the value; empty for events of before")
    n: int
    last_at: str
    offset: int | None = Field(description="the newest event's place in the log; null when they were refused")


class ViolationsOut(Out):
    """Every group, the largest first."""

    items: list[ViolationGroupOut]
    since: str


class ProposalOut(Out):
    """A draft of a tracking plan, and what it rests on."""

    document: dict[str, Any]
    basis: list[dict[str, Any]]
    since: str
