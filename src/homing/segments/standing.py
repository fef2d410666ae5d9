"""Who is among the first by a trait, and who else must be judged when one customer's value changes?

The number a customer is ranked by is remembered with the customer, so the order of everybody is there again after a
restart without asking the profiles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from homing.core.condition_values import number_of
from homing.core.turn import Turn
from homing.segments.person import Person, decode
from homing.segments.program import Bit
from homing.segments.ranks import Ranking
from homing.storage.schema import segment_state

if TYPE_CHECKING:
    from homing.segments.stream import SegmentStream

RANK = "top."  # begins the names of the memories a customer is ranked by


class Standings:
    """The orders of every `top` that runs or is asked.

    Args:
        stream: whose customers they are.
    """

    def __init__(self, stream: SegmentStream) -> None:
        self._stream = stream
        self._ranks: dict[bytes, Ranking] = {}
        self._late: set[str] | None = None  # displaced while customers are computed anew

    def stands(self, key: bytes, customer_id: str) -> bool:
        """Whether a customer is among the first; `key` is the fingerprint of the `top`."""
        ranking = self._ranks.get(key)
        return ranking is not None and ranking.stands(customer_id)

    def load(self, conn: Connection) -> None:
        """Put everybody in order, by the numbers they are remembered with."""
        if self._stream.program.tops:
            rows = conn.execute(select(segment_state.c.customer_id, segment_state.c.state))
            self._fill((customer, decode(body)) for customer, body in rows)

    def again(self, customers: Iterable[str]) -> None:
        """What is ranked is another thing now: ask the profile of everybody."""
        self._ranks = {}
        if self._stream.program.tops:
            people = {customer: Person() for customer in customers}
            for customer, person in people.items():
                self.note(customer, person)
            self._fill(people.items())

    def note(self, customer_id: str, person: Person) -> None:
        """Remember the numbers a customer is ranked by, as they are now."""
        for trait in sorted({top.trait for top in self._stream.program.tops.values()}):
            number = number_of(self._stream.trait_of(customer_id, trait))
            if number is None:
                person.memories.pop(RANK + trait, None)
            else:
                person.memories[RANK + trait] = [number]

    def move(self, customer_id: str, person: Person, turn: Turn, traits: Collection[str] | None = None) -> list[Bit]:
        """A customer stands where she stands now; judge whom that displaces, return what to judge of her.

        Args:
            customer_id: whose.
            person: what is remembered of her.
            turn: the instant.
            traits: those that changed; None: any may have.
        """
        program, found, passed = self._stream.program, list[Bit](), set[str]()
        if not program.tops:
            return found
        self.note(customer_id, person)
        for key, top in program.tops.items():
            if traits is None or top.trait in traits:
                memory = person.memories.get(RANK + top.trait)
                passed |= self._ranks[key].put(customer_id, memory[0] if memory else None)
                found += [program.top_bits[key]] if key in program.top_bits else []
        self._displace(passed, turn)
        return found

    def remove(self, customer_id: str, turn: Turn) -> None:
        """A customer is no more, or not for now: the others move up."""
        if self._ranks:
            passed = {other for ranking in self._ranks.values() for other in ranking.put(customer_id, None)}
            self._displace(passed, turn)

    def hold(self) -> None:
        """From here on gather whom changes displace, and judge nobody."""
        self._late = set()

    def release(self) -> set[str]:
        """No longer; return whom they displaced."""
        late, self._late = self._late or set(), None
        return late

    def judge(self, customer_id: str, turn: Turn) -> None:
        """Judge whether a customer is among the first now."""
        bits = self._stream.program.top_bits.values()
        person = self._stream.find(customer_id) if bits else None
        if person is not None:
            self._stream.judge(customer_id, person, bits, turn)

    def _displace(self, passed: Collection[str], turn: Turn) -> None:
        if self._late is not None:
            self._late.update(passed)
            return
        for other in sorted(passed):
            self.judge(other, turn)

    def _fill(self, people: Iterable[tuple[str, Person]]) -> None:
        tops = self._stream.program.tops
        found: dict[bytes, list[tuple[str, float]]] = {key: [] for key in tops}
        for customer, person in people:
            for key, top in tops.items():
                if memory := person.memories.get(RANK + top.trait):
                    found[key].append((customer, memory[0]))
        self._ranks = {key: Ranking(top) for key, top in tops.items()}
        for key, ranking in self._ranks.items():
            ranking.fill(found[key])
