"""What is one customer's row, and which traits follow from the sums?

Stored traits are {name: [value, happened_us, source_id, offset]}: said by somebody, the newest by time wins, null takes
away. Computed traits stand beside them with the source `computed`; their names are reserved, nobody can say them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from homing.core.errors import InvalidInput
from homing.core.ids import ID_TYPES
from homing.core.time import iso, zone_of
from homing.profile.stats import UNIT, Stats, stats_of, top

COMPUTED = "computed"
NAMES = ("name", "first_name", "last_name", "email", "phone")  # what `display` and `search` are made of
Said = list[Any]  # [value, happened_us, source_id, offset]


@dataclass(slots=True)
class Person:
    """One customer in memory."""

    customer_id: str
    created_us: int
    first_seen_us: int
    last_seen_us: int
    zone: ZoneInfo
    traits: dict[str, Said] = field(default_factory=dict)
    stats: Stats = field(default_factory=Stats)
    stage: str = "unaware"
    changed_offset: int = 0
    named: dict[str, str] = field(default_factory=dict)  # identifier type -> value, for `display` and `search`

    def value(self, name: str) -> Any:
        """What somebody said; None when nothing or taken back."""
        said = self.traits.get(name)
        return said[0] if said else None

    def said(self, name: str, value: Said) -> bool:
        """Take a trait unless a newer one stands; say whether its value changed."""
        old = self.traits.get(name)
        if old is not None and (old[1], old[3]) > (value[1], value[3]):
            return False
        self.traits[name] = value
        return bool((old[0] if old else None) != value[0])

    def trait(self, name: str, currency: str) -> Any:
        """A trait by name, computed or said."""
        rule = COMPUTED_TRAITS.get(name)
        return rule(self, currency) if rule else self.value(name)

    def name_by(self, kind: str, value: str) -> None:
        """Remember the first identifier of a type, strongest type first."""
        if kind not in self.named:
            self.named = dict(sorted({**self.named, kind: value}.items(), key=lambda x: ID_TYPES[x[0]].priority))

    def display(self) -> str:
        """What a list shows: the name, else the e-mail, else the strongest identifier."""
        full = " ".join(str(p) for p in (self.value("first_name"), self.value("last_name")) if p)
        named = self.value("name") or full or self.value("email") or self.named.get("email")
        return str(named or next(iter(self.named.values()), self.customer_id))

    def search(self) -> str:
        """What a list's search looks in."""
        parts = [str(v) for n in NAMES if (v := self.value(n))]
        return " ".join(dict.fromkeys([*parts, *self.named.values(), self.customer_id])).lower()

    def zone_or(self, default: ZoneInfo) -> ZoneInfo:
        """The zone the customer said, where it is one."""
        wanted = self.value("timezone")
        if not isinstance(wanted, str):
            return default
        try:
            return zone_of(wanted)
        except InvalidInput:
            return default


def money(stats: Stats, currency: str) -> float:
    """What the orders in one currency brought."""
    return stats.revenue.get(currency, 0) / UNIT


def _average(person: Person, currency: str) -> float | None:
    orders = person.stats.orders
    return round(money(person.stats, currency) / orders, 4) if orders else None


def _iso(us: int | None) -> str | None:
    return None if us is None else iso(us)


COMPUTED_TRAITS: dict[str, Callable[[Person, str], Any]] = {  # None: it cannot be computed
    "orders": lambda p, _: p.stats.orders,
    "revenue": lambda p, currency: money(p.stats, currency),
    "average_order": _average,
    "first_order_at": lambda p, _: _iso(p.stats.first_order_us),
    "last_order_at": lambda p, _: _iso(p.stats.last_order_us),
    "first_seen_at": lambda p, _: _iso(p.first_seen_us),
    "last_seen_at": lambda p, _: _iso(p.last_seen_us),
    "active_hour": lambda p, _: p.stats.active_hour(),
    "favourite_category": lambda p, _: p.stats.favourite,
    "favourite_channel": lambda p, _: top(p.stats.channels),
    "lifecycle_stage": lambda p, _: p.stage,
    "messages_sent": lambda p, _: p.stats.sent,
    "messages_opened": lambda p, _: p.stats.opened,
    "messages_clicked": lambda p, _: p.stats.clicked,
}


def to_row(person: Person, currency: str) -> dict[str, Any]:
    """The customer as the table keeps it."""
    traits = dict(person.traits)
    for name, rule in COMPUTED_TRAITS.items():
        found = rule(person, currency)
        if found is not None:
            traits[name] = [found, person.last_seen_us, COMPUTED, person.changed_offset]
    return {
        "customer_id": person.customer_id, "created_us": person.created_us, "first_seen_us": person.first_seen_us,
        "last_seen_us": person.last_seen_us, "merged_into": None, "display": person.display(),
        "search": person.search(), "stage": person.stage, "orders": person.stats.orders,
        "revenue": money(person.stats, currency), "last_order_us": person.stats.last_order_us, "traits": traits,
        "stats": person.stats.as_dict() | {"named": person.named}, "changed_offset": person.changed_offset,
    }  # fmt: skip


def from_row(row: Row[Any], default_zone: ZoneInfo) -> Person:
    """The customer a row holds."""
    traits = {name: said for name, said in row.traits.items() if said[2] != COMPUTED}
    sums = dict(row.stats)
    named = sums.pop("named")
    person = Person(row.customer_id, row.created_us, row.first_seen_us, row.last_seen_us, default_zone, traits,
                    stats_of(sums, row.orders, row.last_order_us), row.stage, row.changed_offset, named)  # fmt: skip
    person.zone = person.zone_or(default_zone)
    return person
