"""What does a source's document say? Which connector with which settings, what its rows are, and when it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from homing.collect.connectors import connectors
from homing.collect.connectors.secrets import check_settings
from homing.core.document import Document, Duration, Name, Slug, TimeOfDay, Zone
from homing.core.errors import HomingError
from homing.core.time import MINUTE, duration_us, next_local, time_of_day


class Schedule(Document):
    """When a source is asked: `every` so often, or `at` a time of day; when it is told to, without either."""

    every: Duration | None = None
    at: TimeOfDay | None = None

    @model_validator(mode="after")
    def _one(self) -> Schedule:
        if self.every is not None and self.at is not None:
            raise ValueError("every and at together, wanted one of them")
        if self.every is not None and duration_us(self.every) < MINUTE:
            raise ValueError(f"every is {self.every}, wanted 1m or longer")
        return self

    def next_us(self, last_us: int | None, now_us: int, zone: str) -> int | None:
        """When it is due after a run that began at `last_us`; None for never."""
        if self.every is not None:
            return now_us if last_us is None else last_us + duration_us(self.every)
        if self.at is not None:
            return next_local((now_us if last_us is None else last_us) + 1, time_of_day(self.at), zone)
        return None


class Source(Document):
    """One place data comes from."""

    kind: Literal["source"] = "source"
    id: Slug
    name: Name
    connector: str = Field(min_length=1, description="one of `homing source connectors`")
    settings: Mapping[str, Any] = Field(default_factory=dict, description="of the connector; secrets stand elsewhere")
    rows: str | None = Field(None, alias="as", description="orders, customers, products, events …; the connector's own")
    map: Mapping[str, str] = Field(default_factory=dict, description="field: column")
    mapping: Slug | None = Field(None, description="the id of a mapping, instead of `as` and `map`")
    zone: Zone | None = Field(None, description="of times without an offset")
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="of amounts without one")
    schedule: Schedule = Schedule()
    paused: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Source:
        try:
            check_settings(connectors.get(self.connector), self.id, self.settings)
        except HomingError as error:
            raise ValueError(error.message) from None
        return self
