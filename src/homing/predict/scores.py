"""How do scores become what everybody can use? As a trait, said by events of our own, only where it changed.

So a segment of them is live like any other, a journey can branch on them, and a replay of the log gives them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id
from homing.storage.schema import customer as table
from homing.storage.state import State

_PREFIX = {"lookalike": "lookalike", "clustering": "cluster", "classification": "score"}
PAGE = 2_000  # customers read at a time


def trait_of(kind: str, name: str) -> str:
    """The trait that a model's scores are.

    Example:
        >>> trait_of("clustering", "kinds")
        'cluster.kinds'
    """
    return f"{_PREFIX[kind]}.{name}"


def score_events(
    values: Mapping[str, Any], state: State, trait: str, as_of_us: int, *, version: int
) -> Iterator[list[Event]]:
    """What has changed, in lists of some thousand events.

    Args:
        values: customer to score; who is not in it and has one loses it.
        state: the profiles.
        trait: its name.
        as_of_us: the instant of the scores.
        version: of the model; with the instant it makes the events' ids, so that a repeat adds nothing.
    """
    after = ""
    while True:
        statement = (
            select(table.c.customer_id, table.c.traits)
            .where(table.c.customer_id > after, table.c.merged_into.is_(None))
            .order_by(table.c.customer_id)
            .limit(PAGE)
        )
        with state.read() as conn:
            rows = conn.execute(statement).all()
        if not rows:
            return
        after = rows[-1].customer_id
        told = ((row.customer_id, values.get(row.customer_id), row.traits.get(trait)) for row in rows)
        yield [_said(who, trait, new, as_of_us, version) for who, new, old in told if new != (old[0] if old else None)]


def _said(customer_id: str, trait: str, value: Any, as_of_us: int, version: int) -> Event:
    return Event(
        event_id=f"model:{trait}:{version}:{as_of_us}:{customer_id}", kind="identify", happened_us=as_of_us,
        source_id=OWN_SOURCE, ids=(Id(CUSTOMER, customer_id),), traits={trait: value},
        context={"computed": {"by": "model", "trait": trait, "version": version}},
    )  # fmt: skip
