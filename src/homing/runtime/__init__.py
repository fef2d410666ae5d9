"""Which processes and threads make a workspace live? Clock, stream worker, warehouse loader, sender, scheduler."""

from homing.runtime.clock import Clock, ScaledClock, SystemClock, VirtualClock
from homing.runtime.lock import server_of
from homing.runtime.runtime import Runtime
from homing.runtime.workspace import Workspace

__all__ = ["Clock", "Runtime", "ScaledClock", "SystemClock", "VirtualClock", "Workspace", "server_of"]
