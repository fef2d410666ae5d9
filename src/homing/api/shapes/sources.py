"""Shapes of sources: where data comes from, how it is going, and what its rows would become."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.language import Said
from homing.api.shapes.basics import Bi, In, Out

Way = Literal["asked", "listens", "called"]
State = Literal["draft", "idle", "due", "running", "retrying", "stopped", "paused", "listening", "called"]


class ConnectorOut(Out):
    """A connector and its form."""

    name: str
    about: Bi
    way: Way = Field(description="asked now and then, listens, or is called as a webhook")
    gives: str = Field(description="what its rows are, unless the source says otherwise")
    json_schema: dict[str, Any] = Field(description="of the settings; `x-title-zh` holds the Chinese words")
    secrets: list[str] = Field(description="settings that never stand in a document")


class RowKindOut(Out):
    """A kind that rows may be of."""

    kind: str
    text: Bi


class ConnectorsOut(Out):
    """Every connector, and the kinds that rows may be of."""

    items: list[ConnectorOut]
    kinds: list[RowKindOut]


class RunOut(Out):
    """One run of a source."""

    run_id: str
    at: str
    finished_at: str | None
    status: str = Field(description="running, done, failed, cancelled, or cut by a stop of the server")
    read: int
    accepted: int
    duplicate: int
    rejected: int
    error: Said | None


class SourceRowOut(Out):
    """A source in a list."""

    id: str
    name: Bi
    connector: str
    way: Way | None = Field(description="null when the connector is not installed")
    rows: str | None = Field(description="orders, customers, products, events …")
    schedule: dict[str, Any] | None
    state: State
    error: Said | None
    next_at: str | None
    last_run: RunOut | None
    hook_url: str | None = Field(description="where a source that is called takes requests")
    party: Literal["first_party", "second_party", "third_party"] = Field(description="whose data it brings")


class SourceOut(SourceRowOut):
    """A source with its document."""

    document: dict[str, Any]
    version: int
    cursor: str | None
    cursor_at: str | None
    secrets: dict[str, bool] = Field(description="secret setting to whether it is set")


class SourcesOut(Out):
    """Every source."""

    items: list[SourceRowOut]


class NameOut(Out):
    """What something is called that other things name by its id alone."""

    id: str
    name: Bi


class NamesOut(Out):
    """What sources are called, and whoever made, settled or approved something."""

    sources: list[NameOut]
    people: list[NameOut]


class SourceIn(In):
    """A document of kind `source`, and its secrets apart from it."""

    document: dict[str, Any]
    secrets: dict[str, str] = Field(default_factory=dict, description="secret setting to its value; kept apart")


class PeekIn(SourceIn):
    """A document to try."""

    rows: int = Field(20, ge=1, le=200)


class CheckOut(Out):
    """The other side answered."""

    ok: bool = True


class ColumnOut(Out):
    """A column, and the field it feeds."""

    column: str
    field: str | None
    examples: list[str]


class RefusedRowOut(Out):
    """A row that would not be taken."""

    row: int
    code: str
    message: Said


class PeekOut(Out):
    """First rows, and what they would become."""

    kind: str
    fields: list[str] = Field(description="the fields of the kind")
    columns: list[ColumnOut]
    missing: list[str] = Field(description="fields the kind cannot do without and no column feeds")
    rows: list[dict[str, Any]]
    events: int
    sample: list[dict[str, Any]]
    refused: list[RefusedRowOut]


class RunIn(In):
    """How to run a source now."""

    backfill: bool = Field(False, description="from the beginning; rows that are known change nothing")
    after: str | None = Field(None, max_length=1000, description="a value of the cursor column to begin behind")
    wait: bool = Field(False, description="answer when it is over")


class SecretIn(In):
    """A secret to set."""

    value: str = Field(max_length=20_000)
