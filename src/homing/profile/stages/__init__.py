"""Lifecycles: stages that are defined, judged live, and the flow between them over time."""

from homing.core.registry import definition_kinds
from homing.profile.stages.definition import KIND, PREFIX, Lifecycle, Stage

definition_kinds[KIND] = Lifecycle

__all__ = ["KIND", "PREFIX", "Lifecycle", "Stage"]
