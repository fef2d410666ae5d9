"""Documents of collecting, one model a file: where data comes from, what may come, and on what terms."""

from homing.collect.definitions.source import Schedule, Source
from homing.core.registry import definition_kinds

definition_kinds["source"] = Source

__all__ = ["Schedule", "Source"]
