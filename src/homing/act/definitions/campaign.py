"""Who is to be moved, by which journey, and how shall we know it worked?

The held-out share is drawn by the hash service when a customer enters; the outcome is counted for everyone who
entered, sent to or not, inside the same window.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from homing.core.document import BothText, Document, Duration, Slug
from homing.core.settings import Cap


class Holdout(Document):
    """The control group: the same people, the same journey, no message."""

    percent: float = Field(10, ge=0, le=90)
    salt: str = Field("", description="another salt draws another control group")


class Outcome(Document):
    """What the campaign is for."""

    event: str = "Order Completed"
    value: str = "revenue"
    window: Duration = "28d"


class Campaign(Document):
    """A journey run at a segment, with a control group and an outcome."""

    kind: Literal["campaign"] = "campaign"
    id: Slug
    name: BothText
    segment: Slug
    journey: Slug
    holdout: Holdout = Holdout()
    outcome: Outcome = Outcome()
    caps: tuple[Cap, ...] | None = Field(None, description="absent: the workspace's caps")
