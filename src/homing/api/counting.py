"""How many customers have a value of each trait? Counted behind the answer where it takes long.

Most traits are counted in one statement, within a second or two; interests that fade read every line of every order and
are counted one by one. Nobody waits longer than `PATIENCE_S`: what is not counted by then is what it was when it was
counted last, or absent. A count is good for a while that grows with what it cost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from homing.core.errors import HomingError
from homing.profile.traits.coverage import coverage, examples
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
    """The counts of one process, and the thread that makes them while there are some to make."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._changed = threading.Condition()
        self._busy = False

    def of(self, live: InForce, wanted: Iterable[str], ask: Callable[[], tuple[Warehouse, int, str]]) -> Found:
        """Each trait's customers with a value and all customers; a trait that is not counted yet is left out.

        Args:
            live: the traits in force, with their versions.
            wanted: which of them.
            ask: the warehouse, the instant and the workspace's zone, when it is counted.
        """
        stamps = _stamps(live)
        names = [name for name in wanted if name in stamps]
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while due := self._due(stamps, names):
                if not self._busy:
                    self._busy = True
                    work = (live, stamps, due, ask)
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
        self, live: InForce, stamps: dict[str, _Stamp], due: list[str], ask: Callable[[], tuple[Warehouse, int, str]]
    ) -> None:
        slow = _slow(live)
        quick = [name for name in due if name not in slow]
        try:
            for batch in ([quick] if quick else []) + [[name] for name in due if name in slow]:
                began = time.monotonic()
                found = _counted(live, slow, batch, ask)
                now = time.monotonic()
                good = max(FRESH_S, WORTH * (now - began))
                with self._changed:
                    for name in batch:
                        self._kept[name] = _Kept(stamps[name], found.get(name), now + good)
                    self._changed.notify_all()
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()


def _counted(live: InForce, slow: set[str], batch: list[str], ask: Callable[[], tuple[Warehouse, int, str]]) -> Found:
    warehouse, at_us, zone = ask()
    known = [trait for trait, _ in live]
    try:
        if batch[0] not in slow:
            return coverage(warehouse, [trait for trait in known if trait.id not in slow], at_us, zone=zone)
        found = examples(warehouse, known, batch[0], at_us, zone=zone)
    except HomingError:  # it reads what was taken back since
        return {}
    return {batch[0]: (found.n, found.total)}


def _slow(live: InForce) -> set[str]:
    """Interests that fade, and whatever stands on one."""
    found = {trait.id for trait, _ in live if isinstance(trait.of, Decayed)}
    while more := {trait.id for trait, _ in live if trait.id not in found and depends_on(trait.of) & found}:
        found |= more
    return found


def _stamps(live: InForce) -> dict[str, _Stamp]:
    """The versions each trait's count rests on: its own, and those of all that it may read."""
    every = tuple((trait.id, version) for trait, version in live)
    return {trait.id: every if depends_on(trait.of) else ((trait.id, version),) for trait, version in live}
