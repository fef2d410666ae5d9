"""Documents of collecting, one model a file: where data comes from, what may come, and on what terms."""

from homing.collect.definitions.plan import Plan
from homing.collect.definitions.rules import Rules
from homing.collect.definitions.source import Schedule, Source
from homing.core.registry import definition_kinds

definition_kinds["source"] = Source
definition_kinds["plan"] = Plan
definition_kinds["rules"] = Rules

__all__ = ["Plan", "Rules", "Schedule", "Source"]
