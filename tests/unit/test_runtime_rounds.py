"""What a thread that works round by round never does: lose a bell, die of an error, or leave a round half done."""

from __future__ import annotations

import threading

import structlog

from homing.runtime.clock import VirtualClock
from homing.runtime.rounds import Rounds

LONG_S = 600.0  # no test waits so long: who sleeps must be woken
PATIENCE_S = 30.0


class Work:
    """Counts rounds; each waits to be let through."""

    def __init__(self, pauses: list[float | None]) -> None:
        self.pauses = pauses  # None fails
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.done = 0

    def __call__(self) -> float:
        self.begun.release()
        assert self.go_on.acquire(timeout=PATIENCE_S)
        self.done += 1
        pause = self.pauses[min(self.done, len(self.pauses)) - 1]
        if pause is None:
            raise OSError("the disk is full")
        return pause


def _rounds(work: Work, clock: VirtualClock | None = None, retry_s: float = 0.0) -> Rounds:
    log = structlog.get_logger("test")
    return Rounds("test", work, log=log, failed="test_failed", retry_s=retry_s, clock=clock)


def _through(work: Work) -> None:
    """Let one round begin and end."""
    assert work.begun.acquire(timeout=PATIENCE_S)
    work.go_on.release()


def test_a_bell_during_a_round_begins_the_next_at_once():
    work = Work([LONG_S])
    rounds = _rounds(work)
    rounds.start()
    assert work.begun.acquire(timeout=PATIENCE_S)
    rounds.ring()  # the first round is under way
    work.go_on.release()
    assert work.begun.acquire(timeout=PATIENCE_S)  # the second, in spite of a pause of ten minutes
    work.go_on.release()
    rounds.stop()
    assert work.done == 2


def test_a_clock_that_is_moved_rings_the_bell():
    clock, work = VirtualClock(0), Work([LONG_S])
    rounds = _rounds(work, clock)
    rounds.start()
    _through(work)
    clock.advance_to(1)
    _through(work)
    rounds.stop()
    assert work.done == 2


def test_a_round_that_fails_comes_again_and_is_known_to_have_failed():
    work = Work([None, LONG_S])
    rounds = _rounds(work)
    rounds.start()
    _through(work)
    assert work.begun.acquire(timeout=PATIENCE_S)  # the second round
    assert not rounds.healthy
    assert rounds.alive
    work.go_on.release()
    rounds.stop()
    assert rounds.healthy
    assert not rounds.alive


def test_stopping_waits_for_the_round_in_hand_and_begins_no_other():
    work = Work([0.0])
    rounds = _rounds(work)
    rounds.start()
    assert work.begun.acquire(timeout=PATIENCE_S)
    stop = threading.Thread(target=rounds.stop)
    stop.start()
    assert rounds.stopping.wait(PATIENCE_S)
    work.go_on.release()
    stop.join(PATIENCE_S)
    assert work.done == 1
    assert not rounds.alive


def test_stopping_what_was_never_started_is_nothing():
    work = Work([0.0])
    rounds = _rounds(work)
    rounds.stop()
    assert not rounds.started
    assert work.done == 0
