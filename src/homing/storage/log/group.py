"""What waits for one flush? Jobs, written together as a group; each hears of its own events only.

The bytes of events come in pieces, of one event or of several that were encoded together. A piece is taken apart only
when the log knows one of its events already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from itertools import chain, repeat
from typing import NamedTuple

import numpy as np

from homing.core.event import Verdict
from homing.storage.log.blocks import Pieces, unpacked
from homing.storage.log.interface import Dedupe, Packed

NONE: frozenset[int] = frozenset()


class Job(NamedTuple):
    """Events to be appended; one of the two answers is waited for."""

    ids: list[str]
    pieces: Pieces
    dedupe: Dedupe
    verdicts: Future[list[Verdict]] | None = None
    repeats: Future[frozenset[int]] | None = None

    def tell(self, first: int, repeats: Iterable[int]) -> None:
        """They are durable: those that were not known already from the offset `first` on."""
        if self.repeats is not None:
            self.repeats.set_result(frozenset(repeats))
        if self.verdicts is not None:
            self.verdicts.set_result(_verdicts(len(self.ids), first, frozenset(repeats)))

    def fail(self, error: Exception) -> None:
        """Nobody knows what became of them."""
        for answer in (self.verdicts, self.repeats):
            if answer is not None:
                answer.set_exception(error)


def of_rows(rows: Sequence[tuple[str, bytes]], dedupe: Dedupe) -> tuple[Job, Future[list[Verdict]]]:
    """A job of events encoded one by one, and its answer."""
    answer: Future[list[Verdict]] = Future()
    return Job([i for i, _ in rows], Pieces([body for _, body in rows]), dedupe, verdicts=answer), answer


def of_parts(parts: Sequence[Packed], dedupe: Dedupe, answer: Future[frozenset[int]]) -> Job:
    """A job of events encoded together."""
    ids = list(chain.from_iterable([part.ids for part in parts]))
    counts = None if len(ids) == len(parts) else [len(part.ids) for part in parts]
    return Job(ids, Pieces([part.bodies for part in parts], counts), dedupe, repeats=answer)


class Later(NamedTuple):
    """A job whose events are asked for when it is written; they may be none by then."""

    pull: Callable[[], Sequence[Packed]]
    answer: Future[frozenset[int]]

    def job(self) -> Job:
        """Ask now."""
        return of_parts(self.pull(), "window", self.answer)


class Group:
    """Jobs written in one transaction."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self.ids = list(chain.from_iterable([job.ids for job in jobs]))
        bodies = list(chain.from_iterable([job.pieces.bodies for job in jobs]))
        counts = None
        if len(bodies) < len(self.ids):
            counts = list(chain.from_iterable([job.pieces.counts or repeat(1, len(job.ids)) for job in jobs]))
        self.pieces = Pieces(bodies, counts)

    def without(self, repeats: set[int]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Take out what is known already; the positions of what is left."""
        bodies, counts = self.pieces
        if counts is not None:
            whole = zip(bodies, counts, strict=True)
            bodies = [one for body, count in whole for one in ([body] if count == 1 else unpacked(body))]
        left = [n for n in range(len(self.ids)) if n not in repeats]
        self.pieces = Pieces([bodies[n] for n in left])
        return np.array(left, np.intp)

    def asked(self, dedupe: Dedupe) -> set[int]:
        """The positions of the events that are asked about in this way."""
        found: set[int] = set()
        if all(job.dedupe != dedupe for job in self._jobs):
            return found
        at = 0
        for job in self._jobs:
            if job.dedupe == dedupe:
                found.update(range(at, at + len(job.ids)))
            at += len(job.ids)
        return found

    def tell(self, first: int, repeats: set[int]) -> None:
        """Everything is durable: tell each job of its own events."""
        at = 0
        for job in self._jobs:
            many = len(job.ids)
            mine = [n - at for n in range(at, at + many) if n in repeats] if repeats else NONE
            job.tell(first, mine)
            first += many - len(mine)
            at += many

    def fail(self, error: Exception) -> None:
        """Nobody knows what became of them."""
        for job in self._jobs:
            job.fail(error)


def _verdicts(events: int, first: int, repeats: frozenset[int]) -> list[Verdict]:
    if not repeats:
        return [Verdict("accepted", n) for n in range(first, first + events)]
    out, offset = [], first
    for n in range(events):
        if n in repeats:
            out.append(Verdict("duplicate"))
        else:
            out.append(Verdict("accepted", offset))
            offset += 1
    return out
