"""What does a saved mapping say? How files or rows with such columns are to be understood, whenever they come again."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Annotated, Literal

from pydantic import Field

from homing.core.document import Document, Name, Slug, Zone

KIND = "mapping"


class Mapping(Document):
    """One way of understanding rows."""

    kind: Literal["mapping"] = "mapping"
    id: Slug
    name: Name
    rows: str = Field(alias="as", min_length=1, max_length=40, description="orders, customers, products, events …")
    map: Map[str, str] = Field(default_factory=dict, description="field: column; an empty column leaves the field out")
    columns: tuple[str, ...] = Field((), description="of the files it was made for; when they come again it is offered")
    zone: Zone | None = Field(None, description="of times without an offset")
    region: str | None = Field(None, pattern=r"^[A-Z]{2}$", description="of phone numbers without a country")
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="of amounts without one")
    encoding: str | None = Field(None, max_length=40, description="of text files; found out when absent")
    sheet: str | None = Field(None, max_length=100, description="of a workbook, by name or number from 1")
    empty: tuple[Annotated[str, Field(max_length=100)], ...] = Field((), description="more words for nothing")
    dataset: str | None = Field(None, max_length=80, description="what the rows of a table are called")
