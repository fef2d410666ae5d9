"""Which shapes does every stage share? Bilingual text, money, pages, estimates, the error."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from homing.api.language import Said

T = TypeVar("T")


class Out(BaseModel):
    """What we answer."""

    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    """What we are asked; an unknown field is a mistake and is said so."""

    model_config = ConfigDict(extra="forbid")


class Bi(Out):
    """A text in both languages."""

    en: str
    zh: str


class Page(Out, Generic[T]):
    """A page of rows; `next` is handed back as `cursor` for the page after."""

    items: list[T]
    next: str | None = None
    total: int | None = Field(None, description="rows in all; null where counting would be slow")
    as_of: str | None = Field(None, description="ISO 8601, UTC: the instant the rows are true for")


class Estimate(Out):
    """A number we inferred, with its interval and its n."""

    estimate: float
    low: float
    high: float
    level: float = Field(description="confidence of the interval, such as 0.95")
    n_treated: int
    n_control: int


class ErrorBody(Out):
    """What went wrong."""

    code: str = Field(description="stable; translate by this")
    message: Said = Field(description="in the language that `Accept-Language` asks for, English or Chinese")
    field: str | None = None
    details: dict[str, Any] | None = None


class Failure(Out):
    """The one error shape."""

    error: ErrorBody
