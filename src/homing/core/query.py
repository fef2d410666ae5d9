"""What is asked of the warehouse? A statement and its bound values; values are never pasted into the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with named parameters written `$name`."""

    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
