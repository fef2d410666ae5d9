"""Which customers are held as objects? Those met of late; the others give way a few at a time.

There are two generations. Whoever is met is in the younger one; when the older one is used up the younger takes its
place. Who leaves is taken from the older, the one opened first before the others, and has not been met since it became
the older one. So whoever is met again and again stays, and no flush has to pay for everybody.
"""

from __future__ import annotations

from typing import Generic, TypeVar

MOST = 10_000  # customers held as objects, after a flush
P = TypeVar("P")


class Opened(Generic[P]):
    """The customers that are held as objects.

    Args:
        most: so many stay; a batch that brings half as many again on top of them lets go of all.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.young: dict[str, P] = {}  # looked at before `find` where every call counts
        self._old: dict[str, P] = {}
        self._next: list[str] = []  # of the older generation, who leaves next comes last

    def __len__(self) -> int:
        return len(self.young) + len(self._old)

    def __getitem__(self, customer_id: str) -> P:
        return self.young[customer_id] if customer_id in self.young else self._old[customer_id]

    def find(self, customer_id: str) -> P | None:
        """The customer, met now; None when not held as an object."""
        found = self.young.get(customer_id)
        if found is None and (found := self._old.pop(customer_id, None)) is not None:
            self.young[customer_id] = found
        return found

    def put(self, customer_id: str, person: P) -> None:
        """Hold this object, whatever was held before."""
        self._old.pop(customer_id, None)
        self.young[customer_id] = person

    def drop(self, customer_id: str) -> None:
        """Hold nothing of a customer."""
        self.young.pop(customer_id, None)
        self._old.pop(customer_id, None)

    def leaving(self) -> list[tuple[str, P]]:
        """Who gives way now: as many as are too many, in the order in which they leave."""
        if 2 * len(self) > 3 * self._most:
            gone = [*self._old.items(), *self.young.items()]
            self.clear()
            return gone
        gone = []
        while len(self) > self._most:
            if not self._next:
                self._old |= self.young
                self.young = {}
                self._next = list(reversed(self._old))
            customer_id = self._next.pop()
            person = self._old.pop(customer_id, None)  # None: met since, so it is young
            if person is not None:
                gone.append((customer_id, person))
        return gone

    def everybody(self) -> dict[str, P]:
        """All of them."""
        return self._old | self.young

    def clear(self) -> None:
        """Hold nobody."""
        self.young, self._old, self._next = {}, {}, []
