"""Who holds this workspace? One process at a time; the file that says so dies with the process, even by SIGKILL.

The lock is the operating system's own on `run/lock`, so a stale one cannot exist. `run/server.json` (mode 0600) says
where a server answers and with which token its owner's command line may speak to it; without the lock it means nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO, Any

import msgspec

from homing.core.errors import Conflict


class ServerInfo(msgspec.Struct, frozen=True):
    """Where the server that holds a workspace answers."""

    url: str
    pid: int
    token: str


class WorkspaceLock:
    """The hold of one process on one workspace folder.

    Args:
        folder: the workspace.
    """

    def __init__(self, folder: Path) -> None:
        self._run = folder / "run"
        self._file: IO[Any] | None = None

    def acquire(self) -> None:
        """Take the workspace for this process.

        Raises:
            Conflict: another process holds it.
        """
        self._run.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (self._run / "lock").open("a+b")
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise Conflict(
                f"another process holds the workspace {self._run.parent}, wanted it for ourselves"
            ) from error
        self._file = file
        (self._run / "server.json").unlink(missing_ok=True)  # whoever wrote it is gone

    def announce(self, info: ServerInfo) -> None:
        """Say where this process answers; the file is readable by its owner alone."""
        path = self._run / "server.json"
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(info))
        fresh.replace(path)

    def release(self) -> None:
        """Let go of the workspace."""
        if self._file is None:
            return
        (self._run / "server.json").unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            _unlock(self._file)
        self._file.close()
        self._file = None


def server_of(folder: Path) -> ServerInfo | None:
    """The server that holds the workspace now; None when nobody does or it has not said where it answers."""
    path = folder / "run" / "server.json"
    if not path.exists() or not is_held(folder):
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=ServerInfo)
    except (OSError, msgspec.DecodeError):
        return None


def is_held(folder: Path) -> bool:
    """Whether any process holds the workspace now."""
    path = folder / "run" / "lock"
    if not path.exists():
        return False
    with path.open("a+b") as file:
        try:
            _lock(file)
        except OSError:
            return True
        _unlock(file)
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[Any]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[Any]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: IO[Any]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[Any]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
