"""What changes while a customer does nothing? RFM scores, the lifecycle stage and the churn signal, judged every night.

The answer is events: one `identify` a customer, only where a value changed, with an id made of the customer and the
night. The profile, the segments and the warehouse take them like anything else a source says. Where a defined lifecycle
gives the stage, the night has no word in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id
from homing.core.time import SECOND, zone_of
from homing.profile.churn import churn_signal
from homing.profile.lifecycle import stage_of
from homing.profile.person import Person, from_row
from homing.profile.rfm import RfmScore, rfm_query
from homing.profile.stages.book import live_models
from homing.storage.schema import customer as table
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

STEPS = 4  # the churn trait moves in quarters, downwards: a finer one would be said anew every night
PAGE = 2_000  # customers read at a time


def nightly_events(
    warehouse: Warehouse, state: State, as_of_us: int, *, zone: str, currency: str
) -> Iterator[list[Event]]:
    """What the night found out, in lists of some thousand events.

    Args:
        warehouse: loaded up to the instant.
        state: the profiles.
        as_of_us: the night; nothing after it counts.
        zone: the workspace's, for customers without one.
        currency: what money is in.
    """
    with state.read() as conn:
        staged = any(model.main for model, _ in live_models(conn).values())  # the stream judges it to the instant
    scores = [RfmScore(*row) for row in warehouse.ask(rfm_query(as_of_us, currency))]
    by_customer = {s.customer_id: s for s in scores}
    after = ""
    while True:
        with state.read() as conn:
            people = _page(conn, after, zone_of(zone))
        if not people:
            return
        after = people[-1].customer_id
        found = (_event(p, by_customer.get(p.customer_id), as_of_us, staged=staged) for p in people)
        yield [event for event in found if event is not None]


def rfm_events(scores: Sequence[RfmScore], known: Mapping[str, Mapping[str, Any]], as_of_us: int) -> list[Event]:
    """The RFM scores that changed, as events.

    Args:
        scores: every customer's score.
        known: customer to the traits they have now.
        as_of_us: the instant of the scores.
    """
    found = []
    for score in scores:
        old = known.get(score.customer_id, {})
        new = {name: value for name, value in _rfm_traits(score).items() if old.get(name) != value}
        if new:
            found.append(_identify(score.customer_id, new, as_of_us))
    return found


def _event(person: Person, score: RfmScore | None, as_of_us: int, *, staged: bool) -> Event | None:
    new = _rfm_traits(score) if score is not None else {}
    signal = churn_signal(person.stats, _today(as_of_us, person.zone))
    if signal is not None:
        new["churn_risk"] = int(signal.risk * STEPS) / STEPS
    changed = {name: value for name, value in new.items() if person.value(name) != value}
    stage = stage_of(person.stats, as_of_us)
    if stage != person.stage and not staged:
        changed["lifecycle_stage"] = stage
    return _identify(person.customer_id, changed, as_of_us) if changed else None


def _rfm_traits(score: RfmScore) -> dict[str, Any]:
    return {
        "rfm_recency": score.r,
        "rfm_frequency": score.f,
        "rfm_monetary": score.m,
        "rfm_segment": score.segment,
    }


def _identify(customer_id: str, traits: dict[str, Any], as_of_us: int) -> Event:
    return Event(
        event_id=f"scores:{customer_id}:{as_of_us}",
        kind="identify",
        happened_us=as_of_us,
        source_id=OWN_SOURCE,
        ids=(Id(CUSTOMER, customer_id),),
        traits=traits,
        context={"computed": {"by": "rfm" if any(n.startswith("rfm_") for n in traits) else "profile"}},
    )


def _today(as_of_us: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(as_of_us // SECOND, zone).toordinal()


def _page(conn: Connection, after: str, zone: ZoneInfo) -> list[Person]:
    rows = conn.execute(
        select(table)
        .where(table.c.customer_id > after, table.c.merged_into.is_(None))
        .order_by(table.c.customer_id)
        .limit(PAGE)
    )
    return [from_row(row, zone) for row in rows]
