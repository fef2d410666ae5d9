"""What belongs together in one folder? The log, the state, the warehouse, the settings and the stages over them.

One process holds a workspace at a time. Opening it starts nothing but the log's writer; `Runtime` starts the rest.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from homing.core.settings import Settings, load_settings
from homing.govern import KeyRing
from homing.runtime.clock import Clock, SystemClock
from homing.runtime.compose import stages_of
from homing.runtime.lock import ServerInfo, WorkspaceLock
from homing.runtime.stages import Stages
from homing.storage.log import SqliteLog
from homing.storage.search import SearchIndex
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

DEFAULT_FOLDER = "homing-data"


@dataclass(frozen=True, slots=True)
class Workspace:
    """An opened workspace."""

    folder: Path
    settings: Settings
    clock: Clock
    log: SqliteLog
    state: State
    warehouse: Warehouse
    search: SearchIndex
    stages: Stages
    keys: KeyRing
    lock: WorkspaceLock

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None, settings: Settings | None = None) -> Workspace:
        """Open the workspace in `folder`, made when absent.

        Args:
            folder: where its files lie.
            clock: what time it is there; the system's when None.
            settings: used instead of `homing.toml` and the environment.

        Raises:
            Conflict: another process holds it.
            InvalidInput: its settings cannot be used.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = settings or load_settings(folder, dict(os.environ))
        clock = clock or SystemClock()
        lock = WorkspaceLock(folder)
        lock.acquire()
        try:
            state = State(folder / "state.db")
            warehouse = Warehouse(folder / "warehouse.duckdb")
            search = SearchIndex(folder / "search.db")
            stages = stages_of(state, warehouse, settings)
            log = SqliteLog(folder / "log", clock)
        except BaseException:
            lock.release()
            raise
        return cls(folder, settings, clock, log, state, warehouse, search, stages, KeyRing(state), lock)

    def announce(self, url: str, token: str) -> None:
        """Say where this process answers, for its owner's command line."""
        self.lock.announce(ServerInfo(url, os.getpid(), token))

    def close(self) -> None:
        """Write what waits and let go of every file."""
        self.log.close()
        self.warehouse.close()
        self.search.close()
        self.state.close()
        self.lock.release()
