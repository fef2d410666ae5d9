"""Which inspector is on duty? The place every door asks; a definition that is published puts a new one there at once.

With no plan and no rules in force a whole request costs one look at a flag. What references may name and what a
unique field has taken outlive a change of the rules; both are read from the warehouse when they are first needed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec

from homing.collect.agreements import Agreements
from homing.collect.definitions.plan import KIND as PLAN
from homing.collect.definitions.plan import Plan
from homing.collect.definitions.rules import KIND as RULES
from homing.collect.definitions.rules import Rules, Unique
from homing.collect.doors.segment_api import Taken
from homing.collect.quality.inspector import CLEAR, Inspector, Looked, Refusal, marked
from homing.collect.quality.memory import Known, Seen
from homing.collect.rates import read_rates
from homing.core.event import Event
from homing.core.query import Query
from homing.storage import definitions
from homing.storage.state import State
from homing.storage.warehouse import Warehouse

MAX_KNOWN = 2_000_000
_PRODUCTS = "SELECT product_id FROM product LIMIT $limit"
_ORDERS = """
SELECT DISTINCT order_id FROM event_fact WHERE name = 'Order Completed' AND order_id IS NOT NULL LIMIT $limit"""
_NEWEST = """
SELECT event_id, kind, name, happened_us, source_id, CAST(CAST(properties AS JSON) AS VARCHAR),
  CAST(CAST(traits AS JSON) AS VARCHAR)
FROM event_fact WHERE source_id = $source AND happened_us // 86400000000 = (
  SELECT max(happened_us) // 86400000000 FROM event_fact WHERE source_id = $source)
ORDER BY log_offset DESC LIMIT 200000"""


class Checkpoint:
    """Holds the inspector on duty.

    Args:
        state: holds the definitions and the exchange rates.
        warehouse: knows products, orders and the day's values; without it they are learned as they come.
        region: of phone numbers without a country.
        zone: of times without an offset.
        agreements: on what terms other parties' data may be kept.
    """

    def __init__(
        self, state: State, warehouse: Warehouse | None = None, *, region: str = "US", zone: str = "UTC",
        agreements: Agreements | None = None,
    ) -> None:  # fmt: skip
        self._state, self._warehouse = state, warehouse
        self._region, self._zone, self._agreements = region, zone, agreements
        self._seen, self._known = Seen(), Known()
        self._told: set[str] = set()  # what was read from the warehouse already
        self._renewing = threading.Lock()
        self.inspector = Inspector()
        self.renew()

    def on_publish(self, kind: str, _id: str) -> None:
        """A definition stands otherwise: put a new inspector on duty when it is of our kinds."""
        if kind in {PLAN, RULES}:
            self.renew()

    def renew(self) -> None:
        """Read plans, rules and rates again."""
        with self._renewing:
            with self._state.read() as conn:
                live = {
                    kind: [d.document for d in definitions.published(conn, kind) if d.status == "live"]
                    for kind in (PLAN, RULES)
                }
            plans = [Plan.model_validate(d) for d in live[PLAN]]
            rules = [Rules.model_validate(d) for d in live[RULES]]
            rates = read_rates(self._state) if any(r.clean.currency for r in rules) else None
            made = Inspector(plans, rules, known=self._known, rates=rates, region=self._region, zone=self._zone)
            self._remember(made, rules)
            self.inspector = made

    def refresh(self) -> None:
        """Learn products, orders and rates that came on other ways."""
        if self.inspector.active:
            self._told -= self._known.sets.keys()
            self.renew()

    @property
    def active(self) -> bool:
        """Whether anything is in force that an event may be held against."""
        return self.inspector.active or (self._agreements is not None and self._agreements.active)

    def look(self, event: Event, run: str = "") -> tuple[Event, Looked]:
        """Clean and look at one event; it comes back as it is to be kept."""
        left_out: tuple[str, ...] = ()
        if self._agreements is not None and self._agreements.active:
            event, left_out, refused = self._agreements.look(event)
            if refused is not None:
                return event, Looked(Refusal(*refused))
        inspector = self.inspector
        if not inspector.active:
            return event, Looked(None, left_out) if left_out else CLEAR
        event, unread = inspector.clean(event)
        found = inspector.look(event, self._seen, run)
        if found.refused is not None:
            return event, found
        return marked(event, found.marks), found._replace(warnings=left_out + unread + found.warnings)

    def pass_all(self, taken: list[Taken]) -> list[Taken]:
        """What came with one request, each looked at."""
        return [self._passed(one) for one in taken] if self.active else taken

    def _passed(self, taken: Taken) -> Taken:
        if taken.event is None:
            return taken
        event, found = self.look(taken.event)
        if found.refused is not None:
            return Taken(taken.message_id, None, found.refused.code, found.refused.message, taken.warnings)
        return taken._replace(event=event, warnings=taken.warnings + found.warnings)

    def _remember(self, made: Inspector, rules: Sequence[Rules]) -> None:
        if self._warehouse is None:
            return
        wanted = {rule.to for r in rules for rule in r.rules if rule.rule == "reference"} - self._told
        for kind in wanted:
            statement = Query(_PRODUCTS if kind == "products" else _ORDERS, {"limit": MAX_KNOWN})
            self._known.sets[kind] |= {str(row[0]) for row in self._warehouse.ask(statement)}
            self._told.add(kind)
        for r in rules:
            if r.source not in self._told and any(isinstance(rule, Unique) for rule in r.rules):
                self._told.add(r.source)
                for row in self._warehouse.ask(Query(_NEWEST, {"source": r.source})):
                    made.look(_event(row), self._seen)


def _event(row: tuple[object, ...]) -> Event:
    event_id, kind, name, happened_us, source_id, properties, traits = row
    said = {"event_id": event_id, "kind": kind, "name": name, "happened_us": happened_us, "source_id": source_id,
            "properties": msgspec.json.decode(str(properties or "{}")),
            "traits": msgspec.json.decode(str(traits or "{}"))}  # fmt: skip
    return msgspec.convert(said, Event)
