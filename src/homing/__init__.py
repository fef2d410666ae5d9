"""Homing 归航: the open precision-marketing loop, collect → understand → decide → act → measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from homing.client import OpenWorkspace

__version__ = "0.1.0"


def open(place: str | Path, *, key: str | None = None) -> OpenWorkspace:  # noqa: A001 - `homing.open` says what it does
    """A workspace from Python: its folder, or the address of its server with an admin key.

    Example:
        >>> with open("homing-data") as shop:  # doctest: +SKIP
        ...     shop.query("SELECT count(*) FROM events").to_pandas()
    """
    from homing.client import open_workspace  # noqa: PLC0415 - `import homing` stays light

    return open_workspace(place, key=key)
