"""What does a message say? MJML with Liquid in each language, and the blocks it may draw on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from homing.core.document import BothText, Document, Slug


class Recommendations(Document):
    """Products picked for each customer from her own history."""

    count: int = Field(3, ge=1, le=20)


class Blocks(Document):
    """The blocks a content asks to be filled."""

    recommendations: Recommendations | None = None


class Coupon(Document):
    """A code of her own for each message, the same each time the message is rendered."""

    percent_off: int = Field(10, ge=1, le=100)
    valid_days: int = Field(14, ge=1, le=365)
    prefix: str = Field("", pattern=r"^[A-Z0-9-]{0,12}$")


class Content(Document):
    """A message to be rendered for one customer."""

    kind: Literal["content"] = "content"
    id: Slug
    name: BothText
    channel: str = "email"
    subject: BothText
    body: BothText = Field(description="MJML; {{ customer.name }} and the like are Liquid")
    blocks: Blocks = Blocks()
    coupon: Coupon | None = None
