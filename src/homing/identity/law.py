"""What forbids a join? The rules of the workspace, separations made by hand, and values that do not link.

A separation names two sets of identifiers: no identifier of one is ever joined with one of the other, until somebody
merges them by hand. A value that does not link is `blocked` (it names nobody) or `shared` (a family's tablet, a kiosk:
it names a customer of its own and nobody else).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from homing.core.event import Id
from homing.core.ids import ID_TYPES
from homing.identity.graph import BLOCKED, SHARED
from homing.identity.rules import SHIPPED, Rules, rules_of
from homing.storage.schema import identifier_block, identity_separation

STILL = (BLOCKED, SHARED)  # standings of values that do not link


@dataclass(frozen=True, slots=True)
class Separation:
    """Two sets of identifiers that are kept apart."""

    separation_id: str
    one: frozenset[Id]
    other: frozenset[Id]
    log_offset: int
    asks: bool = True  # whether evidence that comes later is worth a question


class Apart:
    """Every separation in force, by identifier."""

    def __init__(self) -> None:
        self._known: dict[str, Separation] = {}
        self._of: dict[Id, set[str]] = {}

    def add(self, separation: Separation) -> None:
        """It is in force."""
        self._known[separation.separation_id] = separation
        for i in separation.one | separation.other:
            self._of.setdefault(i, set()).add(separation.separation_id)

    def end(self, separation_id: str) -> None:
        """It is no more."""
        gone = self._known.pop(separation_id)
        for i in gone.one | gone.other:
            self._of[i].discard(separation_id)
            if not self._of[i]:
                del self._of[i]

    def copy(self) -> Apart:
        """The same, to be changed without changing this one."""
        made = Apart()
        for separation in self._known.values():
            made.add(separation)
        return made

    def between(self, group: Collection[Id], other: Collection[Id]) -> Separation | None:
        """The newest separation that keeps these two sets apart; None when there is none."""
        if not self._known:
            return None
        names = set().union(*(self._of.get(i, ()) for i in other)) if other else set()
        group, other = set(group), set(other)
        found = [s for name in names if _parts(s := self._known[name], group, other)]
        return max(found, key=lambda s: (s.log_offset, s.separation_id), default=None)

    def all_between(self, group: Collection[Id], other: Collection[Id]) -> list[str]:
        """Every separation that keeps these two sets apart."""
        group, other = set(group), set(other)
        return sorted(name for name, s in self._known.items() if _parts(s, group, other))


def _parts(s: Separation, group: set[Id], other: set[Id]) -> bool:
    return bool((s.one & group and s.other & other) or (s.other & group and s.one & other))


@dataclass(slots=True)
class Law:
    """What forbids a join, as it stands at one place of the log."""

    rules: Rules = SHIPPED
    apart: Apart = field(default_factory=Apart)
    still: dict[Id, str] = field(default_factory=dict)  # blocked | shared, by hand or learned

    def standing(self, i: Id) -> str | None:
        """Blocked, shared, or None: it links."""
        found = self.still.get(i)
        return found or (BLOCKED if self.rules.blocks(i) else None)

    def strongest(self, ids: Iterable[Id]) -> tuple[Id, ...]:
        """The one identifier that says whom an event is about, where no other has a say; none where none can."""
        named = (i for i in ids if i.type in ID_TYPES)
        return tuple(sorted(named, key=lambda i: (self.standing(i) is not None, self.rules.priority(i)))[:1])


def read_law(conn: Connection) -> Law:
    """What is in force."""
    law = Law(rules_of(conn))
    for row in conn.execute(select(identity_separation).where(identity_separation.c.ended_offset.is_(None))):
        law.apart.add(separation_of(row.separation_id, row.one, row.other, row.log_offset, row.reason))
    still = identifier_block.c.status.in_(STILL)
    for row in conn.execute(select(identifier_block).where(still)):
        law.still[Id(row.type, row.value)] = row.status
    return law


def ever_apart(conn: Connection, now: Apart) -> tuple[Apart, list[tuple[int, str]]]:
    """Everything that is or was kept apart, and at which offset which of it ended."""
    ever, ended = now.copy(), []
    for row in conn.execute(select(identity_separation).where(identity_separation.c.ended_offset.is_not(None))):
        ever.add(separation_of(row.separation_id, row.one, row.other, row.log_offset, row.reason))
        ended.append((row.ended_offset, row.separation_id))
    return ever, ended


def separation_of(
    separation_id: str, one: Iterable[Iterable[str]], other: Iterable[Iterable[str]], log_offset: int, reason: str
) -> Separation:
    """A separation of what a row holds."""
    return Separation(
        separation_id, frozenset(Id(*i) for i in one), frozenset(Id(*i) for i in other), log_offset, reason == "split"
    )
