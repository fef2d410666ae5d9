"""Tags in a running workspace: exact to the instant, told once, ended by a timer, the same after a rebuild."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import select

from homing.core.event import own_event
from homing.identity.hand import merged_event, split_event
from homing.profile import Wanted, customers
from homing.runtime.rebuild import place_of, projections, rebuild
from homing.storage.schema import merge
from homing.storage.state import State
from marks_world import BOUGHT, DAY, HOUR, SECOND, START, Shop, segment, shop, tag

LEVELS = tag(
    "level", value={"type": "text", "options": ["gold", "silver"]},
    cases=[
        {"value": "gold", "condition": BOUGHT | {"value": 3}},
        {"value": "silver", "condition": BOUGHT},
    ],
)  # fmt: skip


@pytest.fixture
def live(tmp_path: Path):
    with shop(tmp_path) as made:
        yield made


def test_a_rule_tag_is_there_at_the_event_and_gone_at_the_microsecond_its_window_ends(live: Shop):
    live.publish(tag("fresh", condition=BOUGHT | {"within": "30d"}))
    live.to(START + DAY)
    live.did("ann")
    assert live.tags("ann") == {"fresh": True}
    live.to(START + 31 * DAY - 1)
    assert live.tags("ann") == {"fresh": True}
    live.to(START + 31 * DAY)
    assert live.tags("ann") == {}
    assert live.said("Tag Added", "Tag Removed") == [
        (DAY // SECOND, "Tag Added", {"tag": "fresh", "by": "homing", "value": True}),
        (31 * DAY // SECOND, "Tag Removed", {"tag": "fresh", "by": "homing", "was": True}),
    ]


def test_the_first_case_that_holds_gives_the_value_and_a_changed_case_moves_everybody(live: Shop):
    live.did("ann")
    live.publish(LEVELS)
    assert live.tags("ann") == {"level": "silver"}
    live.did("ann")
    live.did("ann")
    assert live.tags("ann") == {"level": "gold"}
    live.publish(LEVELS | {"cases": [{"value": "silver", "condition": BOUGHT | {"value": 3}}]})
    assert live.tags("ann") == {"level": "silver"}
    live.publish(LEVELS, status="deleted")
    assert live.tags("ann") == {}


def test_a_model_tag_follows_its_number(live: Shop):
    live.publish(tag("risk", how="model", value={"type": "text"}, model={"trait": "score", "cases": [
        {"value": "high", "at_least": 0.8}, {"value": "some", "at_least": 0.5, "below": 0.8}]}))  # fmt: skip
    found = []
    for score in (0.9, 0.8, 0.79, 0.5, 0.49):
        live.to(live.clock() + SECOND)
        live.did("ann", kind="identify", traits={"score": score})
        found.append(live.tags("ann").get("risk"))
    assert found == ["high", "high", "some", "some", None]


def test_a_segment_over_a_tag_follows_in_the_same_turn_and_is_not_entered_in_between(live: Shop):
    has = {"type": "trait", "name": "tag.vip", "op": "exists"}
    live.publish(
        tag("vip", condition=BOUGHT),
        tag("star", condition={"type": "all", "of": [has, {"type": "did", "event": "Product Reviewed"}]}),
        segment("vips", has),
        segment("never", {"type": "all", "of": [BOUGHT, {"type": "not", "of": has}]}),
    )
    live.did("ann")
    live.did("ann", "Product Reviewed")
    assert live.segments("ann") == {"vips"}
    assert live.tags("ann") == {"vip": True, "star": True}
    assert [p["segment"] for _, _, p in live.said("Segment Entered", "Segment Left")] == ["vips"]


def test_the_first_by_a_number_in_a_tag_change_places_in_the_same_turn(live: Shop):
    live.publish(
        tag("count", value={"type": "number"},
            cases=[{"value": n, "condition": BOUGHT | {"value": n}} for n in (3, 2, 1)])
    )  # fmt: skip
    live.publish(segment("best", {"type": "top", "trait": "tag.count", "n": 1}))
    live.did("ann")
    live.did("ann")
    live.did("bob")
    assert (live.segments("ann"), live.segments("bob")) == ({"best"}, set())
    live.did("bob")
    live.did("bob")
    assert (live.segments("ann"), live.segments("bob")) == (set(), {"best"})


def test_a_tag_given_by_hand_ends_by_itself_and_moves_segments_both_ways(live: Shop):
    live.publish(
        tag("guest", how="manual", expires={"after": "2h"}),
        segment("guests", {"type": "trait", "name": "tag.guest", "op": "eq", "value": True}),
    )
    live.did("ann", "Product Viewed")
    live.hand("ann", "Tag Added", "guest")
    assert (live.tags("ann"), live.segments("ann")) == ({"guest": True}, {"guests"})
    live.to(START + 2 * HOUR - 1)
    assert live.tags("ann") == {"guest": True}
    live.to(START + 2 * HOUR)
    assert (live.tags("ann"), live.segments("ann")) == ({}, set())
    ((at, _, said),) = live.said("Tag Removed")
    assert (at, said["because"], said["by"]) == (2 * HOUR // SECOND, "expired", "homing")
    live.hand("ann", "Tag Added", "guest")
    live.hand("ann", "Tag Removed", "guest")
    assert live.tags("ann") == {}


def test_a_rule_tag_whose_time_is_over_comes_back_only_when_its_rule_holds_anew(live: Shop):
    live.publish(tag("hot", condition=BOUGHT | {"within": "10d"}, expires={"after": "3d"}))
    live.did("ann")
    live.to(START + 3 * DAY)
    assert live.tags("ann") == {}
    live.did("ann")
    assert live.tags("ann") == {}, "its rule never ceased"
    live.to(START + 14 * DAY)
    live.did("ann")
    assert live.tags("ann") == {"hot": True}


def test_what_nobody_may_say_changes_nothing(live: Shop):
    live.publish(tag("vip", condition=BOUGHT), LEVELS | {"how": "manual", "cases": []})
    live.did("ann", kind="identify", traits={"tag.vip": True, "lifecycle.x": "y"})
    live.did("ann", "Tag Added", tag="level", value="gold")  # a client, not a person signed in
    live.hand("ann", "Tag Added", "vip")  # a rule's
    live.hand("ann", "Tag Added", "level", value="bronze")  # not among the values
    live.hand("ann", "Tag Added", "nothing")
    assert live.tags("ann") == {}
    assert live.runtime.workspace.stages.profile.trait_of(live.id_of("ann"), "tag.vip") is None


def test_of_two_customers_who_are_one_the_later_word_counts_and_the_rule_sees_both(live: Shop):
    live.publish(
        tag("twice", condition=BOUGHT | {"value": 2}),
        tag("note", how="manual", value={"type": "text"}, expires={"after": "9d"}),
    )
    live.did("ann", ids={"anonymous_id": "cookie"})
    live.did("bob", ids={"user_id": "bob"})
    live.hand("cookie", "Tag Added", "note", value="old")
    live.to(START + HOUR)
    live.hand("bob", "Tag Added", "note", value="new")
    live.to(START + 2 * HOUR)
    live.did("bob", "Signed In", ids={"user_id": "bob", "anonymous_id": "cookie"})
    assert live.tags("bob") == {"note": "new", "twice": True}
    live.to(START + 9 * DAY + HOUR)
    assert live.tags("bob") == {"twice": True}
    counts = {p["tag"]: n for _, n, p in live.said("Tag Removed")}
    assert counts == {"note": "Tag Removed"}, "one customer, one tag, one end"


def test_a_rebuild_gives_the_same_tags_days_and_timers(tmp_path: Path):
    dice = random.Random(11)
    with shop(tmp_path) as live:
        for hour in range(40):
            if hour == 5:
                live.publish(LEVELS, tag("fresh", condition=BOUGHT | {"within": "6h"}, expires={"after": "9h"}))
                live.publish(tag("note", how="manual", value={"type": "number"}, expires={"after": "7h"}))
            for _ in range(dice.randint(0, 6)):
                who = f"user{dice.randint(10, 22)}"
                ids = {"user_id": who} | ({"anonymous_id": f"ck{dice.randint(1, 9)}"} if dice.random() < 0.3 else {})
                if dice.random() < 0.2:
                    ids.pop("user_id", None)
                    ids["anonymous_id"] = f"ck{dice.randint(1, 9)}"
                live.did(who, dice.choice(["Order Completed", "Product Viewed"]), ids=ids)
            if hour > 5 and dice.random() < 0.5:
                with live.runtime.workspace.state.read() as conn:
                    rows = customers(conn, Wanted(), limit=50)
                one = dice.choice(rows).customer_id
                live.n += 1
                live.runtime.workspace.log.append([own_event(
                    f"hand{live.n}", dice.choice(["Tag Added", "Tag Added", "Tag Removed"]), one, live.clock(),
                    {"tag": "note", "value": hour, "by": "user:olive"})])  # fmt: skip
            live.to(START + hour * HOUR)
    state = State(tmp_path / "state.db")
    before, place = projections(state), place_of(state)
    state.close()
    assert all(before[name] for name in ("customer_tag", "tag_day", "merge", "timer"))
    rebuild(tmp_path)
    state = State(tmp_path / "state.db")
    after = projections(state)
    assert place_of(state) == place
    state.close()
    for table, rows in before.items():
        assert after[table] == rows, table


def test_customers_taken_apart_have_the_tags_and_stages_of_what_each_of_them_did_and_was_told(tmp_path: Path):
    short = {
        "kind": "lifecycle", "id": "short", "name": {"en": "Short", "zh": "简"},
        "stages": [
            {"id": "known", "name": {"en": "Known", "zh": "已知"}},
            {"id": "bought", "name": {"en": "Bought", "zh": "购买"}, "condition": BOUGHT},
        ],
        "order": ["bought", "known"],
    }  # fmt: skip
    with shop(tmp_path) as live:
        live.publish(
            tag("twice", condition=BOUGHT | {"value": 2}, expires={"after": "40d"}),
            tag("once", condition=BOUGHT),
            tag("note", how="manual", value={"type": "text"}, expires={"after": "9d"}),
            short,
            segment("twices", {"type": "trait", "name": "tag.twice", "op": "exists"}),
        )
        live.did("ann", ids={"user_id": "ann"})
        live.did("bob", "Product Viewed", ids={"email": "bob@shop.example"})
        live.hand("bob", "Tag Added", "note", value="calls")
        live.to(START + HOUR)
        one, other = live.id_of("ann"), live.id_of("bob")
        live.runtime.workspace.log.append([merged_event("m1", one, other, live.clock(), by="user:olive")])
        live.did("ann", ids={"user_id": "ann"})
        assert live.tags("ann") == {"note": "calls", "once": True, "twice": True}
        assert live.segments("ann") == {"twices"}
        live.to(START + 2 * HOUR)
        with live.runtime.workspace.state.read() as conn:
            (merged,) = conn.execute(select(merge)).all()
        live.runtime.workspace.log.append(
            [split_event("s1", merged.winner, live.clock(), by="user:olive", merge=merged.merge_id)]
        )
        live.settle()
        assert (live.tags("ann"), live.tags("bob")) == ({"once": True, "twice": True}, {"note": "calls"})
        assert (live.segments("ann"), live.segments("bob")) == ({"twices"}, set())
        assert (live.stage("ann", "short"), live.stage("bob", "short")) == ("bought", "known")
        assert len([1 for _, _, p in live.said("Tag Added") if p["tag"] == "twice"]) == 1, "told once"
        live.to(START + 9 * DAY)
        assert live.tags("bob") == {}
    state = State(tmp_path / "state.db")
    before = projections(state)
    state.close()
    counted = {row[0]: row[4] for row in sorted(before["tag_day"], key=lambda row: row[1])}
    assert counted == {"twice": 1, "once": 1, "note": 0}
    rebuild(tmp_path)
    state = State(tmp_path / "state.db")
    after = projections(state)
    state.close()
    for table, rows in before.items():
        assert after[table] == rows, table
