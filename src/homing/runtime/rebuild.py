"""Can everything derived be computed again from the log? Into a fresh folder first, then put in the old one's place.

Until the last step the old files stand untouched, so a rebuild that dies has changed nothing. Definitions come into
force at the places where the log says so. A message that was handed over is never handed over again: what became of
each send is carried over by its key, and a decision that was not taken then is not carried out now.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from homing.core.settings import Settings, load_settings
from homing.runtime.clock import SystemClock
from homing.runtime.compose import customers_of, stages_of
from homing.runtime.loader import Loader
from homing.runtime.lock import WorkspaceLock
from homing.runtime.stream import STREAM, Stream
from homing.storage import outbox
from homing.storage.log import EventLog, SqliteLog
from homing.storage.schema import consumer, definition_head, derived_tables, metadata, rejected, send
from homing.storage.schema import outbox as outbox_table
from homing.storage.state import State
from homing.storage.state.store import upsert
from homing.storage.warehouse import Warehouse

CHUNK = 2_000
DECISION = (
    "send_key", "journey_id", "version", "node", "campaign_id", "visit_id", "customer_id", "channel", "purpose",
    "content_id", "decided_us",
)  # fmt: skip
REBUILT = "rebuilt"  # why a decision of the past that was not taken then is not carried out now
_NOT_COPIED = {consumer.name, outbox_table.name, send.name}


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream had come: the log offset, and the instant up to which timers had fired."""

    offset: int
    progress_us: int


def rebuild(folder: Path) -> dict[str, Any]:
    """Compute everything derived again, in place; return how many events were read and how long it took.

    Raises:
        Conflict: another process holds the workspace.
    """
    began = time.perf_counter()
    folder = folder.resolve()
    settings = load_settings(folder, dict(os.environ))
    lock = WorkspaceLock(folder)
    lock.acquire()
    fresh = folder / "rebuild"
    try:
        log, old = SqliteLog(folder / "log", SystemClock()), State(folder / "state.db")
        try:
            outbox.drain(old, log)
            replay(log, old, fresh, settings)
            events = log.tail()
        finally:
            log.close()
            old.close()
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        lock.release()
    return {"events": events, "seconds": round(time.perf_counter() - began, 3)}


def replay(log: EventLog, old: State, fresh: Path, settings: Settings) -> None:
    """Read the log from its beginning into new stores in the folder `fresh`, as far as the old ones had come."""
    shutil.rmtree(fresh, ignore_errors=True)
    state, warehouse = State(fresh / "state.db"), Warehouse(fresh / "warehouse.duckdb")
    try:
        place = place_of(old)
        _carry(old, state)
        stream = Stream(log, state, stages_of(state, warehouse, settings))
        loader = Loader(log, state, warehouse, stream, customers_of)
        stream.before_publish = loader.catch_up
        while stream.step(place.progress_us):
            stream.deliver()
            stream.arrive()
        stream.tidy()
        _outcomes(old, state, place)
        loader.catch_up()
        warehouse.checkpoint()
    finally:
        warehouse.close()
        state.close()


def place_of(state: State) -> Place:
    """How far the stream of a state had come."""
    with state.read() as conn:
        row = conn.execute(select(consumer).where(consumer.c.name == STREAM)).one_or_none()
    return Place(row.log_offset, row.updated_us) if row else Place(0, 0)


def projections(state: State) -> dict[str, list[tuple[Any, ...]]]:
    """Every derived row and every decision to send, in a fixed order: what a replay must give again."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with state.read() as conn:
        for table in derived_tables():
            rows = conn.execute(select(table).order_by(*table.primary_key)).all()
            found[table.name] = [tuple(row) for row in rows]
        decisions = select(*(send.c[name] for name in DECISION)).order_by(send.c.send_key)
        found["send"] = [tuple(row) for row in conn.execute(decisions)]
    return found


def _carry(old: State, state: State) -> None:
    """Take over what no replay makes: people, keys, definitions, imports, messages. Nothing is in force yet."""
    kept = [t for t in metadata.sorted_tables if not t.info["derived"] and t.name not in _NOT_COPIED]
    with old.read() as source, state.write() as target:
        for table in kept:
            target.execute(table.delete())
            _copy(source, target, table)
        target.execute(
            update(definition_head)
            .where(definition_head.c.live_version.is_not(None))
            .values(status="draft", live_version=None)
        )
        target.execute(rejected.delete().where(rejected.c.code == "stage_failed"))


def _outcomes(old: State, state: State, place: Place) -> None:
    """What became of each send stands as it was; what was not decided then is not carried out now."""
    with old.read() as source, state.write() as target:
        new = set(target.execute(select(send.c.send_key)).scalars())
        late = send.c.decided_us <= place.progress_us
        target.execute(update(send).where(late, send.c.status == "queued").values(status="refused", reason=REBUILT))
        result = source.execute(select(send))
        while rows := result.fetchmany(CHUNK):
            all_rows = [dict(row._mapping) for row in rows]
            _became(target, [row for row in all_rows if row["send_key"] in new])
            upsert(target, send, [row for row in all_rows if row["send_key"] not in new])


def _became(target: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        values: dict[str, Any] = {c.name: bindparam(f"v_{c.name}") for c in send.columns if c.name not in DECISION}
        named = [{f"v_{k}": v for k, v in row.items() if k not in DECISION} | {"k": row["send_key"]} for row in rows]
        target.execute(update(send).where(send.c.send_key == bindparam("k")).values(**values), named)


def _copy(source: Connection, target: Connection, table: Table) -> None:
    result = source.execute(select(table))
    while rows := result.fetchmany(CHUNK):
        target.execute(insert(table), [dict(row._mapping) for row in rows])


def _swap(fresh: Path, folder: Path) -> None:
    """Put the new files in the place of the old; a warehouse or index that is missing is made by the next start."""
    for name in ("warehouse.duckdb", "warehouse.duckdb.wal", "state.db-wal", "state.db-shm", "search.db",
                 "search.db-wal", "search.db-shm"):  # fmt: skip
        (folder / name).unlink(missing_ok=True)
    (fresh / "state.db").replace(folder / "state.db")
    (fresh / "warehouse.duckdb").replace(folder / "warehouse.duckdb")
