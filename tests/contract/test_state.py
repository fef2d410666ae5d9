"""The state commits whole or not at all, timers come in order, the outbox reaches the log once."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.event import listen

from homing.core.event import Event
from homing.core.turn import Turn
from homing.identity.component import rows_with
from homing.identity.read import identity_of
from homing.storage import definitions, outbox, schema
from homing.storage.log import SqliteLog
from homing.storage.migrate import alembic_config, newest, upgrade
from homing.storage.state import State
from homing.storage.state.store import offset_of, upsert
from homing.storage.timers import TimerQueue


@pytest.fixture
def state(tmp_path: Path):
    made = State(tmp_path / "state.db")
    yield made
    made.close()


def test_a_failed_write_leaves_nothing(state: State):
    with pytest.raises(RuntimeError), state.write() as conn:  # noqa: PT012 - the failure must come after the write
        upsert(conn, schema.consumer, [{"name": "stream", "log_offset": 7, "updated_us": 1}])
        raise RuntimeError("power")
    with state.read() as conn:
        assert offset_of(conn, "stream") == 0


def test_the_migrations_build_exactly_the_declared_schema(state: State, tmp_path: Path):
    stepped = create_engine(f"sqlite:///{tmp_path / 'stepped.db'}")
    upgrade(stepped)
    for engine in (stepped, state.engine):  # step by step, and made at once
        with engine.connect() as conn:
            assert compare_metadata(MigrationContext.configure(conn), schema.metadata) == []
            assert MigrationContext.configure(conn).get_current_revision() == newest()
    stepped.dispose()


@contextmanager
def older(folder: Path, revision: str):
    """A state as that step of the schema left it; what is done to it is kept."""
    engine = create_engine(f"sqlite:///{folder / 'state.db'}")
    with engine.connect() as conn:
        config = alembic_config()
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
        yield conn
        conn.commit()
    engine.dispose()


def test_a_state_of_an_older_schema_keeps_its_rows(tmp_path: Path):
    with older(tmp_path, "0001") as conn:
        conn.exec_driver_sql(
            "INSERT INTO rejected VALUES ('r1', 1, 'shop', NULL, 'item 0', 'shape', 'no type', '{\"a\":1}')"
        )
    state = State(tmp_path / "state.db")
    with state.read() as conn:
        row = conn.execute(select(schema.rejected)).one()
    state.close()
    assert (row.rejected_id, row.body, row.shape, row.status) == ("r1", '{"a":1}', "", "open")


def test_an_older_state_finds_the_conflicts_of_a_customer_by_index(tmp_path: Path):
    with older(tmp_path, "0003") as conn:
        for n in range(3):
            conn.exec_driver_sql(
                "INSERT INTO identity_conflict (conflict_id, at_us, event_id, customer_id, reason, details, other,"
                f" status) VALUES ('x{n}', {n}, 'e{n}', 'c{n}', 'limit:phone', '{{}}', 'c{n + 1}', 'open')"
            )
        conn.exec_driver_sql(
            'UPDATE identity_conflict SET details = \'{"id": ["phone", "+1"]}\' WHERE customer_id = \'c2\''
        )
        conn.exec_driver_sql(
            "INSERT INTO identifier_block VALUES ('phone', '+1', 'shared', 'learned', '', 4, 'homing', 9, 'e', NULL)"
        )
    state = State(tmp_path / "state.db")
    asked: list[tuple[str, object]] = []
    listen(state.engine, "before_cursor_execute", lambda _c, _u, sql, given, _x, _m: asked.append((sql, given)))
    c = schema.identity_conflict.c
    with state.read() as conn:
        found = identity_of(conn, "c1").conflicts
        rows = rows_with(conn, select(schema.identity_conflict), (c.customer_id, c.other), ["c1"])
        assert [one.conflict_id for one in found] == sorted(row.conflict_id for row in rows) == ["x0", "x1"]
        for sql, given in [one for one in asked if "FROM identity_conflict" in one[0]]:
            plan = " ".join(str(row[3]) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given))
            assert "identity_conflict_customer (customer_id=?)" in plan
            assert "identity_conflict_other (other=?)" in plan
            assert "SCAN" not in plan
        moot = conn.execute(select(c.conflict_id, c.settled_by, c.settled_us).where(c.status == "unlinked")).all()
        assert [tuple(row) for row in moot] == [("x2", "homing", 9)]
    state.close()


def test_every_column_says_whether_it_is_personal():
    silent = [
        f"{t.name}.{c.name}" for t in schema.metadata.sorted_tables for c in t.columns if "personal" not in c.info
    ]
    assert silent == []
    assert "address" in schema.personal_tables()["send"]


def take(timers: TimerQueue, *wanted: tuple[str, int]) -> None:
    turn = Turn(now_us=0)
    for key, due in wanted:
        turn.set_timer("t", key, due, "ann")
    timers.take(turn)


def test_timers_come_in_order_of_time_whether_stored_or_fresh(state: State):
    timers = TimerQueue(state)
    take(timers, ("c", 30), ("a", 10))
    with state.write() as conn:
        timers.flush(conn)
    timers.forget()
    take(timers, ("b", 20))
    assert [timers.pop_due(25), timers.pop_due(25), timers.pop_due(25)][0].key == "a"
    assert timers.pop_due(29) is None
    assert timers.pop_due(30).key == "c"


def test_a_timer_set_again_fires_once_at_the_new_time(state: State):
    timers = TimerQueue(state)
    take(timers, ("a", 10))
    with state.write() as conn:
        timers.flush(conn)
    take(timers, ("a", 50))
    assert timers.pop_due(40) is None
    assert timers.pop_due(50).due_us == 50
    assert timers.pop_due(10**9) is None


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from("abcdef"), st.integers(0, 40)),
        st.tuples(st.just("cancel"), st.sampled_from("abcdef"), st.just(0)),
        st.tuples(st.just("pop"), st.just(""), st.integers(0, 40)),
        st.tuples(st.just("flush"), st.just(""), st.just(0)),
        st.tuples(st.just("restart"), st.just(""), st.just(0)),
    ),
    max_size=40,
)


@given(_steps)
def test_timers_behave_like_a_sorted_dictionary(tmp_path_factory, steps):
    state = State(tmp_path_factory.mktemp("timers") / "state.db")
    timers, model = TimerQueue(state), {}
    for what, key, value in steps:
        turn = Turn(now_us=0)
        if what == "set":
            turn.set_timer("t", key, value, "ann")
            model[key] = value
            timers.take(turn)
        elif what == "cancel":
            turn.cancel_timer("t", key)
            model.pop(key, None)
            timers.take(turn)
        elif what == "pop":
            got = timers.pop_due(value)
            due = [d for d in model.values() if d <= value]
            assert (got is None) == (not due)
            if got is not None:
                assert got.due_us == min(due)
                assert model.pop(got.key) == got.due_us
        else:
            with state.write() as conn:
                timers.flush(conn)
            if what == "restart":
                timers = TimerQueue(state)
        assert timers.next_due() == min(model.values(), default=None)
    state.close()


def test_the_outbox_reaches_the_log_once_even_when_drained_twice(state: State, tmp_path: Path):
    log = SqliteLog(tmp_path / "log", lambda: 5)
    event = Event(event_id="sent:1", kind="track", name="Message Sent", happened_us=1, source_id="homing")
    with state.write() as conn:
        outbox.put(conn, [event])
    assert outbox.drain(state, log) == 1
    with state.write() as conn:  # the crash between appending and striking out
        outbox.put(conn, [event])
    assert outbox.drain(state, log) == 0
    assert log.tail() == 1
    log.close()


def test_saving_the_same_document_again_makes_no_version(state: State):
    with state.write() as conn:
        one = definitions.save(conn, "segment", "vip", {"id": "vip"}, now_us=1, by="ann")
        again = definitions.save(conn, "segment", "vip", {"id": "vip"}, now_us=2, by="ann")
        two = definitions.save(conn, "segment", "vip", {"id": "vip", "x": 1}, now_us=3, by="ann")
        assert (one.version, again.version, two.version) == (1, 1, 2)
        assert definitions.get(conn, "segment", "vip", version=1).document == {"id": "vip"}
        definitions.set_status(conn, "segment", "vip", "deleted", now_us=4)
        assert definitions.all_of(conn, "segment") == []


def test_a_newer_reader_sees_what_was_committed(state: State):
    with state.write() as conn:
        upsert(conn, schema.secret, [{"name": "k", "value": "v"}])
    with state.read() as conn:
        assert conn.execute(select(schema.secret.c.value)).scalar() == "v"


def test_a_version_saved_after_publishing_waits_and_a_deleted_document_can_come_back(state: State):
    with state.write() as conn:
        definitions.save(conn, "journey", "win", {"n": 1}, now_us=1, by="ann")
        assert definitions.published(conn, "journey") == []
        definitions.set_status(conn, "journey", "win", "live", now_us=2, version=1)
        definitions.save(conn, "journey", "win", {"n": 2}, now_us=3, by="ann")
        assert [(d.version, d.document) for d in definitions.published(conn, "journey")] == [(1, {"n": 1})]
        assert definitions.get(conn, "journey", "win").version == 2
        gone = definitions.set_status(conn, "journey", "win", "deleted", now_us=4, version=2)
        assert (gone.status, gone.document) == ("deleted", {"n": 2})
        assert definitions.published(conn, "journey") == []
        definitions.set_status(conn, "journey", "win", "live", now_us=5)
        assert [d.version for d in definitions.published(conn, "journey")] == [2]
