"""Which customers live or work together? The last of the stages: households by what is shared, accounts by `group`.

What changes for a customer is said in the log: an identify event of Homing itself with `household_id`,
`household_size` and `account_id`, so that conditions, the warehouse and other tools read them like any trait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from homing.core.event import CUSTOMER, OWN_SOURCE, Event, Id, Stored
from homing.core.turn import Turn
from homing.identity.graph import ANONYMOUS
from homing.profile.groups.accounts import Accounts
from homing.profile.groups.definition import DEVICE, KIND, HouseholdRules
from homing.profile.groups.keys import Get, device_key, key_of, watched
from homing.profile.groups.shared import NOWHERE, Home, Key, Shared
from homing.storage import definitions
from homing.storage.definitions import Definition
from homing.storage.schema import customer, group_member
from homing.storage.state import State

TRAITS = ("household_id", "household_size", "account_id")
CHUNK = 5_000
TraitOf = Callable[[str, str], Any]
Standing = tuple[str | None, int | None, str | None]


class GroupBook:
    """Households and accounts of one stream worker.

    Args:
        state: where they are kept.
        trait_of: the value of a customer's trait now.
    """

    def __init__(self, state: State, trait_of: TraitOf) -> None:
        self._trait_of = trait_of
        self._shared = Shared(state)
        self._accounts = Accounts(state)
        self._watched: frozenset[str] = frozenset()
        self._devices: str | None = None  # the rule of shared devices
        self._before: dict[str, Standing] = {}  # whose standing may change in this turn, and what it was
        self._stale: set[str] = set()

    def load(self, conn: Connection) -> None:
        """The rules that were in force when the stream stopped."""
        found = [d.document for d in definitions.published(conn, KIND) if d.status == "live"]
        self._adopt(HouseholdRules.model_validate(found[0]) if found else None)

    def apply(self, stored: Stored, customer_id: str | None, turn: Turn) -> None:
        """Take an event."""
        event = stored.event
        if event.kind == "group" and event.group_id:
            self._group(event, customer_id)
        if self._shared.rules is not None and customer_id is not None:
            if event.kind == "identify" and event.traits and not self._watched.isdisjoint(event.traits):
                self._stale.add(customer_id)
            if self._devices is not None:
                self._device(event, customer_id, turn)
        if self._stale or self._before:
            self._settle(turn)

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one: it belongs where either belonged."""
        self._note(winner)
        for group_id, (first, last) in self._accounts.leave(loser).items():
            self._accounts.belong(winner, group_id, first, last)
        if self._shared.rules is None:
            return
        for key in sorted(self._shared.keys(loser)):
            self._move(key, loser, turn, there=False)
            if key not in self._shared.keys(winner):
                self._move(key, winner, turn, there=True)
        self._before.pop(loser, None)
        self._stale.discard(loser)
        self._stale.add(winner)

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """Other rules hold from here on: everybody is looked at anew."""
        if definition.kind != KIND:
            return
        before = self._homes(conn)
        self._shared.clear(conn)
        live = definition.status == "live"
        self._adopt(HouseholdRules.model_validate(definition.document) if live else None)
        known = self._learn(self._shared.rules, turn, conn) if self._shared.rules is not None else set()
        for customer_id in sorted(known | before.keys()):
            account = self._accounts.current(customer_id)
            changed = _changed((*before.get(customer_id, NOWHERE), account), self._standing(customer_id))
            if changed:
                turn.emit(_said(customer_id, changed, turn))
        self._shared.filled()

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """These customers are others than was thought: what they share is asked again once their past is known."""
        for customer_id in customer_ids:
            self._note(customer_id)
            self._accounts.leave(customer_id)
            for key in sorted(self._shared.keys(customer_id)) if self._shared.rules else ():
                self._move(key, customer_id, turn, there=False)

    def recomputed(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:  # noqa: ARG002
        """Their past is known: put them where they belong."""
        past = turn.past
        self._before = {who: self._told(who) for who in customer_ids} | {
            who: was for who, was in self._before.items() if who not in set(customer_ids)
        }
        for customer_id in customer_ids:
            for stored in past.of(customer_id) if past is not None else ():
                event = stored.event
                if event.kind == "group" and event.group_id:
                    self._accounts.belong(customer_id, event.group_id, event.happened_us, event.happened_us)
                if self._devices is not None:
                    self._device(event, customer_id, turn)
            if self._shared.rules is not None:
                self._stale.add(customer_id)
        self._settle(turn)

    def flush(self, conn: Connection) -> None:
        """Write what changed since the last flush."""
        self._shared.flush(conn)
        self._accounts.flush(conn)

    def forget(self) -> None:
        """Drop what memory holds; the tables are the truth."""
        self._shared.forget()
        self._accounts.forget()
        self._before.clear()
        self._stale.clear()

    # -- one event -----------------------------------------------------------------------------------------------------
    def _group(self, event: Event, customer_id: str | None) -> None:
        self._accounts.say(event)
        if customer_id is not None:
            self._note(customer_id)
            self._accounts.belong(customer_id, event.group_id, event.happened_us, event.happened_us)

    def _device(self, event: Event, customer_id: str, turn: Turn) -> None:
        """A device is shared when people who are known use it; a visitor without a name is nobody yet."""
        devices = [i.value for i in event.ids if i.type == "device_id"]
        if not devices or all(i.type in ANONYMOUS for i in event.ids):
            return
        for value in devices:
            key: Key = (str(self._devices), device_key(value))
            if key not in self._shared.keys(customer_id):
                self._move(key, customer_id, turn, there=True)

    # -- what changes by it --------------------------------------------------------------------------------------------
    def _settle(self, turn: Turn) -> None:
        """Ask again what the stale share, and say in the log what is another for whom."""
        for customer_id in sorted(self._stale):
            self._refresh(customer_id, turn)
        self._stale.clear()
        before, self._before = self._before, {}
        for customer_id in sorted(before):
            changed = _changed(before[customer_id], self._standing(customer_id))
            if changed:
                turn.emit(_said(customer_id, changed, turn))

    def _refresh(self, customer_id: str, turn: Turn) -> None:
        rules = self._shared.rules
        if rules is None:
            return
        mine = set(_keys(rules, lambda name: self._trait_of(customer_id, name)))
        held = {key for key in self._shared.keys(customer_id) if key[0] != self._devices}
        for key in sorted(held - mine):
            self._move(key, customer_id, turn, there=False)
        for key in sorted(mine - held):
            self._move(key, customer_id, turn, there=True)

    def _move(self, key: Key, customer_id: str, turn: Turn, *, there: bool) -> None:
        for who in self._shared.touched(key) | {customer_id}:
            self._note(who)
        if there:
            self._shared.put(customer_id, key, turn.now_us)
        else:
            self._shared.take(customer_id, key, turn.now_us)

    def _note(self, customer_id: str) -> None:
        if customer_id not in self._before:
            self._before[customer_id] = self._standing(customer_id)

    def _told(self, customer_id: str) -> Standing:
        """What the customer's own past says of their groups."""
        household, size, account = (self._trait_of(customer_id, name) for name in TRAITS)
        return household, size, account

    def _standing(self, customer_id: str) -> Standing:
        return (*self._shared.home(customer_id), self._accounts.current(customer_id))

    # -- rules ---------------------------------------------------------------------------------------------------------
    def _adopt(self, rules: HouseholdRules | None) -> None:
        self._shared.rules = rules
        self._watched = watched(rules) if rules else frozenset()
        devices = [rule.id for rule in rules.rules if DEVICE in rule.share] if rules else []
        self._devices = devices[0] if devices else None

    def _homes(self, conn: Connection) -> dict[str, Home]:
        asked = select(group_member.c.customer_id).where(group_member.c.kind == KIND).distinct()
        return {who: self._shared.home(who) for who in conn.execute(asked).scalars().all()}

    def _learn(self, rules: HouseholdRules, turn: Turn, conn: Connection) -> set[str]:
        """What every living customer shares by these rules; return those who share anything."""
        found: set[str] = set()
        statement = select(customer.c.customer_id, customer.c.traits).where(customer.c.merged_into.is_(None))
        result = conn.execute(statement.order_by(customer.c.customer_id))
        while rows := result.fetchmany(CHUNK):
            for row in rows:
                for key in sorted(set(_keys(rules, _said_in(row.traits)))):
                    self._shared.put(row.customer_id, key, turn.now_us)
                    found.add(row.customer_id)
        return found


def _changed(before: Standing, now: Standing) -> dict[str, Any]:
    return {name: new for name, new, old in zip(TRAITS, now, before, strict=True) if new != old}


def _keys(rules: HouseholdRules, get: Get) -> Iterator[Key]:
    for rule in rules.rules:
        key = key_of(rule, get)
        if key is not None:
            yield rule.id, key


def _said_in(traits: dict[str, Any]) -> Get:
    def get(name: str) -> Any:
        said = traits.get(name)
        return said[0] if said else None

    return get


def _said(customer_id: str, traits: dict[str, Any], turn: Turn) -> Event:
    return Event(event_id=f"groups:{turn.offset}:{customer_id}", kind="identify", happened_us=turn.now_us,
                 source_id=OWN_SOURCE, ids=(Id(CUSTOMER, customer_id),), traits=traits,
                 context={"computed": {"by": "groups"}})  # fmt: skip
