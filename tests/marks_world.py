"""A running workspace with a virtual clock in which definitions are published and people do things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from homing.core.event import Event, Id, own_event
from homing.core.query import Query
from homing.core.settings import Settings
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.storage import definitions
from homing.storage.schema import customer, customer_stage, customer_tag, segment_member

START = 1_514_764_800_000_000
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
BOUGHT = {"type": "did", "event": "Order Completed", "op": "gte", "value": 1}


def tag(name: str, **more: Any) -> dict[str, Any]:
    """A tag's document; by a rule unless said otherwise."""
    return {"kind": "tag", "id": name, "name": {"en": name, "zh": name}, "how": "rule"} | more


def segment(name: str, condition: dict[str, Any]) -> dict[str, Any]:
    """A segment's document."""
    return {"kind": "segment", "id": name, "name": {"en": name, "zh": name}, "condition": condition}


class Shop:
    """What happens in the workspace, and what it says then."""

    def __init__(self, runtime: Runtime, clock: VirtualClock) -> None:
        self.runtime, self.clock, self.n = runtime, clock, 0

    def publish(self, *documents: dict[str, Any], status: str = "live") -> None:
        for document in documents:
            with self.runtime.workspace.state.write() as conn:
                kind, name = document["kind"], document["id"]
                definitions.save(conn, kind, name, document, now_us=self.clock(), by="test")
            self.runtime.publish(document["kind"], document["id"], status)
        self.settle()

    def did(self, who: str, name: str = "Order Completed", *, at: int | None = None, ids: Any = None,
            kind: str = "track", traits: dict[str, Any] | None = None, **properties: Any) -> None:  # fmt: skip
        self.n += 1
        found = tuple(Id(k, v) for k, v in (ids or {"user_id": who}).items())
        event = Event(event_id=f"e{self.n}", kind=kind, name=name if kind == "track" else "", source_id="shop",
                      happened_us=self.clock() if at is None else at, ids=found, properties=properties,
                      traits=traits or {})  # fmt: skip
        self.runtime.workspace.log.append([event])

    def hand(self, who: str, name: str, tag_id: str, **said: Any) -> None:
        """A person gives or takes a tag."""
        self.n += 1
        told = {"tag": tag_id, "by": "user:olive", **said}
        event = own_event(f"hand{self.n}", name, self.id_of(who), self.clock(), told)
        self.runtime.workspace.log.append([event])
        self.settle()

    def to(self, us: int) -> None:
        """Time passes."""
        self.settle()
        self.clock.advance_to(us)
        self.settle()

    def settle(self) -> None:
        self.runtime.settle(60)

    def id_of(self, who: str) -> str:
        self.settle()
        with self.runtime.workspace.state.read() as conn:
            found = select(customer.c.customer_id).where(customer.c.search.contains(who))
            rows = conn.execute(found.where(customer.c.merged_into.is_(None))).scalars()
            return str(rows.one())

    def tags(self, who: str) -> dict[str, Any]:
        """The tags a customer has now, with their values."""
        with self.runtime.workspace.state.read() as conn:
            mine = customer_tag.c.customer_id == self.id_of(who)
            rows = conn.execute(select(customer_tag).where(mine, customer_tag.c.lapsed.is_(False)))
            return {row.tag_id: row.value for row in rows}

    def stage(self, who: str, model: str) -> str | None:
        with self.runtime.workspace.state.read() as conn:
            row = customer_stage.c
            mine = (row.customer_id == self.id_of(who), row.model_id == model)
            return conn.execute(select(row.stage).where(*mine)).scalar()

    def segments(self, who: str) -> set[str]:
        with self.runtime.workspace.state.read() as conn:
            mine = segment_member.c.customer_id == self.id_of(who)
            return set(conn.execute(select(segment_member.c.segment_id).where(mine)).scalars())

    def said(self, *names: str) -> list[tuple[int, str, dict[str, Any]]]:
        """(seconds since the start, name, properties) of own events of these names."""
        self.settle()
        asked = Query(
            "SELECT happened_us, name, CAST(properties AS JSON)::VARCHAR FROM events WHERE source_id = 'homing'"
            " AND list_contains($names, name) ORDER BY log_offset", {"names": list(names)},
        )  # fmt: skip
        return [((at - START) // SECOND, n, json.loads(p)) for at, n, p in self.runtime.workspace.warehouse.ask(asked)]


@contextmanager
def shop(folder: Path) -> Iterator[Shop]:
    """The workspace, opened and closed."""
    clock = VirtualClock(START)
    with Runtime(Workspace.open(folder, clock, Settings()), sending=False, nightly=False).start() as runtime:
        yield Shop(runtime, clock)
