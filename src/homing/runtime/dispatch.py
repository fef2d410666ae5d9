"""Who drives the sender? One thread that hands over what is due, group by group, and sleeps until the next is due.

A failure of the disk or of the mail server is waited out here; what becomes of each message is the sender's business.
"""

from __future__ import annotations

import threading
from typing import Protocol

import structlog

from homing.runtime.clock import Clock
from homing.runtime.rounds import Rounds

IDLE_S = 1.0
BACK_OFF_S = 1.0

_log = structlog.get_logger("homing.dispatch")


class Sender(Protocol):
    """What act's sender can do."""

    def recover(self, now_us: int) -> int:
        """Settle what a crash left between two states; return how many rows."""

    def step(self, now_us: int) -> int:
        """Hand over one group of due messages; return how many rows moved."""

    def next_due(self) -> int | None:
        """When the next queued message may be tried; None when none is queued."""

    def close(self) -> None:
        """Let go of connections."""


class Dispatcher:
    """The thread that hands messages over.

    Args:
        sender: does the work.
        clock: says what is due.
    """

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self._sender = sender
        self._clock = clock
        self._changed = threading.Condition()
        self._idle_round = 0  # the last round that found nothing due
        self._round = 0
        self._recovered = False
        self._rounds = Rounds(
            "sender", self._do_round, log=_log, failed="sender_failed", retry_s=BACK_OFF_S, clock=clock
        )
        self.moved = 0

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish the group in hand, then end."""
        self._rounds.stop()
        with self._changed:
            self._changed.notify_all()
        self._sender.close()

    @property
    def healthy(self) -> bool:
        """Whether the last round went well; what one that failed left undone is in the state and comes again."""
        return self._rounds.healthy

    def ring(self) -> None:
        """There may be something to send."""
        self._rounds.ring()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until a round that began after this call found nothing due; False when the time ran out."""
        with self._changed:
            wanted = self._round + 1
            self._rounds.ring()
            over = self._rounds.stopping.is_set
            return self._changed.wait_for(lambda: over() or self._idle_round >= wanted, timeout_s)

    def _do_round(self) -> float:
        with self._changed:
            self._round += 1
            this = self._round
        if not self._recovered:
            self.moved += self._sender.recover(self._clock())
            self._recovered = True
        moved = self._sender.step(self._clock())
        self.moved += moved
        if moved:
            return 0.0
        with self._changed:
            self._idle_round = this
            self._changed.notify_all()
        return self._idle_s()

    def _idle_s(self) -> float:
        due = self._sender.next_due()
        real = None if due is None else self._clock.real_s_until(due)
        return IDLE_S if real is None else min(IDLE_S, max(real, 0.001))
