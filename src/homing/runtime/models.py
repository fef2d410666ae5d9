"""How are models trained beside all else? One after the other by one thread, each with a note of how far it is.

Training reads the warehouse as of the instant it begins; writing scores appends events and waits until the stream has
taken them and the warehouse holds them. Every night the models whose scores stand on customers score everybody anew.
"""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import structlog

from homing.core.condition import Condition, parse
from homing.core.errors import Conflict, HomingError, NotFound, Transient
from homing.predict import keep
from homing.predict.ground import Ground
from homing.predict.scores import score_events, trait_of
from homing.predict.training import audience, document_of, learn, scores
from homing.runtime.logs import where
from homing.segments import written_out
from homing.storage import definitions

if TYPE_CHECKING:
    from homing.runtime.runtime import Runtime

Status = Literal["waiting", "running", "done", "failed"]
MAX_WAITING = 20
REMEMBERED = 200
WAIT_S = 600.0
_log = structlog.get_logger("homing.models")


@dataclass(slots=True)
class Job:
    """A training, or a writing of scores, and how far it is."""

    job_id: str
    what: Literal["train", "score"]
    kind: str
    id: str
    status: Status = "waiting"
    share: float = 0.0
    step: str = ""
    version: int | None = None
    changed: int | None = None  # customers whose score is another one now
    error: HomingError | None = None
    ended: threading.Event = field(default_factory=threading.Event, repr=False)


@dataclass(frozen=True, slots=True)
class Use:
    """How the scores of a version are to be used."""

    version: int | None = None  # the newest when None
    reach: float | None = None  # of a lookalike: how far down the ranking its audience goes
    segment: dict[str, Any] | None = None  # id and name of the segment made of it


class ModelJobs:
    """Trains and scores, one after the other.

    Args:
        runtime: the running workspace.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._jobs: dict[str, Job] = {}
        self._queue: queue.SimpleQueue[tuple[Job, Callable[[Job], None]] | None] = queue.SimpleQueue()
        self._adding = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def train(self, kind: str, name: str, *, by: str) -> Job:
        """Learn a model anew from its document, as of now.

        Raises:
            NotFound: there is no such document.
            Conflict: too many wait already.
        """
        with self._runtime.workspace.state.read() as conn:
            definitions.get(conn, kind, name)
        return self._add(Job(f"job_{secrets.token_hex(8)}", "train", kind, name), lambda job: self._train(job, by))

    def score(self, kind: str, name: str, use: Use, *, by: str, at_us: int) -> Job:
        """Write a version's scores to customers as of now, and make the segment that is asked for.

        Raises:
            NotFound: the model was never trained.
            InvalidInput: a reach that is no share.
        """
        with self._runtime.workspace.state.read() as conn:
            found = keep.version_of(conn, kind, name, use.version)
        segment = self._segment(found, use)
        job = Job(f"job_{secrets.token_hex(8)}", "score", kind, name, version=found.version)
        return self._add(job, lambda one: self._use(one, found, segment, by, at_us))

    def find(self, job_id: str) -> Job:
        """A job of this process.

        Raises:
            NotFound: there is none.
        """
        if job_id not in self._jobs:
            raise NotFound(f"there is no job {job_id[:40]!r} since the process started")
        return self._jobs[job_id]

    def open_jobs(self) -> list[Job]:
        """Those that wait or run, oldest first."""
        return [job for job in self._jobs.values() if not job.ended.is_set()]

    def wait(self, job: Job, timeout_s: float = WAIT_S) -> Job:
        """Wait until it has ended.

        Raises:
            HomingError: why it failed.
            Transient: it takes longer than `timeout_s` seconds; it goes on.
        """
        if not job.ended.wait(timeout_s):
            raise Transient(f"the job was not done within {timeout_s:g} s; it goes on")
        if job.error is not None:
            raise job.error
        return job

    def nightly(self, as_of_us: int) -> int:
        """Score everybody anew by the versions in use; return how many customers changed."""
        changed = 0
        with self._runtime.workspace.state.read() as conn:
            used = keep.in_use(conn)
        for found in used:
            try:
                changed += self._score(found, as_of_us, lambda _share, _step: None)
            except HomingError as error:  # a segment it names is gone, or nobody is left
                _log.warning("model_not_scored", kind=found.kind, id=found.id, error=error.code)
        return changed

    def stop(self) -> None:
        """Finish the job in hand, take no more."""
        with self._adding:
            self._stopping = True
            thread = self._thread
        if thread is not None:
            self._queue.put(None)
            thread.join()

    # -- the thread ----------------------------------------------------------------------------------------------------
    def _add(self, job: Job, work: Callable[[Job], None]) -> Job:
        with self._adding:
            if self._stopping or len(self.open_jobs()) >= MAX_WAITING:
                raise Conflict(f"{MAX_WAITING} jobs wait already, wanted fewer at once")
            self._jobs[job.job_id] = job
            while len(self._jobs) > REMEMBERED:
                del self._jobs[next(iter(self._jobs))]
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="models", daemon=True)
                self._thread.start()
            self._queue.put((job, work))
        return job

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            job, work = item
            if self._stopping:
                job.error, job.status = Conflict("the process stops; train it again"), "failed"
                job.ended.set()
                continue
            job.status = "running"
            try:
                work(job)
                job.status, job.share, job.step = "done", 1.0, ""
            except HomingError as error:
                job.error, job.status = error, "failed"
            except Exception as error:
                _log.error("job_failed", job=job.job_id, kind=job.kind, error=type(error).__name__, at=where(error))
                job.error, job.status = HomingError(f"training failed: {type(error).__name__}"), "failed"
            finally:
                job.ended.set()

    def _train(self, job: Job, by: str) -> None:
        w = self._runtime.workspace
        self._runtime.loader.catch_up()
        with w.state.read() as conn:
            raw = definitions.get(conn, job.kind, job.id).document
            known = keep.versions(conn, job.kind, job.id, limit=1)
            before = keep.artefact_of(conn, known[0]) if known and job.kind == "clustering" else None
        document = document_of({"kind": job.kind, "id": job.id} | raw)
        as_of_us = w.clock()
        learned = learn(document, self.ground(as_of_us, _teller(job)), before)
        with w.state.write() as conn:
            kept = keep.keep(conn, {"kind": job.kind, "id": job.id} | raw, learned, as_of_us=as_of_us,
                             now_us=w.clock(), by=by)  # fmt: skip
        job.version = kept.version

    def _use(self, job: Job, found: keep.Version, segment: dict[str, Any] | None, by: str, at_us: int) -> None:
        from homing.runtime import documents  # noqa: PLC0415 - it knows the runtime, which knows this

        w = self._runtime.workspace
        self._runtime.loader.catch_up()
        job.changed = self._score(found, w.clock(), _teller(job))
        job.share, job.step = 0.9, "segment"
        if segment is not None:
            documents.apply(self._runtime, [segment], by=by, at_us=at_us)
        with w.state.write() as conn:
            keep.scored(conn, found, as_of_us=w.clock(), detail={"segment": segment["id"]} if segment else found.detail)
        self._runtime.loader.catch_up()  # who counts by these scores next counts all of them

    def _score(self, found: keep.Version, as_of_us: int, tell: Callable[[float, str], None]) -> int:
        w = self._runtime.workspace
        with w.state.read() as conn:
            artefact = keep.artefact_of(conn, found)
        document = document_of(found.document)
        tell(0.2, "scores")
        values = scores(document, artefact, self.ground(as_of_us))
        tell(0.5, "writing")
        changed, last = 0, 0
        trait = trait_of(found.kind, found.id)
        for events in score_events(values, w.state, trait, as_of_us, version=found.version):
            if events:
                verdicts = w.log.append(events, dedupe="ever")
                changed += sum(v.status == "accepted" for v in verdicts)
                last = max([last, *(v.offset or 0 for v in verdicts)])
        if last and not self._runtime.worker.wait_past(last, WAIT_S):
            raise Transient("the scores are written, the stream has not taken them all yet; it will")
        return changed

    # -- what learning stands on ---------------------------------------------------------------------------------------
    def ground(self, as_of_us: int, tell: Callable[[float, str], None] | None = None) -> Ground:
        """The warehouse as of an instant, with segments written out."""
        w = self._runtime.workspace
        ground = Ground(w.warehouse, as_of_us, w.settings.currency, self._tree, zone=w.settings.zone)
        return ground if tell is None else replace(ground, progress=tell)

    def _tree(self, segment: str) -> Condition:
        with self._runtime.workspace.state.read() as conn:
            found = definitions.get(conn, "segment", segment)
            return written_out(conn, parse(found.document["condition"]), segment=segment)

    def _segment(self, found: keep.Version, use: Use) -> dict[str, Any] | None:
        document = document_of(found.document)
        if use.segment is None or document.kind != "lookalike":
            return None
        reach = 0.05 if use.reach is None else use.reach
        condition = audience(found.id, document, reach, trait=trait_of(found.kind, found.id))
        return {"kind": "segment", "condition": condition} | use.segment


def _teller(job: Job) -> Callable[[float, str], None]:
    def tell(share: float, step: str) -> None:
        job.share, job.step = round(share, 3), step

    return tell
