"""A collector on a temporary folder, spoken to as ASGI, for the tests of the HTTP door."""

from __future__ import annotations

from pathlib import Path

import httpx

from homing.collect.doors.held import Limits
from homing.collect.doors.http import CollectApp, collect_app
from homing.core.settings import Settings
from homing.storage.log import SqliteLog
from homing.storage.state import State

NOW = 1_767_700_800_000_000  # 2026-01-06 12:00 UTC
KEY = "wk_good"


class Collector:
    """The door, its log and its table of refused items."""

    def __init__(self, folder: Path, *, limits: Limits | None = None) -> None:
        self.log = SqliteLog(folder / "log", lambda: NOW)
        self.state = State(folder / "state.db")
        self.app: CollectApp = collect_app(
            self.log, self.state, {KEY: "web"}.get, lambda: NOW, Settings(), limits=limits
        )

    async def send(self, method: str, path: str, **kw: object) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
            return await client.request(method, path, **kw)  # type: ignore[arg-type]

    def events(self):
        return [s.event for s in self.log.read(0, 100_000)]

    def rejected(self) -> list[tuple[str, str, str, str]]:
        with self.state.read() as conn:
            rows = conn.exec_driver_sql("SELECT source_id, place, code, body FROM rejected ORDER BY place").all()
        return [tuple(r) for r in rows]

    def close(self) -> None:
        self.app.close()
        self.log.close()
        self.state.close()
