"""How is a source read once? Portion by portion; the place is noted only when everything up to it is durable.

A run that is killed goes on from the last place that was noted. What it had read behind that comes again and is found
to be known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, select, update

from homing.collect.connectors import Broken, Puller, Row
from homing.collect.files.tally import ImportResult
from homing.collect.intake import RowsRequest
from homing.collect.keeping import trim
from homing.collect.rejects import Reject, write_rejects
from homing.collect.sources import Ready, see_fit
from homing.core.ids import stable_id
from homing.storage.schema import OF_SOURCE, import_run, source_cursor
from homing.storage.state import State
from homing.storage.state.store import upsert

Take = Callable[[list[Row], RowsRequest], ImportResult]
Now = Callable[[], int]


class Run:
    """One run of a source, as the table of runs shows it.

    Args:
        state: where the table is.
        ready: the source.
        now: the instant.
        said: told the counts of each portion.
    """

    def __init__(self, state: State, ready: Ready, now: Now, said: Callable[[ImportResult], None]) -> None:
        self._state = state
        self._now = now
        self._said = said
        self.source_id = ready.source.id
        self.import_id = stable_id("imp_", ready.source.id, now(), time.monotonic_ns())
        self.read = self.accepted = self.duplicate = self.rejected = 0
        row: dict[str, Any] = {
            "import_id": self.import_id, "source_id": self.source_id, "file_name": ready.name,
            "kind": ready.request.kind, "fingerprint": OF_SOURCE, "columns": dict(ready.request.mapping),
            "started_us": now(), "finished_us": None, "status": "running", "error": None, "total": None, "done": 0,
            **self._counts(),
        }  # fmt: skip
        with state.write() as conn:
            conn.execute(insert(import_run), [row])

    def add(self, result: ImportResult) -> None:
        """Count a portion that is durable."""
        self.read += result.read
        self.accepted += result.accepted
        self.duplicate += result.duplicate
        self.rejected += result.rejected
        self._said(result)

    def refuse(self, broken: Sequence[Broken]) -> None:
        """Keep what is no row, each once however often it is read."""
        if not broken:
            return
        kept = [
            Reject(self._now(), self.source_id, b.place, b.code, b.message, b.text, self.import_id,
                   rejected_id=stable_id("r", self.source_id, b.place, b.code, b.text))
            for b in broken
        ]  # fmt: skip
        with self._state.write() as conn:
            write_rejects(conn, kept)
        self.add(ImportResult(self.import_id, "", read=len(broken), rejected=len(broken)))

    def note(self, status: str = "running", *, error: str | None = None, cursor: str = "") -> None:
        """Write how far it has come, and the place when there is one, in one transaction."""
        finished = None if status == "running" else self._now()
        values = {"status": status, "error": error, "finished_us": finished, "done": self.read, **self._counts()}
        with self._state.write() as conn:
            conn.execute(update(import_run).where(import_run.c.import_id == self.import_id).values(**values))
            if cursor:
                row = {"source_id": self.source_id, "cursor": cursor, "updated_us": self._now()}
                upsert(conn, source_cursor, [row])
        if finished is not None and self.rejected:
            trim(self._state)

    def _counts(self) -> dict[str, int]:
        return {"read": self.read, "accepted": self.accepted, "duplicate": self.duplicate, "rejected": self.rejected}


def pull(ready: Ready, puller: Puller, run: Run, take: Take, now: Now, *, after: str | None,
         stop: Callable[[], bool]) -> bool:  # fmt: skip
    """Read everything behind a place.

    Args:
        ready: the source.
        puller: its connector.
        run: is told of every portion.
        take: brings rows in and returns when they are durable.
        now: the instant.
        after: the place; None for everything.
        stop: asked after each portion whether to leave the rest for another time.

    Returns:
        Whether it came to the end.

    Raises:
        InvalidInput: the other side, or the mapping, will not do.
        Transient: the other side does not answer now.
    """
    request = replace(ready.request, import_id=run.import_id)
    portions = puller.read(after, now_us=now())
    seen = False
    try:
        for portion in portions:
            if portion.rows and not seen:
                see_fit(portion.rows, request, puller)
                seen = True
            run.add(take(portion.rows, request))
            run.refuse(portion.broken)
            run.note(cursor=portion.cursor)
            if stop():
                return False
    finally:
        close = getattr(portions, "close", None)  # a generator lets go of its connection
        if close is not None:
            close()
    return True


def cursor_of(state: State, source_id: str) -> str | None:
    """The place up to which a source was read; None when it was not."""
    with state.read() as conn:
        found: str | None = conn.execute(
            select(source_cursor.c.cursor).where(source_cursor.c.source_id == source_id)
        ).scalar()
    return found


def forget_cursor(state: State, source_id: str) -> None:
    """Let the next run begin at the beginning."""
    with state.write() as conn:
        conn.execute(delete(source_cursor).where(source_cursor.c.source_id == source_id))


def close_cut(state: State, now_us: int) -> set[str]:
    """End the runs that a killed process left running; return the ids of their sources."""
    mine = (import_run.c.status == "running") & (import_run.c.fingerprint == OF_SOURCE)
    with state.write() as conn:
        cut = set(conn.execute(select(import_run.c.source_id).where(mine)).scalars())
        conn.execute(update(import_run).where(mine).values(status="cut", finished_us=now_us))
    return cut
