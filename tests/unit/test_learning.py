"""What is learned of shoppers whose likings are known: nothing leaks back from later, and it is found what is there."""

from __future__ import annotations

import numpy as np
import pytest

from homing.core.errors import InvalidInput
from homing.core.time import DAY
from homing.predict import Association, Classification, Clustering, FeatureSpec, Lookalike
from homing.predict.compare import compare
from homing.predict.features import Plan, choose, matrix
from homing.predict.training import audience, learn, scores
from learning_world import NOW, RUNS, event, filled, ground, said, shoppers

CLUB = {"type": "trait", "name": "club", "op": "eq", "value": True}
LATELY = {"type": "did", "event": "Order Completed", "measure": "count", "op": "gte", "value": 1, "within": "20d"}


@pytest.fixture(scope="module")
def events():
    return shoppers()


@pytest.fixture(scope="module")
def warehouse(events, tmp_path_factory):
    made = filled(tmp_path_factory.mktemp("learn"), events)
    yield made
    made.close()


def test_features_are_what_happened_by_the_instant_and_nothing_later(tmp_path):
    happened = [
        said("i1", "ann", NOW - 90 * DAY, city="Kiel", points=10, likes=["a", "b"]),
        event("o1", "ann", "Order Completed", NOW - 60 * DAY, revenue=20, currency="USD", order_id="1",
              products=[{"product_id": "p", "category": "Tea", "price": 20}]),
        event("v1", "ann", "Product Viewed", NOW - 50 * DAY, category="Tea"),
        event("o2", "ann", "Order Completed", NOW - 40 * DAY, revenue=10, currency="USD", order_id="2"),
        event("o3", "ann", "Order Completed", NOW - 39 * DAY, revenue=99, currency="EUR", order_id="3"),
        said("i2", "bob", NOW - 45 * DAY, city="Bonn", points=4, likes=["b"]),
        said("i3", "cleo", NOW - 45 * DAY, city="Bonn", points=7),
    ]  # fmt: skip
    later = [
        event("o9", "ann", "Order Completed", NOW - 5 * DAY, revenue=1000, currency="USD", order_id="9"),
        said("i9", "ann", NOW - 5 * DAY, city="Jena", points=None),
        event("v9", "bob", "Product Viewed", NOW - 4 * DAY, category="Tea"),
        said("i8", "dora", NOW - 3 * DAY, city="Kiel"),
    ]
    warehouse = filled(tmp_path, happened + later)
    at = NOW - 30 * DAY
    plan = choose(warehouse, FeatureSpec(), at, currency="USD")
    table = matrix(warehouse, plan, at)
    assert table.customers == ("ann", "bob", "cleo")
    place = {c.key: n for n, c in enumerate(table.columns)}

    def of(key: str) -> list[float]:
        return table.x[:, place[key]].tolist()

    nan = pytest.approx([30, np.nan, np.nan], nan_ok=True)
    assert of("orders.orders") == [2, 0, 0]
    assert of("orders.spent") == [30, 0, 0]
    assert of("orders.mean_order") == pytest.approx([15, np.nan, np.nan], nan_ok=True)
    assert of("orders.days_since_order") == pytest.approx([10, np.nan, np.nan], nan_ok=True)
    assert of("orders.order_gap") == pytest.approx([20, np.nan, np.nan], nan_ok=True)
    assert of("trait.points") == [10, 4, 7]
    assert [of(f"trait.city={c}") for c in ("Bonn",)] == [[0, 1, 1]]
    assert of("trait.likes=b") == [1, 1, 0]
    assert nan != of("orders.orders")
    now = matrix(warehouse, Plan.of(plan.as_dict()), NOW)
    assert now.customers == ("ann", "bob", "cleo", "dora")
    assert now.x[0, place["orders.spent"]] == 1030
    assert np.isnan(now.x[0, place["trait.points"]])  # null takes it away
    warehouse.close()


def test_two_numbers_that_differ_in_the_last_digit_are_two_features(tmp_path):
    stores = [10000001, 10000002, None]
    events = [said(f"s{i}", f"u{i:02d}", NOW - DAY, store=stores[i % 3]) for i in range(30)]
    warehouse = filled(tmp_path, events)
    plan = choose(warehouse, FeatureSpec(families=("traits",)), NOW, currency="USD")
    assert [c.key for c in plan.columns] == ["trait.store=10000002"]  # of two levels one says both
    table = matrix(warehouse, plan, NOW)
    assert table.x[:, 0].tolist() == [float(i % 3 == 1) for i in range(30)]
    warehouse.close()


def test_the_others_who_are_alike_stand_above_and_held_out_seeds_prove_it(warehouse, events):
    document = Lookalike(id="club", name="Club", seed_segment="club")
    where = ground(warehouse, club=CLUB)
    learned = learn(document, where)
    card = learned.card
    assert "trait.club=true" not in [f["feature"] for f in card["features"]]
    assert card["left_out"] == ["trait.club=true"]
    seeds = {e.ids[0].value for e in events if e.traits.get("club")}
    assert card["data"] == card["data"] | {"customers": 400, "seeds": len(seeds), "candidates": 400 - len(seeds)}
    check = card["check"]["models"][card["model"]]["auc"]
    assert check["low"] > 0.7  # the best there is: half of the runners, told apart from everybody, is 0.9
    assert {f["feature"] for f in card["features"][:8]} & {f"bought.{c}" for c in RUNS}
    row = next(r for r in card["curve"] if r["reach"] == 0.15)
    assert row["lift"]["low"] > 1
    assert row["lift"]["low"] <= row["lift"]["estimate"] <= row["lift"]["high"]
    assert [r["recall"]["estimate"] for r in card["curve"]] == sorted(r["recall"]["estimate"] for r in card["curve"])
    found = scores(document, learned.artefact, where)
    assert len(found) == 400
    quiet = {f"u{i:04d}" for i in range(0, 400, 3)} - seeds  # run as keenly, and did not tell
    tree = audience("club", document, 0.15, trait="lookalike.club")
    limit = tree["of"][0]["value"]
    taken = {c for c, s in found.items() if s >= limit and c not in seeds}
    assert len(taken) == pytest.approx(0.15 * (400 - len(seeds)), abs=2)
    assert len(taken & quiet) / len(taken) > 0.9  # against a fifth by chance


def test_the_same_document_instant_and_seed_give_the_same_numbers(warehouse):
    where = ground(warehouse, club=CLUB, lately=LATELY)
    for document in (
        Lookalike(id="club", name="Club", seed_segment="club"),
        Clustering(id="kinds", name="Kinds", k_max=4),
        Association(id="together", name="Together"),
        Classification(id="back", name="Back", label={"segment": "lately"}, horizon="20d", new_only=False),
    ):
        assert learn(document, where) == learn(document, where)


def test_few_seeds_are_not_learned_from(warehouse):
    document = Lookalike(id="few", name="Few", seed_segment="few")
    few = {"type": "all", "of": [CLUB, {"type": "share", "percent": 5, "salt": "x"}]}
    with pytest.raises(InvalidInput, match="wanted at least 20") as error:
        learn(document, ground(warehouse, few=few))
    assert error.value.details["customers"] == 400


def test_three_kinds_of_shoppers_are_three_clusters_called_by_what_they_buy(warehouse):
    document = Clustering(id="kinds", name="Kinds", k=3, features=FeatureSpec(families=("bought",)))
    where = ground(warehouse)
    learned = learn(document, where)
    card = learned.card
    assert (card["k"], card["steady"], card["chosen"]) == (3, True, False)
    free = learn(document.model_copy(update={"k": None, "k_max": 6}), where).card
    held = [t for t in free["tried"] if t["jaccard"] >= 0.75]
    assert [t["k"] for t in free["tried"]] == [3, 4, 5, 6]
    assert free["k"] == max(held, key=lambda t: t["silhouette"])["k"]
    of = scores(document, learned.artefact, where)
    truth = {f"u{i:04d}": i % 3 for i in range(400)}
    pairs = {(truth[c], name) for c, name in of.items()}
    agree = sum(max(sum(of[c] == name and truth[c] == t for c in of) for name in ("c1", "c2", "c3")) for t in range(3))
    assert agree / 400 > 0.95, pairs
    names = " ".join(c["name"]["en"] for c in card["clusters"])
    assert any(c in names for c in RUNS)
    assert all(c["name"]["zh"] for c in card["clusters"])
    assert sum(c["size"] for c in card["clusters"]) == 400
    again = learn(document, where, learned.artefact)
    assert again.card["drift"]["stayed"] == 1
    assert again.card["drift"]["stability_index"] == 0
    assert [c["id"] for c in again.card["clusters"]] == ["c1", "c2", "c3"]
    earlier = learn(document, ground(warehouse, NOW - 60 * DAY), learned.artefact)
    assert earlier.card["drift"]["stayed"] > 0.9


def test_rules_say_who_buys_what_with_what(warehouse):
    card = learn(Association(id="together", name="Together", max_items=2, min_lift=1.2), ground(warehouse)).card
    pairs = {(r["left"][0]["id"], r["right"]["id"]) for r in card["rules"]}
    assert ("Gels", "Shoes") in pairs
    assert not {p for p in pairs if {"Shoes", "Novels"} == set(p)}
    assert all(r["q"] <= card["level"] and r["lift"]["low"] > 1 for r in card["rules"])
    by_customer = learn(Association(id="t", name="T", basket="customer", max_items=2), ground(warehouse)).card
    assert by_customer["data"]["baskets"] == 400


def test_a_label_ahead_is_tested_on_what_came_later(warehouse):
    document = Classification(id="back", name="Back", label={"segment": "lately"}, horizon="20d", new_only=False)
    where = ground(warehouse, lately=LATELY)
    learned = learn(document, where)
    data = learned.card["data"]
    assert learned.card["split"] == "time"
    assert (data["train"]["features_at"], data["train"]["label_at"]) == (
        "2017-11-22T12:00:00.000Z", "2017-12-12T12:00:00.000Z",
    )  # fmt: skip
    assert data["test"]["label_at"] == "2018-01-01T12:00:00.000Z"
    assert learned.card["metrics"]["auc"]["low"] > 0.5
    rates = [row["was"]["estimate"] for row in learned.card["calibration"]]
    assert np.mean(rates[-3:]) > np.mean(rates[:3])
    found = scores(document, learned.artefact, where)
    assert len(found) == 400
    assert all(0 <= chance <= 1 for chance in found.values())


@pytest.mark.parametrize("model", ["logistic", "boosting"])
def test_a_trait_is_told_from_the_others_without_itself(warehouse, model):
    document = Classification(id="club", name="Club", label={"trait": "club", "value": True}, model=model)
    learned = learn(document, ground(warehouse))
    assert learned.card["split"] == "customers"
    assert learned.card["left_out"] == ["trait.club=true"]
    assert learned.card["metrics"]["auc"]["low"] > 0.6
    assert learned.card["metrics"]["brier"]["estimate"] < learned.card["metrics"]["brier_of_base_rate"]


def test_a_label_of_the_past_that_is_only_known_as_it_is_now_is_refused(warehouse):
    often = {"type": "trait", "name": "orders", "op": "gte", "value": 3}
    document = Classification(id="x", name="X", label={"segment": "often"}, horizon="20d")
    with pytest.raises(InvalidInput, match="in the past is not kept"):
        learn(document, ground(warehouse, often=often))


def test_what_sets_members_apart_names_what_they_do_and_marks_what_defines_them(warehouse):
    found = compare("club", ground(warehouse, club=CLUB))
    by_key = {a.column.key: a for a in found.found}
    assert found.tested == len(found.found)
    assert by_key["trait.club=true"].defining
    assert next(a for a in found.found if not a.defining).column.of in RUNS
    assert by_key["bought.Shoes"].low > 0
    assert by_key["bought.Shoes"].q < 1e-6
    assert by_key["trait.city=Kiel"].q > 0.05  # drawn by chance
