"""A small world for tests of acting: real state, real runner, people known by a dictionary, time that jumps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from homing.act.journeys.runner import JourneyRunner
from homing.act.ledger import LedgerBook
from homing.core.condition import Condition, Trait
from homing.core.condition_values import matcher
from homing.core.event import Event, Id, Stored
from homing.core.settings import QuietHours, Settings
from homing.core.time import parse_iso
from homing.core.turn import MembershipChange, Turn
from homing.storage import definitions, schema
from homing.storage.state import State
from homing.storage.state.store import upsert
from homing.storage.timers import TimerQueue


@dataclass
class Person:
    """What the facts say of one customer."""

    traits: dict[str, object] = field(default_factory=dict)
    email: str | None = "x@shoppers.example"
    consent: str = "granted"
    suppressed: bool = False
    segments: set[str] = field(default_factory=set)


class People:
    """The facts of a test: every customer is known and agreeable unless told otherwise."""

    def __init__(self) -> None:
        self.of: dict[str, Person] = {}

    def get(self, customer_id: str) -> Person:
        return self.of.setdefault(customer_id, Person(email=f"{customer_id}@shoppers.example"))

    def trait(self, customer_id: str, name: str) -> object | None:
        return self.get(customer_id).traits.get(name)

    def address(self, customer_id: str, channel: str) -> str | None:
        return self.get(customer_id).email

    def objection(self, customer_id: str, channel: str, purpose: str, address: str | None) -> str | None:
        person = self.get(customer_id)
        if not address:
            return "no_address"
        if person.suppressed:
            return "suppressed"
        return {"granted": None, "withdrawn": "consent_withdrawn"}.get(person.consent, "no_consent")

    def is_member(self, customer_id: str, segment_id: str) -> bool:
        return segment_id in self.get(customer_id).segments

    def members(self, segment_id: str) -> Iterable[str]:
        return [c for c, p in self.of.items() if segment_id in p.segments]

    def holds(self, condition: Condition, customer_id: str, now_us: int) -> bool:
        assert isinstance(condition, Trait)
        return matcher(condition.op, condition.value)(self.trait(customer_id, condition.name))


def us(text: str) -> int:
    """An ISO time, UTC unless it says otherwise, as microseconds."""
    return parse_iso(text)


class World:
    """One worker's stages driven by hand, committed after every event and timer like a batch of one."""

    def __init__(self, folder: Path, *, now: str = "2026-03-02T09:00", **settings: Any) -> None:
        self.state = State(folder / "state.db")
        self.settings = Settings.model_validate({"quiet_hours": None, "caps": ()} | settings)
        self.people = People()
        self.now_us = us(now)
        self.events: list[Event] = []
        self.offset = 0
        self.open()

    def open(self) -> None:
        """Begin as after a start of the process: only the rows are known."""
        self.ledger = LedgerBook(self.state)
        self.runner = JourneyRunner(self.state, self.people, self.settings, self.ledger)
        self.timers = TimerQueue(self.state)
        with self.state.read() as conn:
            self.runner.load(conn)

    def publish(self, *documents: dict[str, Any], status: str = "live") -> None:
        """Save documents and put them in force."""
        turn = Turn(self.now_us)
        with self.state.write() as conn:
            for document in documents:
                definitions.save(conn, document["kind"], document["id"], document, now_us=self.now_us, by="test")
            for document in documents:
                found = definitions.set_status(conn, document["kind"], document["id"], status, now_us=self.now_us)
                self.runner.publish(found, turn, conn)
            self._commit(turn, conn)

    def enter(self, customer_id: str, segment: str) -> None:
        """The customer becomes a member now."""
        self.people.get(customer_id).segments.add(segment)
        turn = Turn(self.now_us)
        self.runner.on_membership([MembershipChange(segment, customer_id, True, self.now_us)], turn)
        self.commit(turn)

    def happen(
        self, customer_id: str, name: str, properties: dict[str, Any] | None = None, *, happened: str | None = None,
        enters: str | None = None,
    ) -> None:  # fmt: skip
        """An event comes in now."""
        self.offset += 1
        at = us(happened) if happened else self.now_us
        event = Event(event_id=f"e{self.offset}", kind="track", name=name, happened_us=at, source_id="shop",
                      ids=(Id("user_id", customer_id),), properties=properties or {})  # fmt: skip
        changes = []
        if enters:
            self.people.get(customer_id).segments.add(enters)
            changes = [MembershipChange(enters, customer_id, True, self.now_us)]
        stored = Stored(self.offset, self.now_us, event)
        turn = Turn(self.now_us, self.offset)
        self.ledger.apply(stored, customer_id, turn)
        self.runner.apply(stored, customer_id, changes, turn)
        self.commit(turn)

    def merge(self, loser: str, winner: str) -> None:
        turn = Turn(self.now_us)
        self.ledger.merge(loser, winner, turn)
        self.runner.merge(loser, winner, turn)
        self.commit(turn)

    def until(self, text: str) -> None:
        """Let time pass; timers fire at their instants, in order."""
        end = us(text)
        while (timer := self.timers.pop_due(end)) is not None:
            self.now_us = max(self.now_us, timer.due_us)
            turn = Turn(timer.due_us)
            self.runner.wake(timer, turn)
            self.commit(turn)
        self.now_us = end

    def commit(self, turn: Turn) -> None:
        with self.state.write() as conn:
            self._commit(turn, conn)

    def _commit(self, turn: Turn, conn: Any) -> None:
        self.events += turn.events
        self.timers.take(turn)
        self.ledger.flush(conn)
        self.runner.flush(conn)
        self.timers.flush(conn)

    def know(self, *customers: str, consent: str | None = "granted", **traits: object) -> None:
        """Write the rows that profile and consent would have written."""
        with self.state.write() as conn:
            for customer_id in customers:
                told = {"email": f"{customer_id}@shoppers.example", "name": customer_id.title()} | traits
                row: dict[str, Any] = dict.fromkeys(
                    ("created_us", "first_seen_us", "last_seen_us", "orders", "changed_offset"), 0
                )
                row |= dict.fromkeys(("customer_id", "display", "search"), customer_id)
                row |= {"merged_into": None, "stage": "aware", "revenue": 0.0, "last_order_us": None, "stats": {}}
                row["traits"] = {name: [value, 0, "shop"] for name, value in told.items()}
                upsert(conn, schema.customer, [row])
                if consent:
                    self.say_consent(customer_id, consent, conn)

    def say_consent(self, customer_id: str, status: str, conn: Any, channel: str = "email") -> None:
        row = {"customer_id": customer_id, "purpose": "marketing", "channel": channel, "status": status}
        upsert(conn, schema.consent, [row | {"since_us": self.now_us, "source_id": "shop"}])

    # -- what came of it -----------------------------------------------------------------------------------------------
    def sends(self) -> list[tuple[str, str, str, str | None]]:
        """(customer, node, status, reason) of every send, in the order decided."""
        s = schema.send.c
        with self.state.read() as conn:
            rows = conn.execute(select(s.customer_id, s.node, s.status, s.reason).order_by(s.decided_us, s.send_key))
            return [tuple(r) for r in rows]

    def decided(self) -> list[int]:
        with self.state.read() as conn:
            return list(conn.execute(select(schema.send.c.decided_us).order_by(schema.send.c.decided_us)).scalars())

    def visits(self) -> list[tuple[str, str, str, str | None]]:
        """(customer, node, state, reason) of every visit, in the order entered."""
        v = schema.journey_visit.c
        with self.state.read() as conn:
            rows = conn.execute(select(v.customer_id, v.node, v.state, v.reason).order_by(v.entered_us, v.visit_id))
            return [tuple(r) for r in rows]

    def told(self, name: str) -> list[Event]:
        return [e for e in self.events if e.name == name]

    def path(self, customer_id: str) -> list[str]:
        """The nodes a customer reached, in order."""
        return [e.properties["node"] for e in self.told("Journey Step Reached") if e.ids[0].value == customer_id]


NIGHT = QuietHours(start="21:30", end="08:00")


def content(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "content", "id": "hello", "name": {"en": "Hello", "zh": "你好"}, "channel": "email",
        "subject": {"en": "Hello {{ customer.name }}", "zh": "你好 {{ customer.name }}"},
        "body": {"en": "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ customer.name }}</mj-text>"
                       "<mj-button href=\"https://shop.example/a?b=1&amp;c=2\">Shop</mj-button>"
                       "<mj-text><a href=\"{{ unsubscribe_url }}\">Leave</a></mj-text>"
                       "</mj-column></mj-section></mj-body></mjml>"},
    } | changes  # fmt: skip


def journey(*nodes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "kind": "journey", "id": "wake", "name": {"en": "Wake up", "zh": "唤醒"},
        "entry": {"type": "segment", "segment": "dormant"}, "nodes": list(nodes),
    } | changes  # fmt: skip


def campaign(percent: float = 20, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "campaign", "id": "spring", "name": {"en": "Spring", "zh": "春季"}, "segment": "dormant",
        "journey": "wake", "holdout": {"percent": percent},
    } | changes  # fmt: skip


def say(id: str = "mail", **changes: Any) -> dict[str, Any]:
    return {"id": id, "type": "message", "content": "hello", "channel": "email"} | changes


def delay(id: str, length: str, to: str | None = None) -> dict[str, Any]:
    return {"id": id, "type": "delay", "for": length, "next": to}


ORDER = {"event": "Order Completed"}
