"""A small world around the trait stage: a log, a clock with timers, merges, the real stores."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
from trait_arithmetic import ZONE, Hand

from homing.core.event import Event, Stored
from homing.core.turn import Turn
from homing.profile.traits import Trait, TraitStage
from homing.profile.traits.asof import Moment, as_of, at_instant
from homing.profile.traits.stream import encode
from homing.storage import definitions
from homing.storage.state import State
from homing.storage.timers import TimerQueue
from homing.storage.warehouse import BatchBuilder, Warehouse


class World:
    """Feeds the stage as the worker does; can ask the warehouse and plain arithmetic the same question."""

    def __init__(self, folder: Path, template: Path | None = None, *, capacity: int = 200_000) -> None:
        if template is not None:
            shutil.copytree(template, folder)
        self.state = State(folder / "state.db")
        self.warehouse = Warehouse(folder / "warehouse.duckdb", threads=1)
        self.timers = TimerQueue(self.state)
        self.stage = TraitStage(self.state, self.warehouse, zone=ZONE, capacity=capacity)
        with self.state.read() as conn:
            self.stage.load(conn)
        self.now = 0
        self.log: list[tuple[Stored, str | None]] = []
        self.loaded = 0
        self.merged: dict[str, tuple[str, int]] = {}  # loser -> winner, at which instant
        self.traits: dict[str, Trait] = {}
        self.woken: list[tuple[int, str]] = []

    def close(self) -> None:
        self.state.close()
        self.warehouse.close()

    # -- what the worker does ------------------------------------------------------------------------------------------
    def customer(self, name: str) -> str:
        while name in self.merged:
            name = self.merged[name][0]
        return name

    def event(self, customer: str, received_us: int, *, merge: str | None = None, happened_us: int | None = None,
              **parts: object) -> frozenset[str]:  # fmt: skip
        """One event through the stage; `merge` names a customer who turns out to be the same person."""
        self.advance(received_us)
        offset = len(self.log) + 1
        event = Event(event_id=f"e{offset}", happened_us=received_us if happened_us is None else happened_us,
                      **({"kind": "track", "source_id": "shop"} | parts))  # fmt: skip
        stored, turn = Stored(offset, received_us, event), Turn(received_us, offset)
        winner = self.customer(customer)
        if merge is not None and (loser := self.customer(merge)) != winner:
            self.merged[loser] = (winner, received_us)
            self.stage.merge(loser, winner, turn)
        self.log.append((stored, winner))
        changed = self.stage.apply(stored, winner, turn)
        self.timers.take(turn)
        return changed

    def advance(self, to_us: int) -> None:
        """Let time pass: due timers fire, each at its own instant."""
        while (timer := self.timers.pop_due(to_us)) is not None:
            assert timer.due_us >= self.now, "a timer in the past"
            self.now = timer.due_us
            turn = Turn(timer.due_us, len(self.log))
            self.stage.wake(timer, turn)
            self.woken.append((timer.due_us, timer.customer_id))
            self.timers.take(turn)
        self.now = max(self.now, to_us)

    def publish(self, document: dict, status: str = "live") -> None:
        """A trait comes into force, changes, or is taken back."""
        self.commit()
        self.load()
        offset = len(self.log) + 1
        said = Event(event_id=f"e{offset}", kind="track", name="Definition Published", happened_us=self.now,
                     source_id="homing")  # fmt: skip
        self.log.append((Stored(offset, self.now, said), None))
        turn, name = Turn(self.now, offset), document["id"]
        with self.state.write() as conn:
            definitions.save(conn, "trait", name, document, now_us=self.now, by="test")
            definition = definitions.set_status(conn, "trait", name, status, now_us=self.now)
            self.stage.publish(definition, turn, conn)
            self._written(turn, conn)
        self.traits.pop(name, None)
        if status == "live":
            self.traits[name] = Trait.model_validate(document)

    def watch(self, names: list[str]) -> None:
        """A segment is judged by these traits."""
        self.commit()
        turn = Turn(self.now, len(self.log))
        with self.state.write() as conn:
            self.stage.watch("test", names, turn, conn)
            self._written(turn, conn)

    def commit(self) -> None:
        with self.state.write() as conn:
            self._written(None, conn)

    def restart(self) -> None:
        """The process ends after a commit and begins again."""
        self.commit()
        self.stage.forget()
        self.timers.forget()
        with self.state.read() as conn:
            self.stage.load(conn)

    # -- the three answers ---------------------------------------------------------------------------------------------
    def everybody(self) -> list[str]:
        return sorted({self.customer(c) for _, c in self.log if c is not None})

    def by_stream(self) -> dict[str, dict[str, object]]:
        self.stage.now_us = self.now
        return {c: {name: self.stage.value_of(c, name) for name in self.traits} for c in self.everybody()}

    def by_warehouse(self) -> dict[str, dict[str, object]]:
        self.load()
        return at_instant(self.warehouse, list(self.traits.values()), sorted(self.traits), self.now, zone=ZONE)

    def as_of(self, pairs: list[tuple[str, int]], known: str = "received") -> list[dict[str, object]]:
        self.load()
        moments = [Moment(customer, at) for customer, at in pairs]
        rows = as_of(self.warehouse, list(self.traits.values()), sorted(self.traits), moments, zone=ZONE, known=known)
        return [row.values for row in rows]

    def by_hand(self, customer: str, at: int | None = None, known: str = "received") -> dict[str, object]:
        """What the definitions mean, as plainly as it can be written."""
        hand = Hand(self, customer, self.now if at is None else at, known)
        return {name: hand.shown(name) for name in self.traits}

    # -- inside --------------------------------------------------------------------------------------------------------
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

    def _written(self, turn: Turn | None, conn: object) -> None:
        if turn is not None:
            self.timers.take(turn)
        self.stage.flush(conn)
        self.timers.flush(conn)
        opened, packed = self.stage.held.opened.everybody(), self.stage.held.rows()
        assert {who: encode(person) for who, person in opened.items()} == {who: packed[who] for who in opened}
