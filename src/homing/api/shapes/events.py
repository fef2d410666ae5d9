"""Shapes of events, rejected items, files and free questions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from homing.api.language import Said
from homing.api.shapes.basics import Bi, In, Out


class IdOut(Out):
    """An identifier."""

    type: str
    value: str


class ViolationOut(Out):
    """One thing about an event that was not as planned."""

    code: str
    field: str = Field(description="a path in the event; empty for the event itself")
    by: str = Field(description="plan:ID or rules:ID")
    said: Said = Field("", description="what was met and what was wanted; empty for events of before")
    text: Bi


class EventOut(Out):
    """An event of the log."""

    offset: int
    event_id: str
    kind: str
    name: str
    happened_at: str
    received_at: str
    source: str
    party: Literal["first_party", "second_party", "third_party"] = Field(description="whose data the source brings")
    agreement: str | None = Field(description="the agreement the source is under")
    customer_id: str | None = Field(description="null when it is about nobody known")
    ids: list[IdOut]
    properties: dict[str, Any]
    traits: dict[str, Any]
    violations: list[ViolationOut] = Field(description="what plan or rules found about it")


class EventWholeOut(EventOut):
    """An event with its circumstances."""

    context: dict[str, Any]
    call: str | None = Field(
        description="the Segment call that would make it, as JSON text; null for a viewer and for what came otherwise"
    )


class ImportOut(Out):
    """A file that was or is being read, or a run of a source."""

    import_id: str
    source: str
    at: str
    finished_at: str | None
    file: str
    kind: str
    status: Literal["waiting", "running", "done", "failed", "interrupted", "cancelled"]
    columns: dict[str, Any] = Field(description="field to column")
    read: int
    accepted: int
    duplicate: int
    rejected: int
    rejected_file: str | None = None
    error: Said | None = None
    done: int = Field(0, description="rows that are durable")
    total: int | None = Field(None, description="rows there are; null while the file is read")
    rate: float | None = Field(None, description="rows a second, while it is under way")
    left_s: float | None = Field(None, description="seconds left, while it is under way")
    can_resume: bool = False


class ReasonOut(Out):
    """Why a column is thought to be a field."""

    code: str
    text: Bi


class ColumnLookOut(Out):
    """A column, some of its values, and what it may be."""

    column: str
    examples: list[str]
    looks: str = Field(description="what its values look like: email, phone, time, currency …; empty for nothing known")
    field: str | None
    confidence: float
    reason: ReasonOut | None


class KindOut(Out):
    """A kind of rows."""

    kind: str
    text: Bi
    fields: list[str]
    needs: list[list[str]] = Field(description="a column must feed one field of each group")
    who: bool = Field(False, description="a column must name a person")
    free: bool = Field(False, description="columns that feed no field are kept by their own names")
    confidence: float | None = None


class FittingOut(Out):
    """A saved mapping that fits the columns."""

    id: str
    name: Bi
    kind: str
    map: dict[str, str]
    share: float = Field(description="of the file's columns that it knows")


class LookOut(Out):
    """What is in a file, before anything is written."""

    upload: str = Field(description="names the file in the requests that follow; empty for a path")
    file: str
    encoding: str
    sheets: list[str]
    kind: str
    kinds: list[KindOut]
    columns: list[ColumnLookOut]
    mappings: list[FittingOut]


class ImportResultOut(Out):
    """What became of a file; with `dry_run` what would."""

    model_config = ConfigDict(extra="allow")

    import_id: str = Field(description="empty for a dry run")
    file: str
    kind: str
    dry_run: bool = False
    read: int
    accepted: int
    duplicate: int
    rejected: int
    rejected_file: str | None = None


class QueryIn(In):
    """One SELECT over the views `events`, `customers`, `sends`, `order_lines` and `products`."""

    sql: str = Field(max_length=100_000)
    limit: int = Field(10_000, ge=1, le=100_000)


class QueryOut(Out):
    """Its rows; money is a number, time is ISO 8601 text."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = Field(description="there are more rows than were asked for")
    as_of: str
    ms: float
