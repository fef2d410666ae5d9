"""Shapes of agreements about other parties' data."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Bi, Out


class AgreementOut(Out):
    """An agreement and how long it holds."""

    id: str
    name: Bi
    party: str
    relation: Literal["second_party", "third_party"]
    purpose: list[str]
    sources: list[str]
    fields: list[str] | None = Field(description="what may be kept; null when everything may")
    expires_at: str = Field(description="the instant from which the data cannot be read")
    state: Literal["active", "expired"]
    days_left: int = Field(description="days that have begun, 0 once it has expired")
    document: dict[str, Any]


class AgreementsOut(Out):
    """Every agreement."""

    items: list[AgreementOut]
    as_of: str
