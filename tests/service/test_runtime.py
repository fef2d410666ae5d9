"""A workspace lives: events come in, customers appear, the warehouse follows, a restart goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from homing.core.errors import Conflict
from homing.core.event import Event, Id
from homing.core.query import Query
from homing.core.settings import Settings
from homing.core.turn import Turn
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.storage.schema import computed_run, customer, secret

START = 1_514_764_800_000_000
HOUR = 3_600_000_000


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def opened(folder: Path, clock: VirtualClock) -> Runtime:
    return Runtime(Workspace.open(folder, clock, Settings())).start()


def order(n: int, who: str, at_us: int, revenue: float = 10.0) -> Event:
    return Event(event_id=f"o{n}", kind="track", name="Order Completed", happened_us=at_us, source_id="shop",
                 ids=(Id("user_id", who),), properties={"order_id": str(n), "revenue": revenue, "currency": "USD",
                 "products": [{"product_id": "p1", "quantity": 1, "price": revenue}]})  # fmt: skip


def test_what_comes_in_is_in_the_profile_and_in_the_warehouse_once_settled(tmp_path: Path, clock: VirtualClock):
    with opened(tmp_path, clock) as runtime:
        w = runtime.workspace
        w.log.append([order(n, f"u{n % 7}", START) for n in range(700)])
        runtime.settle()
        with w.state.read() as conn:
            rows = conn.execute(select(customer.c.orders, customer.c.revenue)).all()
        assert [tuple(r) for r in rows] == [(100, 1000.0)] * 7
        assert w.warehouse.ask(Query("SELECT count(*), count(DISTINCT customer_id), sum(revenue) FROM events")) == [
            (700, 7, 7000)
        ]
        assert w.warehouse.ask(Query("SELECT sum(orders), sum(revenue) FROM customers")) == [(700, 7000.0)]


def test_a_merge_reaches_the_warehouse(tmp_path: Path, clock: VirtualClock):
    with opened(tmp_path, clock) as runtime:
        w = runtime.workspace
        seen = Event(event_id="v", kind="track", name="Product Viewed", happened_us=START, source_id="shop",
                     ids=(Id("anonymous_id", "cookie-77"),))  # fmt: skip
        w.log.append([seen, order(1, "ann", START)])
        runtime.settle()
        assert w.warehouse.ask(Query("SELECT count(*) FROM customers")) == [(2,)]
        login = Event(event_id="l", kind="identify", happened_us=START, source_id="shop",
                      ids=(Id("user_id", "ann"), Id("anonymous_id", "cookie-77")))  # fmt: skip
        w.log.append([login])
        runtime.settle()
        assert w.warehouse.ask(Query("SELECT count(*) FROM customers")) == [(1,)]
        assert w.warehouse.ask(Query("SELECT count(DISTINCT customer_id) FROM events")) == [(1,)]


def test_a_restart_goes_on_where_it_stopped(tmp_path: Path, clock: VirtualClock):
    with opened(tmp_path, clock) as runtime:
        runtime.workspace.log.append([order(n, "ann", START) for n in range(5)])
        runtime.settle()
    with opened(tmp_path, clock) as runtime:
        runtime.workspace.log.append([order(n, "ann", START) for n in range(3, 8)])
        runtime.settle()
        w = runtime.workspace
        assert w.warehouse.ask(Query("SELECT count(*), sum(revenue) FROM events")) == [(8, 80)]
        assert w.warehouse.ask(Query("SELECT orders FROM customers")) == [(8,)]


def test_every_night_of_the_workspace_is_judged_once(tmp_path: Path, clock: VirtualClock):
    with opened(tmp_path, clock) as runtime:
        w = runtime.workspace
        w.log.append([order(1, "ann", START)])
        runtime.settle()
        for hours in (2, 4, 5, 27, 30):
            clock.advance_to(START + hours * HOUR)
            runtime.settle()
        with w.state.read() as conn:
            nights = conn.execute(select(computed_run.c.at_us).order_by(computed_run.c.at_us)).scalars().all()
            traits = conn.execute(select(customer.c.traits)).scalar_one()
        assert nights == [START + 3 * HOUR, START + 27 * HOUR]
        assert traits["rfm_segment"][2] == "homing"


def test_only_one_process_holds_a_workspace(tmp_path: Path, clock: VirtualClock):
    with opened(tmp_path, clock), pytest.raises(Conflict):
        Workspace.open(tmp_path, clock, Settings())
    Workspace.open(tmp_path, clock, Settings()).close()


def test_settling_in_a_virtual_week_takes_no_real_week(tmp_path: Path, clock: VirtualClock):
    with opened(tmp_path, clock) as runtime:
        for n in range(50):
            clock.advance_to(START + n * HOUR)
            runtime.workspace.log.append([order(n, "ann", clock())])
            runtime.settle()
        received = Query("SELECT received_us FROM events WHERE event_id = 'o49'")
        assert runtime.workspace.warehouse.ask(received) == [(START + 49 * HOUR,)]
        parts = dict.fromkeys(("worker", "log", "warehouse", "sender"), True)
        assert runtime.ready() == {"ready": True, "parts": parts, "lag_s": 0.0}


def test_work_between_two_batches_is_one_transaction_with_what_it_emits(tmp_path: Path, clock: VirtualClock):
    with opened(tmp_path, clock) as runtime:
        w = runtime.workspace

        def good(turn: Turn, conn: Connection) -> int:
            conn.execute(insert(secret), [{"name": "kept", "value": "1"}])
            turn.emit(order(1, "ann", START))
            return turn.offset

        def bad(turn: Turn, conn: Connection) -> None:
            conn.execute(insert(secret), [{"name": "dropped", "value": "1"}])
            turn.emit(order(2, "ann", START))
            raise ValueError("no")

        assert runtime.call(good) == 0
        with pytest.raises(ValueError, match="no"):
            runtime.call(bad)
        runtime.settle()
        assert [s.event.event_id for s in w.log.read(0, 9)] == ["o1"]
        with w.state.read() as conn:
            names = set(conn.execute(select(secret.c.name)).scalars())
        assert "kept" in names
        assert "dropped" not in names
