"""What is known of a customer follows from the events alone: late ones, merged ones and those after a restart too."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from homing.core.event import CUSTOMER, Event, Id, own_event
from homing.core.time import DAY, HOUR, MINUTE, parse_iso
from homing.profile import ProfileBook, Stats, churn_signal, stage_of
from homing.storage.schema import customer
from people_world import START, World, made

ANN, MAIL, CARD, COOKIE = ("user_id", "ann"), ("email", "ann@a.example"), ("member_card", "7"), ("anonymous_id", "c")


@pytest.fixture
def world(tmp_path: Path):
    built = World(tmp_path, warehouse=False)
    yield built
    built.close()


def order(world: World, who: tuple[str, str], at_us: int, revenue: object = 10, **more: object) -> str:
    return world.track("Order Completed", [who], at_us, revenue=revenue, **more)


def test_the_newest_word_on_a_trait_wins_and_null_takes_it_away(world: World):
    ann = world.identify([ANN], START, city="Paris", age=30)
    world.identify([ANN], START - DAY, city="Rome")  # late news is old news
    assert (world.trait(ann, "city"), world.changed) == ("Paris", frozenset({"first_seen_at"}))
    world.identify([ANN], START, city="Oslo")  # the same instant: the later in the log
    world.identify([ANN], START + DAY, age=None)
    world.identify([ANN], START + HOUR, age=31)  # older than the null
    assert (world.trait(ann, "city"), world.trait(ann, "age")) == ("Oslo", None)
    world.restart()
    world.identify([ANN], START + HOUR, age=31)
    assert (world.trait(ann, "city"), world.trait(ann, "age")) == ("Oslo", None)


def test_only_an_identify_event_speaks_of_the_person_and_nobody_can_say_a_computed_trait(world: World):
    ann = world.identify([ANN], orders=99, plan="gold")
    group = Event(event_id="g", kind="group", happened_us=START, source_id="web", ids=(Id(*ANN),), traits={"plan": "x"})
    world.take(group)
    assert (world.trait(ann, "orders"), world.trait(ann, "plan")) == (0, "gold")


def test_orders_add_up_exactly_in_any_order_and_money_stays_in_its_currency(world: World):
    for n in range(10):
        ann = order(world, ANN, START - n * DAY, "0.1")
    order(world, ANN, START - 30 * DAY, 7.5, currency="EUR")
    got = {name: world.trait(ann, name) for name in ("orders", "revenue", "first_order_at", "last_order_at")}
    assert got == {"orders": 11, "revenue": 1.0, "first_order_at": "2017-12-02T12:00:00.000Z",
                   "last_order_at": "2018-01-01T12:00:00.000Z"}  # fmt: skip
    assert world.changed >= {"orders", "revenue", "first_order_at", "last_order_at", "average_order"}


def test_categories_come_from_the_line_else_from_the_catalogue_which_a_restart_remembers(world: World):
    world.take(made("p1", "Product Updated", [], START, {"product_id": 11, "category": "Tea"}))
    world.restart()
    lines = [{"product_id": "11"}, {"product_id": "12", "category": "Bread"}, {"product_id": "13"}, {"product_id": 11}]
    ann = order(world, ANN, START, products=[*lines, "not a line"])
    assert world.trait(ann, "favourite_category") == "Tea"
    order(world, ANN, START, products=[{"category": "Bread"}])
    assert world.trait(ann, "favourite_category") == "Bread"  # two each: the first by name


def test_categories_beyond_the_five_hundredth_are_counted_together_and_are_no_favourite():
    stats = Stats()
    stats.lines([f"c{n:03}" for n in range(500)])
    stats.lines(["new", "newer", "newest", "c007"])
    assert (len(stats.categories), stats.categories[""], stats.favourite) == (501, 3, "c007")


def test_the_favourite_channel_is_the_one_used_most(world: World):
    for channel in ("store", "web", "web"):
        ann = world.track("Product Viewed", [ANN], START, channel=channel)
    assert world.trait(ann, "favourite_channel") == "web"


def test_the_active_hour_is_in_the_customers_own_zone(world: World):
    noon = parse_iso("2018-01-01T17:30:00Z")  # 12:30 in New York, 01:30 the next day in Shanghai
    ann = world.track("Product Viewed", [ANN], noon)
    world.track("Product Viewed", [ANN], noon)
    assert world.trait(ann, "active_hour") is None  # two activities say nothing
    world.track("Product Viewed", [ANN], noon)
    assert (world.trait(ann, "active_hour"), "active_hour" in world.changed) == (12, True)
    far = world.identify([CARD], timezone="Asia/Shanghai")
    odd = world.identify([MAIL], timezone="Mars/Olympus")
    for who in (CARD, MAIL) * 3:
        world.track("Product Viewed", [who], noon)
    assert (world.trait(far, "active_hour"), world.trait(odd, "active_hour")) == (1, 12)


def test_a_send_is_not_the_customers_activity_but_a_click_is(world: World):
    ann = world.identify([ANN], START)
    for n, name in enumerate(("Message Sent", "Message Opened", "Message Clicked"), start=1):
        world.take(own_event(f"m{n}", name, ann, START + n * HOUR, {}))
    got = [world.trait(ann, f"messages_{x}") for x in ("sent", "opened", "clicked")]
    assert (got, world.trait(ann, "last_seen_at")) == ([1, 1, 1], "2018-01-01T15:00:00.000Z")
    assert world.trait(ann, "lifecycle_stage") == "interested"


def test_two_customers_who_are_one_are_the_sum_of_both_and_the_loser_says_into_whom_it_went(world: World):
    known = order(world, CARD, START - 90 * DAY, 5, products=[{"category": "Tea"}])
    cookie = world.track("Product Viewed", [COOKIE], START)
    world.identify([COOKIE], START, city="Oslo", name="Ann")
    world.identify([CARD], START + MINUTE, city="Rome")
    world.flush()
    assert world.track("Signed In", [CARD, COOKIE], START + HOUR) == known
    assert (world.trait(known, "city"), world.trait(known, "name"), world.trait(known, "orders")) == ("Rome", "Ann", 1)
    world.flush()
    with world.state.read() as conn:
        rows = {r.customer_id: r for r in conn.execute(select(customer))}
    assert (rows[cookie].merged_into, rows[known].merged_into, rows[known].display) == (known, None, "Ann")
    assert rows[cookie].changed_offset == rows[known].changed_offset == world.offset
    assert "ann" in rows[known].search
    assert "c" in rows[known].search.split()


def test_a_loser_of_two_steps_points_straight_at_the_one_who_goes_on(world: World):
    first = order(world, ("phone", "1"), START)
    second = order(world, MAIL, START - DAY)
    order(world, MAIL, START)
    world.track("x", [MAIL, ("phone", "1")])
    world.flush()
    third = order(world, CARD, START - 2 * DAY)
    world.track("x", [CARD, MAIL])
    world.flush()
    with world.state.read() as conn:
        into = {r.customer_id: r.merged_into for r in conn.execute(select(customer))}
    assert into == {first: third, second: third, third: None}
    assert world.trait(third, "orders") == 4


def test_a_row_read_back_and_written_again_is_the_same_row(world: World):
    ann = world.identify([ANN], name="Ann", timezone="Asia/Shanghai", tags=["a", {"b": 1.5}])
    order(world, ANN, START, 12.34, products=[{"category": "Tea"}], channel="store")
    world.restart()
    with world.state.read() as conn:
        before = conn.execute(select(customer)).all()
    again = ProfileBook(world.state, zone="America/New_York", currency="USD")
    again.merge("nobody", ann, type("T", (), {"now_us": START, "offset": 2})())  # touches nothing
    person = again._find(ann)
    again._dirty[ann] = person
    with world.state.write() as conn:
        again.flush(conn)
        assert conn.execute(select(customer)).all() == before


def test_the_address_is_the_trait_said_last_else_the_first_identifier(world: World):
    ann = world.track("Signed In", [ANN, MAIL])
    assert world.profile.address_of(ann, "email") == "ann@a.example"
    world.identify([ANN], email="new@a.example")
    assert world.profile.address_of(ann, "email") == "new@a.example"
    assert [world.profile.address_of(ann, c) for c in ("sms", "pigeon")] == [None, None]
    world.restart()
    assert world.profile.address_of(ann, "email") == "new@a.example"
    assert world.profile.address_of("nobody", "email") is None


@pytest.mark.parametrize(
    ("stats", "days", "stage"),
    [
        (Stats(), 0, "unaware"),
        (Stats(opened=1), 0, "aware"),
        (Stats(hours=[1] + [0] * 23), 0, "aware"),
        (Stats(interest=1), 400, "interested"),
        (Stats(orders=1, last_order_us=0, interest=9), 60, "buyer"),
        (Stats(orders=4, last_order_us=0), 60, "loyal"),
        (Stats(orders=4, last_order_us=0), 61, "dormant"),
        (Stats(orders=4, last_order_us=0), 180, "dormant"),
        (Stats(orders=4, last_order_us=0), 181, "lost"),
    ],
)
def test_the_lifecycle_rule(stats: Stats, days: int, stage: str):
    assert stage_of(stats, days * DAY) == stage


def test_silence_alone_makes_dormant_once_somebody_looks(world: World):
    ann = order(world, CARD, START)
    tick = Event(event_id="n", kind="identify", happened_us=START + 61 * DAY, source_id="homing",
                 ids=(Id(CUSTOMER, ann),), traits={"lifecycle_stage": "dormant"})  # fmt: skip
    world.take(tick)
    assert (world.trait(ann, "lifecycle_stage"), "lifecycle_stage" in world.changed) == ("dormant", True)
    assert world.trait(ann, "last_seen_at") == "2018-01-01T12:00:00.000Z"


def test_the_churn_signal_compares_silence_with_the_customers_own_gaps():
    weekly = Stats(order_days=[0, 7, 14, 21, 28])
    assert [churn_signal(weekly, 28 + d).risk for d in (1, 7, 8)] == [0.0, 0.5, 1.0]
    found = churn_signal(weekly, 36)
    assert (found.silence_days, found.median_gap_days, found.gaps) == (8, 7.0, 4)
    assert churn_signal(Stats(order_days=[0, 7, 14]), 90) is None  # two gaps say nothing
