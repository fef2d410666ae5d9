"""Products for a customer: her habits, her categories, what everyone likes; never what she bought yesterday."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from homing.core.event import Event, Id, Stored
from homing.core.time import DAY, parse_iso
from homing.decide.recommend import Recommender
from homing.storage.warehouse import BatchBuilder, Warehouse

NOW = parse_iso("2026-03-02T12:00")
CATALOGUE = {"milk": "dairy", "butter": "dairy", "cheese": "dairy", "apple": "fruit", "pear": "fruit"}
CATALOGUE |= {"beer": "drinks", "wine": "drinks"}


class Store:
    def __init__(self, folder: Path):
        self.warehouse = Warehouse(folder / "w.duckdb")
        self.builder = BatchBuilder()
        self.offset = 0
        for product, category in CATALOGUE.items():
            self.add(
                None,
                "Product Updated",
                NOW - 400 * DAY,
                product_id=product,
                name=product.title(),
                category=category,
                price=2.5,
            )
        self.add(None, "Product Updated", NOW - 400 * DAY, product_id="nameless", category="dairy")

    def add(self, who, event_name, at, /, **properties):
        self.offset += 1
        event = Event(event_id=f"e{self.offset}", kind="track", name=event_name, happened_us=at, source_id="shop",
                      ids=(Id("user_id", who),) if who else (), properties=properties)  # fmt: skip
        self.builder.add(Stored(self.offset, at, event), who)

    def order(self, who, days_ago, *products):
        lines = [{"product_id": p, "quantity": 1, "price": 2.5} for p in products]
        self.add(who, "Order Completed", NOW - days_ago * DAY, order_id=f"o{self.offset}", products=lines)

    def ask(self, *who, n=3):
        self.warehouse.load(self.builder.build())
        got = Recommender(self.warehouse).recommend(who, n, NOW)
        return {c: [(p["product_id"], p["reason"]) for p in found] for c, found in got.items()}


@pytest.fixture
def store(tmp_path: Path):
    made = Store(tmp_path)
    for n in range(20):
        made.order(f"crowd{n}", 20, "beer", *(["milk"] if n % 2 else ["apple", "nameless"]))
    yield made
    made.warehouse.close()


def test_habits_come_first_then_her_categories_and_a_stranger_gets_what_is_liked(store):
    for days in (60, 40, 20):
        store.order("ann", days, "cheese", "nameless")
    got = store.ask("ann", "new", n=4)
    assert got["ann"] == [("cheese", "again"), ("beer", "popular"), ("apple", "popular"), ("milk", "category")]
    #  a stranger: everything that ever sold, one of each category first
    assert [p for p, _ in got["new"]] == ["beer", "apple", "milk", "cheese"]


def test_what_she_bought_yesterday_is_not_among_them_and_the_future_is_not_known(store):
    for days in (60, 40, 1):
        store.order("ann", days, "cheese", "milk")
    store.order("ann", -1, "wine")
    assert [p for p, _ in store.ask("ann", n=9)["ann"]] == ["beer", "apple"]


def test_the_purchases_of_someone_who_became_her_are_hers(store):
    store.order("old", 30, "wine")
    store.order("old", 50, "wine")
    store.warehouse.load(store.builder.build())
    store.warehouse.replace("customer_alias", "loser", pa.table({"loser": ["old"], "winner": ["ann"]}), {})
    (first, *_) = store.ask("ann")["ann"]
    assert first == ("wine", "again")


def test_an_older_habit_fades_behind_a_newer_one(store):
    for days in (300, 290, 280):
        store.order("ann", days, "wine")
    for days in (30, 10):
        store.order("ann", days, "pear")
    assert store.ask("ann")["ann"][0] == ("pear", "again")


def test_an_empty_catalogue_gives_an_empty_list(tmp_path):
    warehouse = Warehouse(tmp_path / "w.duckdb")
    recommender = Recommender(warehouse)
    assert recommender.recommend(["ann"], 3, NOW) == {"ann": []}
    assert recommender.recommend([], 3, NOW) == {}
