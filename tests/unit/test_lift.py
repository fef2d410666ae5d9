"""A campaign read from its events: who counts, in which arm, for how long; and what cannot be said yet."""

import numpy as np
import pytest

from homing.core.event import Event, Id, Stored
from homing.core.stats import difference, newcombe
from homing.core.time import DAY
from homing.learn import Experiment, lift, outcomes_of, read_campaign
from homing.storage.warehouse import BatchBuilder, Warehouse

T0 = 1_514_782_800_000_000  # 2018-01-01 00:00 in New York
ASKED = Experiment("wake", T0 + 20 * DAY, 14 * DAY)


class Shop:
    """Events of customers, loaded into a real warehouse."""

    def __init__(self, path):
        self.warehouse = Warehouse(path / "w.duckdb")
        self._batch, self._n = BatchBuilder(), 0

    def add(self, customer, name, day, source="shop", **properties):
        self._n += 1
        at = T0 + int(day * DAY)
        event = Event(event_id=f"e{self._n}", kind="track", name=name, happened_us=at, source_id=source,
                      ids=(Id("user_id", customer),), properties=properties)  # fmt: skip
        self._batch.add(Stored(self._n, at, event), customer)

    def assign(self, customer, arm, day, campaign="wake"):
        self.add(customer, "Holdout Assigned", day, "homing", campaign=campaign, arm=arm)

    def order(self, customer, day, revenue=10.0, **more):
        self.add(customer, "Order Completed", day, revenue=revenue, **more)

    def done(self):
        self.warehouse.load(self._batch.build())
        return self.warehouse


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.warehouse.close()


def test_everyone_is_watched_for_the_same_stretch_from_the_draw_on(shop):
    for who, arm in (("a", "treated"), ("b", "treated"), ("c", "control"), ("d", "control")):
        shop.assign(who, arm, 1)
    shop.assign("late", "treated", 7)  # 13 days have gone by, 14 wanted
    shop.assign("other", "treated", 1, campaign="another")
    shop.order("a", 0.9)  # before: a covariate
    shop.order("a", 1)  # the first instant counts
    shop.order("a", 14.99)
    shop.order("a", 15)  # the window is over
    shop.order("c", -95)  # over a quarter ago
    got = outcomes_of(ASKED, shop.done())
    assert got.customers == ("a", "b", "c", "d")
    assert got.treated.tolist() == [True, True, False, False]
    assert got.orders.tolist() == [2, 0, 0, 0]
    assert got.revenue.tolist() == [20, 0, 0, 0]
    assert got.orders_before.tolist() == [1, 0, 0, 0]
    assert (got.assigned_treated, got.assigned_control, got.unfinished) == (3, 2, 1)


def test_a_customer_drawn_twice_stays_in_the_arm_of_the_first_draw(shop):
    shop.assign("a", "control", 1)
    shop.assign("a", "treated", 2)
    got = outcomes_of(ASKED, shop.done())
    assert (got.customers, got.treated.tolist()) == (("a",), [False])


def test_what_an_outcome_is_worth_may_be_any_property(shop):
    shop.assign("a", "treated", 1)
    shop.order("a", 2, margin=3.5)
    shop.order("a", 3, margin="1.25")
    shop.order("a", 4)
    got = outcomes_of(Experiment("wake", T0 + 20 * DAY, 14 * DAY, value="margin"), shop.done())
    assert got.revenue.tolist() == [4.75]


def test_the_readout_agrees_with_the_formulas_on_the_same_people(shop):
    rng = np.random.default_rng(1)
    people = [(f"p{i:03d}", i % 5 != 0) for i in range(150)]
    rows = []
    for who, treated in people:
        shop.assign(who, "treated" if treated else "control", rng.uniform(0, 5))
        before, after = rng.poisson(4), rng.poisson(1.4 if treated else 1.0)
        for _ in range(before):
            shop.order(who, -rng.uniform(1, 80))
        for _ in range(after):
            shop.order(who, rng.uniform(5, 13), 7.5)
        rows.append((treated, after, before))
    got = read_campaign(shop.done(), ASKED, holdout_percent=20)
    t, y, x = (np.array(c) for c in zip(*rows, strict=True))
    want = difference(y, t, x[:, None] * 1.0)
    by_metric = {one.metric: one for one in got.lift}
    assert by_metric["orders"].per_customer == want
    assert by_metric["revenue"].unadjusted.estimate == pytest.approx(7.5 * (y[t].mean() - y[~t].mean()))
    assert by_metric["conversion"].per_customer == newcombe((int((y[t] > 0).sum()), 120), (int((y[~t] > 0).sum()), 30))
    assert by_metric["orders"].total[0] == pytest.approx(want.estimate * 120)
    assert (got.eligible, got.control, got.treated, got.unfinished) == (150, 30, 120, 0)
    assert got.bought == int((y[t] > 0).sum())
    assert got.ratio_p == pytest.approx(1.0)
    assert got.daily[-1] == (14, pytest.approx(y[t].mean()), pytest.approx(y[~t].mean()))
    assert len(got.daily) == 14
    assert got.absent == {}


def test_a_campaign_without_controls_has_no_lift_and_says_why(shop):
    shop.assign("a", "treated", 1)
    shop.assign("b", "treated", 1)
    got = read_campaign(shop.done(), ASKED, holdout_percent=0).as_dict()
    assert got["lift"] == []
    assert set(got["absent"]) == {"orders", "revenue", "conversion"}
    assert "0 held out" in got["absent"]["orders"]
    assert got["srm"] == {"p_value": None, "suspect": False}
    assert got["daily"] == []


def test_a_campaign_nobody_entered_is_empty_and_not_an_error(shop):
    got = read_campaign(shop.done(), ASKED, holdout_percent=20)
    assert (got.eligible, got.sent, got.lift, got.ratio_p) == (0, 0, [], None)


def test_an_uneven_draw_is_called_out(shop):
    for i in range(100):
        shop.assign(f"p{i}", "treated" if i % 2 else "control", 1)
    assert read_campaign(shop.done(), ASKED, holdout_percent=20).as_dict()["srm"]["suspect"] is True


def test_lift_is_a_figure_for_each_customer_assigned(shop):
    for i in range(8):
        shop.assign(f"p{i}", "treated" if i < 6 else "control", 1)
    shop.order("p0", 2)
    shop.order("p1", 2)
    shop.order("p2", 2)
    got = lift(outcomes_of(ASKED, shop.done()), "conversion")
    assert (got.per_customer.estimate, got.per_customer.n_treated) == (0.5, 6)  # 3 of 6, not 3 of those reached
