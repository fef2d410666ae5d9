"""Facts in: Segment's protocol over HTTP, and files of orders, customers, products and events."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from homing.collect.doors.http import CollectApp, collect_app
    from homing.collect.reasons import REASONS, words

__all__ = ["REASONS", "CollectApp", "collect_app", "words"]

_PLACES = {"CollectApp": "doors.http", "collect_app": "doors.http", "REASONS": "reasons", "words": "reasons"}


def __getattr__(name: str) -> Any:
    """Import what is asked for: the process that judges batches needs few of the modules."""
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(name)
