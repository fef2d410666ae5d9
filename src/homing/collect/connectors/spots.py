"""Which file is this, and up to where was it read? Known by its content, so that a rotated log is not a new one.

A file is the same when its first bytes are: under its old name, under the next one, or packed. One that became shorter
was begun anew. Taking a known file for a new one costs time and doubles nothing, for what it says is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from homing.core.errors import InvalidInput
from homing.storage.files.text import open_bytes

HEAD = 1024  # bytes a file is known by
SURE = 256  # bytes that suffice to know a file that moved
KEPT = 2_000  # files remembered


class Spot(msgspec.Struct, omit_defaults=True):
    """Up to where one file was read."""

    name: str
    inode: int
    head: str = ""  # of the first `length` bytes, unpacked
    length: int = 0
    at: int = 0  # bytes read, unpacked
    line: int = 0
    size: int = -1  # of the file on disk, and
    changed: int = -1  # when it was changed, as it was read
    memory: dict[str, Any] = {}


def read_spots(cursor: str | None) -> list[Spot]:
    """The spots of a cursor.

    Raises:
        InvalidInput: it is none of a folder.
    """
    if not cursor:
        return []
    try:
        return msgspec.json.decode(cursor, type=list[Spot])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("the place is none of a folder, wanted one that a run left", field="after") from error


def as_cursor(spots: Iterable[Spot]) -> str:
    """Spots as a cursor; the oldest are forgotten when there are too many."""
    newest = sorted(spots, key=lambda s: s.changed)[-KEPT:]
    return msgspec.json.encode(newest).decode()


def head_of(path: Path, length: int = HEAD) -> tuple[str, int]:
    """What the first bytes of a file are, unpacked, and how many there are."""
    with open_bytes(path) as file:
        first = file.read(length)
    return hashlib.blake2b(first, digest_size=12).hexdigest(), len(first)


def spot_of(path: Path, name: str, spots: list[Spot], present: set[int]) -> Spot:
    """The spot of a file, found among those known or new, brought up to the name the file has now.

    Args:
        path: the file.
        name: its name in the folder.
        spots: those known.
        present: the inodes of all files there are; a file that is there cannot have become another.
    """
    stat = path.stat()
    same = [s for s in spots if s.inode == stat.st_ino and s.length]
    moved = [s for s in spots if s.inode not in present and s.length >= SURE]
    for known in (*same, *moved):
        if not _is_shorter(path, known, stat.st_size) and _begins_as(path, known):
            known.name, known.inode = name, stat.st_ino
            return known
    head, length = head_of(path)
    return Spot(name, stat.st_ino, head, length)


def grown(spot: Spot, path: Path) -> None:
    """Know a file that was short by more of its bytes."""
    if spot.length < HEAD:
        spot.head, spot.length = head_of(path)


def unchanged(spot: Spot, path: Path) -> bool:
    """Was the file read to its end, and not touched since?"""
    stat = path.stat()
    return (spot.size, spot.changed) == (stat.st_size, stat.st_mtime_ns)


def seen(spot: Spot, size: int, changed: int) -> None:
    """Note how the file was when it was read to its end."""
    spot.size, spot.changed = size, changed


def _begins_as(path: Path, known: Spot) -> bool:
    return head_of(path, known.length) == (known.head, known.length)


def _is_shorter(path: Path, known: Spot, size: int) -> bool:
    return path.suffix != ".gz" and size < known.at
