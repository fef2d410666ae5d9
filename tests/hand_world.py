"""A running workspace in which people live their lives and somebody decides who is who, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from homing.core.event import Event, Id
from homing.core.query import Query
from homing.core.settings import Settings
from homing.core.time import HOUR
from homing.identity import hand
from homing.identity.agree import differences
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.storage import definitions, schema

START = 1_514_764_800_000_000


class Shop:
    """A running workspace whose time is turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock(START)
        settings = Settings(consent_default="opt_out", zone="UTC", currency="USD")
        self.runtime = Runtime(Workspace.open(folder, self.clock, settings), sending=False, nightly=False).start()
        self.n = 0

    def publish(self, *documents: dict[str, Any]) -> None:
        for document in documents:
            with self.runtime.workspace.state.write() as conn:
                definitions.save(conn, document["kind"], document["id"], document, now_us=self.clock(), by="test")
            self.runtime.publish(document["kind"], document["id"])

    def happen(self, what: str, *ids: tuple[str, str], kind: Any = "track", name: str = "", **more: Any) -> None:
        self.n += 1
        self.clock.advance_to(self.clock() + HOUR)
        self.say(Event(event_id=name or f"e{self.n}", kind=kind, name=what, happened_us=self.clock(), source_id="shop",
                       ids=tuple(Id(*i) for i in ids), **more))  # fmt: skip

    def order(self, *ids: tuple[str, str], revenue: float = 10.0) -> None:
        self.happen(
            "Order Completed", *ids, properties={"order_id": f"o{self.n}", "revenue": revenue, "currency": "USD"}
        )

    def say(self, event: Event) -> None:
        self.runtime.workspace.log.append([event], dedupe="ever")
        self.runtime.settle(warehouse=False)
        self.runtime.loader.catch_up()

    def merge(self, one: str, other: str, name: str = "m1") -> None:
        self.say(hand.merged_event(name, one, other, self.clock(), by="user:olive"))

    def split(self, customer_id: str, *ids: tuple[str, str], merge: str | None = None, name: str = "s1") -> None:
        self.say(hand.split_event(name, customer_id, self.clock(), by="user:olive", merge=merge,
                                  identifiers=[Id(*i) for i in ids]))  # fmt: skip

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.runtime.workspace.state.read() as conn:
            return list(conn.execute(select(table).where(*where).order_by(*table.primary_key)))

    def holder(self, i: tuple[str, str]) -> str | None:
        t = schema.identifier
        found = self.rows(t, t.c.type == i[0], t.c.value == i[1])
        return found[0].customer_id if found else None

    def customers(self) -> dict[str, tuple[int, float]]:
        t = schema.customer
        return {r.customer_id: (r.orders, r.revenue) for r in self.rows(t, t.c.merged_into.is_(None))}

    def members(self) -> set[tuple[str, str]]:
        return {(r.segment_id, r.customer_id) for r in self.rows(schema.segment_member)}

    def told(self, name: str) -> list[Event]:
        return [s.event for s in self.runtime.workspace.log.read(0, 10_000) if s.event.name == name]

    def close(self) -> None:
        """Whatever was done, tables and evidence agree in the end."""
        with self.runtime.workspace.state.read() as conn:
            found = differences(conn)
        self.runtime.stop()
        assert found == []


BUYERS = {
    "kind": "segment", "id": "buyers", "name": {"en": "Buyers", "zh": "买家"},
    "condition": {"type": "did", "event": "Order Completed", "op": "gte", "value": 2},
}  # fmt: skip
COMPARED = (schema.identifier, schema.identity_edge, schema.identifier_move, schema.customer, schema.consent,
            schema.segment_member, schema.suppression)  # fmt: skip


def plain_row(row: Any) -> dict[str, Any]:
    """A row without the place of the log where it changed last."""
    found = {k: v for k, v in row._mapping.items() if k not in {"changed_offset", "undone_offset", "undone_event"}}
    if "traits" in found:
        found["traits"] = {k: v[:3] for k, v in found["traits"].items()}
    return found


def attribution(shop: Shop) -> list[Any]:
    sql = "SELECT event_id, customer_id FROM events WHERE source_id = 'shop' AND customer_id IS NOT NULL ORDER BY 1"
    lines = "SELECT order_id, customer_id, revenue FROM order_lines ORDER BY ALL"
    ask = shop.runtime.workspace.warehouse.ask
    return [ask(Query(sql, {})), ask(Query(lines, {}))]
