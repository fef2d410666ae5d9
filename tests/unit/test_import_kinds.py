"""Every kind of rows becomes what its page says, by its English and its Chinese column names."""

from __future__ import annotations

import pytest

from homing.collect.files import kinds
from homing.collect.rates import read_rates
from homing.core.event import Id
from homing.core.time import parse_iso
from import_desk import counts


def one(desk, name, text, kind, **kw):
    got = desk.bring(desk.file(name, text), kind, **kw)
    assert counts(got) == (1, 1, 0, 0), got
    return desk.events()[-1]


@pytest.mark.parametrize(
    "text",
    ["product_id,store,quantity,time\np1,s1,7,2026-01-02\n", "商品编号,门店,库存,盘点时间\np1,s1,7,2026-01-02\n"],
)
def test_stock_is_how_many_a_store_has_and_is_of_no_person(desk, text):
    event = one(desk, "s.csv", text, "stock")
    assert (event.name, event.ids, event.happened_us) == ("Stock Updated", (), parse_iso("2026-01-02T00:00:00Z"))
    assert event.properties == {"product_id": "p1", "store_id": "s1", "quantity": 7.0}


def test_a_day_of_costs_that_is_delivered_again_with_other_figures_is_an_update(desk):
    head = "日期,平台,推广计划,花费,展示数,点击数,转化数\n"
    first = one(desk, "a.csv", head + "2026-01-02,巨量引擎,春节,12.5,1000,20,3\n", "costs", currency="CNY")
    assert first.name == "Ad Cost Recorded"
    assert first.properties | {"cost_key": ""} == {
        "platform": "巨量引擎", "campaign": "春节", "cost": 12.5, "impressions": 1000.0, "clicks": 20.0,
        "conversions": 3.0, "currency": "CNY", "date": "2026-01-02", "cost_key": "",
    }  # fmt: skip
    same = desk.bring(desk.file("b.csv", head + "2026-01-02,巨量引擎,春节,12.5,1000,20,3\n"), "costs", currency="CNY")
    assert counts(same) == (1, 0, 1, 0)
    later = one(desk, "c.csv", head + "2026-01-02,巨量引擎,春节,13,1000,20,4\n", "costs", currency="CNY")
    assert later.event_id != first.event_id
    assert later.properties["cost_key"] == first.properties["cost_key"]


def test_reviews_tickets_and_points_are_about_the_person_they_name(desk):
    review = one(desk, "r.csv", "customer_id,sku,评分,评价内容,评价时间\nann,p1,5,好喝,2026-01-02\n", "reviews")
    assert (review.name, review.ids) == ("Product Reviewed", (Id("user_id", "ann"),))
    assert review.properties == {"product_id": "p1", "rating": 5.0, "review_body": "好喝"}
    ticket = one(desk, "t.csv", "ticket_id,customer_id,subject,status,priority,time\n7,ann,Late,open,high,2026-01-02\n",
                 "tickets")  # fmt: skip
    assert ticket.name == "Ticket Updated"
    assert ticket.properties == {"ticket_id": "7", "subject": "Late", "status": "open", "priority": "high"}
    points = one(desk, "p.csv", "会员卡号,变动积分,积分余额,变动原因,变动时间\nc9,-20,80,兑换,2026-01-02\n", "points")
    assert (points.name, points.ids) == ("Points Changed", (Id("member_card", "c9"),))
    assert points.properties == {"delta": -20.0, "balance": 80.0, "reason": "兑换"}


def test_a_row_of_points_needs_a_person_an_amount_and_a_time(desk):
    rows = "customer_id,delta,time\n,5,2026-01-02\nann,,2026-01-02\nann,5,\nann,5,2026-01-02\n"
    assert counts(desk.bring(desk.file("p.csv", rows), "points")) == (4, 1, 0, 3)


def test_rates_are_facts_in_the_log_and_stand_in_the_table_that_conversions_read(desk):
    got = desk.bring(
        desk.file("r.csv", "日期,币种,目标币种,汇率\n2026-01-02,usd,CNY,7.01\n2026-01-02,XX,CNY,1\n"), "rates"
    )
    assert counts(got) == (2, 1, 0, 1)
    (event,) = desk.events()
    assert (event.name, event.properties["rate"]) == ("Exchange Rate Recorded", 7.01)
    with desk.state.read() as conn:
        found = conn.exec_driver_sql("SELECT day, currency, per, rate, source_id FROM exchange_rate").all()
    assert [tuple(r) for r in found] == [("2026-01-02", "USD", "CNY", 7.01, "file")]
    assert len(read_rates(desk.state)) == 1


def test_any_table_is_kept_with_its_name_and_every_column_as_it_is(desk):
    event = one(desk, "footfall.csv", "gate,count,phone,note\nA,31,+12125550142,-\n", "table")
    assert (event.name, event.ids) == ("Row Recorded", (Id("phone", "+12125550142"),))
    assert event.properties == {"dataset": "footfall", "gate": "A", "count": 31, "phone": "+12125550142"}
    other = one(desk, "x.csv", "gate,count\nA,31\n", "table", dataset="gates")
    assert other.properties["dataset"] == "gates"


def test_words_for_nothing_of_one_file_are_nothing_there(desk):
    event = one(desk, "x.csv", "gate,count\nA,99999\n", "table", empty=frozenset({"99999"}))
    assert "count" not in event.properties
    got = desk.bring(desk.file("o.csv", "order_id,time,revenue,coupon\n1,2026-01-02,5,0000\n"), "orders",
                     empty=frozenset({"0000"}))  # fmt: skip
    assert counts(got) == (1, 1, 0, 0)
    assert "coupon" not in desk.events()[-1].properties


@pytest.mark.parametrize("name", list(kinds))
def test_every_kind_says_what_a_row_is_in_both_languages(name):
    kind = kinds[name]
    assert kind.en
    assert kind.zh
    assert {f for group in kind.needs for f in group} <= kind.fields.keys()
