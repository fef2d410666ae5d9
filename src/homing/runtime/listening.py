"""Who holds a listener's connection? One thread a source, that connects again after a while when it ends.

Its run in the table lasts as long as the thread. What refuses it ends it, with the reason; what does not answer is
tried again, at growing intervals that no two sources share.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from homing.collect.connectors import Listener, Row
from homing.collect.sources import Ready
from homing.collect.sync import Run
from homing.core.errors import HomingError, InvalidInput, NotFound, Refused
from homing.runtime.logs import where
from homing.runtime.metrics import SOURCE_RUNS, count_rows
from homing.runtime.workspace import Workspace

if TYPE_CHECKING:
    from homing.runtime.sources import Sources, Standing

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
STEADY_S = 30.0  # a connection that held so long was a good one
NOTE_S = 1.0  # between two notes of progress

_log = structlog.get_logger("homing.sources")


class Listening:
    """One listener's thread.

    Args:
        workspace: whose it is.
        source_id: its source.
        standing: is told how it goes.
        sources: makes it ready, brings its rows in, and says when the workspace closes.
    """

    def __init__(self, workspace: Workspace, source_id: str, standing: Standing, sources: Sources) -> None:
        self._w = workspace
        self._id = source_id
        self._standing = standing
        self._sources = sources
        self._noted = 0.0

    def run(self, before: threading.Thread | None = None) -> None:
        """Listen until the source is changed or the workspace closes; `before` is a thread to wait for."""
        if before is not None:
            before.join()
        s, status, run = self._standing, "cut", None
        try:
            ready = self._sources.ready(self._id)
            run = Run(self._w.state, ready, self._w.clock, lambda result: count_rows(self._id, result))
            s.run_id = run.import_id
            self._hold(ready, run)
        except (InvalidInput, Refused, NotFound) as error:
            s.state, s.error, status = "stopped", error.message, "failed"
        except Exception as error:  # its thread is all that ends
            s.state, s.error, status = "stopped", f"{type(error).__name__} at {where(error)}", "failed"
        finally:
            s.run_id = None
            if run is not None:
                run.note(status, error=s.error if status == "failed" else None)
                SOURCE_RUNS.labels(self._id, status).inc()

    def _hold(self, ready: Ready, run: Run) -> None:
        s, failures = self._standing, 0
        if not isinstance(ready.connector, Listener):
            raise InvalidInput(f"source {self._id!r} does not listen", field="connector")
        request = replace(ready.request, import_id=run.import_id, live=True)

        def take(rows: list[Row]) -> None:
            run.add(self._sources.take(rows, request))
            s.state, s.error = "listening", None
            if time.monotonic() - self._noted >= NOTE_S:
                self._noted = time.monotonic()
                run.note()

        while not self._over():
            began = time.monotonic()
            try:
                ready.connector.listen(take, self._over)
            except (InvalidInput, Refused):
                raise
            except Exception as error:  # the network, the broker, our disk: all are waited out
                known = isinstance(error, HomingError)
                s.state = "retrying"
                s.error = str(error) if known else f"{type(error).__name__} at {where(error)}"
                _log.warning("listener_lost", source=self._id, error=type(error).__name__, at=where(error))
                run.note(error=s.error[:300])
            failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
            wait = min(FIRST_WAIT_S * 2 ** min(failures, 20), LONGEST_WAIT_S) * random.uniform(0.5, 1.5)  # noqa: S311
            ends = time.monotonic() + wait
            while not self._over() and time.monotonic() < ends:
                s.cancel.wait(min(0.2, wait))

    def _over(self) -> bool:
        return self._standing.cancel.is_set() or self._sources.stopping.is_set()
