"""What would follow if these customers were merged, or this one taken apart? Tried in memory; nothing is written.

The stages that would do it do it, on the rows as they stand, with memories of their own: so what is shown is what will
happen, unless something else happens first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from homing.core.errors import InvalidInput, NotFound
from homing.core.event import Event, Id
from homing.core.query import Query
from homing.core.turn import Turn
from homing.identity import History, Resolver, hand
from homing.identity.graph import active, obstacle, seniority
from homing.identity.law import Law
from homing.identity.reconsider import Reading, looked_at
from homing.runtime import again
from homing.runtime.compose import stages_of
from homing.runtime.runtime import Runtime
from homing.runtime.stages import Stages
from homing.storage.schema import customer

_COUNT = """
SELECT customer_id, count(*) FROM event_fact WHERE customer_id IN (SELECT unnest($names)) GROUP BY customer_id
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One customer before or after; money in the workspace's currency."""

    customer_id: str
    display: str
    identifiers: tuple[tuple[Id, str], ...]  # each with its standing
    events: int
    orders: int
    revenue: float
    segments: tuple[str, ...]
    consent: tuple[tuple[str, str, str], ...]  # purpose, channel, granted | withdrawn


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Everyone concerned, before and after."""

    before: tuple[Side, ...]
    after: tuple[Side, ...]
    obstacle: str | None = None  # why it cannot be done: `immutable:TYPE`
    entered: tuple[tuple[str, str], ...] = field(default=())  # (customer, segment)
    left: tuple[tuple[str, str], ...] = field(default=())


def if_merged(runtime: Runtime, one: str, other: str) -> WhatIf:
    """What merging two customers would give.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: they are one customer already.
    """
    scene = _Scene(runtime)
    with runtime.workspace.state.read() as conn:
        pair = [scene.known(conn, c) for c in (one, other)]
    if pair[0] == pair[1]:
        raise InvalidInput("these two are one customer already", field="other")
    before = tuple(scene.side(c) for c in pair)
    held = {c: scene.identity.cache.held(c) for c in pair}
    links = [active(held[c]) or set(held[c]) for c in pair]
    why = obstacle(links[0], links[1], Law(scene.identity.law.rules), by_hand=True)
    if why is not None:
        return WhatIf(before, (), why)
    winner, loser = sorted(pair, key=lambda c: seniority(c, held[c]))
    for stage in scene.stages.learning():
        stage.merge(loser, winner, scene.turn)
    scene.identity.cache.move_all(loser, winner)
    after = replace(scene.side(winner), events=sum(side.events for side in before))
    return _compared(before, (after,))


def if_split(runtime: Runtime, customer_id: str, *, identifiers: Sequence[Id] = (), merge: str | None = None) -> WhatIf:
    """What taking a merge back, or identifiers out, would give.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: there is nothing to take apart: an unknown merge, no identifier of theirs, or all of them.
    """
    scene = _Scene(runtime)
    with runtime.workspace.state.read() as conn:
        whole = scene.known(conn, customer_id)
        event = hand.split_event("", whole, scene.turn.now_us, by="", merge=merge, identifiers=identifiers)
        return scene.parted(conn, event, whole)


def if_blocked(runtime: Runtime, i: Id, status: str) -> WhatIf:
    """What it would give if a value did not link; nothing changes where nobody holds it."""
    scene = _Scene(runtime)
    ident = scene.identity.cache.get(i)
    if ident is None:
        return WhatIf((), ())
    with runtime.workspace.state.read() as conn:
        return scene.parted(conn, hand.block_event("", i, status, scene.turn.now_us, by=""), ident.customer_id)


class _Scene:
    """The rows as they stand, with stages of our own over them."""

    def __init__(self, runtime: Runtime) -> None:
        w = runtime.workspace
        self._workspace = w
        offset = runtime.loader.catch_up()
        self.turn = Turn(max(runtime.stream.progress_us, w.log.watermark()), offset + 1)
        self.history = History(w.warehouse)
        self.identity = Resolver(w.state, capacity=0, history=self.history)
        self.stages: Stages = stages_of(w.state, w.warehouse, w.settings, hot=0)
        with w.state.read() as conn:
            if self.stages.lending is not None:
                self.stages.profile.set_lent(*self.stages.lending.load(conn))
            for stage in self.stages.learning():
                if hasattr(stage, "load"):
                    stage.load(conn)

    def known(self, conn: Connection, customer_id: str) -> str:
        """The customer that goes on."""
        found = self.identity.cache.winner(customer_id)
        if conn.execute(select(customer.c.customer_id).where(customer.c.customer_id == found)).scalar() is None:
            raise NotFound(f"there is no customer {customer_id[:64]!r}")
        return found

    def parted(self, conn: Connection, event: Event, whole: str) -> WhatIf:
        """Take customers apart as an event says."""
        before = (self.side(whole),)
        reading = Reading(self.identity, self.history, self._workspace.log.read, self.turn, conn)
        result = looked_at(reading, event)
        if result is None:
            raise InvalidInput("there is nothing to take apart: wanted a merge of this customer that still stands, or"
                               " some of their identifiers but not all", field="identifiers")  # fmt: skip
        past = self.turn.past = result.past()
        for stage in self.stages.learning():
            stage.recompute(past.customers, self.turn, conn)
        again.replay(self.stages, past, self.turn.now_us)
        for stage in self.stages.learning():
            again.settled(stage, past.customers, self.turn, conn)
        cache = result.trace.resolver.cache
        after = []
        for part in result.parts:
            held = tuple(
                (i, ident.status)
                for i, ident in sorted(
                    cache.held(part).items(), key=lambda one: self.identity.law.rules.priority(one[0])
                )
            )
            after.append(self.side(part, held, sum(1 for _ in past.of(part))))
        return _compared(before, tuple(after))

    def side(self, customer_id: str, held: tuple[tuple[Id, str], ...] | None = None, events: int | None = None) -> Side:
        """A customer as the stages know them now."""
        profile: Any = self.stages.profile
        segments: Any = self.stages.segments
        consent: Any = self.stages.consent
        if held is None:
            mine = self.identity.cache.held(customer_id)
            held = tuple((i, mine[i].status) for i in sorted(mine, key=self.identity.law.rules.priority))
        said = sorted((*key, word.status) for key, word in consent.words(customer_id).items())
        return Side(
            customer_id, profile.display_of(customer_id), held,
            self._events(customer_id) if events is None else events,
            int(profile.trait_of(customer_id, "orders") or 0), float(profile.trait_of(customer_id, "revenue") or 0.0),
            tuple(segments.segments_of(customer_id)), tuple(said),
        )  # fmt: skip

    def _events(self, customer_id: str) -> int:
        names = [customer_id]
        with self._workspace.state.read() as conn:
            from_others = select(customer.c.customer_id).where(customer.c.merged_into == customer_id)
            names += conn.execute(from_others).scalars().all()
        return sum(n for _, n in self._workspace.warehouse.ask(Query(_COUNT, {"names": names})))


def _compared(before: tuple[Side, ...], after: tuple[Side, ...]) -> WhatIf:
    """Who enters and leaves what: against everything they were in together."""
    were = {segment for side in before for segment in side.segments}
    entered = tuple((side.customer_id, s) for side in after for s in side.segments if s not in were)
    left = tuple((side.customer_id, s) for side in after for s in sorted(were - set(side.segments)))
    return WhatIf(before, after, None, entered, left)
