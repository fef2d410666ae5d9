"""Files of rows - CSV, Excel, JSON Lines, Parquet - laid out in a scratch database for questions."""

from homing.storage.files.readers import read_file
from homing.storage.files.scratch import BrokenRow, Scratch

__all__ = ["BrokenRow", "Scratch", "read_file"]
