"""How does one laptop keep a log? SQLite files in WAL mode, one writer thread, group commit.

Whatever waits when the writer is free becomes one transaction, flushed once. A failed flush is never retried: what the
disk holds is then unknown, so the log stops taking events until the process is started again.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from itertools import chain, islice, repeat
from pathlib import Path
from typing import NamedTuple

from homing.core.errors import Overload, Terminal
from homing.core.event import Event, Stored, Verdict, decode, encode
from homing.core.time import DAY
from homing.storage.log.interface import Dedupe

GROUP_EVENTS = 10_000  # events a transaction at most
WAITING_EVENTS = 200_000  # beyond this the log says Overload
FILE_EVENTS = 2_000_000  # events a file before the next is begun
WRITER_KB = 65_536  # the index of event ids is hit all over: clients make them at random
WINDOW_US = 2 * DAY  # clients retry for 12 hours; 24 is promised
DOUBT = 16  # groups that are checked row by row after a repeat was met
_CHUNK = 500
_PARTS = tuple((n, "INSERT INTO event VALUES " + ", ".join(["(?, ?, ?, ?)"] * n)) for n in (256, 64, 16, 4, 1))

_CREATE = """
CREATE TABLE IF NOT EXISTS event (
  log_offset INTEGER PRIMARY KEY, received_us INTEGER NOT NULL, event_id TEXT NOT NULL UNIQUE, body BLOB NOT NULL
)
"""


class _Job(NamedTuple):
    rows: Sequence[tuple[str, bytes]]
    dedupe: Dedupe
    answer: Future[list[Verdict]]


class _File:
    """One file of the log: the offsets from `first` on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first = int(path.stem)
        self.newest_us = 0

    def connect(self, *, cache_kb: int = 2_048) -> sqlite3.Connection:
        conn = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=30)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "wal_autocheckpoint=4000",
                       f"cache_size=-{cache_kb}"):  # fmt: skip
            conn.execute(f"PRAGMA {pragma}")
        return conn


class SqliteLog:
    """The embedded event log.

    Args:
        folder: where its files lie; made when absent.
        now_us: the clock; the log stamps `received_us` with it, never backwards.
        file_events: events a file before the next is begun.
    """

    def __init__(self, folder: Path, now_us: Callable[[], int], *, file_events: int = FILE_EVENTS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._now_us = now_us
        self._file_events = file_events
        self._files = [_File(p) for p in sorted(folder.glob("*.db"))] or [_File(folder / f"{1:020d}.db")]
        self._writers = {f.first: f.connect(cache_kb=WRITER_KB) for f in self._files}
        for conn in self._writers.values():
            conn.execute(_CREATE)
        self._readers = threading.local()
        self._stamp = threading.Lock()  # held while a group is written
        self._counting = threading.Lock()  # held for a moment only: who appends does not wait for the disk
        self._doubt = 0
        self._grown = threading.Condition()
        self._broken: str | None = None
        self._closed = False
        self._waiting = 0
        self._tail, self._newest_us = self._last()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    # -- the interface -------------------------------------------------------------------------------------------------
    def append(self, events: Sequence[Event], *, dedupe: Dedupe = "window") -> list[Verdict]:
        """Append events; return when they are durable."""
        return self.append_async(events, dedupe=dedupe).result()

    def append_async(self, events: Sequence[Event], *, dedupe: Dedupe = "window") -> Future[list[Verdict]]:
        """Like `append`, answering by a future."""
        return self.append_encoded([(e.event_id, encode(e)) for e in events], dedupe=dedupe)

    def append_encoded(self, rows: Sequence[tuple[str, bytes]], *, dedupe: Dedupe = "window") -> Future[list[Verdict]]:
        """Like `append_async`, of events whose ids and bytes are there already."""
        if self._broken or self._closed:
            raise Terminal(f"the log takes no events: {self._broken or 'it is closed'}; start the process again")
        if self._waiting + len(rows) > WAITING_EVENTS and self._waiting:
            raise Overload(f"{self._waiting} events wait to be written, at most {WAITING_EVENTS} may")
        answer: Future[list[Verdict]] = Future()
        with self._counting:
            self._waiting += len(rows)
        self._jobs.put(_Job(rows, dedupe, answer))
        return answer

    def read(self, after: int, limit: int) -> list[Stored]:
        """The events with offset above `after`, at most `limit`, in order."""
        return [Stored(offset, received, decode(body)) for offset, received, body in self.read_raw(after, limit)]

    def read_raw(self, after: int, limit: int) -> list[tuple[int, int, bytes]]:
        """Like `read`: offset, receipt and the event's bytes, undecoded."""
        out: list[tuple[int, int, bytes]] = []
        files = list(self._files)
        for n, file in enumerate(files):
            if len(out) >= limit:
                break
            if n + 1 < len(files) and files[n + 1].first <= after + 1:
                continue
            out += self._reader(file).execute(
                "SELECT log_offset, received_us, body FROM event WHERE log_offset > ? ORDER BY log_offset LIMIT ?",
                (after, limit - len(out)),
            )
        return out

    def find(self, event_id: str) -> Stored | None:
        """The event of that id."""
        for file in reversed(list(self._files)):
            row = (
                self._reader(file)
                .execute("SELECT log_offset, received_us, body FROM event WHERE event_id = ?", (event_id,))
                .fetchone()
            )
            if row is not None:
                return Stored(row[0], row[1], decode(row[2]))
        return None

    def tail(self) -> int:
        """The offset of the last durable event; 0 when there is none."""
        return self._tail

    def wait(self, after: int, timeout_s: float) -> bool:
        """Wait until the tail lies above `after`; False when the time ran out first."""
        with self._grown:
            return self._grown.wait_for(lambda: self._tail > after, timeout_s)

    def watermark(self) -> int:
        """An instant that no event appended from now on lies before."""
        with self._stamp:
            self._newest_us = max(self._newest_us, self._now_us())
            return self._newest_us

    @property
    def writable(self) -> bool:
        """Whether the log takes events."""
        return self._broken is None and not self._closed

    def close(self) -> None:
        """Write what waits, then let go of the files."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        for conn in self._writers.values():
            conn.close()

    # -- the writer ----------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        while True:
            first = self._jobs.get()
            if first is None:
                return
            group, last = self._gather(first)
            try:
                self._commit(group)
            except BaseException as error:
                self._fail(group, error)
            if last:
                return

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        group, events = [first], len(first.rows)
        while events < GROUP_EVENTS:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
            events += len(job.rows)
        return group, False

    def _commit(self, group: list[_Job]) -> None:
        if self._broken:
            raise Terminal(f"the log takes no events: {self._broken}")
        file = self._current_file()
        conn = self._writers[file.first]
        with self._stamp:
            received = self._newest_us = max(self._newest_us, self._now_us())
            conn.execute("BEGIN IMMEDIATE")
            tail, verdicts = self._write(conn, group, received)
            conn.execute("COMMIT")
            file.newest_us = received
        with self._counting:
            self._waiting -= sum(len(job.rows) for job in group)
        with self._grown:
            self._tail = tail
            self._grown.notify_all()
        for job, verdict in zip(group, verdicts, strict=True):
            job.answer.set_result(verdict)

    def _write(self, conn: sqlite3.Connection, group: list[_Job], received: int) -> tuple[int, list[list[Verdict]]]:
        """Write what is fresh. Repeats are rare, so their absence is taken for granted until the index objects."""
        if self._doubt:
            self._doubt -= 1
        elif not self._known_before(group, received):
            try:
                return self._write_all(conn, group, received)
            except sqlite3.IntegrityError:
                conn.execute("ROLLBACK")
                conn.execute("BEGIN IMMEDIATE")
                self._doubt = DOUBT
        tail, fresh, verdicts = self._sort_out(group, received)
        _insert(conn, fresh, len(fresh))
        return tail, verdicts

    def _known_before(self, group: list[_Job], received: int) -> bool:
        """Is one of these a repeat of what an earlier file holds?"""
        earlier = self._files[:-1]
        return bool(earlier) and any(self._known([i for i, _ in j.rows], j.dedupe, received, earlier) for j in group)

    def _write_all(self, conn: sqlite3.Connection, group: list[_Job], received: int) -> tuple[int, list[list[Verdict]]]:
        tail, verdicts = self._tail, []
        for job in group:
            first = tail + 1
            tail += len(job.rows)
            ids, bodies = zip(*job.rows, strict=True) if job.rows else ((), ())
            _insert(conn, zip(range(first, tail + 1), repeat(received), ids, bodies), len(ids))
            verdicts.append([Verdict("accepted", n) for n in range(first, tail + 1)])
        return tail, verdicts

    def _sort_out(
        self, group: list[_Job], received: int
    ) -> tuple[int, list[tuple[int, int, str, bytes]], list[list[Verdict]]]:
        tail = self._tail
        known: set[str] = set()
        for dedupe in {job.dedupe for job in group}:
            ids = [i for job in group if job.dedupe == dedupe for i, _ in job.rows]
            known |= self._known(ids, dedupe, received, self._files)
        fresh: list[tuple[int, int, str, bytes]] = []
        verdicts: list[list[Verdict]] = []
        for job in group:
            out: list[Verdict] = []
            for event_id, body in job.rows:
                if event_id in known:
                    out.append(Verdict("duplicate"))
                    continue
                known.add(event_id)
                tail += 1
                fresh.append((tail, received, event_id, body))
                out.append(Verdict("accepted", tail))
            verdicts.append(out)
        return tail, fresh, verdicts

    def _known(self, ids: list[str], dedupe: Dedupe, received: int, files: list[_File]) -> set[str]:
        found: set[str] = set()
        for file in files:
            last = file is self._files[-1]
            if dedupe == "window" and not last and file.newest_us < received - WINDOW_US:
                continue
            conn = self._writers[file.first]
            for start in range(0, len(ids), _CHUNK):
                part = ids[start : start + _CHUNK]
                marks = ",".join("?" * len(part))
                found.update(
                    r[0] for r in conn.execute(f"SELECT event_id FROM event WHERE event_id IN ({marks})", part)
                )
        return found

    def _current_file(self) -> _File:
        file = self._files[-1]
        if self._tail - file.first + 1 < self._file_events:
            return file
        fresh = _File(self._folder / f"{self._tail + 1:020d}.db")
        self._writers[fresh.first] = fresh.connect(cache_kb=WRITER_KB)
        self._writers[fresh.first].execute(_CREATE)
        self._files.append(fresh)
        return fresh

    def _fail(self, group: list[_Job], error: BaseException) -> None:
        self._broken = f"{type(error).__name__}: {error}"
        for job in group:
            job.answer.set_exception(Terminal(f"the log could not write: {self._broken}"))

    # -- reading -------------------------------------------------------------------------------------------------------
    def _reader(self, file: _File) -> sqlite3.Connection:
        mine: dict[int, sqlite3.Connection] = self._readers.__dict__.setdefault("files", {})
        if file.first not in mine:
            mine[file.first] = file.connect()
        return mine[file.first]

    def _last(self) -> tuple[int, int]:
        tail, newest = 0, 0
        for file in self._files:
            row = (
                self._writers[file.first]
                .execute("SELECT log_offset, received_us FROM event ORDER BY log_offset DESC LIMIT 1")
                .fetchone()
            )
            if row:
                tail, newest = row
                file.newest_us = newest
        return tail, newest


def _insert(conn: sqlite3.Connection, rows: Iterable[tuple[int, int, str, bytes]], count: int) -> None:
    """Many rows a statement: each statement lets go of the interpreter once, and getting it back is what costs."""
    values = chain.from_iterable(rows)
    for size, statement in _PARTS:
        while count >= size:
            conn.execute(statement, list(islice(values, 4 * size)))
            count -= size
