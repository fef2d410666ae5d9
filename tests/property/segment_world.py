"""A small world around the segment stage: a log, a clock with timers, profiles, merges, and the real stores."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from homing.core.condition import Condition, dump
from homing.core.condition_values import ORDERS, matcher, number_of, units_of
from homing.core.event import Event, Stored
from homing.core.turn import MembershipChange, Turn
from homing.segments import SegmentStream, ask_members, members_of, written_out
from homing.segments.person import encode
from homing.segments.share import in_share, share_limit
from homing.storage import definitions
from homing.storage.state import State
from homing.storage.timers import TimerQueue
from homing.storage.warehouse import BatchBuilder, Warehouse

SECOND = 1_000_000
ZONE = "Europe/Oslo"  # of the workspace
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Auckland")


def near(circle, lat: object, lng: object) -> bool:
    """Whether a point is in a circle, by the textbook."""
    y, x = number_of(lat), number_of(lng)
    if y is None or x is None or not (-90 <= y <= 90 and -180 <= x <= 180):
        return False
    up, across = radians(y - circle.lat) / 2, radians(x - circle.lng) / 2
    a = sin(up) ** 2 + cos(radians(y)) * cos(radians(circle.lat)) * sin(across) ** 2
    return 2 * 6371.0088 * asin(sqrt(min(1, a))) <= circle.km


class World:
    """Feeds the stage as the worker does, and can ask the warehouse and an oracle the same question."""

    def __init__(self, folder: Path, template: Path | None = None, *, capacity: int = 200_000) -> None:
        if template is not None:
            shutil.copytree(template, folder)
        self.state = State(folder / "state.db")
        self.warehouse = Warehouse(folder / "warehouse.duckdb", threads=1)
        self.timers = TimerQueue(self.state)
        self.stream = SegmentStream(self.state, self.warehouse, self.trait_of, zone=ZONE, capacity=capacity)
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

    def tag(self, customer: str, at_us: int, value: object) -> None:
        """The tag `x` of a customer changes, as the stage of tags says it: no event, and it stands in `customers`."""
        self.advance(at_us)
        name = self.customer(customer)
        if self.known(name):
            self.traits.setdefault(name, {})["tag.x"] = (at_us, len(self.log), value)
            turn = Turn(at_us, len(self.log))
            self._took(self.stream.touch(name, {"tag.x"}, turn), turn)

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
        opened, packed = self.stream.held.opened.everybody(), self.stream.held.rows()
        assert {who: encode(person) for who, person in opened.items()} == {who: packed[who] for who in opened}

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
        return self.loaded_says(segment, at_us)

    def loaded_says(self, segment: str, at_us: int | None = None) -> set[str]:
        """The warehouse's answer as it was loaded last: several segments are asked of one load."""
        with self.state.read() as conn:
            tree = written_out(conn, self.trees[segment], segment=segment)
        return set(ask_members(self.warehouse, tree, self.now if at_us is None else at_us, zone=ZONE))

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

    def holds(self, tree: Condition, customer: str) -> bool:  # noqa: C901 - one case a kind of condition
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
            case "tag":
                return matcher(tree.op, tree.value)(self._said(customer, f"tag.{tree.tag}"))
            case "place":
                return matcher("in", tree.places)(self._said(customer, tree.level))
            case "near":
                return near(tree, self._said(customer, tree.lat_trait), self._said(customer, tree.lng_trait))
            case "top":
                return customer in self._first(tree)
            case "sequence":
                return self._chain(tree, customer)
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
        if name == "tag.x":
            return self.trait_of(customer, name)
        said = [
            s.event.traits[name] for s in self._of(customer) if s.event.kind == "identify" and name in s.event.traits
        ]
        return said[-1] if said else None

    def _matching(self, tree, customer: str) -> list[Stored]:
        found = []
        for stored in self._of(customer):
            if self._inside(tree, stored, customer) and self._fits(tree, stored, customer):
                found.append(stored)
        return found

    def _local(self, at_us: int, customer: str) -> datetime:
        """The customer's wall clock, by the zone that is said of her now."""
        said = self._said(customer, "timezone")
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).astimezone(
            ZoneInfo(said if said in ZONES else ZONE)
        )

    def _inside(self, tree, stored: Stored, customer: str) -> bool:
        at = stored.event.happened_us
        if tree.during is None:
            return tree.window_us is None or at > self.now - tree.window_us
        day, today = self._local(at, customer).date(), self._local(self.now, customer).date()
        ago, monday = (today - day).days, today - timedelta(days=today.weekday())
        months = (today.year - day.year) * 12 + today.month - day.month
        match tree.during:
            case "today":
                return ago == 0
            case "yesterday":
                return ago == 1
            case "this_week":
                return day >= monday
            case "last_week":
                return monday - timedelta(days=7) <= day < monday
            case "this_month":
                return months == 0
            case "last_month":
                return months == 1
        return ago < int(tree.during.split("_")[1])

    def _fits(self, step, stored: Stored, customer: str) -> bool:
        """Whether an event is one that a leaf or a step is about, its window left aside."""
        e, p = stored.event, stored.event.properties
        if e.name != step.event or not all(matcher(w.op, w.value)(p.get(w.property)) for w in step.where):
            return False
        if step.near is not None and not near(step.near, p.get(step.near.lat_property), p.get(step.near.lng_property)):
            return False
        if step.clock is None:
            return True
        local = self._local(e.happened_us, customer)
        if step.clock.weekdays and local.strftime("%a").lower() not in step.clock.weekdays:
            return False
        if step.clock.start is None:
            return True
        shown, start, end = local.strftime("%H:%M"), step.clock.start, step.clock.end
        return start <= shown < end if start < end else shown >= start or shown < end

    def _chain(self, tree, customer: str) -> bool:
        """Every way to choose one event for each step, tried one after the other."""
        events = [stored for stored in self._of(customer) if self._inside(tree, stored, customer)]

        def follows(n: int, begun: int, before: int) -> bool:
            if n == len(tree.steps):
                return tree.span_us is None or events[before].event.happened_us - begun <= tree.span_us
            step = tree.steps[n]
            return any(
                self._fits(step, events[i], customer)
                and (
                    step.gap_us is None or events[i].event.happened_us - events[before].event.happened_us <= step.gap_us
                )
                and follows(n + 1, begun, i)
                for i in range(before + 1, len(events))
            )

        return any(
            self._fits(tree.steps[0], events[i], customer) and follows(1, events[i].event.happened_us, i)
            for i in range(len(events))
        )

    def _first(self, tree) -> set[str]:
        """Who is among the first: everybody sorted anew."""
        numbers = {c: number_of(self._said(c, tree.trait)) for c in self.everybody()}
        sign = -1 if tree.order == "highest" else 1
        order = sorted((c for c, n in numbers.items() if n is not None), key=lambda c: (sign * numbers[c], c))
        if tree.n is not None:
            return set(order[: tree.n])
        return {c for place, c in enumerate(order) if place * 10_000 < len(order) * round(tree.percent * 100)}

    def load(self) -> None:
        """Bring the warehouse to the end of the log."""
        builder = BatchBuilder()
        for stored, customer in self.log[self.loaded :]:
            builder.add(stored, customer)
        if len(builder):
            self.warehouse.load(builder.build())
        self.loaded = len(self.log)
        said = [(c, {"tag.x": self.trait_of(c, "tag.x")}, None) for c in self.traits]
        said += [(loser, {}, self.customer(loser)) for loser in self.merged]
        rows = [
            {"customer_id": c, "first_seen_us": 0, "traits": json.dumps(traits), "merged_into": winner}
            for c, traits, winner in said
        ]
        if rows:
            self.warehouse.replace("customer_dim", "customer_id", pa.Table.from_pylist(rows), {})
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
