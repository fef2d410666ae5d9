"""Which threads work round by round? Those that do what is there, sleep until a bell or an instant, and do it again.

A bell that rings while a round is under way is not lost: the next round begins at once. A round that failed is told of
and comes again after a pause; it never ends the thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from homing.runtime.clock import Clock
from homing.runtime.logs import where


class Rounds:
    """One such thread.

    Args:
        name: the thread's.
        work: does one round; returns the seconds until the next, 0 for at once.
        log: told when a round failed.
        failed: the event's name there.
        retry_s: pause after a round that failed.
        clock: moved by somebody, it rings the bell.
    """

    def __init__(
        self, name: str, work: Callable[[], float], *, log: Any, failed: str, retry_s: float, clock: Clock | None = None
    ) -> None:
        self._work = work
        self._log = log
        self._failed = failed
        self._retry_s = retry_s
        self._bell = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.stopping = threading.Event()
        self.healthy = True  # whether the last round went well
        if clock is not None:
            clock.on_move(self.ring)

    @property
    def started(self) -> bool:
        """Whether the thread was ever started."""
        return self._thread.ident is not None

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the round in hand, then end."""
        self.stopping.set()
        self._bell.set()
        if self.started:
            self._thread.join()

    def ring(self) -> None:
        """There may be something to do."""
        self._bell.set()

    def _run(self) -> None:
        while not self.stopping.is_set():
            self._bell.clear()
            try:
                pause = self._work()
                self.healthy = True
            except Exception as error:  # whatever went wrong, it is tried again
                self.healthy = False
                self._log.error(self._failed, error=type(error).__name__, at=where(error))
                pause = self._retry_s
            if pause > 0 and not self.stopping.is_set():
                self._bell.wait(pause)
