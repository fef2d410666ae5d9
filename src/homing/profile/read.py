"""What does a customer's page show of what is known? The row as the stream keeps it, never older than a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from homing.core.errors import NotFound
from homing.core.time import from_us, zone_of
from homing.profile.churn import ChurnSignal, churn_signal
from homing.profile.person import COMPUTED_TRAITS, from_row
from homing.profile.stats import Stats
from homing.storage.schema import customer as table


@dataclass(frozen=True, slots=True)
class TraitValue:
    """A trait with where it comes from."""

    name: str
    value: Any
    source: str
    as_of_us: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one customer."""

    customer_id: str
    name: str
    stage: str
    merged_into: str | None
    first_seen_us: int
    last_seen_us: int
    traits: tuple[TraitValue, ...]
    stats: Stats
    revenue: float
    churn: ChurnSignal | None
    values: dict[str, Any]  # trait name -> value


def profile_of(
    conn: Connection, customer_id: str, *, now_us: int, zone: str, closed: frozenset[str] = frozenset()
) -> Profile:
    """Everything about one customer; of what `closed` sources said, nothing, even before the stream has come to it.

    Raises:
        NotFound: there is no such customer.
    """
    row = conn.execute(select(table).where(table.c.customer_id == customer_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no customer {customer_id[:60]!r}")
    person = from_row(row, zone_of(zone))
    traits = [TraitValue(name, said[0], said[2], said[1]) for name, said in row.traits.items()
              if said[0] is not None and said[2] not in closed]  # fmt: skip
    today = from_us(now_us).astimezone(person.zone).toordinal()
    return Profile(
        customer_id=customer_id,
        name=row.display,
        stage=row.stage,
        merged_into=row.merged_into,
        first_seen_us=row.first_seen_us,
        last_seen_us=row.last_seen_us,
        traits=tuple(sorted(traits, key=lambda t: (t.name in COMPUTED_TRAITS, t.name))),
        stats=person.stats,
        revenue=float(row.revenue),
        churn=churn_signal(person.stats, today),
        values={t.name: t.value for t in traits},
    )
