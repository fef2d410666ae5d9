"""How are files brought in beside all else? One after the other by one thread, each with a note of how to go on.

The note lies beside the upload until the import is done. An import that is found unfinished when the process starts is
marked interrupted; going on reads the file again and continues behind what is durable.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import structlog
from sqlalchemy import insert, select, update

from homing.collect.files.feed import ImportRequest
from homing.collect.files.run import Cancelled, run_import
from homing.collect.files.tally import ImportResult
from homing.collect.quality.checkpoint import Checkpoint
from homing.core.errors import Conflict, HomingError, NotFound
from homing.core.ids import stable_id
from homing.storage.log import EventLog
from homing.storage.schema import OF_SOURCE, import_run
from homing.storage.state import State

MAX_WAITING = 20
REMEMBERED = 200  # results kept in memory
OPEN = ("waiting", "running")
_log = structlog.get_logger("homing.imports")


class _Note(msgspec.Struct):
    """What is needed to go on: where the file is, whether it is ours to remove, how it is meant."""

    path: str
    owned: bool
    request: dict[str, Any]

    def as_request(self) -> ImportRequest:
        """The request again."""
        said = self.request | {"path": Path(self.path), "empty": frozenset(self.request["empty"])}
        return ImportRequest(**said)


@dataclass(slots=True)
class Pace:
    """How an import that is under way goes."""

    done: int = 0
    total: int | None = None  # None while the file is read
    rate: float | None = None  # rows a second
    left_s: float | None = None
    _begun: float = field(default=0.0, repr=False)
    _behind: int | None = field(default=None, repr=False)

    def at(self, done: int, total: int) -> None:
        """So many rows are done."""
        now = time.monotonic()
        if self._behind is None:
            self._behind, self._begun = done, now
        self.done, self.total = done, total
        took = now - self._begun
        if took > 0 and done > self._behind:
            self.rate = (done - self._behind) / took
            self.left_s = max(total - done, 0) / self.rate


@dataclass(slots=True)
class _Job:
    import_id: str
    pace: Pace = field(default_factory=Pace)
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    result: ImportResult | None = None
    error: BaseException | None = None


class ImportJobs:
    """Brings files in, one after the other.

    Args:
        log: where their events go.
        state: where runs are noted.
        folder: of the workspace.
        now_us: the workspace's clock.
        checkpoint: looks at the events by plan and rules.
    """

    def __init__(
        self, log: EventLog, state: State, folder: Path, now_us: Callable[[], int], checkpoint: Checkpoint | None = None
    ) -> None:
        self._log, self._state, self._now_us, self._checkpoint = log, state, now_us, checkpoint
        self.uploads = folder / "uploads"
        self.rejected = folder / "rejected"
        self._jobs: dict[str, _Job] = {}
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._stopping = False
        self._adding = threading.Lock()
        self._thread: threading.Thread | None = None
        with state.write() as conn:
            mine = import_run.c.status.in_(OPEN) & (import_run.c.fingerprint != OF_SOURCE)
            conn.execute(update(import_run).where(mine).values(status="interrupted"))
        self._tidy()

    def upload_path(self, name: str, suffix: str) -> Path:
        """Where an upload is kept, readable by its owner alone."""
        self.uploads.mkdir(mode=0o700, exist_ok=True)
        path = self.uploads / f"{name}{suffix}"
        path.touch(mode=0o600)
        return path

    def submit(self, request: ImportRequest, *, owned: bool) -> str:
        """Bring a file in as soon as those before it are done.

        Args:
            request: the file and how it is meant.
            owned: whether the file is removed at the end.

        Returns:
            The id of the import.

        Raises:
            Conflict: too many wait already.
        """
        now = self._now_us()
        import_id = stable_id("imp_", str(request.path), now, time.monotonic_ns())
        self.uploads.mkdir(mode=0o700, exist_ok=True)
        said = {n: getattr(request, n) for n in ImportRequest.__dataclass_fields__ if n not in {"path", "empty"}}
        said |= {"mapping": dict(request.mapping), "empty": sorted(request.empty)}
        row = {
            "import_id": import_id, "source_id": request.source, "file_name": request.file_name or request.path.name,
            "kind": request.kind, "fingerprint": "", "columns": {}, "started_us": now, "finished_us": None,
            "status": "waiting", "read": 0, "accepted": 0, "duplicate": 0, "rejected": 0, "error": None, "total": None,
            "done": 0,
        }  # fmt: skip
        with self._adding:
            if sum(not job.ended.is_set() for job in self._jobs.values()) >= MAX_WAITING:
                raise Conflict(f"{MAX_WAITING} files wait to be imported, wanted some of them done first")
            note = _Note(str(request.path), owned, said)
            self._note_path(import_id).write_bytes(msgspec.json.encode(note))
            with self._state.write() as conn:
                conn.execute(insert(import_run), [row])
            self._begin(import_id)
        return import_id

    def resume(self, import_id: str) -> None:
        """Go on with an import that was interrupted or failed.

        Raises:
            NotFound: there is no such import, or its file is gone.
            Conflict: it is under way, or done.
        """
        with self._adding:
            status = self._status(import_id)
            if status not in {"interrupted", "failed"}:
                raise Conflict(f"the import is {status}, wanted one that was interrupted or failed")
            self._read_note(import_id)
            with self._state.write() as conn:
                conn.execute(
                    update(import_run).where(import_run.c.import_id == import_id).values(status="waiting", error=None)
                )
            self._begin(import_id)

    def cancel(self, import_id: str) -> None:
        """Stop an import after the batch in hand, or give up one that was interrupted; what is in stays.

        Raises:
            NotFound: there is no such import.
            Conflict: it is done.
        """
        status = self._status(import_id)
        if status in {"done", "cancelled"}:
            raise Conflict(f"the import is {status}, wanted one that is not")
        job = self._jobs.get(import_id)
        if job is not None and not job.ended.is_set():
            job.stop.set()
            return
        self._forget(import_id)
        self._mark(import_id, "cancelled")

    def pace(self, import_id: str) -> Pace | None:
        """How an import goes that is under way; None when it is not."""
        job = self._jobs.get(import_id)
        return job.pace if job is not None and not job.ended.is_set() else None

    def can_resume(self, import_id: str) -> bool:
        """Whether the file of an unfinished import is still there."""
        try:
            return Path(self._read_note(import_id).path).is_file()
        except HomingError:
            return False

    def result(self, import_id: str) -> ImportResult | None:
        """What became of an import of this process; None when it is not over or longer ago.

        Raises:
            HomingError: why it failed.
        """
        job = self._jobs.get(import_id)
        if job is None or not job.ended.is_set():
            return None
        if isinstance(job.error, HomingError):
            raise job.error
        return job.result

    def wait(self, import_id: str, timeout_s: float | None = None) -> bool:
        """Wait until an import is over; False when the time ran out first."""
        job = self._jobs.get(import_id)
        return job is None or job.ended.wait(timeout_s)

    def stop(self) -> None:
        """Stop after the batch in hand; what is not done is gone on with later."""
        self._stopping = True
        for job in self._jobs.values():
            job.stop.set()
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    # -- the thread ----------------------------------------------------------------------------------------------------
    def _begin(self, import_id: str) -> None:
        ended = [name for name, job in self._jobs.items() if job.ended.is_set()]
        for name in ended[: max(0, len(ended) - REMEMBERED)]:
            del self._jobs[name]
        job = self._jobs[import_id] = _Job(import_id)
        self._queue.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="imports", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            if self._stopping:
                return  # the rows stay waiting and are interrupted at the next start
            try:
                self._bring(job)
            except Cancelled:
                self._mark(job.import_id, "interrupted" if self._stopping else "cancelled")
                if not self._stopping:
                    self._forget(job.import_id)
            except BaseException as error:
                job.error = error
                said = error.message if isinstance(error, HomingError) else f"{type(error).__name__}: {error}"
                self._mark(job.import_id, "failed", said[:300])
                _log.warning("import_failed", import_id=job.import_id, error=type(error).__name__)
            finally:
                job.ended.set()

    def _bring(self, job: _Job) -> None:
        if job.stop.is_set():
            raise Cancelled
        note = self._read_note(job.import_id)
        self._mark(job.import_id, "running")
        job.result = run_import(
            note.as_request(), self._log, self._state, now_us=self._now_us(), rejected_dir=self.rejected,
            progress=job.pace.at, checkpoint=self._checkpoint, import_id=job.import_id, stop=job.stop.is_set,
        )  # fmt: skip
        self._forget(job.import_id)

    # -- notes ---------------------------------------------------------------------------------------------------------
    def _note_path(self, import_id: str) -> Path:
        return self.uploads / f"{import_id}.json"

    def _read_note(self, import_id: str) -> _Note:
        try:
            return msgspec.json.decode(self._note_path(import_id).read_bytes(), type=_Note)
        except (OSError, msgspec.MsgspecError) as error:
            raise NotFound(f"the file of import {import_id!r} is no longer there") from error

    def _forget(self, import_id: str) -> None:
        """Remove the note, and the file when it is ours."""
        try:
            note = self._read_note(import_id)
        except NotFound:
            return
        if note.owned:
            Path(note.path).unlink(missing_ok=True)
        self._note_path(import_id).unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Remove uploads that no import will ask for: looked at once and left."""
        kept = {note.stem for note in self.uploads.glob("imp_*.json")}
        wanted = {str(self._read_note(name).path) for name in kept}
        for path in self.uploads.glob("*"):
            if path.suffix != ".json" and str(path) not in wanted:
                path.unlink(missing_ok=True)

    def _status(self, import_id: str) -> str:
        with self._state.read() as conn:
            found = conn.execute(select(import_run.c.status).where(import_run.c.import_id == import_id)).scalar()
        if found is None:
            raise NotFound(f"there is no import {import_id!r}")
        return str(found)

    def _mark(self, import_id: str, status: str, error: str | None = None) -> None:
        finished = None if status in {*OPEN, "interrupted"} else self._now_us()
        with self._state.write() as conn:
            conn.execute(
                update(import_run)
                .where(import_run.c.import_id == import_id)
                .values(status=status, error=error, finished_us=finished)
            )
