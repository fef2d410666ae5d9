"""Households after any sequence of moves, devices, merges and restarts are those a plain look at everybody finds."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from homing.core.event import CUSTOMER, Event, Id, Stored
from homing.core.turn import Turn
from homing.profile.groups.book import GroupBook
from homing.profile.groups.definition import HouseholdRules
from homing.profile.groups.keys import device_key, key_of
from homing.profile.groups.shared import household_id
from homing.storage.schema import group_entity, group_member
from homing.storage.state import State

PEOPLE = "abcdef"
RULES = HouseholdRules.model_validate(
    {
        "kind": "household", "id": "household", "name": "Households", "most": 3,
        "rules": [{"id": "home", "share": ["surname", "address"]}, {"id": "tablet", "share": ["device"]}],
    }
)  # fmt: skip
people = st.sampled_from(PEOPLE)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("lives"), people, st.sampled_from(["Lee", "Moss"]), st.sampled_from(["1 Hill", "2 Dale", None])
        ),
        st.tuples(st.just("uses"), people, st.sampled_from(["t1", "t2"])),
        st.tuples(st.just("merge"), people, people),
        st.tuples(st.just("flush"), st.booleans()),
    ),
    max_size=25,
)


@cache
def _empty() -> Path:
    path = Path(tempfile.mkdtemp()) / "state.db"
    State(path).close()
    return path


class Town:
    """The stage over a real store, and beside it what everybody said."""

    def __init__(self, folder: Path) -> None:
        shutil.copy(_empty(), folder / "state.db")
        self.state = State(folder / "state.db")
        self.said: dict[str, dict[str, str | None]] = {who: {} for who in PEOPLE}
        self.devices: dict[str, set[str]] = {who: set() for who in PEOPLE}
        self.told: dict[str, dict[str, object]] = defaultdict(dict)
        self.n = 0
        self.begin()

    def begin(self) -> None:
        self.book = GroupBook(self.state, lambda who, name: self.said.get(who, {}).get(name))
        self.book._adopt(RULES)

    def take(self, who: str, *, merged: str | None = None, traits=None, device: str | None = None) -> None:
        self.n += 1
        turn = Turn(self.n, self.n)
        if merged:
            self.said[who] = self.said.pop(merged) | self.said[who]
            self.devices[who] |= self.devices.pop(merged)
            self.told.pop(merged, None)
            self.book.merge(merged, who, turn)
        ids = (Id("user_id", who), *((Id("device_id", device),) if device else ()))
        self.book.apply(Stored(self.n, self.n, Event(
            event_id=f"e{self.n}", kind="identify" if traits else "track", happened_us=self.n, source_id="s", ids=ids,
            traits=traits or {})), who, turn)  # fmt: skip
        for event in turn.events:
            assert event.ids[0].type == CUSTOMER
            self.told[event.ids[0].value] |= event.traits

    def flush(self) -> None:
        with self.state.write() as conn:
            self.book.flush(conn)

    def households(self) -> dict[tuple[str, str], set[str]]:
        """The oracle: everybody looked at by every rule."""
        found = defaultdict(set)
        for who, said in self.said.items():
            key = key_of(RULES.rules[0], said.get)
            if key:
                found["home", key].add(who)
            for device in self.devices[who]:
                found["tablet", device_key(device)].add(who)
        return {key: members for key, members in found.items() if 2 <= len(members) <= RULES.most}


@settings(max_examples=120)
@given(steps)
def test_households_are_what_a_look_at_everybody_finds(sequence):
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        try:
            for step in sequence:
                if step[0] == "flush":
                    town.flush()
                    if step[1]:
                        town.begin()  # a new process knows what the tables say
                elif step[1] in town.said:
                    _do(town, step)
            town.flush()
            _check(town)
        finally:
            town.state.close()


def _do(town: Town, step) -> None:
    kind, who, *rest = step
    if kind == "lives":
        town.said[who] |= {"last_name": rest[0], "address": rest[1]}
        town.take(who, traits={"last_name": rest[0], "address": rest[1]})
    elif kind == "uses":
        town.devices[who].add(rest[0])
        town.take(who, device=rest[0])
    elif rest[0] in town.said and rest[0] != who:
        town.take(who, merged=rest[0])


def _check(town: Town) -> None:
    wanted = town.households()
    with town.state.read() as conn:
        members = {(r.group_id, r.customer_id) for r in conn.execute(select(group_member))}
        sizes = {r.group_id: r.size for r in conn.execute(select(group_entity))}
    assert members == {(household_id(key), who) for key, group in wanted.items() for who in group}
    assert sizes == {household_id(key): len(group) for key, group in wanted.items()}
    for who in town.said:
        mine = sorted((key for key, group in wanted.items() if who in group), key=lambda k: (k[0] != "home", k))
        home = (household_id(mine[0]), len(wanted[mine[0]])) if mine else (None, None)
        assert (town.told[who].get("household_id"), town.told[who].get("household_size")) == home
