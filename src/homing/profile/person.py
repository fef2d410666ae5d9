"""What is one customer's row, and which traits follow from the sums?

Stored traits are {name: [value, happened_us, source_id, offset]}: said by somebody, the newest by time wins, null takes
away. Computed traits stand beside them with the source `computed`; their names are reserved, nobody can say them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from homing.core.errors import InvalidInput
from homing.core.ids import ID_TYPES
from homing.core.time import iso, zone_of
from homing.profile.lifecycle import stage_of
from homing.profile.stats import UNIT, Stats, stats_of

COMPUTED = "computed"
ACTIVE = "active"  # a trait that is asked and never listed: whether the customer did anything yet
LENT = "lent"  # in the sums of a row: what each source under an agreement said
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
    lent: dict[str, Person] = field(default_factory=dict)  # what sources under an agreement said, each apart
    judged_us: int = 0  # when the stage was judged last; kept only beside something lent
    called: tuple[list[Any], dict[str, str], tuple[str, str]] | None = None  # what `display` and `search` rest on

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

    def layer(self, source_id: str) -> Person:
        """Where what this source says is kept, apart from all else; begun when there is none."""
        if source_id not in self.lent:
            self.lent[source_id] = replace(self, traits={}, stats=Stats(), named={}, lent={})
        return self.lent[source_id]

    def absorb(self, other: Person) -> None:
        """Be both: sums add up, the newer word of each trait stays."""
        self.created_us = min(self.created_us, other.created_us)
        self.first_seen_us = min(self.first_seen_us, other.first_seen_us)
        self.last_seen_us = max(self.last_seen_us, other.last_seen_us)
        for name, said in other.traits.items():
            self.said(name, said)
        for kind, value in other.named.items():
            self.name_by(kind, value)
        self.stats.add(other.stats)
        for source, layer in other.lent.items():
            self.layer(source).absorb(layer)

    def shown(self, closed: frozenset[str], zone: ZoneInfo, now_us: int) -> Person:
        """The customer as it may be read: with what was lent, but for the sources that are closed."""
        if not self.lent:
            return self
        out = replace(self, traits=dict(self.traits), stats=Stats(), named=dict(self.named), lent={})
        out.stats.add(self.stats)
        for source in sorted(self.lent.keys() - closed):
            out.absorb(self.lent[source])
        out.zone = out.zone_or(zone)
        out.stage = stage_of(out.stats, now_us)
        return out

    def trait(self, name: str, currency: str) -> Any:
        """A trait by name, computed or said."""
        rule = COMPUTED_TRAITS.get(name)
        if name == ACTIVE:
            return self.active
        return rule(self, currency) if rule else self.value(name)

    @property
    def active(self) -> bool:
        """Whether she did anything, or opened a message; being told about is not doing."""
        return self.stats.activities > 0 or self.stats.opened > 0

    def name_by(self, kind: str, value: str) -> None:
        """Remember the first identifier of a type, strongest type first."""
        if kind not in self.named:
            self.named = dict(sorted({**self.named, kind: value}.items(), key=lambda x: ID_TYPES[x[0]].priority))

    def display(self) -> str:
        """What a list shows: the name, else the e-mail, else the strongest identifier."""
        return self._texts()[0]

    def search(self) -> str:
        """What a list's search looks in."""
        return self._texts()[1]

    def _texts(self) -> tuple[str, str]:
        """`display` and `search`, made anew only when what they are made of has changed."""
        traits = self.traits
        said = [s[0] if (s := traits.get(name)) else None for name in NAMES]
        known = self.called
        if known is None or known[0] != said or known[1] is not self.named:
            known = self.called = (said, self.named, (self._displayed(), self._searched()))
        return known[2]

    def _displayed(self) -> str:
        full = " ".join(str(p) for p in (self.value("first_name"), self.value("last_name")) if p)
        named = self.value("name") or full or self.value("email") or self.named.get("email")
        return str(named or next(iter(self.named.values()), self.customer_id))

    def _searched(self) -> str:
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
    "active_hour": lambda p, _: p.stats.active_hour,
    "favourite_category": lambda p, _: p.stats.favourite,
    "favourite_channel": lambda p, _: p.stats.favourite_channel,
    "lifecycle_stage": lambda p, _: p.stage,
    "messages_sent": lambda p, _: p.stats.sent,
    "messages_opened": lambda p, _: p.stats.opened,
    "messages_clicked": lambda p, _: p.stats.clicked,
}


def to_row(person: Person, currency: str) -> dict[str, Any]:
    """The customer as the table keeps it."""
    stats, seen, at = person.stats, person.last_seen_us, person.changed_offset
    traits = person.traits | {
        name: [found, seen, COMPUTED, at]
        for name, rule in COMPUTED_TRAITS.items()
        if (found := rule(person, currency)) is not None
    }
    display, search = person._texts()
    return {
        "customer_id": person.customer_id, "created_us": person.created_us, "first_seen_us": person.first_seen_us,
        "last_seen_us": seen, "merged_into": None, "display": display, "search": search, "stage": person.stage,
        "orders": stats.orders, "revenue": money(stats, currency), "last_order_us": stats.last_order_us,
        "traits": traits, "stats": stats.as_dict() | {"named": person.named}, "changed_offset": at,
    }  # fmt: skip


def whole_row(person: Person, shown: Person, currency: str) -> dict[str, Any]:
    """The customer as the table keeps it, what was lent beside what is shown of it."""
    row = to_row(shown, currency)
    if person.lent:
        layers = {"": person, **person.lent}
        row["stats"] = row["stats"] | {LENT: {source: _layer(layer) for source, layer in layers.items()}}
    return row


def from_whole_row(row: Row[Any], default_zone: ZoneInfo) -> Person:
    """The customer a row holds, with what was lent apart."""
    person = from_row(row, default_zone)
    layers = row.stats.get(LENT)
    if not layers:
        return person
    read = {source: _read_layer(person, kept) for source, kept in layers.items()}
    own = read.pop("")
    own.lent = read
    own.zone = own.zone_or(default_zone)
    return own


def _layer(person: Person) -> dict[str, Any]:
    seen = [person.created_us, person.first_seen_us, person.last_seen_us]
    sums = person.stats.as_dict() | {"named": person.named}
    return {"judged_us": person.judged_us, "seen": seen, "traits": person.traits, "orders": person.stats.orders,
            "last_order_us": person.stats.last_order_us, "stats": sums}  # fmt: skip


def _read_layer(like: Person, kept: dict[str, Any]) -> Person:
    sums = dict(kept["stats"])
    named = sums.pop("named")
    created, first, last = kept["seen"]
    stats = stats_of(sums, kept["orders"], kept["last_order_us"])
    return replace(like, created_us=created, first_seen_us=first, last_seen_us=last, traits=dict(kept["traits"]),
                   stats=stats, named=named, lent={}, judged_us=kept["judged_us"])  # fmt: skip


def from_row(row: Row[Any], default_zone: ZoneInfo) -> Person:
    """The customer as a row shows it."""
    traits = {name: said for name, said in row.traits.items() if said[2] != COMPUTED}
    sums = {name: kept for name, kept in row.stats.items() if name != LENT}
    named = sums.pop("named")
    person = Person(row.customer_id, row.created_us, row.first_seen_us, row.last_seen_us, default_zone, traits,
                    stats_of(sums, row.orders, row.last_order_us), row.stage, row.changed_offset, named)  # fmt: skip
    person.zone = person.zone_or(default_zone)
    return person
