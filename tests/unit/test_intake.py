"""Rows that came by wire go in once, as a file's rows do: kept, refused by name, and twice changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from homing.collect.intake import RowsRequest, take_rows
from homing.core.errors import InvalidInput
from homing.core.time import parse_iso
from homing.storage.log import SqliteLog
from homing.storage.schema import rejected
from homing.storage.state import State

NOW = parse_iso("2026-01-06T12:00:00Z")


class Desk:
    """A log and a state."""

    def __init__(self, folder: Path) -> None:
        self.log = SqliteLog(folder / "log", lambda: NOW)
        self.state = State(folder / "state.db")

    def take(self, rows, kind="events", **kw):
        made = take_rows(rows, RowsRequest(kind, source="shop", **kw), self.log, self.state, now_us=NOW)
        assert made.read == made.accepted + made.duplicate + made.rejected == len(rows)
        return made.accepted, made.duplicate, made.rejected

    def events(self):
        return [s.event for s in self.log.read(0, 1000)]

    def refused(self):
        with self.state.read() as conn:
            return conn.execute(select(rejected).order_by(rejected.c.place)).all()


@pytest.fixture
def desk(tmp_path: Path):
    made = Desk(tmp_path)
    yield made
    made.log.close()
    made.state.close()


def test_lines_of_one_order_become_one_order_and_twice_changes_nothing(desk):
    def line(order, at, who, what, price, n):
        return {"order_id": order, "time": f"2026-01-05 {at}", "customer_id": who, "product_id": what,
                "price": price, "quantity": n}  # fmt: skip

    lines = [
        line(7, "10:00:00", "ann", "tea", 2.5, 2),
        line(7, "10:00:00", "ann", "cup", "4.10", 1),
        line(8, "11:00:00", "bob", "tea", 2.5, None),
    ]
    assert desk.take(lines, "orders") == (3, 0, 0)
    assert desk.take(lines, "orders") == (0, 3, 0)
    first, second = desk.events()
    assert (first.event_id, first.properties["revenue"], len(first.properties["products"])) == ("order:shop:7", 9.1, 2)
    assert [i.value for i in second.ids] == ["bob"]


def test_json_types_stay_and_a_place_inside_a_column_feeds_a_field(desk):
    row = {"who": {"card": "0017"}, "at": "2026-01-05T10:00:00Z", "what": "Door Opened", "n": 3, "open": True}
    wanted = {"member_card": "who.card", "time": "at", "event": "what"}
    assert desk.take([row, {"at": "2026-01-05T11:00:00Z", "what": "Door Closed"}], mapping=wanted) == (1, 0, 1)
    (event,) = desk.events()
    assert (event.name, [tuple(i) for i in event.ids]) == ("Door Opened", [("member_card", "0017")])
    assert (event.properties["n"], event.properties["open"]) == (3, True)


def test_a_refused_row_is_kept_once_whole_and_says_what_it_is(desk):
    rows = [{"order_id": "1", "time": "soon", "revenue": 5}, {"order_id": "2", "time": "2026-01-05", "revenue": 5}]
    assert desk.take(rows, "orders") == (1, 0, 1)
    assert desk.take(rows, "orders") == (0, 1, 1)  # read again: counted, kept once
    (kept,) = desk.refused()
    assert (kept.code, kept.shape, kept.status, json.loads(kept.body)) == ("bad_time", "row:orders", "open", rows[0])


def test_a_lone_row_without_what_its_kind_needs_is_refused_and_not_an_error(desk):
    assert desk.take([{"hello": 1}], "orders") == (0, 0, 1)
    assert desk.refused()[0].code == "missing_value"
    assert desk.take([{"time": "2026-01-05", "revenue": 1}], "orders", mapping={"order_id": "no"}) == (0, 0, 1)


def test_a_mapping_that_cannot_be_meant_is_an_error(desk):
    with pytest.raises(InvalidInput, match="field is"):
        desk.take([{"order_id": 1}], "orders", mapping={"colour": "order_id"})
    with pytest.raises(InvalidInput, match="kind is"):
        desk.take([{"a": 1}], "nonsense")
