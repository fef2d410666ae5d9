"""Segments on the stream: entered and left at the right microsecond, once, whatever order things arrive in."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from homing.core.condition import parse
from homing.core.errors import InvalidInput, Terminal
from homing.core.time import DAY
from homing.core.turn import Turn
from homing.segments import Segment, counts, members_of, preview, segments_of, used_by, written_out
from homing.segments.person import decode
from homing.storage import definitions
from homing.storage.schema import segment_member

sys.path.insert(0, str(Path(__file__).parents[1] / "property"))
from segment_world import World

BOUGHT = parse({"type": "did", "event": "Order Completed", "within": "30d"})
DORMANT = parse(
    {
        "type": "all",
        "of": [
            {
                "type": "did",
                "event": "Order Completed",
                "measure": "sum",
                "property": "revenue",
                "op": "gte",
                "value": 100,
            },
            {"type": "absent", "event": "Order Completed", "within": "60d"},
        ],
    }
)
START = 1_000 * DAY


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path / "w")
    made.now = START
    yield made
    made.close()


def heard(world: World) -> list[tuple[str, str, int]]:
    """(customer, in or out, day since the start) of every change, in order."""
    return [(c.customer_id, "in" if c.entered else "out", (c.at_us - START) // DAY) for c in world.changes]


def test_a_window_ends_at_its_microsecond(world: World):
    world.publish("bought", BOUGHT)
    world.event("ann", START + DAY, name="Order Completed")
    world.advance(START + 31 * DAY - 1)
    assert world.by_stream("bought") == {"ann"} == world.by_warehouse("bought")
    world.advance(START + 31 * DAY)
    assert world.by_stream("bought") == set() == world.by_warehouse("bought")
    assert heard(world) == [("ann", "in", 1), ("ann", "out", 31)]
    assert [(e.name, e.properties, e.event_id) for e in world.emitted] == [
        ("Segment Entered", {"segment": "bought"}, f"seg:bought:ann:{START + DAY}:2:in"),
        ("Segment Left", {"segment": "bought"}, f"seg:bought:ann:{START + 31 * DAY}:2:out"),
    ]


def test_absence_comes_true_by_itself_and_an_order_ends_it(world: World):
    world.publish("dormant", DORMANT)
    world.event("ann", START, name="Order Completed", properties={"revenue": 60})
    world.event("ann", START + 10 * DAY, name="Order Completed", properties={"revenue": "60.00"})
    world.event("bob", START, name="Order Completed", properties={"revenue": 99.9999})
    world.advance(START + 100 * DAY)
    world.event("ann", START + 100 * DAY, name="Order Completed", properties={"revenue": 1})
    assert heard(world) == [("ann", "in", 70), ("ann", "out", 100)]


def test_who_never_did_anything_is_absent_from_the_first_moment(world: World):
    world.publish("quiet", parse({"type": "absent", "event": "Order Completed"}))
    world.event("ann", START + DAY, name="Product Viewed")
    assert heard(world) == [("ann", "in", 1)]


def test_a_late_event_counts_where_it_belongs_in_time(world: World):
    world.publish("bought", BOUGHT)
    world.event("ann", START + 40 * DAY, name="Order Completed", happened_us=START + 20 * DAY)
    world.event("bob", START + 40 * DAY, name="Order Completed", happened_us=START + 10 * DAY)
    world.event("ann", START + 41 * DAY, name="Order Completed", happened_us=START + 5 * DAY)
    world.advance(START + 90 * DAY)
    assert heard(world) == [("ann", "in", 40), ("ann", "out", 50)]


def test_publishing_finds_what_happened_before_and_later_events_count_on(world: World):
    three = parse({"type": "did", "event": "Order Completed", "within": "30d", "op": "gte", "value": 3})
    for day in (0, 5, 10):
        world.event("ann", START + day * DAY, name="Order Completed")
    world.event("bob", START + 8 * DAY, name="Order Completed")
    world.event("bob", START + 9 * DAY, name="Order Completed")
    world.advance(START + 20 * DAY)
    world.publish("three", three)
    world.event("bob", START + 21 * DAY, name="Order Completed")
    world.advance(START + 60 * DAY)
    assert heard(world) == [("ann", "in", 20), ("bob", "in", 21), ("ann", "out", 30), ("bob", "out", 38)]


def test_where_nothing_is_judged_customers_are_known_all_the_same(world: World):
    never = parse({"type": "absent", "event": "Order Completed", "within": "30d"})
    for who in ("ann", "bob", "ann"):
        world.event(who, START + DAY, name="Product Viewed")
    assert world.stream.program.idle
    world.advance(START + 2 * DAY)
    world.publish("never", never)
    assert not world.stream.program.idle
    world.event("bob", START + 3 * DAY, name="Order Completed")
    world.advance(START + 4 * DAY)
    assert world.by_stream("never") == {"ann"} == world.by_warehouse("never")


def test_a_changed_segment_moves_only_those_it_must_and_a_segment_taken_back_leaves_no_trace(world: World):
    world.publish("bought", BOUGHT)
    for customer, name in (("ann", "Order Completed"), ("bob", "Product Viewed")):
        world.event(customer, START + DAY, name=name)
    world.publish("bought", parse({"type": "any", "of": [{"type": "did", "event": "Product Viewed"}]}))
    assert heard(world) == [("ann", "in", 1), ("ann", "out", 1), ("bob", "in", 1)]
    said = len(world.emitted)
    world.publish("bought", BOUGHT, status="deleted")
    assert (len(world.emitted), world.stream.members("bought")) == (said, frozenset())
    with world.state.read() as conn:
        assert conn.execute(segment_member.select()).all() == []


def test_a_segment_inside_another_is_followed_when_it_changes(world: World):
    world.publish("bought", BOUGHT)
    world.publish("others", parse({"type": "not", "of": {"type": "in_segment", "segment": "bought"}}))
    world.event("ann", START, name="Order Completed")
    world.event("bob", START, name="Product Viewed")
    assert world.by_stream("others") == {"bob"}
    world.publish("bought", parse({"type": "did", "event": "Product Viewed"}))
    assert world.by_stream("others") == {"ann"}
    with world.state.read() as conn:
        assert (used_by(conn, "bought"), used_by(conn, "others")) == (["others"], [])
        with pytest.raises(InvalidInput, match="leads back"):
            written_out(conn, parse({"type": "in_segment", "segment": "others"}), segment="bought")


def test_a_merge_unites_what_both_did_and_carries_membership_on(world: World):
    twice = parse({"type": "did", "event": "Order Completed", "within": "30d", "op": "gte", "value": 2})
    world.publish("bought", BOUGHT)
    world.publish("twice", twice)
    world.event("ann", START, name="Order Completed")
    world.event("cookie", START + 2 * DAY, name="Order Completed")
    world.event("ann", START + 3 * DAY, name="Signed In", merge="cookie")
    assert [(c.segment_id, *h) for c, h in zip(world.changes, heard(world), strict=True)] == [
        ("bought", "ann", "in", 0), ("bought", "cookie", "in", 2), ("twice", "ann", "in", 3)
    ]  # fmt: skip
    world.commit()
    with world.state.read() as conn:
        assert counts(conn) == {"bought": 1, "twice": 1}
        assert [(m.customer_id, m.since_us) for m in members_of(conn, "bought")] == [("ann", START)]
        assert [m.segment_id for m in segments_of(conn, "ann")] == ["bought", "twice"]


def test_a_restart_changes_nothing(world: World):
    world.publish("bought", BOUGHT)
    world.event("ann", START + DAY, name="Order Completed")
    world.restart()
    assert world.stream.is_member("ann", "bought")
    world.advance(START + 40 * DAY)
    assert heard(world) == [("ann", "in", 1), ("ann", "out", 31)]


def test_what_a_failed_transaction_would_have_written_is_forgotten(world: World):
    world.publish("bought", BOUGHT)
    world.commit()
    world.event("ann", START + DAY, name="Order Completed")
    world.stream.forget()
    world.timers.forget()
    with world.state.read() as conn:
        world.stream.load(conn)
    assert not world.stream.is_member("ann", "bought")


def test_a_customer_who_keeps_coming_back_does_not_move_the_timer_each_time(world: World):
    world.publish("bought", BOUGHT)
    set_ = []
    for day in range(20):
        turn = Turn(START + day * DAY, 100 + day)
        stored = world.log[0][0]._replace(offset=100 + day, received_us=turn.now_us)
        event = type(stored.event)(event_id=str(day), kind="track", name="Order Completed", happened_us=turn.now_us,
                                   source_id="t")  # fmt: skip
        world.stream.apply(stored._replace(event=event), "ann", (), turn)
        set_ += turn.timers.values()
    assert [t.due_us for t in set_] == [START + 30 * DAY]


def test_a_journey_may_ask_only_what_is_watched(world: World):
    world.publish("bought", BOUGHT)
    world.event("ann", START, name="Product Viewed", properties={"price": 20})
    world.commit()
    world.load()
    branch = parse({"type": "all", "of": [
        {"type": "did", "event": "Product Viewed", "where": [{"property": "price", "op": "gte", "value": 10}]},
        {"type": "not", "of": {"type": "in_segment", "segment": "bought"}}]})  # fmt: skip
    with pytest.raises(InvalidInput, match="not watched"):
        world.stream.holds(branch, "ann", world.now)
    with world.state.write() as conn:
        world.stream.watch("welcome", [branch], Turn(world.now, len(world.log) + 1), conn)
        world.stream.flush(conn)
    assert world.stream.holds(branch, "ann", world.now)
    world.event("bob", START + 1, name="Product Viewed", properties={"price": 20})
    world.event("ann", START + 1, name="Order Completed")
    world.restart()
    assert [world.stream.holds(branch, who, world.now) for who in ("ann", "bob", "nobody")] == [False, True, False]


def test_a_preview_counts_without_publishing(world: World):
    for n in range(20):
        world.event(f"c{n:02}", START + n, name="Order Completed" if n % 4 else "Product Viewed")
    world.load()
    found = preview(world.warehouse, parse({"type": "absent", "event": "Order Completed"}), world.now, examples=3)
    assert (found.count, found.total, found.examples) == (5, 20, ("c00", "c04", "c08"))
    nobody = preview(world.warehouse, parse({"type": "share", "percent": 0, "salt": "x"}), world.now)
    assert (nobody.count, nobody.examples) == (0, ())


def test_a_document_is_checked_and_its_name_may_be_one_text(world: World):
    made = Segment.model_validate({"id": "big", "name": "Big", "condition": {"type": "did", "event": "A"}})
    assert (made.name.en, made.condition.event) == ("Big", "A")
    with pytest.raises(InvalidInput, match=r"condition\.of\.0"):
        Segment.model_validate(
            {"id": "x", "name": "X", "condition": {"type": "all", "of": [{"type": "did", "event": ""}]}}
        )
    with world.state.write() as conn:
        definitions.save(conn, "segment", "draft", {"condition": {"type": "did", "event": "A"}}, now_us=1, by="t")
    world.restart()
    assert world.stream.program.trees == {}  # saved is not published


def test_counts_of_the_same_events_share_one_memory_whatever_their_windows(world: World):
    for days, times in ((7, 1), (30, 3), (90, 2)):
        tree = {"type": "did", "event": "Order Completed", "within": f"{days}d", "op": "gte", "value": times}
        world.publish(f"{times}-in-{days}", parse(tree))
    world.publish("quiet", parse({"type": "absent", "event": "Order Completed", "within": "14d"}))
    (leaf,) = world.stream.program.leaves.values()
    assert (leaf.window_us, leaf.keep) == (90 * DAY, 4)
    for day in (0, 5, 10, 40):
        world.event("ann", START + day * DAY, name="Order Completed")
        for segment in ("1-in-7", "3-in-30", "2-in-90", "quiet"):
            assert world.by_stream(segment) == world.by_warehouse(segment)
    world.advance(START + 200 * DAY)
    assert heard(world) == [
        ("ann", "in", 0), ("ann", "in", 5), ("ann", "in", 10), ("ann", "out", 17), ("ann", "in", 24),
        ("ann", "out", 30),
        ("ann", "in", 40), ("ann", "out", 40), ("ann", "out", 47), ("ann", "in", 54), ("ann", "out", 100),
    ]  # fmt: skip


def test_what_another_version_remembered_is_no_guess():
    with pytest.raises(Terminal, match="rebuild"):
        decode(msgspec.msgpack.encode([{}, {}, {}, 0]))
