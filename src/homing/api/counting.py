"""How many customers have a value of each trait? Counted behind the answer where it takes long.

Each trait is a statement of its own: that is quicker than one for all. Interests that fade read every line of every
order and are counted beside the others. Nobody waits longer than `PATIENCE_S`: what is not counted by then is what it
was when it was counted last, or absent. A count is good for a while that grows with what it cost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from homing.core.errors import HomingError
from homing.profile.traits.coverage import examples
from homing.profile.traits.definition import Decayed, Trait, depends_on
from homing.storage.warehouse import Warehouse

FRESH_S = 15.0
PATIENCE_S = 2.0
WORTH = 20  # times what it took, so that counting takes a twentieth of a core at most
InForce = Sequence[tuple[Trait, int]]
Found = dict[str, tuple[int, int]]
_Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was counted, of which versions, until when it is good."""

    stamp: _Stamp
    found: tuple[int, int] | None  # None: it cannot be counted
    until: float


class Counting:
    """The counts of one process, and the threads that make them while there are some to make: one quick, one slow."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._changed = threading.Condition()
        self._busy: set[bool] = set()  # the lanes that are at work: True is the slow one

    def of(self, live: InForce, wanted: Iterable[str], ask: Callable[[], tuple[Warehouse, int, str]]) -> Found:
        """Each trait's customers with a value and all customers; a trait that is not counted yet is left out.

        Args:
            live: the traits in force, with their versions.
            wanted: which of them.
            ask: the warehouse, the instant and the workspace's zone, when it is counted.
        """
        stamps, slow = _stamps(live), _slow(live)
        names = [name for name in wanted if name in stamps]
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while due := self._due(stamps, names):
                for lane in {name in slow for name in due} - self._busy:
                    self._busy.add(lane)
                    todo = [name for name in due if (name in slow) is lane]
                    work = (live, stamps, todo, ask, lane)
                    threading.Thread(target=self._work, args=work, name="trait-counts", daemon=True).start()
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            kept = {name: self._kept.get(name) for name in names}
        return {name: one.found for name, one in kept.items() if one and one.found and one.stamp == stamps[name]}

    def _due(self, stamps: dict[str, _Stamp], names: list[str]) -> list[str]:
        now = time.monotonic()
        kept = {name: self._kept.get(name) for name in names}
        return [name for name, one in kept.items() if one is None or one.stamp != stamps[name] or now >= one.until]

    def _work(
        self, live: InForce, stamps: dict[str, _Stamp], names: list[str],
        ask: Callable[[], tuple[Warehouse, int, str]], lane: bool,
    ) -> None:  # fmt: skip
        try:
            for name in names:
                began = time.monotonic()
                found = _counted(live, name, ask)
                now = time.monotonic()
                with self._changed:
                    self._kept[name] = _Kept(stamps[name], found, now + max(FRESH_S, WORTH * (now - began)))
                    self._changed.notify_all()
        finally:
            with self._changed:
                self._busy.discard(lane)
                self._changed.notify_all()


def _counted(live: InForce, name: str, ask: Callable[[], tuple[Warehouse, int, str]]) -> tuple[int, int] | None:
    warehouse, at_us, zone = ask()
    try:
        found = examples(warehouse, [trait for trait, _ in live], name, at_us, zone=zone)
    except HomingError:  # it reads what was taken back since
        return None
    return found.n, found.total


def _slow(live: InForce) -> set[str]:
    """Interests that fade, and whatever stands on one."""
    found = {trait.id for trait, _ in live if isinstance(trait.of, Decayed)}
    while more := {trait.id for trait, _ in live if trait.id not in found and depends_on(trait.of) & found}:
        found |= more
    return found


def _read_by(name: str, live: InForce) -> set[str]:
    """What a trait reads, and what that reads."""
    reads = {trait.id: depends_on(trait.of) for trait, _ in live}
    found: set[str] = set()
    todo = set(reads.get(name, ()))
    while todo:
        one = todo.pop()
        found.add(one)
        todo |= set(reads.get(one, ())) - found
    return found


def _stamps(live: InForce) -> dict[str, _Stamp]:
    """The versions each trait's count rests on: its own, and those of all that it reads."""
    stamps = {}
    for trait, _ in live:
        names = {trait.id} | _read_by(trait.id, live)
        stamps[trait.id] = tuple((one.id, version) for one, version in live if one.id in names)
    return stamps
