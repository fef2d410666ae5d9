"""Customers are merged and taken apart by hand, and everything that follows from them follows that."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hand_world import COMPARED, Shop, attribution, plain_row
from homing.core.event import Event, Id, own_event
from homing.core.query import Query
from homing.core.time import DAY, HOUR, MINUTE
from homing.identity import hand
from homing.runtime.rebuild import place_of, projections, rebuild
from homing.storage import schema
from homing.storage.state import State

CARD, MAIL, PHONE, COOKIE = (
    ("member_card", "7"),
    ("email", "ann@a.example"),
    ("phone", "+15550001"),
    ("anonymous_id", "k"),
)
LOYAL = {
    "kind": "segment", "id": "loyal", "name": {"en": "Loyal", "zh": "忠诚"},
    "condition": {"type": "did", "event": "Order Completed", "op": "gte", "value": 3, "within": "10d"},
}  # fmt: skip
BUYERS = {
    "kind": "segment", "id": "buyers", "name": {"en": "Buyers", "zh": "买家"},
    "condition": {"type": "did", "event": "Order Completed", "op": "gte", "value": 1},
}  # fmt: skip
CONTENT = {
    "kind": "content", "id": "hello", "name": {"en": "Hello", "zh": "你好"}, "channel": "email",
    "subject": {"en": "Hello", "zh": "你好"},
    "body": {"en": "<mjml><mj-body></mj-body></mjml>", "zh": "<mjml><mj-body></mj-body></mjml>"},
}  # fmt: skip
JOURNEY = {
    "kind": "journey", "id": "thanks", "name": {"en": "Thanks", "zh": "致谢"}, "purpose": "marketing",
    "entry": {"type": "segment", "segment": "buyers"}, "reentry": {"type": "each"},
    "nodes": [
        {"id": "mail", "type": "message", "content": "hello", "channel": "email", "next": "rest"},
        {"id": "rest", "type": "delay", "for": "30d", "next": "out"},
        {"id": "out", "type": "exit"},
    ],
}  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def test_a_merge_by_hand_joins_what_no_event_shows_and_taking_it_back_gives_each_their_own(shop: Shop):
    shop.publish(BUYERS, LOYAL)
    shop.order(CARD)
    shop.order(CARD)
    shop.order(MAIL, revenue=5)
    ann, bob = shop.holder(CARD), shop.holder(MAIL)
    assert None not in {ann, bob}
    assert ann != bob
    apart = (shop.customers(), shop.members())
    shop.merge(ann, bob)
    assert shop.customers() == {ann: (3, 25.0)}
    assert shop.members() == {("buyers", ann), ("loyal", ann)}  # judged anew at once
    (merged,) = shop.rows(schema.merge)
    (link,) = shop.rows(schema.identity_link)
    assert (merged.reason, merged.loser, link.how, link.made_by) == ("hand", bob, "hand", "user:olive")

    shop.split(ann, merge=merged.merge_id)
    assert (shop.customers(), shop.members()) == apart
    assert (shop.holder(CARD), shop.holder(MAIL)) == (ann, bob)
    (merged,) = shop.rows(schema.merge)
    assert merged.undone_event == "s1"
    left = [(e.properties["segment"], e.ids[0].value) for e in shop.told("Segment Left")]
    assert sorted(left) == sorted([("loyal", ann), ("loyal", bob)])
    shop.order(CARD, MAIL)  # evidence does not join them again, it asks
    assert shop.holder(MAIL) == bob
    assert shop.customers()[ann] == (3, 30.0)
    assert [r.reason for r in shop.rows(schema.identity_conflict)] == ["separated"]
    found = shop.runtime.workspace.warehouse.ask(
        Query("SELECT customer_id, count(*) FROM events WHERE name = 'Order Completed' GROUP BY 1 ORDER BY 1", {})
    )
    assert dict(found) == {ann: 3, bob: 1}


def test_an_un_merge_equals_a_world_in_which_the_joining_evidence_never_was(tmp_path: Path):
    for seed in range(4):
        joined, plain = Shop(tmp_path / f"j{seed}"), Shop(tmp_path / f"p{seed}")
        try:
            for shop in (joined, plain):
                shop.publish(BUYERS, LOYAL)
                _live(shop, random.Random(seed), joining=shop is joined)
            (merged,) = joined.rows(schema.merge, schema.merge.c.reason == "same_event",
                                    schema.merge.c.event_id == "joins")  # fmt: skip
            joined.split(merged.winner, merge=merged.merge_id)
            plain.say(Event(event_id="s1", kind="track", name="Nothing", happened_us=plain.clock(), source_id="shop"))
            for table in COMPARED:
                found, wanted = ([plain_row(r) for r in shop.rows(table)] for shop in (joined, plain))
                assert found == wanted, table.name
            assert attribution(joined) == attribution(plain)
        finally:
            joined.close()
            plain.close()


def _live(shop: Shop, dice: random.Random, *, joining: bool) -> None:
    """Ann and Bob live their lives; one event names both, or would have."""
    ann = [CARD, ("phone", "+15550001"), ("anonymous_id", "a1"), ("anonymous_id", "a2")]
    bob = [MAIL, ("openid", "wx-b"), ("anonymous_id", "b1"), ("device_id", "b-phone")]
    at = dice.randint(3, 14)
    for n in range(22):
        if n == at:
            ids = (CARD, MAIL) if joining else (CARD,)
            shop.happen("Order Completed", *ids, name="joins", properties={"order_id": "j", "revenue": 3.5})
        whose = dice.choice([ann, bob])
        ids = tuple(
            dict.fromkeys([whose[0] if dice.random() < 0.6 or n < 4 else dice.choice(whose), dice.choice(whose)])
        )
        what = dice.choice(["order", "order", "view", "consent", "said"])
        if what == "order":
            line = {
                "product_id": dice.choice("pq"),
                "category": dice.choice(["Tea", "Cups"]),
                "price": 2,
                "quantity": 1,
            }
            shop.happen("Order Completed", *ids, properties={
                "order_id": str(n), "revenue": dice.randint(1, 90), "currency": "USD", "products": [line]})  # fmt: skip
        elif what == "view":
            shop.happen("Product Viewed", *ids, properties={"product_id": "p"})
        elif what == "consent":
            said = {"purpose": "marketing", "channel": dice.choice(["email", "sms"])}
            shop.happen("Consent Updated", *ids, properties=said | {"status": dice.choice(["granted", "withdrawn"])})
        else:
            shop.happen("", *ids, kind="identify", traits={"city": dice.choice("xyz"), "name": whose[0][1]})
        shop.clock.advance_to(shop.clock() + dice.randint(1, 30) * HOUR)


def test_taken_out_identifiers_are_one_customer_of_their_own_and_what_was_sent_stays_with_whom_it_was_for(shop: Shop):
    shop.publish(BUYERS, CONTENT, JOURNEY)
    shop.happen("", CARD, MAIL, kind="identify", traits={"name": "Ann", "email": MAIL[1]})
    shop.order(CARD)
    shop.order(PHONE)
    shop.order(("openid", "wx"), MAIL)
    ann, bob = shop.holder(CARD), shop.holder(PHONE)
    shop.order(CARD, PHONE)  # one person, it seems
    assert ann is not None
    assert shop.holder(PHONE) == ann
    visits = {r.visit_id: r.state for r in shop.rows(schema.journey_visit)}
    sends = [r.send_key for r in shop.rows(schema.send)]
    assert sorted(visits.values()) == ["exited", "waiting"]  # both had entered, the older visit goes on
    told = len(shop.told("Journey Step Reached")), len(shop.told("Segment Entered"))
    shop.say(own_event("unsub", "Unsubscribed", ann, shop.clock(), {"purpose": "marketing", "channel": "email"}))

    shop.split(ann, PHONE, ("openid", "wx"))
    assert shop.holder(CARD) == shop.holder(MAIL) == ann
    assert shop.holder(PHONE) == shop.holder(("openid", "wx")) == bob  # two that only she joined stay one
    assert shop.customers() == {ann: (2, 20.0), bob: (2, 20.0)}  # the WeChat id is stronger than the e-mail beside it
    assert {(r.customer_id, r.state) for r in shop.rows(schema.journey_visit)} == {(ann, "waiting"), (bob, "exited")}
    assert [r.send_key for r in shop.rows(schema.send)] == sends  # nothing was decided again
    assert {(r.customer_id, r.node) for r in shop.rows(schema.send)} == {(bob, "mail")}  # hers waits for the morning
    assert (len(shop.told("Journey Step Reached")), len(shop.told("Segment Entered"))) == told
    # the opt-out came while they were one: it counts for both
    assert {(r.customer_id, r.status) for r in shop.rows(schema.consent)} == {(ann, "withdrawn"), (bob, "withdrawn")}
    assert shop.members() == {("buyers", ann), ("buyers", bob)}


def test_a_value_seen_with_too_many_people_is_shared_stops_joining_and_joins_again_when_released(shop: Shop):
    tablet = ("device_id", "tablet")
    for n in range(4):
        shop.order(("user_id", f"u{n}"), tablet)
    assert shop.holder(tablet) == shop.holder(("user_id", "u3"))  # so far it follows the newest sign-in
    shop.order(("user_id", "u4"), tablet)
    (block,) = shop.rows(schema.identifier_block)
    assert (block.status, block.why, block.customers, block.value) == ("shared", "learned", 5, "tablet")
    shop.happen("Product Viewed", tablet, properties={"product_id": "p"})
    kiosk = shop.holder(tablet)
    assert kiosk not in {shop.holder(("user_id", f"u{n}")) for n in range(5)}
    shop.order(("user_id", "u0"), tablet)
    assert shop.holder(tablet) == kiosk
    (row,) = [r for r in shop.rows(schema.identifier) if r.value == "tablet"]
    assert row.status == "shared"
    shop.say(hand.block_event("un1", Id(*tablet), None, shop.clock(), by="user:olive"))
    shop.order(("user_id", "u2"), tablet)
    assert shop.holder(tablet) == shop.holder(("user_id", "u2"))
    assert [r.status for r in shop.rows(schema.identifier_block)] == ["lifted"]


def test_blocking_the_shops_own_phone_takes_apart_whom_it_joined_and_releasing_it_joins_them_again(shop: Shop):
    first = None
    for n in range(3):
        shop.order(("member_card", f"c{n}"))
        shop.order(("member_card", f"c{n}"), PHONE)
        first = first or shop.holder(PHONE)
    assert shop.customers() == {first: (6, 60.0)}
    shop.say(hand.block_event("b1", Id(*PHONE), "blocked", shop.clock(), by="user:olive"))
    assert shop.holder(PHONE) is None
    assert sorted(shop.customers().values()) == [(2, 20.0)] * 3
    shop.order(("member_card", "c1"), PHONE)
    shop.order(PHONE)  # nobody's
    assert sorted(shop.customers().values()) == [(2, 20.0), (2, 20.0), (3, 30.0)]
    shop.say(hand.block_event("b2", Id(*PHONE), None, shop.clock(), by="user:olive"))
    assert shop.customers() == {first: (7, 70.0)}


def test_conflicts_are_settled_by_merging_by_keeping_apart_or_by_letting_them_be(shop: Shop):
    mails = [("email", f"m{n}@a.example") for n in range(10)]
    for n in range(4):
        shop.order(CARD, mails[n])
        shop.order(PHONE, mails[n + 4])
    shop.order(CARD, PHONE)  # more e-mails than one may have
    ann, bob = shop.holder(CARD), shop.holder(PHONE)
    assert ann != bob
    (conflict,) = shop.rows(schema.identity_conflict)
    assert (conflict.reason, conflict.status, {conflict.customer_id, conflict.other}) == (
        "limit:email", "open", {ann, bob})  # fmt: skip
    one = {"id": conflict.conflict_id, "customers": [ann, bob]}
    shop.say(hand.settled_event("a1", "apart", [one], shop.clock(), by="user:olive"))
    shop.order(CARD, PHONE)
    assert shop.holder(CARD) != shop.holder(PHONE)
    assert [r.status for r in shop.rows(schema.identity_conflict)] == ["apart"]  # and it does not ask again
    shop.say(hand.settled_event("a2", "merge", [one], shop.clock(), by="user:olive"))
    assert shop.holder(CARD) == shop.holder(PHONE) == ann  # by hand a limit is no obstacle, nor what was said before
    assert [
        r.status for r in shop.rows(schema.identity_conflict, schema.identity_conflict.c.reason == "limit:email")
    ] == ["merged"]


def test_two_people_for_good_are_not_merged_by_hand_either(shop: Shop):
    shop.order(("user_id", "u1"))
    shop.order(("user_id", "u2"))
    one, other = shop.holder(("user_id", "u1")), shop.holder(("user_id", "u2"))
    assert None not in {one, other}
    shop.merge(str(one), str(other))
    assert shop.holder(("user_id", "u1")) != shop.holder(("user_id", "u2"))
    assert [r.reason for r in shop.rows(schema.identity_conflict)] == ["immutable:user_id"]


def test_rules_are_a_document_and_a_limit_counts_what_was_seen_within_its_window(shop: Shop):
    rules = {"kind": "identity", "id": "identity", "name": {"en": "Rules", "zh": "规则"},
             "types": [{"type": "email", "limit": 1, "window": "30d"}],
             "blocked": [{"type": "phone", "value": PHONE[1]}]}  # fmt: skip
    shop.publish(rules)
    shop.order(CARD, MAIL)
    shop.clock.advance_to(shop.clock() + 31 * DAY)
    shop.order(CARD, ("email", "new@a.example"), PHONE)  # the old one is outside the window: both may stay
    status = {r.value: r.status for r in shop.rows(schema.identifier)}
    assert status == {"7": "active", MAIL[1]: "active", "new@a.example": "active"}
    shop.order(CARD, ("email", "third@a.example"))
    assert {r.value for r in shop.rows(schema.identifier) if r.status == "demoted"} == {"new@a.example"}
    shop.order(("email", "test@test.com"), ("openid", "w"))
    shop.order(("email", "test@test.com"), ("openid", "v"))
    assert shop.holder(("openid", "w")) != shop.holder(("openid", "v"))  # a test address joins nobody


def test_a_rebuild_gives_the_same_bytes_after_everything_that_was_done_by_hand(tmp_path: Path):
    shop = Shop(tmp_path)
    shop.publish(BUYERS, LOYAL, CONTENT, JOURNEY)
    _live(shop, random.Random(5), joining=True)
    ann = str(shop.holder(CARD))
    shop.split(ann, MAIL, ("openid", "wx-b"))
    shop.order(CARD, MAIL)
    shop.merge(str(shop.holder(CARD)), str(shop.holder(MAIL)), name="m2")
    (merged,) = shop.rows(schema.merge, schema.merge.c.event_id == "m2")
    shop.order(CARD, MAIL)
    shop.say(hand.block_event("b1", Id("anonymous_id", "a1"), "shared", shop.clock(), by="user:olive"))
    shop.happen("Product Viewed", ("anonymous_id", "a1"))
    assert shop.holder(CARD) == shop.holder(MAIL)
    shop.split(merged.winner, merge=merged.merge_id, name="s2")
    assert shop.holder(CARD) != shop.holder(MAIL)  # what was apart before the merge is apart again
    shop.order(MAIL)
    shop.clock.advance_to(shop.clock() + DAY + MINUTE)
    shop.runtime.settle(warehouse=False)
    shop.runtime.loader.catch_up()
    attributed = attribution(shop)
    shop.close()
    state = State(tmp_path / "state.db")
    before, place = projections(state), place_of(state)
    state.close()
    rebuild(tmp_path)
    state = State(tmp_path / "state.db")
    after = projections(state)
    for table, rows in before.items():
        assert after[table] == rows, table
    assert place_of(state) == place
    state.close()
    again = Shop(tmp_path)
    assert attribution(again) == attributed
    again.close()


def test_what_a_merge_makes_true_starts_a_journey_at_once_and_a_split_ends_the_membership_at_once(shop: Shop):
    entry = {"entry": {"type": "segment", "segment": "loyal"}}
    shop.publish(LOYAL, CONTENT, JOURNEY | entry)
    shop.order(CARD)
    shop.order(CARD)
    shop.order(MAIL)
    ann, bob = str(shop.holder(CARD)), str(shop.holder(MAIL))
    assert shop.rows(schema.journey_visit) == []
    shop.merge(ann, bob)
    (visit,) = shop.rows(schema.journey_visit)  # three orders of one person
    assert (visit.customer_id, visit.entered_us) == (ann, shop.rows(schema.merge)[0].at_us)
    shop.split(ann, MAIL)
    assert shop.members() == set()
    left = [e for e in shop.told("Segment Left") if e.ids[0].value == ann]
    assert [e.happened_us for e in left] == [shop.rows(schema.identity_separation)[0].at_us]
    assert [(v.customer_id, v.state) for v in shop.rows(schema.journey_visit)] == [(ann, "waiting")]
    assert shop.rows(schema.customer, schema.customer.c.customer_id == bob)[0].orders == 1
