"""Facts in by file: orders, customers, products and events from CSV, Excel, JSON Lines and Parquet."""

from homing.collect.files.feed import ImportRequest
from homing.collect.files.fields import FIELDS
from homing.collect.files.run import plan_import, run_import
from homing.collect.files.tally import ImportResult

__all__ = ["FIELDS", "ImportRequest", "ImportResult", "plan_import", "run_import"]
