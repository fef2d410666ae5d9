"""The state store: what the system knows right now, in rows."""

from homing.storage.state.store import State

__all__ = ["State"]
