"""A customer's page says each value with its source and its time, as of any instant, and shows who disagreed."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from api_world import NOW, World, world

from homing.core.event import Event, Id
from homing.core.time import DAY, iso


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("view")) as made:
        made.add(*_life())
        yield made


@pytest.fixture(scope="module")
def api(home: World) -> Iterator[httpx.Client]:
    with home.client("owner") as client:
        yield client


def said(n: int, source: str, at: int, who: str = "vera-1", **traits: object) -> Event:
    return Event(event_id=f"v-said{n}", kind="identify", happened_us=at, source_id=source, ids=(Id("user_id", who),),
                 traits=traits)  # fmt: skip


def did(n: int, name: str, at: int, who: str = "vera-1", channel: str = "web", **properties: object) -> Event:
    return Event(event_id=f"v-did{n}", kind="track", name=name, happened_us=at, source_id="shop",
                 ids=(Id("user_id", who),), properties={"channel": channel, **properties},
                 context={"device": {"type": "mobile"}})  # fmt: skip


def _life() -> list[Event]:
    """Two sources that disagree on the city, four orders of which two had a coupon, a review, a friend."""
    begin = NOW - 100 * DAY
    orders = [
        did(10 + n, "Order Completed", begin + 30 * n * DAY, order_id=f"v{n}", revenue=100 + 20 * n, currency="USD",
            coupon="SPRING" if n % 2 else None, discount=20 if n % 2 else 0,
            products=[{"product_id": "tea", "name": "Oolong", "category": "Tea", "price": 50, "quantity": 2}])
        for n in range(4)
    ]  # fmt: skip
    return [
        said(1, "shop", begin, city="Oslo", name="Vera Blom", email="vera@shop.example"),
        said(2, "crm", begin + 10 * DAY, city="Bergen"),
        said(3, "shop", begin + 20 * DAY, city="Oslo", age=41),
        said(4, "shop", begin, "wim-1", name="Wim Blom", referred_by="vera-1"),
        said(5, "shop", begin + DAY, referred_by="nobody-knows"),
        *orders,
        did(20, "Product Viewed", NOW - 2 * DAY, product_id="cup", category="Cups", channel="app"),
        did(21, "Product Reviewed", NOW - DAY, rating=4),
        did(22, "Product Viewed", begin, product_id="pot", category="Pots"),
    ]


def test_who_disagrees_stands_beside_the_word_that_won(home: World, api: httpx.Client):
    vera = home.person("vera blom")
    view = api.get(f"/customers/{vera}/view").json()
    city = next(one for one in view["said"] if one["name"] == "city")
    assert (city["group"], city["disputed"]) == ("demographics", True)
    assert [(w["source"], w["value"], w["times"]) for w in city["words"]] == [("shop", "Oslo", 2), ("crm", "Bergen", 1)]
    age = next(one for one in view["said"] if one["name"] == "age")
    assert (age["disputed"], len(age["words"])) == (False, 1)


def test_an_earlier_instant_knows_what_was_known_then(home: World, api: httpx.Client):
    vera = home.person("vera blom")
    then = api.get(f"/customers/{vera}/view", params={"at": iso(NOW - 85 * DAY)}).json()
    assert {one["name"]: one["words"][0]["value"] for one in then["said"]}["city"] == "Bergen"
    assert "age" not in {one["name"] for one in then["said"]}
    assert _fact(then["behaviour"], "orders")["value"] == 1
    assert _fact(then["spending"], "orders_at_reduced_price")["value"] is None
    assert _fact(then["spending"], "orders_at_reduced_price")["n"] == 1


def test_numbers_carry_their_n_their_sources_and_their_time(home: World, api: httpx.Client):
    view = api.get(f"/customers/{home.person('vera blom')}/view").json()
    reduced = _fact(view["spending"], "orders_at_reduced_price")
    assert (reduced["value"], reduced["n"], reduced["sources"]) == (0.5, 4, ["shop"])
    assert reduced["at"] == iso(NOW - 10 * DAY)
    assert _fact(view["spending"], "average_order")["value"] == 130
    assert _fact(view["spending"], "discount_share")["value"] == round(40 / 560, 4)
    assert _fact(view["value"], "recency_days")["value"] == 10
    assert _fact(view["behaviour"], "usual_gap")["value"] == 30
    assert _fact(view["satisfaction"], "average_rating") == {
        "key": "average_rating", "value": 4, "unit": "rating", "n": 1, "sources": ["shop"], "at": iso(NOW - DAY),
    }  # fmt: skip
    assert view["categories"][0]["name"] == "Tea"
    halves = {c["name"]: c["weight"] for c in view["categories"]}
    assert halves["Pots"] == round(0.5 ** (100 / 30), 4)
    assert [(c["name"], c["n"]) for c in view["channels"]] == [("web", 6), ("app", 1)]
    assert sum(map(sum, view["strip"])) == 7


def test_the_strip_counts_the_hours_of_the_workspaces_zone(home: World, api: httpx.Client):
    strip = api.get(f"/customers/{home.person('vera blom')}/view").json()["strip"]
    assert {hour for day in strip for hour, n in enumerate(day) if n} == {12, 13}  # noon in New York, summer and winter


def test_the_standing_shows_the_limits_that_decide_the_scores(home: World, api: httpx.Client):
    vera = home.person("vera blom")
    standing = api.get(f"/customers/{vera}/standing").json()
    assert {m["key"] for m in standing["measures"]} == {"recency_days", "orders", "revenue"}
    for one in standing["measures"]:
        passed = [one["value"] < limit if one["key"] == "recency_days" else one["value"] > limit
                  for limit in one["limits"]]  # fmt: skip
        assert one["score"] == 1 + sum(passed)
    assert standing["segment_label"]["zh"]


def test_who_brought_whom_is_seen_from_both_ends(home: World, api: httpx.Client):
    vera, wim = home.person("vera blom"), home.person("wim blom")
    hers = api.get(f"/customers/{vera}/relations").json()
    assert [(r["how"], r["customer"]["customer_id"]) for r in hers["items"]] == [("refers", wim)]
    assert hers["unknown_referrer"] is True
    his = api.get(f"/customers/{wim}/relations").json()
    assert [(r["how"], r["customer"]["customer_id"]) for r in his["items"]] == [("referred_by", vera)]


def test_who_may_not_see_personal_data_sees_values_of_no_person(home: World):
    vera = home.person("vera blom")
    with home.client("viewer") as viewer:
        told = viewer.get(f"/customers/{vera}/view").text
        assert "vera@shop.example" not in told
        assert "Oslo" in told or "***" in told
        assert viewer.get(f"/customers/{vera}/timeline", params={"q": "vera@shop"}).json()["items"] == []


def test_an_instant_that_has_not_been_and_a_stranger_are_said_so(home: World, api: httpx.Client):
    vera = home.person("vera blom")
    assert api.get(f"/customers/{vera}/view", params={"at": iso(NOW + 9 * DAY)}).status_code == 422
    assert api.get(f"/customers/{vera}/view", params={"at": "soon"}).status_code == 422
    assert api.get("/customers/nobody/view").status_code == 404


def test_a_timeline_is_narrowed_and_read_in_both_directions(home: World, api: httpx.Client):
    path = f"/customers/{home.person('vera blom')}/timeline"
    outline = api.get(f"{path}/outline").json()
    every = api.get(path, params={"limit": 100}).json()
    assert outline["total"] == len(every["items"]) == sum(d["n"] for d in outline["days"])
    assert {n["name"]: n["n"] for n in outline["names"]}["Order Completed"] == 4
    assert {s["source"] for s in outline["sources"]} >= {"shop", "crm"}
    crm = api.get(path, params={"source": "crm"}).json()["items"]
    assert [e["event_id"] for e in crm] == ["v-said2"]
    names = api.get(path, params={"name": ["Order Completed", "Product Reviewed"], "q": "spring"}).json()["items"]
    assert {e["event_id"] for e in names} == {"v-did11", "v-did13"}
    zh = api.get(path, params={"q": "下单"}).json()["items"] or api.get(path, params={"q": "订单"}).json()["items"]
    assert len(zh) == 4
    window = {"begin": iso(NOW - 75 * DAY), "end": iso(NOW - 10 * DAY)}
    ordered = api.get(path, params={"kind": "order", **window}).json()["items"]
    assert [e["event_id"] for e in ordered] == ["v-did12", "v-did11"]
    middle = api.get(path, params={"start": iso(NOW - 40 * DAY), "limit": 2}).json()
    above = api.get(path, params={"after": middle["newer"], "limit": 100}).json()["items"]
    below = api.get(path, params={"before": middle["next"], "limit": 100}).json()["items"]
    assert [e["event_id"] for e in [*above, *middle["items"], *below]] == [e["event_id"] for e in every["items"]]
    assert api.get(path, params={"after": middle["newer"], "before": middle["next"]}).status_code == 422


def _fact(facts: list[dict[str, object]], key: str) -> dict[str, object]:
    return next(fact for fact in facts if fact["key"] == key)
