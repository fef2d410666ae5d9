"""What do we know of this customer now? The profile stage of the stream: traits said, sums kept, stage judged.

A customer's day and hour are those of their own `timezone` trait, else of the workspace. What Homing itself does (a
send, a step) is not the customer's activity; what it sees the customer do (a click, an opt-out) is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Text, bindparam, cast, delete, or_, select, update

from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Stored
from homing.core.time import SECOND, zone_of
from homing.core.turn import Turn
from homing.govern.consent import ADDRESSES
from homing.profile.held import Held
from homing.profile.lifecycle import stage_of
from homing.profile.payload import line_categories, order_units, text_of
from homing.profile.person import ACTIVE, COMPUTED_TRAITS, Person, Said, from_whole_row, whole_row
from homing.storage.schema import customer as table
from homing.storage.schema import product_category
from homing.storage.state import State
from homing.storage.state.lookup import looked_up
from homing.storage.state.store import upsert

NOTHING: frozenset[str] = frozenset()
WHOLE_MINUTES = 3 * 365 * 86_400  # since 1973 every zone is whole minutes away from UTC
CHUNK = 20_000  # customers changed by an agreement between two writes
STORED = 300_000  # customers whose mere existence is held in memory
INTEREST = frozenset({
    "Product Viewed", "Product List Viewed", "Products Searched", "Product Clicked", "Product Added", "Cart Viewed",
    "Checkout Started", "Product Added to Wishlist", "Product Shared", "Message Clicked",
})  # fmt: skip
OWN_ACTIVITY = frozenset({"Message Clicked", "Unsubscribed"})  # by the customer, although Homing recorded it
_ORDER_TRAITS = frozenset({"orders", "revenue", "average_order", "first_order_at", "last_order_at"})
KEPT = ("tag.", "lifecycle.")  # begin the names of traits that only their own stages set
_JUDGED = frozenset({"lifecycle_stage", "favourite_category"})
_MESSAGES = {"Message Sent": "sent", "Message Opened": "opened", "Message Clicked": "clicked"}
_TRACKED = INTEREST | _MESSAGES.keys() | {"Order Completed"}
_FELT = _TRACKED | OWN_ACTIVITY


@lru_cache(maxsize=65_536)
def _local_minute(second: int, zone: ZoneInfo) -> tuple[int, int]:
    """The day number and the hour of day in a zone."""
    at = datetime.fromtimestamp(second, zone)
    return at.toordinal(), at.hour


def _local(at_us: int, zone: ZoneInfo) -> tuple[int, int]:
    """The day number and the hour of day in a zone; two instants of one minute are asked once."""
    second = at_us // SECOND
    return _local_minute(second - second % 60 if second > WHOLE_MINUTES else second, zone)


def _told(event: Event) -> bool:
    """Whether Homing tells something of the customer that is nothing she did: who entered a segment is who she was."""
    return event.source_id == OWN_SOURCE and event.kind == "track" and event.name not in _FELT


class ProfileBook:
    """The profile stage of one stream worker.

    Args:
        state: where customers are kept.
        zone: IANA zone of customers who named none.
        currency: what `revenue` is in; orders in another currency are kept apart.
    """

    def __init__(self, state: State, *, zone: str, currency: str) -> None:
        self._state = state
        self._zone = zone_of(zone)
        self._currency = currency
        self.held = Held(self._zone)
        self._dirty: dict[str, Person] = {}
        self._merged: dict[str, dict[str, Any]] = {}  # losers as they are written: their last state, and into whom
        self._void: set[str] = set()  # computed anew: the rows that still stand say nothing
        self._categories: dict[str, str] | None = None
        self._stored: set[str] | None = None  # every customer with a row, while they are few enough to be held
        self._count_stored = True
        self._fresh_categories: dict[str, str] = {}
        self.staged = False  # a defined lifecycle gives the stage, not the built-in rule
        self._lent = self._closed = NOTHING  # sources under an agreement, and those whose agreement has expired

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> frozenset[str]:
        """Take an event; return the names of the traits it changed."""
        event = stored.event
        if event.name == "Product Updated":
            self._product(event)
            return NOTHING
        if customer_id is None:
            return NOTHING
        whole = self.held.opened.young.get(customer_id) or self._person(customer_id, event, turn)
        person = whole.layer(event.source_id) if event.source_id in self._lent else whole
        stats, named = person.stats, person.named
        stage, favourite = person.stage, stats.favourite
        changed: set[str] = set()
        self._hear(person, stored, changed)
        day, hour = (0, 0) if event.kind == "identify" else _local(event.happened_us, person.zone)
        if event.source_id != OWN_SOURCE or event.name in OWN_ACTIVITY:
            self._activity(person, event, hour, changed)
        if event.kind == "track" and event.name in _TRACKED:
            self._track(person, event, day, changed)
        self._judge(person, turn)
        if person.stage != stage or stats.favourite != favourite:
            changed |= _JUDGED
        if whole.lent:
            whole.judged_us = turn.now_us
            changed |= _JUDGED
        if changed or person.named is not named or not whole.changed_offset or not _told(event):
            whole.changed_offset = stored.offset
            self._dirty[customer_id] = whole
        return frozenset(changed) if changed else NOTHING

    def trait_of(self, customer_id: str, name: str) -> Any:
        """A trait's value now, computed ones included; None when there is none."""
        person = self._find(customer_id)
        return None if person is None else self._shown(person).trait(name, self._currency)

    def put(self, customer_id: str, name: str, said: Said, turn: Turn) -> bool:
        """A trait that another stage keeps, such as a tag; say whether its value is another one now."""
        person = self._find(customer_id)
        if person is None:
            return False
        old = person.traits.get(name)
        if said[0] is None and old is None:
            return False
        person.traits[name] = said
        person.changed_offset = max(person.changed_offset, turn.offset)
        self._dirty[customer_id] = person
        return bool((old[0] if old else None) != said[0])

    def said(self, customer_id: str, name: str) -> Said | None:
        """What stands for a trait that was said: [value, since when, by whom, offset]."""
        person = self._find(customer_id)
        return None if person is None else person.traits.get(name)

    def restage(self, customer_id: str, stage: str | None, turn: Turn) -> None:
        """The lifecycle stage as a defined model gives it; None: as the built-in rule does."""
        person = self._find(customer_id)
        if person is None:
            return
        stage = stage_of(person.stats, turn.now_us) if stage is None else stage
        if stage != person.stage:
            person.stage = stage
            person.changed_offset = max(person.changed_offset, turn.offset)
            self._dirty[customer_id] = person

    def knows(self, customer_id: str) -> bool:
        """Whether there is such a customer, merged into nobody."""
        return self._find(customer_id) is not None

    def display_of(self, customer_id: str) -> str:
        """What a list shows of the customer now; the id itself where nothing is known."""
        person = self._find(customer_id)
        return customer_id if person is None else self._shown(person).display()

    def address_of(self, customer_id: str, channel: str) -> str | None:
        """Where a channel reaches the customer: the trait said last, else the first identifier of that type."""
        kind = ADDRESSES.get(channel)
        person = self._find(customer_id) if kind else None
        if kind is None or person is None:
            return None
        person = self._shown(person)
        return text_of(person.value(kind)) or person.named.get(kind)

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one: sums add up, the newer word of each trait stays."""
        gone = self._find(loser)
        kept = self._find(winner)
        self.held.drop(loser)
        self._dirty.pop(loser, None)
        if gone is None:
            return
        gone.changed_offset = turn.offset
        self._merged[loser] = whole_row(gone, self._shown(gone), self._currency) | {"merged_into": winner}
        if kept is None:
            kept = Person(winner, gone.created_us, gone.first_seen_us, gone.last_seen_us, self._zone)
        kept.absorb(gone)
        kept.zone = kept.zone_or(self._zone)
        self._judge(kept, turn)
        kept.judged_us, kept.changed_offset = turn.now_us, turn.offset
        self._dirty[winner] = self.held.put(kept)

    def lend(self, lent: frozenset[str], closed: frozenset[str], turn: Turn, conn: Connection) -> None:
        """From now on what these sources say is kept apart, and what the closed ones said is not shown."""
        moved = lent | self._lent
        self._lent, self._closed = lent, closed
        for customer_id in self._touched(conn, moved):
            person = self._find(customer_id)
            if person is None:
                continue
            for name in [n for n, said in person.traits.items() if said[2] in lent]:
                said = person.traits.pop(name)
                person.layer(said[2]).traits[name] = said
            person.judged_us, person.changed_offset = turn.now_us, turn.offset
            self._dirty[customer_id] = person
            if len(self._dirty) >= CHUNK:
                self.flush(conn)

    def set_lent(self, lent: frozenset[str], closed: frozenset[str]) -> None:
        """What stood when the worker stopped: which sources are kept apart and which of them are closed."""
        self._lent, self._closed = lent, closed

    def recompute(self, customer_ids: Iterable[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """Nothing is known of these customers; their events come again."""
        for customer_id in customer_ids:
            self.held.drop(customer_id)
            self._dirty.pop(customer_id, None)
            self._merged.pop(customer_id, None)
            self._void.add(customer_id)

    def recomputed(self, customer_ids: Iterable[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """Their rows changed at this place of the log, whatever they hold: who copies rows must see them."""
        for customer_id in customer_ids:
            if customer_id in self._dirty:
                self._dirty[customer_id].changed_offset = turn.offset
            elif customer_id in self._merged:
                self._merged[customer_id]["changed_offset"] = turn.offset

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        if self._void:
            conn.execute(delete(table).where(table.c.customer_id == bindparam("gone")),
                         [{"gone": customer_id} for customer_id in sorted(self._void)])  # fmt: skip
            self._void.clear()
        changed = [person for _, person in sorted(self._dirty.items())]  # beside each other, as the table has them
        upsert(conn, table, [whole_row(p, self._shown(p), self._currency) for p in changed])
        if self._stored is not None:
            self._stored.update(self._dirty)  # in place: `|=` with keys makes a new set of everybody
            self._stored = None if len(self._stored) > STORED else self._stored
        if self._merged:
            upsert(conn, table, list(self._merged.values()))
            passed = [
                {"gone": row["customer_id"], "into": row["merged_into"], "at": row["changed_offset"]}
                for row in self._merged.values()
            ]
            mark: dict[str, Any] = {"merged_into": bindparam("into"), "changed_offset": bindparam("at")}
            conn.execute(update(table).where(table.c.merged_into == bindparam("gone")).values(mark), passed)
        upsert(conn, product_category, [
            {"product_id": p, "category": c} for p, c in self._fresh_categories.items()
        ])  # fmt: skip
        self._dirty.clear()
        self._merged.clear()
        self._fresh_categories.clear()
        self.held.tidy()

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        self._void.clear()
        self.held.clear()
        self._dirty.clear()
        self._merged.clear()
        self._fresh_categories.clear()
        self._categories = None
        self._stored, self._count_stored = None, True

    # -- one event -----------------------------------------------------------------------------------------------------
    def _hear(self, person: Person, stored: Stored, changed: set[str]) -> None:
        event, named = stored.event, person.named
        if event.traits and event.kind == "identify":
            self._traits(person, stored, changed)
        for kind, value in event.ids:
            if kind not in named and kind != CUSTOMER:
                person.name_by(kind, value)

    def _traits(self, person: Person, stored: Stored, changed: set[str]) -> None:
        event = stored.event
        for name, value in event.traits.items():
            if (
                name not in COMPUTED_TRAITS
                and not name.startswith(KEPT)
                and person.said(name, [value, event.happened_us, event.source_id, stored.offset])
            ):
                changed.add(name)
        if "timezone" in changed:
            person.zone = person.zone_or(self._zone)

    @staticmethod
    def _activity(person: Person, event: Event, hour: int, changed: set[str]) -> None:
        at, stats = event.happened_us, person.stats
        if at < person.first_seen_us:
            person.first_seen_us = at
            changed.add("first_seen_at")
        if at > person.last_seen_us:
            person.last_seen_us = at
            changed.add("last_seen_at")
        if event.kind == "identify":
            return  # somebody said something about them; nothing they did
        busiest, channel = stats.active_hour, event.properties.get("channel") or event.context.get("channel")
        if channel is not None:
            channel = text_of(channel)
        stats.act(hour, channel)
        if stats.activities == 1:
            changed.add(ACTIVE)
        if stats.active_hour != busiest:
            changed.add("active_hour")
        if channel:
            changed.add("favourite_channel")

    def _track(self, person: Person, event: Event, day: int, changed: set[str]) -> None:
        if event.name == "Order Completed":
            self._order(person, event, day)
            changed |= _ORDER_TRAITS
        if event.name in INTEREST:
            person.stats.interest += 1
        counted = _MESSAGES.get(event.name)
        if counted:
            setattr(person.stats, counted, getattr(person.stats, counted) + 1)
            changed |= {f"messages_{counted}", ACTIVE}

    def _order(self, person: Person, event: Event, day: int) -> None:
        p = event.properties
        currency = text_of(p.get("currency")) or self._currency
        person.stats.order(event.happened_us, day, order_units(p), currency)
        person.stats.lines(line_categories(p.get("products"), self._known_categories()))

    def _product(self, event: Event) -> None:
        product, category = text_of(event.properties.get("product_id")), text_of(event.properties.get("category"))
        if product and category and self._known_categories().get(product) != category:
            self._known_categories()[product] = category
            self._fresh_categories[product] = category

    def _judge(self, person: Person, turn: Turn) -> None:
        if not self.staged:
            person.stage = stage_of(person.stats, turn.now_us)

    def _shown(self, person: Person) -> Person:
        if not person.lent:
            return person
        out = person.shown(self._closed, self._zone, person.judged_us)
        out.stage = person.stage if self.staged else out.stage
        return out

    @staticmethod
    def _touched(conn: Connection, sources: frozenset[str]) -> list[str]:
        """The customers of whom these sources said anything."""
        if not sources:
            return []
        named = [column.contains(f'"{source}"', autoescape=True) for source in sorted(sources)
                 for column in (cast(table.c.traits, Text), cast(table.c.stats, Text))]  # fmt: skip
        statement = select(table.c.customer_id).where(table.c.merged_into.is_(None), or_(*named))
        return list(conn.execute(statement.order_by(table.c.customer_id)).scalars())

    # -- rows ----------------------------------------------------------------------------------------------------------
    def _person(self, customer_id: str, event: Event, turn: Turn) -> Person:
        person = self._find(customer_id)
        if person is None:
            at = event.happened_us
            person = self.held.put(Person(customer_id, turn.now_us, at, at, self._zone))
        return person

    def _find(self, customer_id: str) -> Person | None:
        found = self.held.find(customer_id)
        if found is None and customer_id not in self._void and self._may_be_stored(customer_id):
            rows = looked_up(self._state, table, customer_id=customer_id)
            if not rows or rows[0].merged_into is not None or customer_id in self._merged:
                return None  # it does not exist, or was merged
            found = self.held.put(from_whole_row(rows[0], self._zone))
        return found

    def _may_be_stored(self, customer_id: str) -> bool:
        """False when there is certainly no row: a new visitor must not cost a read."""
        if self._stored is None and self._count_stored:
            self._count_stored = False
            with self._state.read() as conn:
                ids = conn.execute(select(table.c.customer_id).limit(STORED + 1)).scalars().all()
            self._stored = set(ids) if len(ids) <= STORED else None
        return self._stored is None or customer_id in self._stored

    def _known_categories(self) -> dict[str, str]:
        if self._categories is None:
            with self._state.read() as conn:
                rows = conn.execute(select(product_category.c.product_id, product_category.c.category))
                self._categories = {row.product_id: row.category for row in rows}
        return self._categories
