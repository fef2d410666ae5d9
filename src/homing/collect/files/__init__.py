"""Facts in by file: orders, customers, products, events and more from CSV, Excel, JSON Lines and Parquet."""

from homing.collect.files.feed import ImportRequest
from homing.collect.files.kinds import Kind, kinds
from homing.collect.files.run import plan_import, run_import
from homing.collect.files.tally import ImportResult

__all__ = ["ImportRequest", "ImportResult", "Kind", "kinds", "plan_import", "run_import"]
