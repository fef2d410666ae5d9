"""What does a stage hold in memory, and is it the same however often it was packed, written, read back and let go?"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.core.time import zone_of
from homing.profile.held import Held, pack, unpack
from homing.profile.person import Person
from homing.profile.stats import Stats
from homing.storage.schema import segment_state
from homing.storage.state import State
from homing.storage.state.hot import Hot
from homing.storage.state.opened import Opened

OSLO = zone_of("Europe/Oslo")
PEOPLE = [f"c{n}" for n in range(12)]


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path / "state.db")
    yield made
    made.close()


def hot_of(state: State, capacity: int, opened: int) -> Hot[list[int]]:
    return Hot(state, segment_state, bytes, list, capacity, opened)


@pytest.mark.parametrize(("capacity", "opened"), [(1_000, 1_000), (1_000, 0), (1_000, 3), (5, 0), (5, 2), (0, 0)])
def test_memory_is_what_a_plain_dict_would_hold(state, capacity, opened):
    rng = random.Random(capacity * 31 + opened)
    hot, wanted = hot_of(state, capacity, opened), dict[str, list[int]]()
    for _ in range(600):
        who, what = rng.choice(PEOPLE), rng.random()
        assert who in wanted or not hot.knows(who)  # beyond the capacity it may not know, but never wrongly
        found = hot.find(who)
        assert found == wanted.get(who)
        assert hot.knows(who) == (who in wanted)
        if what < 0.5:
            if found is None:
                hot.put(who, [rng.randrange(9)])
            else:
                found.append(rng.randrange(9))
                hot.touch(who)
            wanted[who] = list(hot.find(who))
        elif what < 0.6:
            hot.drop(who)
            wanted.pop(who, None)
        elif what < 0.8:
            with state.write() as conn:
                hot.flush(conn)
        elif what < 0.85:
            with state.write() as conn:
                assert hot.everybody(conn) == sorted(wanted)
            hot.forget()
            with state.read() as conn:
                hot.load(conn)
    with state.write() as conn:
        hot.flush(conn)
        rows = dict(conn.exec_driver_sql("SELECT customer_id, state FROM segment_state").fetchall())
    assert rows == {who: bytes(kept) for who, kept in wanted.items()}
    opened_now, packed = hot.opened.everybody(), hot.rows()
    assert len(packed) <= capacity
    assert len(opened_now) <= opened
    assert opened_now.items() <= {who: list(body) for who, body in packed.items()}.items()


def test_who_is_met_again_and_again_stays_and_the_others_leave_a_few_at_a_time():
    opened, left = Opened[int](10), []
    for n in range(200):
        opened.put(f"once{n}", n)
        assert opened.find("often") or n == 0
        if n == 0:
            opened.put("often", -1)
        gone = opened.leaving()
        assert len(gone) <= 1
        left += [who for who, _ in gone]
    assert left == [f"once{n}" for n in range(191)]
    assert len(opened) == len(opened.everybody()) == 10
    for n in range(30):
        opened.put(f"more{n}", n)
    assert len(opened.leaving()) == 40
    assert len(opened) == 0


values = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.text(max_size=5), st.just([1, "a"]))


@given(st.dictionaries(st.sampled_from(["city", "timezone", "tier"]), values), st.lists(st.integers(0, 23), max_size=9))
def test_a_packed_customer_is_the_customer(traits, hours):
    stats = Stats()
    for hour in hours:
        stats.act(hour, "web" if hour % 2 else None)
    stats.order(5, 3, 20_000, "EUR")
    person = Person("c1", 1, 2, 3, OSLO, {n: [v, 1, "shop", 4] for n, v in traits.items()}, stats, "buyer", 9,
                    {"email": "a@b.example"})  # fmt: skip
    person.zone = person.zone_or(OSLO)
    body = pack(person)
    if body is None:
        assert any(isinstance(v, int) and v >= 2**63 for v in traits.values())
    else:
        assert unpack("c1", body, OSLO) == person


def test_whoever_cannot_be_packed_is_let_go():
    held = Held(OSLO, opened=0)
    for name, value in (("c1", 2**70), ("c2", 1)):
        held.put(Person(name, 1, 2, 3, OSLO, {"n": [value, 1, "shop", 4]}))
    held.tidy()
    assert held.find("c1") is None
    assert held.find("c2") is not None
    held.put(Person("c3", 1, 2, 3, OSLO)).layer("partner")
    held.tidy()
    assert held.find("c3") is None


def test_the_longest_unseen_leave_first():
    held = Held(OSLO, opened=0, capacity=2)
    for name in ("c1", "c2", "c3"):
        held.put(Person(name, 1, 2, 3, OSLO))
        held.tidy()
    assert [held.find(name) is not None for name in ("c1", "c2", "c3")] == [False, True, True]
