"""Which event ids does a file of the log hold? Eight bytes of each in memory; the ids themselves lie on disk.

Clients make ids at random, so an index of them on disk would be written all over for every group. Here a group's
hashes are put behind those that are there, and each is chained to the one before it in its slot: a few steps over whole
arrays, however many come. Which slot a hash has is this process's secret, so nobody can make ids that crowd one. Two
ids may share a hash: what is found here is a candidate, and the file is asked whether the id is the same.
A file that is full keeps its hashes, sorted, in a file of their own, mapped when the log is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import urandom
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from homing.storage.log.hashing import Hashes

Places = NDArray[np.int32]
FEWEST = 4_096  # hashes there is room for at first; a power of two
SLOTS = 4  # for each of them, so that few share one
_SECRET = int.from_bytes(urandom(8), "big") | 1
_ALL = (1 << 64) - 1


class Candidate(NamedTuple):
    """The event at `offset` has the same hash as the id at `position` of those asked for."""

    position: int
    offset: int


class _Table(NamedTuple):
    """Room for some hashes. A place counts from 1; 0 is none."""

    hashes: Hashes  # by place, less one
    before: Places  # by place: the place before it in its slot
    newest: Places  # by slot: the last place in it

    @classmethod
    def of(cls, room: int) -> _Table:
        return cls(np.zeros(room, np.int64), np.zeros(room + 1, np.int32), np.zeros(SLOTS * room, np.int32))

    def slots(self, hashes: Hashes) -> NDArray[np.int64]:
        """The slot of each: the upper bits of its product with the secret."""
        spare = 65 - len(self.newest).bit_length()
        return ((hashes.view(np.uint64) * np.uint64(_SECRET)) >> np.uint64(spare)).view(np.int64)

    def slot(self, one: int) -> int:
        """The same, of one: a commit of one event is waited for, and steps over arrays are dear for one."""
        return (one * _SECRET & _ALL) >> (65 - len(self.newest).bit_length())

    def put(self, first: int, hashes: Hashes) -> None:
        """Hashes whose places are `first` and those behind it."""
        end = first + len(hashes)
        self.hashes[first - 1 : end - 1] = hashes
        if len(hashes) == 1:
            slot = self.slot(int(hashes[0]))
            self.before[first] = self.newest[slot]
            self.newest[slot] = first
            return
        slots = self.slots(hashes)
        self.before[first:end] = self.newest[slots]
        self.newest[slots] = places = np.arange(first, end)
        while len(late := np.flatnonzero(self.newest[slots] != places)):  # of those that want one slot, one got it
            places, slots = places[late], slots[late]
            self.before[places] = self.newest[slots]
            self.newest[slots] = places


class _Full(NamedTuple):
    """The ids of a full file, as they are kept beside it."""

    hashes: Hashes  # ascending
    offsets: NDArray[np.int64]

    def candidates(self, asked: Hashes) -> list[Candidate]:
        found = []
        order = np.argsort(asked)  # neighbours are found in the same place
        wanted = asked[order]
        left = np.searchsorted(self.hashes, wanted)
        inside = left < len(self.hashes)
        hits = np.flatnonzero(inside)[self.hashes[left[inside]] == wanted[inside]]
        for n in hits.tolist():
            at = int(left[n])
            while at < len(self.hashes) and self.hashes[at] == wanted[n]:
                found.append(Candidate(int(order[n]), int(self.offsets[at])))
                at += 1
        return found


class Seen:
    """The ids of one file. One thread adds; any may ask."""

    def __init__(self) -> None:
        self._table = _Table.of(FEWEST)
        self._count = 0
        self._first = 1  # the offset at the first place; there are no gaps behind it
        self._full: _Full | None = None  # what is asked when no more come

    def add(self, hashes: Hashes, first: int) -> None:
        """The events from `first` on have these ids; they follow those that were added last."""
        if not self._count:
            self._first = first
        table, count = self._table, self._count + len(hashes)
        if count > len(table.hashes):
            table = _Table.of(1 << (count - 1).bit_length())
            table.put(1, self._table.hashes[: self._count])
        table.put(self._count + 1, hashes)
        self._table, self._count = table, count

    def candidates(self, hashes: Hashes) -> list[Candidate]:
        """Which of these may be known, and where."""
        if self._full is not None:
            return self._full.candidates(hashes)
        if len(hashes) == 1:
            return self._candidates_of(int(hashes[0]))
        table = self._table
        found: list[Candidate] = []
        places = table.newest[table.slots(hashes)]
        asked = places.nonzero()[0]
        while len(asked):
            at = places[asked]
            same = np.flatnonzero(table.hashes[at - 1] == hashes[asked])
            if len(same):
                offsets = at[same].astype(np.int64) + (self._first - 1)
                found += map(Candidate, asked[same].tolist(), offsets.tolist())
            places[asked] = before = table.before[at]
            asked = asked[before != 0]
        return found

    def _candidates_of(self, asked: int) -> list[Candidate]:
        table = self._table
        found: list[Candidate] = []
        place = int(table.newest[table.slot(asked)])
        while place:
            if table.hashes[place - 1] == asked:
                found.append(Candidate(0, place + self._first - 1))
            place = int(table.before[place])
        return found

    # -- of a file that is there already -------------------------------------------------------------------------------
    @classmethod
    def of(cls, parts: Sequence[tuple[int, bytes]]) -> Seen:
        """What blocks say: the offset of the first event, and the hashes from there on."""
        made = cls()
        if parts:
            made.add(np.frombuffer(b"".join([hashes for _, hashes in parts]), np.int64), parts[0][0])
        return made

    def save(self, path: Path) -> int:
        """Keep a full file's hashes beside it; how many there are."""
        hashes = self._table.hashes[: self._count]
        order = np.argsort(hashes, kind="stable")
        fresh = path.with_suffix(".new.npy")
        np.save(fresh, np.vstack([hashes[order], order + self._first]))
        fresh.replace(path)
        return self._count

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
        made._full = _Full(kept[0], kept[1])
        return made
