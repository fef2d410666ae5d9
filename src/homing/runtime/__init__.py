"""Which processes and threads make a workspace live? Clock, stream worker, warehouse loader, sender, scheduler.

The names are imported when they are first asked for: a command that only wants to know where a server answers must not
pay for the stores.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from homing.runtime.clock import Clock, ScaledClock, SystemClock, VirtualClock
    from homing.runtime.lock import server_of
    from homing.runtime.runtime import Runtime
    from homing.runtime.workspace import Workspace

__all__ = ["Clock", "Runtime", "ScaledClock", "SystemClock", "VirtualClock", "Workspace", "server_of"]

_WHERE = {
    "Clock": "clock",
    "Runtime": "runtime",
    "ScaledClock": "clock",
    "SystemClock": "clock",
    "VirtualClock": "clock",
    "Workspace": "workspace",
    "server_of": "lock",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
