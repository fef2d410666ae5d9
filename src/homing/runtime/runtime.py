"""How does a workspace come alive? Its threads start in one order and stop in the other.

The doors put events into the log; the worker reads them and moves the stages; the loader fills the warehouse; the
dispatcher hands messages over; the scheduler computes scores. Stopping takes no more work, finishes what is in hand,
and leaves the rest in the stores, where the next start finds it.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, func, select

from homing.collect.agreements import Agreements, Terms
from homing.collect.files.jobs import ImportJobs
from homing.collect.keeping import trim
from homing.collect.quality import Checkpoint
from homing.core.errors import InvalidInput, Transient
from homing.core.event import OWN_SOURCE, Event, Stored
from homing.core.turn import Turn
from homing.profile import Directory
from homing.runtime.catalogue import CatalogueBook
from homing.runtime.compose import customers_of, scores, sender_of
from homing.runtime.dispatch import Dispatcher
from homing.runtime.link_desk import LinkDesk
from homing.runtime.linkage import LinkJobs
from homing.runtime.loader import Loader
from homing.runtime.metrics import LOG_OFFSET, SENDS, STREAM_LAG
from homing.runtime.models import ModelJobs
from homing.runtime.quality import QualityBook, QualityWatch
from homing.runtime.scheduler import Scheduler
from homing.runtime.searchable import Searchable
from homing.runtime.sources import Sources
from homing.runtime.stream import PUBLISHED, Stream
from homing.runtime.worker import Worker
from homing.runtime.workspace import Workspace
from homing.storage import definitions
from homing.storage.schema import rejected, send

T = TypeVar("T")
GARBAGE = (100_000, 50, 100)  # the caches are large and hold no cycles: looking for some took a third of the stream
SWITCH_S = 0.0002  # how long a thread that computes may keep one waiting that only has to hand bytes on
LAG_READY_S = 60.0  # a stream further behind than this is not ready to answer about now


def tune() -> None:
    """Set this process up for many threads over large caches."""
    gc.set_threshold(*GARBAGE)
    sys.setswitchinterval(SWITCH_S)


class Runtime:
    """The threads of one workspace.

    Args:
        workspace: opened by this process.
        sending: whether messages are handed over; a command line that only asks hands over none.
        nightly: whether scores are computed at night; without them, only when asked for.
    """

    def __init__(self, workspace: Workspace, *, sending: bool = True, nightly: bool = True) -> None:
        self.workspace = w = workspace
        self.stream = Stream(w.log, w.state, w.stages)
        self.worker = Worker(self.stream, w.log, w.clock)
        self.loader = Loader(w.log, w.state, w.warehouse, self.stream, customers_of)
        self.stream.before_publish = self.loader.catch_up
        self.searchable = Searchable(w.state, w.search)
        self.directory = Directory(w.search, w.warehouse)
        self.dispatcher = Dispatcher(sender_of(w.state, w.log, w.warehouse, w.settings), w.clock) if sending else None
        self.catalogue = CatalogueBook(w.warehouse, w.state)
        self.models = ModelJobs(self)
        jobs = [("scores", self._scores), ("models", self._models), ("catalogue", self._catalogue),
                ("quality", self._quality)] if nightly else []  # fmt: skip
        self.scheduler = Scheduler(jobs, w.state, w.clock, w.settings.zone)
        if self.dispatcher is not None:
            self.worker.on_commit.append(self.dispatcher.ring)
        self.agreements = Agreements(w.state, w.clock)
        w.warehouse.closed_now = self.agreements.closed
        if w.stages.lending is not None:
            w.stages.lending.told = self._readable
        self._readable_changed = False
        self.worker.on_commit.append(self._copy_readable)
        self.checkpoint = Checkpoint(w.state, w.warehouse, region=w.settings.region, zone=w.settings.zone,
                                     agreements=self.agreements)  # fmt: skip
        self.quality = QualityBook(w, self.checkpoint)
        self._watch = QualityWatch(self.quality, w.clock)
        self.imports = ImportJobs(w.log, w.state, w.folder, w.clock, self.checkpoint)
        # told (kind, id) once a definition stands otherwise
        self.sources = Sources(w, self.checkpoint)
        self.link_desk = LinkDesk(w, self.worker)
        self.linkage = LinkJobs(w, self.link_desk, self.agreements.closed)
        self.on_publish: list[Callable[[str, str], None]] = [
            self.agreements.on_publish,
            self.checkpoint.on_publish,
            self.sources.on_publish,
        ]
        self._started = False
        self._statuses: set[str] = set()

    def start(self) -> Runtime:
        """Start every thread."""
        tune()
        self._started = True
        self.worker.start()
        self.loader.start()
        self.searchable.start()
        if self.dispatcher is not None:
            self.dispatcher.start()
        self.scheduler.start()
        self._watch.start()
        if self.dispatcher is not None:
            self.sources.start()
        return self

    def stop(self) -> None:
        """Stop every thread and close the workspace; what is not done stays in the stores."""
        self.imports.stop()
        self.linkage.stop()
        self.models.stop()
        self.sources.stop()
        self._watch.stop()
        self.scheduler.stop()
        if self.dispatcher is not None:
            self.dispatcher.stop()
        self.worker.stop()
        self.searchable.stop()
        self.loader.stop()
        self.workspace.close()

    def __enter__(self) -> Runtime:
        return self if self._started else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- what others ask for -------------------------------------------------------------------------------------------
    def call(self, work: Callable[[Turn, Connection], T], *, timeout_s: float = 60.0) -> T:
        """Run `work` in the stream's thread between two batches, in one transaction."""
        return self.worker.call(work).result(timeout_s)

    def publish(
        self,
        kind: str,
        id: str,
        status: str = "live",
        options: dict[str, Any] | None = None,
        *,
        version: int | None = None,
        timeout_s: float = 120.0,
    ) -> int:
        """Bring a definition into force, the newest version unless one is named, or pause it, or take it back.

        The change is an event, so a replay of the log makes it at the same place. Returns the version.

        Raises:
            NotFound: there is no such definition.
            InvalidInput: the stage it belongs to would not take it.
            Transient: the stream did not come to it in time; it will.
        """
        w = self.workspace
        with w.state.read() as conn:
            version = definitions.get(conn, kind, id, version=version).version
        said = {"kind": kind, "id": id, "version": version, "status": status, "options": options or {}}
        event = Event(event_id=f"def:{kind}:{id}:{version}:{uuid4().hex}", kind="track", name=PUBLISHED,
                      happened_us=w.clock(), source_id=OWN_SOURCE, properties=said)  # fmt: skip
        (verdict,) = w.log.append([event], dedupe="ever")
        offset = verdict.offset or 0
        if not self.worker.wait_past(offset, timeout_s):
            raise Transient(f"publishing {kind} {id!r} waits behind other events, longer than {timeout_s:g} s")
        with w.state.read() as conn:
            if conn.execute(select(rejected.c.code).where(rejected.c.rejected_id == f"stage:{offset}")).scalar():
                raise InvalidInput(f"the {kind} {id!r} could not be brought into force as it stands", field=kind)
        for told in self.on_publish:
            told(kind, id)
        return version

    def run_scores(self) -> int:
        """Compute the nightly scores as of now; return how many customers changed."""
        return self.scheduler.run_now()

    def settle(self, timeout_s: float = 60.0, *, warehouse: bool = True) -> None:
        """Wait until nothing is left to do at this instant, in any thread.

        Args:
            timeout_s: real seconds to wait at most.
            warehouse: whether to wait for the warehouse too; a virtual clock's ticks need not.

        Raises:
            Transient: it took longer than `timeout_s` seconds.
        """
        ends = time.monotonic() + timeout_s
        self.scheduler.run_due()
        while True:
            if not self.worker.wait_idle(max(0.0, ends - time.monotonic())):
                raise Transient(f"the stream was not idle within {timeout_s:g} s")
            if self.dispatcher is None:
                break
            before = self.dispatcher.moved
            if not self.dispatcher.wait_idle(max(0.0, ends - time.monotonic())):
                raise Transient(f"messages were still being handed over after {timeout_s:g} s")
            if self.dispatcher.moved == before and self.stream.offset == self.workspace.log.tail():
                break
        if warehouse:
            self.loader.catch_up()
            self.searchable.catch_up()

    # -- how it is doing -----------------------------------------------------------------------------------------------
    def lag_us(self) -> int:
        """Age of the oldest event the stream has not processed; 0 when it has processed all."""
        waiting = self.workspace.log.read(self.stream.offset, 1)
        return max(0, self.workspace.clock() - waiting[0].received_us) if waiting else 0

    def ready(self) -> dict[str, Any]:
        """Whether requests can be answered, and what each part says of itself."""
        behind_s = self.lag_us() / 1e6
        parts = {
            "worker": self.worker.alive,
            "log": self.workspace.log.writable,
            "warehouse": self.loader.healthy,
            "sender": self.dispatcher is None or self.dispatcher.healthy,
        }
        ok = parts["worker"] and parts["log"] and behind_s < LAG_READY_S
        return {"ready": ok, "parts": parts, "lag_s": round(behind_s, 3)}

    def freshness(self) -> dict[str, int]:
        """Until which instant each part has worked: `log`, `stream`, `warehouse`, in microseconds."""
        w = self.workspace
        loaded = w.log.read(self.loader.mark, 1)
        now = w.clock()
        stream = self.workspace.log.read(self.stream.offset, 1)
        return {
            "log": now,
            "stream": _before(stream, now),
            "warehouse": _before(loaded, now),
        }

    def refresh_metrics(self) -> None:
        """Bring the gauges that are read, not counted, up to date."""
        LOG_OFFSET.set(self.workspace.log.tail())
        STREAM_LAG.set(self.lag_us() / 1e6)
        with self.workspace.state.read() as conn:
            counted = conn.execute(select(send.c.status, func.count()).group_by(send.c.status))
            now: dict[str, int] = {row[0]: row[1] for row in counted}
        self._statuses |= now.keys()
        for status in self._statuses:
            SENDS.labels(status).set(now.get(status, 0))

    def _readable(self, terms: dict[str, Terms]) -> None:
        """In the stream's thread: from here on other data may be read."""
        self.agreements.adopt(terms)
        self._readable_changed = True

    def _copy_readable(self) -> None:
        if self._readable_changed:
            self._readable_changed = False
            self.loader.ring()  # the warehouse's copy of the profiles

    def _scores(self, as_of_us: int) -> int:
        w = self.workspace
        self.loader.catch_up()
        return scores(w.log, w.state, w.warehouse, w.settings, as_of_us)

    def _models(self, as_of_us: int) -> int:
        self.loader.catch_up()
        return self.models.nightly(as_of_us)

    def _quality(self, as_of_us: int) -> int:
        self.loader.catch_up()
        self.checkpoint.refresh()
        self.quality.watch(as_of_us)
        self.quality.judge(as_of_us)
        trim(self.workspace.state)
        return 0  # no customer changes by it

    def _catalogue(self, as_of_us: int) -> int:  # noqa: ARG002 - a night that is made up looks at what there is now
        self.loader.catch_up()
        self.catalogue.nightly(self.workspace.clock())
        return 0  # no customer changes by it


def _before(waiting: list[Stored], now_us: int) -> int:
    return waiting[0].received_us if waiting else now_us
