"""A row that is looked up by its key reads as SQLAlchemy reads it, whatever is in it."""

import pytest
from sqlalchemy import select

from homing.storage.schema import customer, identifier, segment_state
from homing.storage.state import State
from homing.storage.state.lookup import looked_up
from homing.storage.state.store import upsert


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path / "state.db")
    yield state
    state.close()


def person(customer_id, **said):
    return {
        "customer_id": customer_id, "created_us": 1, "first_seen_us": 2, "last_seen_us": 3, "merged_into": None,
        "display": "甲 'x'", "search": "", "stage": "interested", "orders": 0, "revenue": 0.1, "last_order_us": None,
        "traits": {"a": [None, 1, "s", 2], "名": [[1, {"b": 2**53}], 1, "s", 2]}, "stats": {}, "changed_offset": 9,
        **said,
    }  # fmt: skip


def test_it_reads_what_sqlalchemy_reads(state):
    with state.write() as conn:
        upsert(conn, customer, [person("c1"), person("c2", merged_into="c1", last_order_us=5, revenue=3.0)])
        upsert(conn, segment_state, [{"customer_id": "c1", "state": b"\x00\xff"}])
        upsert(conn, identifier, [
            {"type": "email", "value": v, "customer_id": "c1", "first_us": 1, "last_us": 2, "source_id": "s",
             "status": "live", "rivals": rivals} for v, rivals in (("a@x.example", None), ("b@x.example", ["c2"]))
        ])  # fmt: skip
    with state.read() as conn:
        for table, by in (
            (customer, {"customer_id": "c1"}), (customer, {"customer_id": "c2"}), (customer, {"customer_id": "c3"}),
            (segment_state, {"customer_id": "c1"}), (identifier, {"customer_id": "c1"}), (identifier, {}),
            (identifier, {"type": "email", "value": "b@x.example"}),
        ):  # fmt: skip
            wanted = conn.execute(select(table).where(*(table.c[n] == v for n, v in by.items()))).all()
            found = looked_up(state, table, **by)
            assert sorted(map(tuple, found), key=str) == sorted(map(tuple, wanted), key=str)
            assert [row._fields for row in found] == [row._fields for row in wanted]


def test_a_value_is_bound_and_never_part_of_the_statement(state):
    with state.write() as conn:
        upsert(conn, customer, [person("c' OR '1'='1")])
    assert looked_up(state, customer, customer_id="' OR '1'='1") == []
    assert len(looked_up(state, customer, customer_id="c' OR '1'='1")) == 1


def test_what_is_committed_is_seen_at_once_and_nothing_before(state):
    assert looked_up(state, customer, customer_id="c1") == []
    with state.write() as conn:
        upsert(conn, customer, [person("c1")])
        assert looked_up(state, customer, customer_id="c1") == []
    assert len(looked_up(state, customer, customer_id="c1")) == 1
    state.close()
    assert len(looked_up(state, customer, customer_id="c1")) == 1
