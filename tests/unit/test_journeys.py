"""People walk through journeys: they wait, are written to, leave when they buy."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.act.journeys import runner as runner_module
from journey_world import ORDER, World, campaign, delay, journey, say, us


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path)
    yield made
    made.state.close()


def wait(to: str = "thanks", timeout_to: str = "again", **more):
    return {
        "id": "wait",
        "type": "wait_for",
        "events": [ORDER | {"to": to}],
        "timeout": "3d",
        "timeout_to": timeout_to,
    } | more


def test_a_member_waits_is_mailed_reminded_and_comes_to_the_end(world):
    world.publish(
        journey(
            delay("rest", "2h", "mail"),
            say("mail", next="wait"),
            wait(),
            say("again"),
            {"id": "thanks", "type": "exit"},
        )
    )
    world.enter("ann", "dormant")
    assert world.path("ann") == ["rest"]
    world.until("2026-03-02T10:59")
    assert world.sends() == []
    world.until("2026-03-05T11:00")  # two hours and three days later, to the minute
    assert world.path("ann") == ["rest", "mail", "wait", "again"]
    assert world.sends() == [("ann", "mail", "queued", None), ("ann", "again", "queued", None)]
    assert world.decided() == [us("2026-03-02T11:00"), us("2026-03-05T11:00")]
    assert world.visits() == [("ann", "again", "done", "exit_done")]
    assert [e.properties["from_node"] for e in world.told("Journey Step Reached")[1:]] == ["rest", "mail", "wait"]


def test_an_order_ends_a_journey_the_moment_it_comes_not_when_the_step_ends(world):
    world.publish(journey(delay("rest", "30d", "mail"), say(), exit_on=[ORDER]))
    world.enter("ann", "dormant")
    world.until("2026-03-03T00:00")
    world.happen("ann", "Order Completed", {"order_id": "1"})
    (left,) = world.told("Journey Exited")
    assert (left.happened_us, left.properties["reason"], left.properties["node"]) == (
        us("2026-03-03T00:00"),
        "exit_event",
        "rest",
    )
    world.until("2026-05-01T00:00")
    assert world.sends() == []


def test_an_order_of_the_right_kind_leads_on_from_a_wait_and_others_do_not(world):
    big = ORDER | {"where": [{"property": "revenue", "op": "gte", "value": 50}], "to": "thanks"}
    world.publish(journey(wait(events=[big]), say("again"), {"id": "thanks", "type": "exit"}))
    world.enter("ann", "dormant")
    world.happen("ann", "Order Completed", {"revenue": 10})
    assert world.path("ann") == ["wait"]
    world.happen("bob", "Order Completed", {"revenue": 80})
    world.happen("ann", "Order Completed", {"revenue": "50.00"})
    assert world.path("ann") == ["wait", "thanks"]
    world.until("2026-03-20T00:00")
    assert world.sends() == []  # the time-out is gone


@pytest.mark.parametrize(
    ("already", "path"), [("ignore", ["rest", "wait", "again"]), ("since_entry", ["rest", "wait", "thanks"])]
)
def test_what_happened_before_the_wait_counts_only_when_the_journey_says_so(world, already, path):
    world.publish(
        journey(delay("rest", "1d", "wait"), wait(already=already), say("again"), {"id": "thanks", "type": "exit"})
    )
    world.enter("ann", "dormant")
    world.until("2026-03-02T12:00")
    world.happen("ann", "Order Completed")
    world.open()
    world.until("2026-03-10T12:00")
    assert world.path("ann") == path


def test_history_enters_nobody_and_moves_nobody(world):
    by_event = journey(say("mail"), id="thank", entry={"type": "event", "event": "Order Completed"})
    world.publish(journey(delay("rest", "9d", "mail"), say(), exit_on=[ORDER]), by_event)
    world.enter("ann", "dormant")
    world.happen("ann", "Order Completed", happened="2026-03-01T08:59")  # a day and a minute old
    world.happen("bob", "Order Completed", happened="2026-01-01", enters="dormant")
    assert world.visits() == [("ann", "rest", "waiting", None)]
    world.happen("bob", "Order Completed", happened="2026-03-01T09:01")
    assert world.visits()[1] == ("bob", "mail", "done", "exit_done")


def test_existing_members_enter_when_published_only_if_the_journey_says_so(world):
    world.people.get("ann").segments.add("dormant")
    world.publish(journey(delay("rest", "2h")))
    assert world.visits() == []
    world.publish(journey(delay("rest", "2h"), entry={"type": "segment", "segment": "dormant", "existing": True}))
    world.happen("bob", "Order Completed", happened="2025-01-01", enters="dormant")  # imported, and existing enter
    assert [v[0] for v in world.visits()] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("rule", "entries"), [({"type": "never"}, 1), ({"type": "each"}, 3), ({"type": "after", "after": "10d"}, 2)]
)
def test_coming_again_is_never_after_a_while_or_each_time(world, rule, entries):
    world.publish(journey(delay("rest", "2h"), reentry=rule))
    for day in ("02", "05", "20"):
        world.until(f"2026-03-{day}T10:00")
        world.enter("ann", "dormant")
        world.enter("ann", "dormant")  # never twice at once
        world.open()
    assert len(world.visits()) == entries


def test_visits_stay_on_their_version_and_new_ones_take_the_new(world):
    world.publish(journey(delay("rest", "1d", "mail"), say()))
    world.enter("ann", "dormant")
    world.publish(journey(delay("nap", "1d")))
    world.enter("bob", "dormant")
    world.open()
    world.until("2026-03-04T00:00")
    assert (world.path("ann"), world.path("bob")) == (["rest", "mail"], ["nap"])
    assert {e.properties["version"] for e in world.told("Journey Step Reached") if e.ids[0].value == "ann"} == {1}


def test_a_pause_keeps_everyone_where_they_are_and_loses_nothing(world):
    document = journey(delay("rest", "1d", "wait"), wait(), say("again"), {"id": "thanks", "type": "exit"})
    world.publish(document)
    world.enter("ann", "dormant")
    world.publish(document, status="paused")
    world.enter("bob", "dormant")
    world.until("2026-03-20T00:00")
    assert world.path("ann") == ["rest"]
    assert world.path("bob") == []
    world.open()
    world.publish(document)
    assert world.path("ann") == ["rest", "wait"]
    world.publish(document, status="paused")
    world.happen("ann", "Order Completed")
    world.publish(document)
    assert world.path("ann") == ["rest", "wait", "thanks"]


def test_deleting_a_journey_lets_everyone_out(world):
    document = journey(delay("rest", "1d", "mail"), say())
    world.publish(document)
    world.enter("ann", "dormant")
    world.publish(document, status="deleted")
    world.until("2026-03-20T00:00")
    assert world.visits() == [("ann", "rest", "exited", "exit_deleted")]
    assert world.sends() == []


def test_a_branch_asks_what_is_known_at_that_moment(world):
    split = {"id": "vip", "type": "branch", "condition": {"type": "trait", "name": "orders", "op": "gte", "value": 5},
             "yes": "mail", "no": "bye"}  # fmt: skip
    world.publish(journey(delay("rest", "1h", "vip"), split, say(), {"id": "bye", "type": "exit"}))
    world.enter("ann", "dormant")
    world.enter("bob", "dormant")
    world.people.get("ann").traits["orders"] = 7
    world.until("2026-03-03T00:00")
    assert (world.path("ann")[-1], world.path("bob")[-1]) == ("mail", "bye")


@pytest.mark.parametrize(
    ("now", "at", "zone", "due"),
    [
        ("2026-03-02T09:00Z", "10:00", "Asia/Shanghai", "2026-03-03T02:00Z"),  # it is 17:00 there: tomorrow
        ("2026-03-02T01:00Z", "10:00", "Asia/Shanghai", "2026-03-02T02:00Z"),
        ("2026-03-08T05:00Z", "02:30", "America/New_York", "2026-03-08T07:00Z"),  # 02:30 is skipped: 03:00 EDT
        ("2026-11-01T04:00Z", "01:30", "America/New_York", "2026-11-01T05:30Z"),  # 01:30 comes twice: the first
        ("2026-03-02T09:00Z", "10:00", "no/zone", "2026-03-02T10:00Z"),  # nonsense: the workspace's zone
    ],
)
def test_a_time_of_day_is_the_customers_own_also_when_clocks_change(tmp_path, now, at, zone, due):
    world = World(tmp_path, now=now)
    world.people.get("ann").traits["timezone"] = zone
    world.publish(journey({"id": "until", "type": "delay_until", "time": at, "next": "mail"}, say()))
    world.enter("ann", "dormant")
    world.until("2026-12-01T00:00")
    assert world.decided() == [us(due)]


def test_the_active_hour_of_a_customer_decides_and_a_default_stands_in(world):
    until = {"id": "until", "type": "delay_until", "trait": "active_hour", "time": "12:30", "next": "mail"}
    world.publish(journey(until, say()))
    world.people.get("ann").traits["active_hour"] = 19
    world.enter("ann", "dormant")
    world.enter("bob", "dormant")
    world.until("2026-03-04T00:00")
    assert world.decided() == [us("2026-03-02T12:30"), us("2026-03-02T19:00")]


def test_the_held_out_walk_along_and_get_no_message(world):
    world.publish(
        campaign(50), journey(say("mail", next="wait"), wait(), say("again"), {"id": "thanks", "type": "exit"})
    )
    people = [f"c{n}" for n in range(60)]
    for who in people:
        world.enter(who, "dormant")
    world.until("2026-03-20T00:00")
    arms = {e.ids[0].value: e.properties["arm"] for e in world.told("Holdout Assigned")}
    control = {who for who, arm in arms.items() if arm == "control"}
    assert set(arms) == set(people)
    assert 15 < len(control) < 45
    assert {c for c, _, status, _ in world.sends() if status == "queued"} == set(people) - control
    assert {(c, reason) for c, _, status, reason in world.sends() if status == "refused"} == {
        (c, "holdout") for c in control
    }
    assert all(world.path(who) == ["mail", "wait", "again"] for who in people)
    assert {e.properties["arm"] for e in world.told("Journey Step Reached")} == {"control", "treated"}


def test_two_who_turn_out_to_be_one_go_on_once_with_the_older_visit(world):
    world.publish(campaign(20), journey(delay("rest", "2d", "mail"), say()))
    world.enter("old", "dormant")
    world.until("2026-03-03T00:00")
    world.enter("new", "dormant")
    first = world.told("Holdout Assigned")[0].properties["arm"]
    world.merge("old", "new")  # the older visit's customer id is the one that goes
    world.open()
    world.until("2026-03-20T00:00")
    assert world.visits() == [("new", "mail", "done", "exit_done"), ("new", "rest", "exited", "exit_merged")]
    assert world.sends() == [
        ("new", "mail", "queued" if first == "treated" else "refused", None if first == "treated" else "holdout")
    ]
    assert world.decided() == [us("2026-03-04T09:00")]


def test_a_stop_of_the_process_between_any_two_events_changes_nothing(tmp_path):
    def run(folder, restart):
        world = World(folder)
        world.publish(
            journey(
                delay("rest", "2h", "mail"),
                say("mail", next="wait"),
                wait(),
                say("again"),
                {"id": "thanks", "type": "exit"},
                exit_on=[{"event": "Unsubscribed"}],
            )
        )
        for hour, who, name in [
            (1, "ann", "in"),
            (2, "bob", "in"),
            (3, "ann", "x"),
            (9, "ann", "Order Completed"),
            (30, "cid", "in"),
            (31, "cid", "Unsubscribed"),
        ]:
            world.until(f"2026-03-{3 + hour // 24:02d}T{hour % 24:02d}:00")
            if restart:
                world.open()
            world.enter(who, "dormant") if name == "in" else world.happen(who, name)
        world.until("2026-03-20T00:00")
        return [(e.event_id, e.happened_us, e.properties) for e in world.events], world.sends(), world.visits()

    assert run(tmp_path / "a", False) == run(tmp_path / "b", True)


def test_a_circle_that_never_waits_is_left_with_its_name(world, monkeypatch):
    monkeypatch.setattr(runner_module, "MAX_STEPS", 10)
    split = {
        "id": "turn",
        "type": "branch",
        "condition": {"type": "trait", "name": "x", "op": "exists"},
        "yes": "turn",
        "no": "turn",
    }
    world.publish(journey(split))
    world.enter("ann", "dormant")
    assert world.visits() == [("ann", "turn", "exited", "exit_loop")]
