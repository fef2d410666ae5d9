"""An event finds its customer; two become one on evidence, and never against an identifier that is for life."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from homing.core.event import Event, Id, own_event
from homing.core.time import HOUR
from homing.identity import alias_map, identity_of, lookup, lookup_many, winner_of
from homing.storage.schema import identity_conflict, merge
from people_world import World

ANN, BOB = ("user_id", "ann"), ("user_id", "bob")
COOKIE, CARD, MAIL = ("anonymous_id", "c1"), ("member_card", "7"), ("email", "ann@a.example")


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path)
    yield made
    made.close()


def conflicts(world: World) -> list[str]:
    world.flush()
    with world.state.read() as conn:
        return [r.reason for r in conn.execute(select(identity_conflict).order_by(identity_conflict.c.at_us))]


def test_a_cookie_that_signs_in_becomes_the_known_customer_although_it_is_older(world: World):
    cookie = world.track("Product Viewed", [COOKIE])
    known = world.track("Order Completed", [CARD])
    assert cookie != known
    assert world.track("Signed In", [CARD, COOKIE]) == known
    assert world.track("Product Viewed", [COOKIE]) == known


def test_of_two_known_customers_the_older_goes_on_and_the_merge_says_why(world: World):
    older = world.track("Order Completed", [CARD], world.now_us)
    younger = world.track("Order Completed", [MAIL], world.now_us + HOUR)
    found = world.take(Event(event_id="joins", kind="track", name="Order Completed", happened_us=world.now_us,
                             source_id="till", ids=(Id(*MAIL), Id(*CARD))))  # fmt: skip
    assert (found.customer_id, [tuple(m) for m in found.merges]) == (older, [(younger, older)])
    world.flush()
    with world.state.read() as conn:
        (row,) = conn.execute(select(merge)).all()
        assert (row.loser, row.winner, row.event_id, row.reason) == (younger, older, "joins", "same_event")
        assert row.evidence == {"named": [list(CARD), list(MAIL)], "loser_held": [list(MAIL)],
                                "winner_held": [list(CARD)]}  # fmt: skip
        assert (winner_of(conn, younger), alias_map(conn)) == (older, {younger: older})


def test_two_immutable_ids_are_never_one_person_and_the_cookie_follows_the_newest_sign_in(world: World):
    ann = world.track("Signed In", [ANN, COOKIE])  # offset 1
    bob = world.track("Signed In", [BOB, COOKIE])  # offset 2: the family tablet
    assert ann != bob
    assert world.track("Product Viewed", [COOKIE]) == bob
    assert conflicts(world) == ["immutable:user_id"]
    with world.state.read() as conn:
        meant = [(Id(*COOKIE),)]
        assert [lookup(conn, meant[0], at) for at in (1, 2, 3, None)] == [ann, bob, bob, bob]
        assert lookup_many(conn, [(meant[0], 1), (meant[0], 2), ((), 3)]) == [ann, bob, None]


def test_an_e_mail_that_two_users_share_stays_with_the_first_and_joins_nobody(world: World):
    ann = world.track("Signed In", [ANN, MAIL])
    bob = world.track("Signed In", [BOB, MAIL])
    assert ann != bob
    assert world.track("Newsletter", [MAIL]) == ann
    world.track("Signed In", [BOB, MAIL])
    assert conflicts(world) == ["immutable:user_id"]  # seen twice, recorded once


def test_a_sixth_e_mail_demotes_the_one_seen_longest_ago(world: World):
    mails = [("email", f"ann{n}@a.example") for n in range(6)]
    ann = ""
    for mail in mails:
        world.now_us += HOUR
        ann = world.track("Signed In", [ANN, mail])
    assert conflicts(world) == ["demoted:email"]
    with world.state.read() as conn:
        status = {i.value: i.status for i in identity_of(conn, ann).identifiers if i.type == "email"}
    assert [status[m[1]] for m in mails] == ["demoted", *["active"] * 5]
    assert world.track("Newsletter", [mails[0]]) == ann  # it still means her
    bob = world.track("Signed In", [BOB])
    assert world.track("Signed In", [("member_card", "9"), mails[0]]) not in {ann, bob}  # but joins nobody any more


def test_a_merge_that_would_break_a_limit_is_refused(world: World):
    for n in range(4):
        ann = world.track("Signed In", [CARD, ("email", f"a{n}@a.example")])
        other = world.track("Signed In", [("openid", "o"), ("email", f"b{n}@a.example")])
    assert world.track("Signed In", [CARD, ("openid", "o")]) == ann != other
    assert conflicts(world) == ["limit:email"]


def test_an_alias_joins_what_it_names(world: World):
    cookie = world.track("Product Viewed", [COOKIE])
    alias = Event(event_id="al", kind="alias", happened_us=world.now_us, source_id="web", ids=(Id(*ANN),),
                  previous=Id(*COOKIE))  # fmt: skip
    assert world.take(alias).customer_id == cookie == world.track("Product Viewed", [ANN])


def test_our_own_events_name_the_customer_and_follow_merges_through_several_steps(world: World):
    first = world.track("Order Completed", [("phone", "+1")])
    second = world.track("Order Completed", [MAIL], world.now_us - HOUR)
    world.track("x", [MAIL, ("phone", "+1")])
    third = world.track("Order Completed", [CARD], world.now_us - 2 * HOUR)
    world.track("x", [CARD, MAIL])
    sent = own_event("sent:1", "Message Sent", first, world.now_us, {})
    assert world.take(sent).customer_id == third
    world.restart()
    assert world.take(sent).customer_id == third
    with world.state.read() as conn:
        assert alias_map(conn) == {first: third, second: third}
        assert lookup(conn, sent.ids) == third


def test_an_event_that_names_nobody_belongs_to_nobody(world: World):
    assert world.take(Event(event_id="p", kind="track", name="Product Updated", happened_us=1, source_id="s",
                            properties={"product_id": "1"})).customer_id is None  # fmt: skip


def test_the_page_of_an_identity_shows_links_with_their_first_event(world: World):
    ann = world.track("Signed In", [ANN, COOKIE])
    world.track("Signed In", [ANN, COOKIE])
    world.track("Order Completed", [ANN, MAIL])
    world.flush()
    with world.state.read() as conn:
        found = identity_of(conn, ann)
    assert [(e.a.value, e.b.value, e.event_id) for e in found.edges] == [("ann", "c1", "e1"), ("ann", MAIL[1], "e3")]
    assert [(i.type, i.status, i.source_id) for i in found.identifiers] == [
        ("user_id", "active", "shop"), ("email", "active", "shop"), ("anonymous_id", "active", "shop")
    ]  # fmt: skip
