"""What does a lifecycle's document say? Its stages, who is in each, and in which order that is judged.

A customer is in the first stage, in the order of judging, whose condition holds; a stage without a condition takes
everybody who is left and comes last. The stages are listed as the customer goes through them, which is another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from homing.core.condition import Condition, parse
from homing.core.document import BothText, Document, Name, Text

KIND = "lifecycle"
PREFIX = "lifecycle."  # what its trait's name begins with
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,62}$", description="small letters, digits and _")]


class Stage(Document):
    """One stage."""

    id: Id
    name: Name
    colour: str = Field("#8c8c8c", pattern=r"^#[0-9a-fA-F]{6}$")
    condition: Annotated[Condition, BeforeValidator(parse)] | None = None


class Lifecycle(Document):
    """Where customers stand, by stages."""

    kind: Literal["lifecycle"] = "lifecycle"
    id: Id
    name: Name
    description: BothText = Field(default_factory=Text)
    main: bool = Field(False, description="its stage is the customers' lifecycle_stage; one model at most")
    stages: Annotated[tuple[Stage, ...], Field(min_length=2, max_length=20)]
    order: tuple[str, ...] = Field((), description="ids in the order of judging; without it, as they are listed")

    @model_validator(mode="after")
    def _whole(self) -> Lifecycle:
        ids = [stage.id for stage in self.stages]
        if len(set(ids)) < len(ids):
            raise ValueError("two stages have the same id, wanted one of each")
        if self.order and sorted(self.order) != sorted(ids):
            raise ValueError(f"order names {', '.join(self.order)}, wanted each of {', '.join(ids)} once")
        judged = self.judged()
        if any(stage.condition is None for stage in judged[:-1]):
            raise ValueError("a stage without a condition takes everybody who is left, wanted it last in the order")
        return self

    def judged(self) -> tuple[Stage, ...]:
        """The stages in the order of judging."""
        by_id: Mapping[str, Stage] = {stage.id: stage for stage in self.stages}
        return tuple(by_id[name] for name in self.order) if self.order else self.stages

    def stage(self, stage_id: str) -> Stage | None:
        """The stage of that id."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)
