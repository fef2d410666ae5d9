"""Tags: by rule, by model, by hand, by file; with values and expiry, and a reason for each."""

from homing.core.registry import definition_kinds
from homing.profile.tags.definition import KIND, PREFIX, Tag

definition_kinds[KIND] = Tag

__all__ = ["KIND", "PREFIX", "Tag"]
