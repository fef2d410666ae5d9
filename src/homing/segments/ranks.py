"""Who stands among the first n by a value, kept exact while values change one at a time?

Customers are kept in order: by value, equal values by id. Where the last who is in stands is remembered; a change moves
it by one place or two, and who is passed over on the way is who is displaced. A change costs the logarithm of the
number of customers, not the number.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

from homing.core.condition import Top

Place = tuple[float, str]  # the value, negated where the highest come first; the customer
BLOCK = 1_000


class Ranking:
    """The order of one `top`: who is in, and who is displaced when somebody's value changes.

    Args:
        top: how many, and from which end.
    """

    def __init__(self, top: Top) -> None:
        self._top = top
        self._sign = -1.0 if top.order == "highest" else 1.0
        self._values: dict[str, float] = {}
        self._order = _Order()
        self._last: Place | None = None  # the last who is in; None: nobody is
        self._inside = 0

    def fill(self, values: Iterable[tuple[str, float]]) -> None:
        """Begin with these customers; what was known before is forgotten."""
        self._values = dict(values)
        places = sorted((self._sign * value, customer) for customer, value in self._values.items())
        self._order = _Order(places)
        self._inside = min(self._top.places(len(places)), len(places))
        self._last = places[self._inside - 1] if self._inside else None

    def stands(self, customer: str) -> bool:
        """Whether the customer is in."""
        value = self._values.get(customer)
        return value is not None and self._last is not None and (self._sign * value, customer) <= self._last

    def put(self, customer: str, value: float | None) -> set[str]:
        """A customer's value is now this, or none; return whoever else may have come in or gone out."""
        old = self._values.get(customer)
        if old == value:
            return set()
        passed: set[str] = set()
        if old is not None:
            self._take((self._sign * old, customer))
        if value is None:
            self._values.pop(customer, None)
        else:
            self._values[customer] = value
            place = (self._sign * value, customer)
            self._order.add(place)
            if self._last is not None and place < self._last:
                self._inside += 1
        wanted = min(self._top.places(len(self._values)), len(self._values))
        while self._inside > wanted and self._last is not None:
            passed.add(self._last[1])
            self._last = self._order.before(self._last)
            self._inside -= 1
        while self._inside < wanted:
            self._last = self._order.after(self._last)
            passed.add(self._last[1])
            self._inside += 1
        passed.discard(customer)
        return passed

    def _take(self, place: Place) -> None:
        if self._last is not None and place <= self._last:
            self._inside -= 1
            if place == self._last:
                self._last = self._order.before(place)
        self._order.remove(place)


class _Order:
    """Places in order, in blocks, so that one comes or goes without moving all."""

    def __init__(self, places: list[Place] | None = None) -> None:
        whole = places or []
        self._blocks = [whole[at : at + BLOCK] for at in range(0, len(whole), BLOCK)] or [[]]
        self._ends = [block[-1] for block in self._blocks] if whole else []

    def add(self, place: Place) -> None:
        n = min(bisect_left(self._ends, place), len(self._blocks) - 1)
        block = self._blocks[n]
        insort(block, place)
        self._ends[n : n + 1] = [block[-1]]
        if len(block) > 2 * BLOCK:
            half = len(block) // 2
            self._blocks[n : n + 1] = [block[:half], block[half:]]
            self._ends[n : n + 1] = [block[half - 1], block[-1]]

    def remove(self, place: Place) -> None:
        n = bisect_left(self._ends, place)
        block = self._blocks[n]
        del block[bisect_left(block, place)]
        if block:
            self._ends[n] = block[-1]
        elif len(self._blocks) > 1:
            del self._blocks[n], self._ends[n]
        else:
            self._ends.clear()

    def before(self, place: Place) -> Place | None:
        """The one before; None: it is the first."""
        n = bisect_left(self._ends, place)
        at = bisect_left(self._blocks[n], place)
        if at:
            return self._blocks[n][at - 1]
        return self._blocks[n - 1][-1] if n else None

    def after(self, place: Place | None) -> Place:
        """The one behind a place, the first of all behind none; there must be one."""
        if place is None:
            return self._blocks[0][0]
        n = bisect_left(self._ends, place)
        at = bisect_left(self._blocks[n], place) + 1
        return self._blocks[n][at] if at < len(self._blocks[n]) else self._blocks[n + 1][0]
