"""Which event ids does a file of the log hold? Eight bytes of each, sorted, in memory; the ids themselves lie on disk.

Clients make ids at random, so an index of them on disk would be written all over for every group. Here a group adds its
hashes to the newest run; runs are merged as they grow, so that few are searched, and a table of marks says of most ids
that they are in none. Two ids may share a hash: what is found here is a candidate, and the file is asked whether the id
is the same.
A file that is full keeps its hashes in a file of their own, mapped when the log is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.int64]
RECENT = 16_384  # hashes kept one by one before they are sorted into a run
MARKS = 8  # at least so many a hash, so that few marks are another's
FEWEST_MARKS = 1 << 16


class _Run(NamedTuple):
    hashes: Hashes  # ascending
    offsets: NDArray[np.int64]


class Candidate(NamedTuple):
    """The event at `offset` has the same hash as the id at `position` of those asked for."""

    position: int
    offset: int


def hashes_of(ids: Iterable[str]) -> Hashes:
    """Eight bytes of each id."""
    return np.frombuffer(b"".join([blake2b(i.encode(), digest_size=8).digest() for i in ids]), np.int64)


class Seen:
    """The ids of one file. One thread adds; any may ask."""

    def __init__(self) -> None:
        self._runs: tuple[_Run, ...] = ()
        self._recent: dict[int, int] = {}  # hash to offset, of what is not sorted yet
        self._late: list[tuple[Hashes, int]] = []  # the same as it came: hashes, and the offset of the first
        self._count = 0
        self._marks: NDArray[np.bool_] | None = np.zeros(FEWEST_MARKS, np.bool_)  # None of a full file: no more come

    def add(self, hashes: Hashes, first: int) -> None:
        """The events from `first` on have these ids."""
        self._mark(hashes)
        if len(hashes) >= RECENT:
            self._spill()
            self._sort_in(hashes, np.arange(first, first + len(hashes)))
            return
        self._late.append((hashes, first))
        before = len(self._recent)
        self._recent.update(zip(hashes.tolist(), range(first, first + len(hashes)), strict=True))
        if len(self._recent) >= RECENT or len(self._recent) < before + len(hashes):  # two of a hash: a run holds both
            self._spill()

    def candidates(self, hashes: Hashes) -> list[Candidate]:
        """Which of these may be known, and where."""
        asked = np.arange(len(hashes))
        if (marks := self._marks) is not None:
            asked = np.flatnonzero(marks[hashes & (len(marks) - 1)])
            if not len(asked):
                return []
            hashes = hashes[asked]
        found = []
        recent = self._recent
        if recent and not recent.keys().isdisjoint(one_by_one := hashes.tolist()):
            found = [(n, at) for n, one in enumerate(one_by_one) if (at := recent.get(one)) is not None]
        order = np.argsort(hashes)  # neighbours are found in the same place
        wanted = hashes[order]
        for run in self._runs:
            left = np.searchsorted(run.hashes, wanted)
            inside = left < len(run.hashes)
            hits = np.flatnonzero(inside)[run.hashes[left[inside]] == wanted[inside]]
            for n in hits.tolist():
                at = int(left[n])
                while at < len(run.hashes) and run.hashes[at] == wanted[n]:
                    found.append((int(order[n]), int(run.offsets[at])))
                    at += 1
        return [Candidate(int(asked[n]), offset) for n, offset in found]

    def _mark(self, hashes: Hashes) -> None:
        self._count += len(hashes)
        if self._marks is None or self._count * MARKS > len(self._marks):
            marks = np.zeros(max(FEWEST_MARKS, 1 << (self._count * MARKS * 2).bit_length()), np.bool_)
            for known in [*[late for late, _ in self._late], *[run.hashes for run in self._runs]]:
                marks[known & (len(marks) - 1)] = True
            self._marks = marks
        self._marks[hashes & (len(self._marks) - 1)] = True

    def _spill(self) -> None:
        if self._late:
            self._sort_in(*_joined(self._late))
            self._late, self._recent = [], {}

    def _sort_in(self, hashes: Hashes, offsets: NDArray[np.int64]) -> None:
        runs = [*self._runs, _sorted([hashes], [offsets])]
        while len(runs) > 1 and len(runs[-2].hashes) < 2 * len(runs[-1].hashes):
            newer, older = runs.pop(), runs.pop()
            runs.append(_sorted([older.hashes, newer.hashes], [older.offsets, newer.offsets]))
        self._runs = tuple(runs)

    # -- of a file that is there already -------------------------------------------------------------------------------
    @classmethod
    def of(cls, parts: Sequence[tuple[int, bytes]]) -> Seen:
        """What blocks say: the offset of the first event, and the hashes from there on."""
        made = cls()
        if parts:
            hashes, offsets = _joined([(np.frombuffer(part, np.int64), first) for first, part in parts])
            made._runs = (_sorted([hashes], [offsets]),)
            made._count = len(made._runs[0].hashes)
        made._marks = None  # made when something is added
        return made

    def save(self, path: Path) -> int:
        """Keep a full file's hashes beside it; how many there are."""
        self._spill()
        self._marks = None
        run = _sorted([r.hashes for r in self._runs], [r.offsets for r in self._runs])
        fresh = path.with_suffix(".new.npy")
        np.save(fresh, np.vstack([run.hashes, run.offsets]))
        fresh.replace(path)
        return len(run.hashes)

    @classmethod
    def saved(cls, path: Path, count: int) -> Seen | None:
        """What was kept beside a full file of so many events; None when it is not there or is not whole."""
        try:
            kept = np.load(path, mmap_mode="r")
        except (OSError, ValueError, EOFError):
            return None
        if kept.shape != (2, count):
            return None
        made = cls()
        made._runs = (_Run(kept[0], kept[1]),)
        made._count = count
        made._marks = None
        return made


def _joined(parts: Sequence[tuple[Hashes, int]]) -> tuple[Hashes, NDArray[np.int64]]:
    """Hashes that came apart, each part with the offset of its first; and the offset of each."""
    return np.concatenate([h for h, _ in parts]), np.concatenate([np.arange(at, at + len(h)) for h, at in parts])


def _sorted(hashes: Sequence[Hashes], offsets: Sequence[NDArray[np.int64]]) -> _Run:
    every, places = np.concatenate(hashes), np.concatenate(offsets)
    order = np.argsort(every, kind="stable")
    return _Run(every[order], places[order])
