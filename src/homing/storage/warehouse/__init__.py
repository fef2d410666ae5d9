"""The warehouse: every event and what follows from it, columnar, rebuildable from the log."""

from homing.storage.warehouse.columns import Batch, BatchBuilder, Envelope, RawStored, json_field, raw_batch
from homing.storage.warehouse.duck import Warehouse

__all__ = ["Batch", "BatchBuilder", "Envelope", "RawStored", "Warehouse", "json_field", "raw_batch"]
