"""How does one laptop keep a log? SQLite files in WAL mode, one writer thread, group commit.

Whatever waits when the writer is free becomes one transaction, flushed once. A failed flush is never retried: what the
disk holds is then unknown, so the log stops taking events until the process is started again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

from homing.core.errors import Overload, Terminal
from homing.core.event import Event, Stored, Verdict, encode
from homing.core.time import DAY
from homing.storage.log import blocks
from homing.storage.log.blocks import LogFile
from homing.storage.log.group import Group, Job, Later, of_parts, of_rows
from homing.storage.log.hashing import Hashes
from homing.storage.log.inbox import Inbox
from homing.storage.log.interface import Block, Dedupe, Packed

GROUP_EVENTS = 10_000  # events a transaction at most
WAITING_EVENTS = 200_000  # beyond this the log says Overload
FILE_EVENTS = 2_000_000  # events a file before the next is begun
WINDOW_US = 2 * DAY  # clients retry for 12 hours; 24 is promised

T = TypeVar("T")


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
        self._jobs: Inbox[Job | Later | Literal["last"]] = Inbox()
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
        job, answer = of_rows(rows, dedupe)
        self._take(job)
        return answer

    def append_packed(self, parts: Sequence[Packed], *, dedupe: Dedupe = "window") -> Future[frozenset[int]]:
        """Like `append_encoded`, of events encoded together; the positions of those that were known already."""
        answer: Future[frozenset[int]] = Future()
        self._take(of_parts(parts, dedupe, answer))
        return answer

    def append_gathered(self, pull: Callable[[], Sequence[Packed]]) -> Future[frozenset[int]]:
        """Like `append_packed`, of what `pull` gives when the writer is free; it is called on the writer's thread."""
        answer: Future[frozenset[int]] = Future()
        self._take(Later(pull, answer))
        return answer

    def _take(self, job: Job | Later) -> None:
        events = len(job.ids) if isinstance(job, Job) else 0
        if self._broken or self._closed:
            raise Terminal(f"the log takes no events: {self._broken or 'it is closed'}; start the process again")
        if self._waiting + events > WAITING_EVENTS and self._waiting:
            raise Overload(f"{self._waiting} events wait to be written, at most {WAITING_EVENTS} may")
        self._count(events)
        self._jobs.put(job)

    def _count(self, events: int) -> None:
        with self._counting:
            self._waiting += events

    def read(self, after: int, limit: int) -> list[Stored]:
        """The events with offset above `after`, at most `limit`, in order."""
        return self._read(blocks.read, after, limit)

    def read_raw(self, after: int, limit: int) -> list[tuple[int, int, bytes]]:
        """Like `read`: offset, receipt and the event's bytes, undecoded."""
        return self._read(blocks.read_raw, after, limit)

    def read_blocks(self, after: int, limit: int) -> list[Block]:
        """Like `read_raw`, block by block: the first and the last may hold more than is asked for."""
        out: list[Block] = []
        files, last = list(self._files), after + limit
        follow = [file.first for file in files[1:]] + [last + 1]
        for file, following in zip(files, follow, strict=True):
            begin, end = max(after, file.first - 1), min(following - 1, last)
            if begin < end:
                out += blocks.read_blocks(self._reader(file), begin, end - begin)
        return out

    def find(self, event_id: str) -> Stored | None:
        """The event of that id."""
        for file in reversed(list(self._files)):
            for candidate in file.seen.candidates(file.hashing.of([event_id])):
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
        self._jobs.put("last")
        self._thread.join()
        for conn in self._writers.values():
            conn.close()

    # -- the writer ----------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        while True:
            first = self._jobs.get()
            if first == "last":
                return
            jobs, last = self._gather(first)
            group = Group(jobs)
            try:
                self._commit(group)
            except BaseException as error:
                self._fail(group, error)
            if last:
                return

    def _gather(self, first: Job | Later) -> tuple[list[Job], bool]:
        group: list[Job] = []
        events, job = 0, first
        while True:
            if isinstance(job, Later):
                job = job.job()
                self._count(len(job.ids))
            group.append(job)
            events += len(job.ids)
            if events >= GROUP_EVENTS:
                return group, False
            following = self._jobs.get_nowait()
            if following is None or following == "last":
                return group, following is not None
            job = following

    def _commit(self, group: Group) -> None:
        if self._broken:
            raise Terminal(f"the log takes no events: {self._broken}")
        file = self._current_file()
        hashes = file.hashing.of(group.ids)
        conn = self._writers[file.first]
        first = self._tail + 1
        with self._stamp:
            received = self._newest_us = max(self._newest_us, self._now_us())
            repeats = self._repeats(group, {file.hashing.secret: hashes}, received)
            if repeats:
                hashes = hashes[group.without(repeats)]
            if len(hashes):
                blocks.write(conn, first, received, hashes, group.pieces)
                file.seen.add(hashes, first)
                file.newest_us = received
        self._count(-len(group.ids))
        with self._grown:
            self._tail += len(hashes)
            self._grown.notify_all()
        group.tell(first, repeats)

    def _repeats(self, group: Group, hashes: dict[bytes, Hashes], received: int) -> set[int]:
        """The positions of what is known already, in the files or earlier in the group; hashes by their secret."""
        found: set[int] = set()
        ids = group.ids
        if len(set(ids)) < len(ids):
            met: set[str] = set()
            for n, event_id in enumerate(ids):
                if event_id in met:
                    found.add(n)
                met.add(event_id)
        ever = group.asked("ever")
        for file in self._files:
            old = file is not self._files[-1] and file.newest_us < received - WINDOW_US
            if old and not ever:
                continue
            if file.hashing.secret not in hashes:
                hashes[file.hashing.secret] = file.hashing.of(ids)
            candidates = file.seen.candidates(hashes[file.hashing.secret])
            if not candidates:
                continue
            known = file.known(self._writers[file.first], ids, candidates)
            found.update(c.position for c in candidates
                         if ids[c.position] in known and (not old or c.position in ever))  # fmt: skip
        return found

    def _current_file(self) -> LogFile:
        file = self._files[-1]
        if self._tail - file.first + 1 < self._file_events:
            return file
        file.seal()
        fresh = LogFile(self._folder / f"{self._tail + 1:020d}.db")
        self._writers[fresh.first], _ = fresh.open(None, file.hashing)
        self._files.append(fresh)
        return fresh

    def _fail(self, group: Group, error: BaseException) -> None:
        self._broken = f"{type(error).__name__}: {error}"
        group.fail(Terminal(f"the log could not write: {self._broken}"))

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
