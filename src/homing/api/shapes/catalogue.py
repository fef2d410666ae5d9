"""Shapes of the catalogue: datasets, fields, who uses them, and what a person says of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, In, Out

Class = Literal["structured", "social", "commercial-value"]
Grade = Literal["A", "B", "C", "D"]
Level = Literal["public", "internal", "personal", "sensitive"]


class DetectedOut(Out):
    """What a field seems to hold."""

    kind: str
    label: Bi
    level: Level
    by: Literal["values", "name"]
    hits: int = Field(description="values that look so")
    n: int = Field(description="values that were looked at")


class SaidOut(Out):
    """What a person said; null where nobody said anything."""

    class_: Class | None = Field(None, alias="class")
    grade: Grade | None = None
    owner: str | None = None
    sensitivity: Level | None = None
    note: str | None = None


class DataUserOut(Out):
    """A definition that uses the data."""

    kind: str
    id: str
    name: Bi
    status: str
    acts: bool = Field(description="a live journey or campaign stands on it, or it is one")


class DataFieldOut(Out):
    """A field of a dataset."""

    name: str
    n: int = Field(description="rows that were looked at; 0 where nothing can be missing")
    filled: int = Field(description="of them, those that have it")
    fill: float | None = Field(description="filled / n; null when no row was looked at")
    distinct: int = Field(description="different values among the rows looked at; approximate for tables")
    types: dict[str, int]
    first_seen: str | None
    last_seen: str | None
    class_: Class = Field(alias="class")
    grade: Grade
    owner: str
    sensitivity: Level
    standing: Literal["confirmed", "detected", "assumed"]
    detected: DetectedOut | None
    said: SaidOut
    used_by: list[DataUserOut]


class DatasetRow(Out):
    """A dataset on the list."""

    id: str
    group: Literal["events", "calls", "people", "tables", "sources", "segments"]
    label: Bi
    n: int = Field(description="rows there are")
    fields: int
    first_seen: str | None
    last_seen: str | None
    class_: Class = Field(alias="class")
    grade: Grade
    owner: str
    sensitivity: Level = Field(description="of its most sensitive field")
    to_confirm: int = Field(description="fields whose sensitivity was detected and not confirmed")
    sources: list[str]
    used_by: int


class CatalogueListOut(Out):
    """Every dataset."""

    items: list[DatasetRow]
    scanned_at: str | None = Field(description="when the data was looked at last; null for never")
    as_of: str


class DeliveryOut(Out):
    """A source that delivers rows of the dataset."""

    id: str
    name: Bi
    n: int
    last_seen: str | None


class DatasetRef(Out):
    """Another dataset."""

    id: str
    label: Bi


class DatasetOut(DatasetRow):
    """One dataset, its fields, and what stands before and behind it."""

    said: SaidOut
    columns: list[DataFieldOut]
    delivered_by: list[DeliveryOut]
    made_from: list[DatasetRef]
    makes: list[DatasetRef]
    users: list[DataUserOut]
    scanned_at: str | None


class SaidIn(In):
    """What is said: only what is given changes, null takes it back."""

    class_: Class | None = Field(None, alias="class")
    grade: Grade | None = None
    owner: str | None = Field(None, max_length=500)
    sensitivity: Level | None = None
    note: str | None = Field(None, max_length=500)


class EntryIn(In):
    """What is said of a dataset, or with `field` of one of its fields."""

    dataset: str = Field(max_length=300)
    field: str = Field("", max_length=300)
    said: SaidIn


class EntriesIn(In):
    """Several at once, all or none."""

    items: list[EntryIn] = Field(min_length=1, max_length=1_000)


class ScannedOut(Out):
    """How much was looked at."""

    datasets: int
    fields: int
    as_of: str
    ms: float
