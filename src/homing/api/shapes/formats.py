"""Which shape has a format in an answer?"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from homing.api.shapes.basics import Bi, Out


class FormatOut(Out):
    """A format and its form."""

    format: str = Field(description="stands as `kind` of an import, and as `format` of a folder")
    gives: str = Field(description="the kind its rows are")
    title: Bi
    about: Bi
    grows: bool = Field(description="whether a file of it can be followed while it grows")
    json_schema: dict[str, Any] = Field(description="of the settings; `x-title-zh` holds the Chinese words")


class FormatsOut(Out):
    """Every format."""

    items: list[FormatOut]
