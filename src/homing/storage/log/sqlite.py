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
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from homing.core.errors import Overload, Terminal
from homing.core.event import Event, Stored, Verdict, encode
from homing.core.time import DAY
from homing.storage.log import blocks
from homing.storage.log.blocks import LogFile
from homing.storage.log.interface import Dedupe
from homing.storage.log.seen import Hashes, hashes_of

GROUP_EVENTS = 10_000  # events a transaction at most
WAITING_EVENTS = 200_000  # beyond this the log says Overload
FILE_EVENTS = 2_000_000  # events a file before the next is begun
WINDOW_US = 2 * DAY  # clients retry for 12 hours; 24 is promised

T = TypeVar("T")


class _Job(NamedTuple):
    rows: Sequence[tuple[str, bytes]]
    dedupe: Dedupe
    answer: Future[list[Verdict]]


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
        self._files = [LogFile(p) for p in sorted(folder.glob("*.db"))] or [LogFile(folder / f"{1:020d}.db")]
        self._writers: dict[int, sqlite3.Connection] = {}
        self._readers = threading.local()
        self._stamp = threading.Lock()  # held while a group is written
        self._counting = threading.Lock()  # held for a moment only: who appends does not wait for the disk
        self._grown = threading.Condition()
        self._broken: str | None = None
        self._closed = False
        self._waiting = 0
        self._tail, self._newest_us = self._open()
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
        return self._read(blocks.read, after, limit)

    def read_raw(self, after: int, limit: int) -> list[tuple[int, int, bytes]]:
        """Like `read`: offset, receipt and the event's bytes, undecoded."""
        return self._read(blocks.read_raw, after, limit)

    def find(self, event_id: str) -> Stored | None:
        """The event of that id."""
        hashes = hashes_of([event_id])
        for file in reversed(list(self._files)):
            for candidate in file.seen.candidates(hashes):
                (stored,) = islice(blocks.read(self._reader(file), candidate.offset - 1, 1), 1)
                if stored.event.event_id == event_id:
                    return stored
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
        ids = [i for job in group for i, _ in job.rows]
        bodies = [body for job in group for _, body in job.rows]
        hashes = hashes_of(ids)
        file = self._current_file()
        conn = self._writers[file.first]
        with self._stamp:
            received = self._newest_us = max(self._newest_us, self._now_us())
            repeats = self._repeats(group, ids, hashes, received)
            if repeats:
                fresh = [n for n in range(len(ids)) if n not in repeats]
                hashes, bodies = hashes[np.array(fresh, np.intp)], [bodies[n] for n in fresh]
            if bodies:
                conn.execute("BEGIN IMMEDIATE")
                blocks.write(conn, self._tail + 1, received, hashes, bodies)
                conn.execute("COMMIT")
                file.seen.add(hashes, self._tail + 1)
                file.newest_us = received
        with self._counting:
            self._waiting -= len(ids)
        verdicts = self._verdicts(group, repeats)
        with self._grown:
            self._tail += len(bodies)
            self._grown.notify_all()
        for job, verdict in zip(group, verdicts, strict=True):
            job.answer.set_result(verdict)

    def _verdicts(self, group: list[_Job], repeats: set[int]) -> list[list[Verdict]]:
        out, position, tail = [], 0, self._tail
        for job in group:
            end = position + len(job.rows)
            if not repeats:
                out.append([Verdict("accepted", n) for n in range(tail + 1, tail + 1 + len(job.rows))])
                tail += len(job.rows)
            else:
                verdicts = []
                for n in range(position, end):
                    tail += n not in repeats
                    verdicts.append(Verdict("duplicate") if n in repeats else Verdict("accepted", tail))
                out.append(verdicts)
            position = end
        return out

    def _repeats(self, group: list[_Job], ids: list[str], hashes: Hashes, received: int) -> set[int]:
        """The positions of what is known already, in the files or earlier in the group."""
        found: set[int] = set()
        if len(set(ids)) < len(ids):
            met: set[str] = set()
            for n, event_id in enumerate(ids):
                if event_id in met:
                    found.add(n)
                met.add(event_id)
        for file in self._files:
            candidates = file.seen.candidates(hashes)
            if not candidates:
                continue
            known = file.known(self._writers[file.first], ids, candidates)
            old = file is not self._files[-1] and file.newest_us < received - WINDOW_US
            wanted = _positions(group, "ever") if old else None
            found.update(c.position for c in candidates
                         if ids[c.position] in known and (wanted is None or c.position in wanted))  # fmt: skip
        return found

    def _current_file(self) -> LogFile:
        file = self._files[-1]
        if self._tail - file.first + 1 < self._file_events:
            return file
        file.seal()
        fresh = LogFile(self._folder / f"{self._tail + 1:020d}.db")
        self._writers[fresh.first], _ = fresh.open(None)
        self._files.append(fresh)
        return fresh

    def _fail(self, group: list[_Job], error: BaseException) -> None:
        self._broken = f"{type(error).__name__}: {error}"
        for job in group:
            job.answer.set_exception(Terminal(f"the log could not write: {self._broken}"))

    # -- reading -------------------------------------------------------------------------------------------------------
    def _read(self, way: Callable[[sqlite3.Connection, int, int], Iterable[T]], after: int, limit: int) -> list[T]:
        out: list[T] = []
        files = list(self._files)
        for n, file in enumerate(files):
            if len(out) >= limit:
                break
            if n + 1 < len(files) and files[n + 1].first <= after + 1:
                continue
            left = limit - len(out)
            out += islice(way(self._reader(file), max(after, file.first - 1), left), left)
        return out

    def _reader(self, file: LogFile) -> sqlite3.Connection:
        mine: dict[int, sqlite3.Connection] = self._readers.__dict__.setdefault("files", {})
        if file.first not in mine:
            mine[file.first] = file.connect()
        return mine[file.first]

    def _open(self) -> tuple[int, int]:
        tail, newest = 0, 0
        for file, after in zip(self._files, [*self._files[1:], None], strict=True):
            conn, last = file.open(after.first - file.first if after else None)
            self._writers[file.first] = conn
            tail, newest = max(tail, last), max(newest, file.newest_us)
        return tail, newest


def _positions(group: list[_Job], dedupe: Dedupe) -> set[int]:
    """Which events of a group are asked about in this way."""
    found: set[int] = set()
    at = 0
    for job in group:
        if job.dedupe == dedupe:
            found.update(range(at, at + len(job.rows)))
        at += len(job.rows)
    return found
