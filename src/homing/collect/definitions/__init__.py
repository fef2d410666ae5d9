"""Documents of collecting, one model a file: where data comes from, what may come, and on what terms."""

from homing.collect.definitions.agreement import Agreement
from homing.collect.definitions.mapping import Mapping
from homing.collect.definitions.plan import Plan
from homing.collect.definitions.rules import Rules
from homing.collect.definitions.source import Schedule, Source
from homing.core.registry import definition_kinds

definition_kinds["agreement"] = Agreement
definition_kinds["mapping"] = Mapping
definition_kinds["source"] = Source
definition_kinds["plan"] = Plan
definition_kinds["rules"] = Rules

__all__ = ["Agreement", "Mapping", "Plan", "Rules", "Schedule", "Source"]
