"""Scores are what their formula says, findings rest on enough days, and a proposed plan fits what it was drawn from."""

from __future__ import annotations

import pytest
from api_world import LOCAL, NOW, event, world

from homing.collect.definitions.plan import Plan
from homing.collect.quality import Inspector
from homing.collect.quality.findings import NAME, oddness
from homing.collect.rejects import Reject, write_rejects
from homing.core.event import Event, Id
from homing.core.time import DAY, HOUR

PLAN = {
    "kind": "plan", "id": "shop", "name": "Shop", "mode": "observe",
    "events": [{"event": "Order Completed", "properties": {"store": {"type": "string", "required": True}}}],
}  # fmt: skip


@pytest.fixture
def shop(tmp_path):
    with world(tmp_path) as made, made.client() as client:
        client.headers["authorization"] = f"Bearer {LOCAL}"
        yield made, client


def order(n, source="till", at=NOW - HOUR, order_id=None, context=None, **properties):
    return Event(event_id=n, kind="track", name="Order Completed", happened_us=at, source_id=source,
                 ids=(Id("user_id", "ann"),), context=context or {},
                 properties={"order_id": order_id or n, "currency": "USD", **properties})  # fmt: skip


def test_a_score_is_its_four_shares_each_with_its_n(shop):
    made, client = shop
    client.post("/apply", json={"documents": [PLAN]})
    mark = {"violations": [{"code": "plan_missing", "field": "store", "by": "plan:shop"}]}
    made.add(
        order("t1", revenue=5, products=[], store="s1"),
        order("t2", revenue=5, products=[], context=mark),
        order("t3", revenue=5, products=[], order_id="t1", store="s1"),  # the same order under another id
        order("t4", at=NOW - 3 * DAY, products=[], store="s1"),  # three days late, and no revenue
    )
    with made.runtime.workspace.state.write() as conn:
        write_rejects(conn, [Reject(NOW, "till", "item 0", "shape", "x", "{}")])
    assert (
        client.post("/quality/judge?days=1").json()["days"] == 2
    )  # `shop`, whose people were there before, and `till`
    (till,) = client.get("/quality?days=1&source=till").json()["items"]
    day = till["latest"]
    assert (day["received"], day["rejected"], day["warned"], till["open"]) == (5, 1, 1, 1)
    # customer, order_id, revenue, currency, products, and the plan's store: 4 orders x 6, two short
    assert day["parts"]["completeness"] == {"share": 22 / 24, "n": 24}
    assert day["parts"]["validity"] == {"share": 3 / 5, "n": 5}
    assert day["parts"]["uniqueness"] == {"share": 3 / 4, "n": 4}
    assert day["parts"]["timeliness"] == {"share": 3 / 4, "n": 4}
    assert day["score"] == pytest.approx(0.3 * 22 / 24 + 0.4 * 0.6 + 0.2 * 0.75 + 0.1 * 0.75)
    assert client.get("/quality?days=1&source=nobody").json()["items"] == []  # nothing came: no score, not 0
    (group,) = client.get("/plans/violations").json()["items"]
    assert (group["source"], group["event"], group["code"], group["field"], group["n"]) == (
        "till", "Order Completed", "plan_missing", "store", 1)  # fmt: skip


def test_a_quiet_source_and_an_odd_day_are_found_once_a_day_and_the_loop_hears_of_it(shop):
    made, client = shop
    rules = {
        "kind": "rules", "id": "till", "name": "Till", "source": "till",
        "rules": [{"rule": "freshness", "within": "6h"}, {"rule": "volume"}],
    }  # fmt: skip
    client.post("/apply", json={"documents": [rules]})
    yesterday = NOW - DAY
    made.add(*(
        order(f"w{week}-{n}", at=yesterday - week * 7 * DAY + n)
        for week in range(1, 10) for n in range(30 + week % 3)  # the first, cut day does not count
    ))  # fmt: skip
    made.add(*(order(f"now{n}", at=yesterday + n) for n in range(3)))
    made.clock.advance_to(NOW + 7 * HOUR)
    assert client.post("/quality/judge").json()["findings"] == 2
    client.post("/quality/judge")
    made.runtime.settle(30)
    days = {d["day"]: d for d in client.get("/quality?days=7&source=till").json()["days"]}
    (fresh,) = days["2018-01-01"]["findings"]
    assert (fresh["code"], fresh["facts"]["within"]) == ("rule_freshness", "6h")
    (odd,) = days["2017-12-31"]["findings"]
    assert (odd["code"], odd["facts"]["count"], odd["facts"]["median"], odd["facts"]["n"]) == ("rule_volume", 3, 31, 8)
    assert days["2017-12-31"]["score"] is None  # nothing came in on that day, and that is not a score of 0
    told = [s.event for s in made.runtime.workspace.log.read(0, 10_000) if s.event.name == NAME]
    assert sorted(e.properties["code"] for e in told) == ["rule_freshness", "rule_volume"]


def test_nothing_is_said_of_volume_with_too_little_history():
    assert oddness(0, [100, 100, 100]) is None
    assert abs(oddness(104, [100, 100, 100, 100]).z) < 1  # a count has noise even where the weeks were equal
    assert oddness(0, [100, 90, 110, 105, 2000]).z < -3.5  # one wild week does not hide it


def test_a_proposed_plan_fits_what_it_was_drawn_from(shop):
    made, client = shop
    made.add(*(
        event(f"s{n}", "Products Searched", {"user_id": "ann"}, properties={
            "query": f"tea {n}", "n_found": n, "sort": ["price", "new"][n % 2], "when": "2018-01-01T10:00:00Z",
            **({"voice": True} if n % 3 else {})})
        for n in range(60)
    ))  # fmt: skip
    made_of = client.get("/plans/propose?days=30&id=drawn").json()
    plan = Plan.model_validate(made_of["document"])
    (searched,) = (e for e in plan.events if e.event == "Products Searched")
    said = {name: p.model_dump(exclude_unset=True) for name, p in searched.properties.items()}
    assert said == {
        "query": {"type": "string", "required": True},
        "n_found": {"type": "integer", "required": True, "min": 0},
        "sort": {"type": "string", "required": True, "values": ("new", "price")},
        "when": {"type": "time", "required": True},
        "voice": {"type": "boolean"},
    }
    (basis,) = (b for b in made_of["basis"] if b["event"] == "Products Searched")
    assert (basis["n"], basis["looked"], basis["properties"]["voice"]["n"]) == (60, 60, 40)
    strict = Inspector([plan.model_copy(update={"mode": "block", "unknown": "block"})])
    stored = [s.event for s in made.runtime.workspace.log.read(0, 1_000) if s.event.source_id != "homing"]
    assert [e.event_id for e in stored if strict.look(e).refused] == []
    assert client.post("/apply", json={"documents": [made_of["document"]]}).status_code == 200
