"""What has already been seen? The values of a unique field, and the ids a reference may name.

Both are kept in memory, bounded, and outlive a change of the rules. The same event again is no second use of its value.
"""

from __future__ import annotations

from homing.core.event import Event

MAX_SEEN = 500_000  # values; the oldest are forgotten first
PRODUCT, ORDER = "Product Updated", "Order Completed"


class Seen:
    """The values a unique field has taken, and the event each belongs to."""

    def __init__(self) -> None:
        self._owner: dict[int, int] = {}

    def is_taken(self, scope: tuple[object, ...], value: object, event_id: str) -> bool:
        """Whether another event holds the value; else this one holds it from now on."""
        mine = hash(event_id)
        held = self._owner.setdefault(hash((scope, value)), mine)
        if len(self._owner) > MAX_SEEN:
            for old in list(self._owner)[: MAX_SEEN // 10]:
                self._owner.pop(old, None)
        return held != mine


class Known:
    """The products and orders there are; events that bring new ones are learned from."""

    def __init__(self, products: set[str] | None = None, orders: set[str] | None = None) -> None:
        self.sets: dict[str, set[str]] = {"products": products or set(), "orders": orders or set()}

    def has(self, kind: str, value: object) -> bool:
        """Whether the id is known."""
        return str(value) in self.sets[kind]

    def learn(self, event: Event) -> None:
        """Take the id an event brings."""
        for name, kind, field in ((PRODUCT, "products", "product_id"), (ORDER, "orders", "order_id")):
            if event.name == name and (found := event.properties.get(field)) is not None:
                self.sets[kind].add(str(found))
