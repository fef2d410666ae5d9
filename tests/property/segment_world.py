"""A small world around the segment stage: a log, a clock with timers, profiles, merges, and the real stores."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa

from homing.core.condition import Condition, dump
from homing.core.condition_values import ORDERS, matcher, units_of
from homing.core.event import Event, Stored
from homing.core.turn import MembershipChange, Turn
from homing.segments import SegmentStream, ask_members, members_of, written_out
from homing.segments.share import in_share, share_limit
from homing.storage import definitions
from homing.storage.state import State
from homing.storage.timers import TimerQueue
from homing.storage.warehouse import BatchBuilder, Warehouse

SECOND = 1_000_000


class World:
    """Feeds the stage as the worker does, and can ask the warehouse and an oracle the same question."""

    def __init__(self, folder: Path, template: Path | None = None, *, capacity: int = 200_000) -> None:
        if template is not None:
            shutil.copytree(template, folder)
        self.state = State(folder / "state.db")
        self.warehouse = Warehouse(folder / "warehouse.duckdb", threads=1)
        self.timers = TimerQueue(self.state)
        self.stream = SegmentStream(self.state, self.warehouse, self.trait_of, capacity=capacity)
        with self.state.read() as conn:
            self.stream.load(conn)
        self.now = 0
        self.log: list[tuple[Stored, str | None]] = []
        self.loaded = 0
        self.merged: dict[str, str] = {}
        self.traits: dict[str, dict[str, tuple[int, int, object]]] = {}
        self.trees: dict[str, Condition] = {}
        self.changes: list[MembershipChange] = []
        self.emitted: list[Event] = []

    def close(self) -> None:
        self.state.close()
        self.warehouse.close()

    # -- what the worker does ------------------------------------------------------------------------------------------
    def customer(self, name: str) -> str:
        while name in self.merged:
            name = self.merged[name]
        return name

    def trait_of(self, customer: str, name: str) -> object:
        found = self.traits.get(customer, {}).get(name)
        return found[2] if found else None

    def event(self, customer: str, received_us: int, *, name: str = "", kind: str = "track",
              happened_us: int | None = None, properties: dict[str, object] | None = None,
              traits: dict[str, object] | None = None, merge: str | None = None) -> None:  # fmt: skip
        """One event through the stage; `merge` names a customer who turns out to be the same person."""
        self.advance(received_us)
        offset = len(self.log) + 1
        event = Event(event_id=f"e{offset}", kind=kind, name=name, source_id="test",
                      happened_us=received_us if happened_us is None else happened_us,
                      properties=properties or {}, traits=traits or {})  # fmt: skip
        stored, turn = Stored(offset, received_us, event), Turn(received_us, offset)
        winner = self.customer(customer)
        if merge is not None and (loser := self.customer(merge)) != winner and self.known(loser):
            self._merge(loser, winner, turn)
        self.log.append((stored, winner))
        changed = self._note_traits(winner, stored) if kind == "identify" else frozenset()
        self._took(self.stream.apply(stored, winner, changed, turn), turn)

    def advance(self, to_us: int) -> None:
        """Let time pass: due timers fire, each at its own instant."""
        while (timer := self.timers.pop_due(to_us)) is not None:
            assert timer.due_us >= self.now, "a timer in the past"
            self.now = timer.due_us
            turn = Turn(timer.due_us, len(self.log))
            self._took(self.stream.wake(timer, turn), turn)
        self.now = max(self.now, to_us)

    def publish(self, segment: str, tree: Condition, status: str = "live") -> None:
        """A segment comes into force, changes, or is taken back."""
        self.commit()
        self.load()
        document = {"kind": "segment", "id": segment, "name": {"en": segment}, "condition": dump(tree)}
        offset = len(self.log) + 1
        said = Event(
            event_id=f"e{offset}", kind="track", name="Definition Published", happened_us=self.now, source_id="homing"
        )
        self.log.append((Stored(offset, self.now, said), None))
        turn = Turn(self.now, offset)
        with self.state.write() as conn:
            definitions.save(conn, "segment", segment, document, now_us=self.now, by="test")
            definition = definitions.set_status(conn, "segment", segment, status, now_us=self.now)
            changes = self.stream.publish(definition, turn, conn)
            self._took(changes, turn)
            self.stream.flush(conn)
            self.timers.flush(conn)
            if status == "live":
                self.trees[segment] = tree
            else:
                self.trees.pop(segment, None)

    def commit(self) -> None:
        with self.state.write() as conn:
            self.stream.flush(conn)
            self.timers.flush(conn)

    def restart(self) -> None:
        """The process ends after a commit and begins again."""
        self.commit()
        self.stream.forget()
        self.timers.forget()
        with self.state.read() as conn:
            self.stream.load(conn)

    # -- the three answers ---------------------------------------------------------------------------------------------
    def by_stream(self, segment: str) -> set[str]:
        self.commit()
        with self.state.read() as conn:
            return {m.customer_id for m in members_of(conn, segment, limit=10_000)}

    def by_warehouse(self, segment: str, at_us: int | None = None) -> set[str]:
        self.load()
        with self.state.read() as conn:
            tree = written_out(conn, self.trees[segment], segment=segment)
        return set(ask_members(self.warehouse, tree, self.now if at_us is None else at_us))

    def by_oracle(self, segment: str) -> set[str]:
        return {c for c in self.everybody() if self.holds(self.trees[segment], c)}

    def by_changes(self, segment: str) -> set[str]:
        """Who is in when entries and exits are replayed in order, a merge taking memberships along."""
        inside: set[str] = set()
        for change in self.changes:
            if change.segment_id == segment:
                (inside.add if change.entered else inside.discard)(self.customer(change.customer_id))
        return inside

    def everybody(self) -> set[str]:
        return {self.customer(c) for _, c in self.log if c is not None}

    def known(self, customer: str) -> bool:
        return customer in self.everybody()

    def holds(self, tree: Condition, customer: str) -> bool:
        """The meaning of a tree, as plainly as it can be written."""
        match tree.type:
            case "all":
                return all(self.holds(t, customer) for t in tree.of)
            case "any":
                return any(self.holds(t, customer) for t in tree.of)
            case "not":
                return not self.holds(tree.of, customer)
            case "in_segment":
                return self.holds(self.trees[tree.segment], customer)
            case "share":
                return in_share(tree.salt, customer, share_limit(tree.percent))
            case "trait":
                return matcher(tree.op, tree.value)(self._said(customer, tree.name))
        events = self._matching(tree, customer)
        if tree.type == "absent":
            return not events
        if tree.measure == "count":
            return ORDERS[tree.op](len(events), tree.value)
        values = [e.event.properties.get(tree.property) for e in events]
        if tree.measure == "sum":
            return ORDERS[tree.op](sum(units_of(v) or 0 for v in values), units_of(tree.value))
        return bool(values) and matcher(tree.op, tree.value)(values[-1 if tree.measure == "last" else 0])

    # -- inside --------------------------------------------------------------------------------------------------------
    def _of(self, customer: str) -> list[Stored]:
        mine = [stored for stored, c in self.log if c is not None and self.customer(c) == customer]
        return sorted(mine, key=lambda s: (s.event.happened_us, s.offset))

    def _said(self, customer: str, name: str) -> object:
        said = [
            s.event.traits[name] for s in self._of(customer) if s.event.kind == "identify" and name in s.event.traits
        ]
        return said[-1] if said else None

    def _matching(self, tree, customer: str) -> list[Stored]:
        found = []
        for stored in self._of(customer):
            e = stored.event
            inside = tree.window_us is None or e.happened_us > self.now - tree.window_us
            passes = all(matcher(w.op, w.value)(e.properties.get(w.property)) for w in tree.where)
            if e.name == tree.event and inside and passes:
                found.append(stored)
        return found

    def load(self) -> None:
        """Bring the warehouse to the end of the log."""
        builder = BatchBuilder()
        for stored, customer in self.log[self.loaded :]:
            builder.add(stored, customer)
        if len(builder):
            self.warehouse.load(builder.build())
        self.loaded = len(self.log)
        if self.merged:
            rows = [(loser, self.customer(loser)) for loser in self.merged]
            table = pa.table({"loser": [r[0] for r in rows], "winner": [r[1] for r in rows]})
            self.warehouse.replace("customer_alias", "loser", table, {})

    def _merge(self, loser: str, winner: str, turn: Turn) -> None:
        self.merged[loser] = winner
        mine = self.traits.setdefault(winner, {})
        for name, said in self.traits.pop(loser, {}).items():
            if name not in mine or said[:2] > mine[name][:2]:
                mine[name] = said
        self.stream.merge(loser, winner, turn)

    def _note_traits(self, customer: str, stored: Stored) -> frozenset[str]:
        mine, changed = self.traits.setdefault(customer, {}), set()
        for name, value in stored.event.traits.items():
            said = (stored.event.happened_us, stored.offset, value)
            if name not in mine or said[:2] > mine[name][:2]:
                mine[name] = said
                changed.add(name)
        return frozenset(changed)

    def _took(self, changes: list[MembershipChange], turn: Turn) -> None:
        self.timers.take(turn)
        self.changes += changes
        self.emitted += turn.events
