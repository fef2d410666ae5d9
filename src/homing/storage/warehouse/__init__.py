"""The warehouse: every event and what follows from it, columnar, rebuildable from the log."""

from homing.storage.warehouse.ahead import Ahead
from homing.storage.warehouse.columns import Batch, BatchBuilder, Envelope, RawStored, block_batch, json_field
from homing.storage.warehouse.duck import Warehouse

__all__ = ["Ahead", "Batch", "BatchBuilder", "Envelope", "RawStored", "Warehouse", "block_batch", "json_field"]
