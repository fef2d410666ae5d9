"""What runs at a time of day? Scores, every night at 03:00 in the workspace's zone, under whichever clock.

A night that was missed (the process was down, a virtual clock jumped) is made up once, as of the newest 03:00 that has
passed. What a job found out goes into the log as events; their ids name the night, so a repeat adds nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import time

import structlog

from homing.core.time import DAY, next_local
from homing.runtime.clock import Clock
from homing.runtime.rounds import Rounds
from homing.storage.schema import computed_run
from homing.storage.state import State
from homing.storage.state.store import upsert

NIGHTLY = "nightly"
AT = time(3, 0)
IDLE_S = 60.0
RETRY_S = 60.0

Job = Callable[[int], int]  # as_of_us -> how many customers changed

_log = structlog.get_logger("homing.scheduler")


class Scheduler:
    """The thread that runs nightly jobs.

    Args:
        jobs: (name, what to run with the instant it is as of), in order.
        state: keeps which night was done.
        clock: says when it is night.
        zone: whose night.
    """

    def __init__(self, jobs: Sequence[tuple[str, Job]], state: State, clock: Clock, zone: str) -> None:
        self._jobs = jobs
        self._state = state
        self._clock = clock
        self._zone = zone
        self._running = threading.Lock()
        self._next_us = next_local(self._last() + 1, AT, zone)
        self._rounds = Rounds("scheduler", self._round, log=_log, failed="job_failed", retry_s=RETRY_S, clock=clock)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish the job in hand, then end."""
        self._rounds.stop()

    def run_due(self) -> bool:
        """Run the jobs of the newest night that has passed and was not done; False when there is none."""
        with self._running:
            now = self._clock()
            if now < self._next_us:
                return False
            night = max(self._next_us, next_local(now - DAY + 1, AT, self._zone))
            self._do(night if night <= now else self._next_us)
            return True

    def run_now(self) -> int:
        """Run every job as of this instant; return how many customers changed."""
        with self._running:
            return self._all(self._clock())

    def _do(self, night: int) -> None:
        changed = self._all(night)
        row = {"name": NIGHTLY, "at_us": night, "as_of_offset": 0, "customers": changed, "changed": changed}
        with self._state.write() as conn:
            upsert(conn, computed_run, [row])
        self._next_us = next_local(night + 1, AT, self._zone)

    def _all(self, as_of_us: int) -> int:
        changed = 0
        for name, job in self._jobs:
            found = job(as_of_us)
            _log.info("job_done", job=name, changed=found)
            changed += found
        return changed

    def _last(self) -> int:
        with self._state.read() as conn:
            done = conn.execute(
                computed_run.select()
                .where(computed_run.c.name == NIGHTLY)
                .order_by(computed_run.c.at_us.desc())
                .limit(1)
            ).one_or_none()
        return int(done.at_us) if done else self._clock()

    def _round(self) -> float:
        self.run_due()
        real = self._clock.real_s_until(self._next_us)
        return IDLE_S if real is None else min(IDLE_S, real)
