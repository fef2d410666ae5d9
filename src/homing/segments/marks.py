"""How do tags and stages follow from conditions, and segments from tags, within one turn and exactly?

A mark is a condition that stands beside the segments' under a name with a colon: `OWNER#part`. Whoever owns marks is
told which of them hold before any segment is looked at; the traits that change by that may turn further predicates, and
so further marks. So a segment of those who bought and have no tag for it is not entered between the one and the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

from homing.core.turn import Turn
from homing.segments.leaves import NEVER

if TYPE_CHECKING:
    from homing.segments.person import Person
    from homing.segments.stream import SegmentStream

COLON = ":"  # in the name of every mark; no segment's id has one


class Owners(Protocol):
    """Whoever is told of marks."""

    def marked(self, owner: str, customer_id: str, holds: Container[str], turn: Turn) -> Collection[str]:
        """Some of an owner's marks were judged anew; return the traits that changed."""

    def let_go(self, conn: Connection) -> None:
        """Write what was gathered: many customers are judged at once."""


def owners_of(names: Collection[str], askers: str) -> dict[str, str]:
    """Each mark among these names, and its owner; what only asks begins with `askers` and is none."""
    return {name: name.partition("#")[0] for name in names if COLON in name and not name.startswith(askers)}


class _Holding(Container[str]):
    """The marks that hold for a customer now."""

    def __init__(self, rules: Mapping[str, Callable[[int], bool]], mask: int) -> None:
        self._rules = rules
        self._mask = mask

    def __contains__(self, name: object) -> bool:
        rule = self._rules.get(str(name))
        return rule is not None and rule(self._mask)


def settle(stream: SegmentStream, customer_id: str, person: Person, touched: set[str], turn: Turn) -> int:
    """Tell the owners of the marks among `touched`, follow what that changes, and leave only segments in `touched`.

    Returns:
        Until when all that was judged for it is sure.
    """
    program, marks, owners = stream.program, stream.marks, stream.owners
    due = NEVER
    if owners is None:
        return due
    for _ in range(len(marks) + 1):  # no mark rests on itself, so there are not more rounds than marks
        found = touched & marks.keys()
        if not found:
            return due
        touched -= found
        changed: set[str] = set()
        holding = _Holding(program.rules, person.mask)
        for owner in sorted({marks[name] for name in found}):
            changed.update(owners.marked(owner, customer_id, holding, turn))
        bits = [bit for name in sorted(changed) for bit in program.by_trait.get(name, ())]
        if changed and program.tops:
            bits += stream.standings.move(customer_id, person, turn, changed)
        for bit in bits:
            holds, sure = bit.evaluate(customer_id, person.memories, turn.now_us)
            if sure != NEVER:
                person.until[bit.place] = sure
                due = min(due, sure)
            if holds != (person.mask & bit.flag != 0):
                person.mask ^= bit.flag
                touched.update(bit.segments)
    touched -= marks.keys()
    return due
