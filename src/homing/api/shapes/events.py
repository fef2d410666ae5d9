"""Shapes of events, rejected items, files and free questions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

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
    customer_id: str | None = Field(description="null when it is about nobody known")
    ids: list[IdOut]
    properties: dict[str, Any]
    traits: dict[str, Any]
    violations: list[ViolationOut] = Field(default_factory=list, description="what plan or rules found about it")


class ImportOut(Out):
    """A file that was read."""

    import_id: str
    at: str
    finished_at: str | None
    file: str
    kind: str
    status: Literal["running", "done", "failed"]
    columns: dict[str, Any] = Field(description="field to column")
    read: int
    accepted: int
    duplicate: int
    rejected: int
    rejected_file: str | None = None
    error: str | None = None


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
