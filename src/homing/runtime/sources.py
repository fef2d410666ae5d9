"""Who reads the sources? Threads that ask the pullers when they are due, and one thread a listener.

One run at a time a source. A source that does not answer is asked again after a while that grows; one that refuses is
stopped, with its reason, until somebody changes it or tells it to run.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import structlog
from sqlalchemy import func, select

from homing.collect.connectors import Caller, Listener, Puller, Row, connectors
from homing.collect.doors.hooks import Hook
from homing.collect.files.tally import ImportResult
from homing.collect.formats.visits import VISITORS
from homing.collect.intake import RowsRequest, take_rows
from homing.collect.quality import Checkpoint
from homing.collect.sources import KIND, Ready, read_source, ready
from homing.collect.sync import Run, close_cut, cursor_of, pull
from homing.core.errors import Conflict, HomingError, InvalidInput, NotFound, Refused
from homing.core.time import SECOND
from homing.govern import workspace_secret
from homing.runtime.listening import Listening
from homing.runtime.logs import where
from homing.runtime.metrics import SOURCE_LAST, SOURCE_RUNS, count_rows
from homing.runtime.rounds import Rounds
from homing.runtime.workspace import Workspace
from homing.storage import definitions
from homing.storage.schema import import_run

THREADS = 4  # pullers that are read at the same time
IDLE_S = 60.0
FIRST_RETRY_S = 5
LONGEST_RETRY_S = 900
TRIES = 5  # of a run that somebody asked for and no schedule repeats
SAVED = "saved"  # go on from the saved place

_log = structlog.get_logger("homing.sources")


@dataclass(slots=True)
class Standing:
    """How a source is doing."""

    state: str = "idle"  # idle | due | running | retrying | stopped | paused | listening | called
    error: str | None = None
    next_us: int | None = None
    run_id: str | None = None
    failures: int = 0
    after: str | None = SAVED  # where the next run begins: SAVED, a place, or None for the beginning
    cancel: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    version_us: int = -1  # of the document a listener runs with


class Sources:
    """The sources of a workspace.

    Args:
        workspace: opened by this process.
        checkpoint: looks at what comes by agreement, plan and rules.
    """

    def __init__(self, workspace: Workspace, checkpoint: Checkpoint | None = None) -> None:
        self._w = workspace
        self._checkpoint = checkpoint
        workspace_secret(workspace.state, VISITORS)
        self._lock = threading.RLock()
        self._known: dict[str, Standing] = {}
        self._callers: dict[str, Ready] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="source")
        self._rounds = Rounds(
            "sources", self._begin_due, log=_log, failed="sources_failed", retry_s=FIRST_RETRY_S, clock=workspace.clock
        )
        self.stopping = self._rounds.stopping
        self.take: Callable[[list[Row], RowsRequest], ImportResult] = self._take

    # -- life ----------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Begin; runs that a kill cut off go on at once."""
        cut = close_cut(self._w.state, self._w.clock())
        self.reload()
        with self._lock:
            for source_id in cut & self._known.keys():
                if self._known[source_id].state == "idle":
                    self._known[source_id].state, self._known[source_id].next_us = "due", self._w.clock()
        self._rounds.start()
        self.reload()  # listeners start now that threads may

    def stop(self) -> None:
        """Take what is in hand, leave the rest for the next start."""
        self._rounds.stop()
        with self._lock:
            threads = [s.thread for s in self._known.values() if s.thread is not None]
            for standing in self._known.values():
                standing.cancel.set()
        self._pool.shutdown(wait=True)
        for thread in threads:
            thread.join(timeout=15)

    @property
    def started(self) -> bool:
        """Whether threads run here, or a run must be done by whoever asks for it."""
        return self._rounds.started

    def on_publish(self, kind: str, id: str) -> None:
        """A definition stands otherwise."""
        if kind not in {KIND, "mapping"}:
            return
        with self._lock:
            standing = self._known.get(id) if kind == KIND else None
            if standing is not None and standing.state != "running":
                standing.failures, standing.error = 0, None
        self.reload()

    # -- what others ask -----------------------------------------------------------------------------------------------
    def standing(self, source_id: str) -> Standing:
        """How a source is doing; a fresh one where it is not known here."""
        with self._lock:
            return self._known.get(source_id) or Standing()

    def ready(self, source_id: str) -> Ready:
        """A source as it is in force, with its connector."""
        w = self._w
        with w.state.read() as conn:
            return ready(conn, source_id, w.settings, w.folder)

    def caller(self, source_id: str) -> Ready | None:
        """A source that is called, from memory; None for one that is not, or is paused."""
        return self._callers.get(source_id)

    def hook(self, source_id: str) -> Hook | None:
        """What a request to this source's address needs; None where there is no such address."""
        found = self._callers.get(source_id)
        if found is None or not isinstance(found.connector, Caller):
            return None
        return Hook(found.connector, partial(self._called, source_id, replace(found.request, live=True)))

    def ask(self, source_id: str, *, after: str | None = SAVED) -> None:
        """Let a puller run soon, whatever its schedule says.

        Raises:
            NotFound: no such source is in force.
            InvalidInput: it is not one that is asked, or is not fit to run.
            Conflict: it runs already.
        """
        self._puller(self.ready(source_id))
        self.reload()
        with self._lock:
            standing = self._known.setdefault(source_id, Standing())
            if standing.state == "running":
                raise Conflict(f"source {source_id!r} runs already")
            standing.failures, standing.error = 0, None
            standing.state, standing.after, standing.next_us = "due", after, self._w.clock()
        self._rounds.ring()

    def run(self, source_id: str, *, after: str | None = SAVED) -> str:
        """Run a puller in the caller's thread; return the run's id.

        Raises:
            HomingError: what made it fail, noted with the run.
            Conflict: it runs already.
        """
        with self._lock:
            standing = self._known.setdefault(source_id, Standing())
            if standing.state == "running":
                raise Conflict(f"source {source_id!r} runs already")
            before, standing.state = standing.state, "running"
            standing.cancel.clear()
        try:
            return self._once(source_id, standing, after)
        finally:
            standing.state = before

    def cancel(self, source_id: str) -> bool:
        """Stop a run after the portion in hand; False when there is none."""
        with self._lock:
            standing = self._known.get(source_id)
            if standing is None or standing.state not in {"running", "due", "retrying"}:
                return False
            if standing.state != "running":
                standing.state = "idle"
            standing.cancel.set()
        self.reload()
        return True

    # -- the schedule --------------------------------------------------------------------------------------------------
    def reload(self) -> None:
        """Look at what is in force, and when each is due."""
        w = self._w
        with w.state.read() as conn:
            found = {d.id: d for d in definitions.published(conn, KIND)}
            rows = conn.execute(
                select(import_run.c.source_id, func.max(import_run.c.started_us)).group_by(import_run.c.source_id)
            )
            last: dict[str, int] = {row[0]: row[1] for row in rows}
        with self._lock:
            for gone in self._known.keys() - found.keys():
                self._known[gone].cancel.set()
                self._callers.pop(gone, None)
                if self._known[gone].state != "running":
                    del self._known[gone]
            for source_id, document in found.items():
                standing = self._known.setdefault(source_id, Standing())
                try:
                    self._place(standing, source_id, document, last.get(source_id))
                except HomingError as error:
                    self._callers.pop(source_id, None)
                    standing.state, standing.error, standing.next_us = "stopped", error.message, None
        self._rounds.ring()

    def _place(self, standing: Standing, source_id: str, found: definitions.Definition, last_us: int | None) -> None:
        source = read_source(found.document)
        kind = connectors.get(source.connector)
        paused = source.paused or found.status == "paused"
        if issubclass(kind, Listener):
            self._place_listener(standing, source_id, paused, found.updated_us)
        elif not issubclass(kind, Puller):
            standing.state, standing.error = "paused" if paused else "called", None
            if paused:
                self._callers.pop(source_id, None)
            else:
                self._callers[source_id] = self.ready(source_id)
        elif standing.state in {"running", "due"}:
            return
        elif paused:
            standing.state, standing.next_us = "paused", None
        elif standing.failures and standing.error is not None:
            return  # it waits for its next try, or for somebody
        else:
            standing.state, standing.error = "idle", None
            standing.next_us = source.schedule.next_us(last_us, self._w.clock(), source.zone or self._w.settings.zone)

    def _place_listener(self, standing: Standing, source_id: str, paused: bool, updated_us: int) -> None:
        before = standing.thread
        alive = before is not None and before.is_alive()
        if alive and (paused or standing.version_us != updated_us):
            standing.cancel.set()  # its thread ends; the next look starts another with the new document
            fresh = Standing(state="paused" if paused else "idle")
            self._known[source_id] = standing = fresh
            alive = False
        if paused or alive or self.stopping.is_set() or not self.started:
            standing.state = "paused" if paused else standing.state
            return
        if standing.version_us == updated_us and standing.state == "stopped" and standing.error:
            return
        standing.cancel.clear()
        standing.version_us, standing.state, standing.error = updated_us, "listening", None
        standing.thread = threading.Thread(
            target=Listening(self._w, source_id, standing, self).run,
            args=(before,), name=f"listen-{source_id}", daemon=True,
        )  # fmt: skip
        standing.thread.start()

    def _begin_due(self) -> float:
        """Begin every run that is due; seconds until the next."""
        now, waits = self._w.clock(), [IDLE_S]
        with self._lock:
            for source_id, standing in self._known.items():
                if standing.state not in {"idle", "due", "retrying"} or standing.next_us is None:
                    continue
                if standing.next_us <= now:
                    standing.state = "running"
                    standing.cancel.clear()
                    self._pool.submit(self._scheduled, source_id, standing)
                else:
                    real = self._w.clock.real_s_until(standing.next_us)
                    waits += [] if real is None else [max(real, 0.05)]
        return min(waits)

    # -- runs ----------------------------------------------------------------------------------------------------------
    def _scheduled(self, source_id: str, standing: Standing) -> None:
        after, retry = standing.after, False
        try:
            self._once(source_id, standing, after)
            standing.failures, standing.error = 0, None
        except (InvalidInput, Refused, NotFound) as error:
            standing.failures, standing.error = 1, error.message
        except Exception as error:  # whatever another system does, the other sources go on
            known = isinstance(error, HomingError)
            standing.failures += 1
            standing.error = str(error) if known else f"{type(error).__name__} at {where(error)}"
            retry = True
        finally:
            with self._lock:
                self._after_run(standing, retry=retry)
            self.reload()

    def _after_run(self, standing: Standing, *, retry: bool) -> None:
        """How a run leaves the source: waiting for its schedule, for its next try, or for somebody."""
        if not retry:
            standing.after = SAVED
            standing.state, standing.next_us = ("stopped" if standing.error else "idle"), None
            return
        standing.after = SAVED  # what the failed run had reached is saved: the next goes on there
        wait = min(FIRST_RETRY_S * 2 ** min(standing.failures - 1, 20), LONGEST_RETRY_S) * random.uniform(0.5, 1.5)  # noqa: S311
        standing.state, standing.next_us = "retrying", self._w.clock() + int(wait * SECOND)

    def _once(self, source_id: str, standing: Standing, after: str | None) -> str:
        w = self._w
        found = self.ready(source_id)
        puller = self._puller(found)
        run = Run(w.state, found, w.clock, partial(count_rows, source_id))
        standing.run_id = run.import_id
        place = cursor_of(w.state, source_id) if after == SAVED else after
        stop = lambda: standing.cancel.is_set() or self.stopping.is_set()  # noqa: E731
        try:
            whole = pull(found, puller, run, self.take, w.clock, after=place, stop=stop)
        except BaseException as error:
            said = error.message if isinstance(error, HomingError) else type(error).__name__
            run.note("failed", error=said[:300])
            SOURCE_RUNS.labels(source_id, "failed").inc()
            _log.warning("source_failed", source=source_id, error=type(error).__name__, at=where(error))
            raise
        finally:
            standing.run_id = None
        status = "done" if whole else "cut" if self.stopping.is_set() else "cancelled"
        run.note(status)
        SOURCE_RUNS.labels(source_id, status).inc()
        if whole:
            SOURCE_LAST.labels(source_id).set(w.clock() / SECOND)
        _log.info("source_read", source=source_id, status=status, read=run.read, accepted=run.accepted)
        return run.import_id

    def _puller(self, found: Ready) -> Puller:
        if not isinstance(found.connector, Puller):
            raise InvalidInput(
                f"source {found.source.id!r} is not one that is asked: its connector {found.source.connector!r} waits"
                " for what comes", field="id",
            )  # fmt: skip
        return found.connector

    def _called(self, source_id: str, request: RowsRequest, rows: list[Row]) -> ImportResult:
        result = self.take(rows, request)
        count_rows(source_id, result)
        return result

    def _take(self, rows: list[Row], request: RowsRequest) -> ImportResult:
        w = self._w
        return take_rows(rows, request, w.log, w.state, now_us=w.clock(), checkpoint=self._checkpoint)
