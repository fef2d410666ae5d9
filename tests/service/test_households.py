"""Households by what customers share, accounts by group events; both as traits, through merges, splits and rebuilds."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from homing.core.event import Event, Id
from homing.core.settings import Settings
from homing.core.time import HOUR
from homing.identity import hand
from homing.profile.groups import groups_of
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.runtime.rebuild import projections, rebuild
from homing.storage import definitions, schema
from homing.storage.state import State

START = 1_514_764_800_000_000
RULES = {
    "kind": "household", "id": "household", "name": {"en": "Households", "zh": "家庭"}, "most": 3,
    "rules": [{"id": "address", "share": ["surname", "address"]}, {"id": "tablet", "share": ["device"]}],
}  # fmt: skip
FAMILIES = {
    "kind": "segment", "id": "families", "name": {"en": "Families", "zh": "家庭客户"},
    "condition": {"type": "trait", "name": "household_size", "op": "gte", "value": 2},
}  # fmt: skip
HOME = {"street": "4 Mill Lane", "postal_code": "LS1 4DX", "city": "Leeds"}


class Town:
    """A running workspace whose time is turned by hand."""

    def __init__(self, folder):
        self.clock = VirtualClock(START)
        settings = Settings(zone="UTC", currency="USD")
        self.runtime = Runtime(Workspace.open(folder, self.clock, settings), sending=False, nightly=False).start()
        self.n = 0

    def say(self, *events):
        self.runtime.workspace.log.append(list(events), dedupe="ever")
        self.runtime.settle(30)
        self.runtime.loader.catch_up()

    def lives(self, who, name, address=None, **traits):
        self._event("identify", who, traits={"last_name": name, "address": address or HOME} | traits)

    def uses(self, who, device):
        self._event("track", who, ("device_id", device), name="Page Viewed")

    def works(self, who, account, **traits):
        self._event("group", who, group_id=account, traits=traits)

    def _event(self, kind, who, *more, **said):
        self.n += 1
        self.clock.advance_to(self.clock() + HOUR)
        ids = tuple(Id(*i) for i in ((("user_id", who),) if who else ()) + more)
        self.say(Event(event_id=f"e{self.n}", kind=kind, happened_us=self.clock(), source_id="shop", ids=ids, **said))

    def publish(self, document):
        with self.runtime.workspace.state.write() as conn:
            definitions.save(conn, document["kind"], document["id"], document, now_us=self.clock(), by="test")
        self.runtime.publish(document["kind"], document["id"])
        self.runtime.settle(30)

    def traits(self, who):
        """(household, size, account) as conditions read them."""
        with self.runtime.workspace.state.read() as conn:
            t = schema.identifier
            customer = conn.execute(select(t.c.customer_id).where(t.c.value == who)).scalar()
            found = conn.execute(
                select(schema.customer.c.traits).where(schema.customer.c.customer_id == customer)
            ).scalar()
        return tuple((found.get(name) or [None])[0] for name in ("household_id", "household_size", "account_id"))

    def rows(self, table):
        with self.runtime.workspace.state.read() as conn:
            return list(conn.execute(select(table).order_by(*table.primary_key)))

    def customer(self, who):
        return next(r.customer_id for r in self.rows(schema.identifier) if r.value == who)

    def members(self):
        return {r.customer_id for r in self.rows(schema.segment_member)}


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path)
    yield made
    made.runtime.stop()


def test_customers_with_one_address_and_surname_are_a_household_from_where_the_rule_stands(town):
    town.lives("ann", "Lee")
    town.lives("bob", "LEE", HOME | {"street": "4 mill lane."})
    town.lives("cid", "Moss")
    assert town.traits("ann") == (None, None, None)
    town.publish(FAMILIES)
    town.publish(RULES)
    home, size, _ = town.traits("ann")
    assert (size, town.traits("bob")[:2]) == (2, (home, 2))
    assert town.traits("cid")[0] is None
    assert town.members() == {town.customer("ann"), town.customer("bob")}
    (entity,) = [r for r in town.rows(schema.group_entity) if r.kind == "household"]
    assert (entity.group_id, entity.size, entity.why) == (home, 2, "address")


@pytest.mark.parametrize("said", [["acme", "bolt"], {"id": "acme"}, 7, "acme"])
def test_what_a_source_says_under_the_name_of_an_account_hides_no_account(town, said):
    town.lives("ann", "Lee", account_id=said)
    town.works("ann", "acme")
    town.works("ann", "bolt")
    with town.runtime.workspace.state.read() as conn:
        found = groups_of(conn, town.customer("ann"))
    assert sorted(g.group_id for g in found) == ["acme", "bolt"]


def test_who_moves_in_or_out_changes_the_size_for_all_and_too_many_are_no_household(town):
    town.publish(RULES)
    for who in ("ann", "bob", "cid"):
        town.lives(who, "Lee")
    home = town.traits("ann")[0]
    assert {town.traits(w)[:2] for w in ("ann", "bob", "cid")} == {(home, 3)}
    town.lives("dee", "Lee")  # four: the document allows three
    assert {town.traits(w)[:2] for w in ("ann", "bob", "cid", "dee")} == {(None, None)}
    assert not [r for r in town.rows(schema.group_member) if r.kind == "household"]
    town.lives("dee", "Lee", HOME | {"street": "9 Park Avenue"})
    assert {town.traits(w)[:2] for w in ("ann", "bob", "cid")} == {(home, 3)}
    town.lives("ann", "Moss")
    assert (town.traits("ann")[:2], town.traits("bob")[:2]) == ((None, None), (home, 2))
    assert len([r for r in town.rows(schema.group_member) if r.kind == "household"]) == 2


def test_a_shared_tablet_makes_a_household_of_known_people_only(town):
    town.publish(RULES)
    town.uses("ann", "tablet")
    town.uses("bob", "tablet")
    home, size, _ = town.traits("ann")
    assert (home is not None, size) == (True, 2)
    town.say(Event(event_id="v", kind="track", name="Page Viewed", happened_us=town.clock(), source_id="shop",
                   ids=(Id("anonymous_id", "cookie"), Id("device_id", "tablet"))))  # fmt: skip
    assert town.traits("bob")[:2] == (home, 2)


def test_accounts_are_what_group_events_say(town):
    town.works("ann", "acme", plan="pro", seats=5)
    town.works("bob", "acme", plan="team")
    town.works("ann", "globex")
    assert (town.traits("ann")[2], town.traits("bob")[2]) == ("globex", "acme")
    found = {r.group_id: r for r in town.rows(schema.group_entity)}
    assert (found["acme"].size, found["globex"].size) == (2, 1)
    assert {n: v[0] for n, v in found["acme"].traits.items()} == {"plan": "team", "seats": 5}


def test_merged_customers_count_once_and_taken_apart_twice_and_a_rebuild_is_the_same(tmp_path):
    town = Town(tmp_path)
    town.publish(FAMILIES)
    town.publish(RULES)
    town.lives("ann", "Lee")
    town.lives("bob", "Lee")
    town._event("identify", "", ("member_card", "7"), traits={"last_name": "Lee", "address": HOME})
    town.works("bob", "acme")
    home = town.traits("ann")[0]
    assert town.traits("ann")[:2] == (home, 3)
    one, other = town.customer("ann"), town.customer("7")
    town.say(hand.merged_event("m1", one, other, town.clock(), by="user:olive"))
    assert town.traits("ann")[:2] == town.traits("bob")[:2] == (home, 2)
    merge = next(r for r in town.rows(schema.merge) if r.event_id == "m1")
    town.say(hand.split_event("s1", town.customer("ann"), town.clock(), by="user:olive", merge=merge.merge_id))
    assert town.traits("ann")[:2] == town.traits("7")[:2] == town.traits("bob")[:2] == (home, 3)
    assert len(town.members()) == 3
    assert {r.customer_id for r in town.rows(schema.group_member) if r.kind == "household"} == town.members()
    before = projections(town.runtime.workspace.state)
    town.runtime.stop()
    rebuild(tmp_path)
    state = State(tmp_path / "state.db")
    after = projections(state)
    state.close()
    assert {k: (v, before[k]) for k, v in after.items() if v != before[k]} == {}
