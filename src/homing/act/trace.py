"""Of a group that a dead process left in hand, which sends were begun, and which were taken? A file beside the ledger.

The ledger says `handing` for a whole group in one commit. Each line here is written without waiting for the disk, so
it outlives a killed process but not a machine that went down: after another boot the file tells nothing.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Literal

import psutil

Known = Literal["not_begun", "accepted"]
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_BEGUN, _ACCEPTED = "b", "a"


class Trace:
    """What became of the sends of the last group of one lane.

    Args:
        path: the file; written anew for each group.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._begun, self._accepted, self._sound = _read(path)

    def known(self, key: str) -> Known | None:
        """What the file of the process before says of a send it left in `handing`; None when that is unclear."""
        if not self._sound:
            return None
        if key in self._accepted:
            return "accepted"
        return None if key in self._begun else "not_begun"

    def new_group(self) -> None:
        """Forget the last group: everything of it stands in the ledger."""
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._line(_boot())

    def begun(self, key: str) -> None:
        """The send is handed over now."""
        self._line(f"{_BEGUN} {key}")

    def accepted(self, key: str) -> None:
        """The send was taken."""
        self._line(f"{_ACCEPTED} {key}")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None

    def _line(self, text: str) -> None:
        if self._file is not None:
            os.write(self._file, f"{text}\n".encode())


def _read(path: Path) -> tuple[set[str], set[str], bool]:
    """(begun, accepted, whether that is all of it and of this boot)."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return set(), set(), False
    lines = text.split("\n")
    sound = lines[-1] == "" and lines[0] == _boot()
    pairs = [line.partition(" ") for line in lines[1:-1]]
    return {k for s, _, k in pairs if s == _BEGUN}, {k for s, _, k in pairs if s == _ACCEPTED}, sound


def _boot() -> str:
    """What is different after the machine was started again."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(int(psutil.boot_time()))
