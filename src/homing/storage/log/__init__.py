"""The event log: every fact, in order, durable before it is acknowledged."""

from homing.storage.log.interface import Block, EventLog, Packed
from homing.storage.log.sqlite import SqliteLog

__all__ = ["Block", "EventLog", "Packed", "SqliteLog"]
