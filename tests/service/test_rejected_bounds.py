"""What was refused is kept within bounds of rows and of bytes; what was sent again and taken goes first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from homing.collect.keeping import STAGE_FAILED, Kept, kept, trim
from homing.collect.rejects import Reject, RejectKeeper, write_rejects
from homing.storage.schema import rejected
from homing.storage.state import State

NOW = 1_700_000_000_000_000
RANK = {"replayed": 0, "dropped": 1, "open": 2}


def fill(state, rows):
    """Rows of (id, instant, standing, text)."""
    with state.write() as conn:
        write_rejects(conn, [Reject(at, "web", "item 0", "shape", "x", body, rejected_id=n) for n, at, _, body in rows])
        for n, _, status, _ in rows:
            conn.execute(update(rejected).where(rejected.c.rejected_id == n).values(status=status))


def left(state):
    with state.read() as conn:
        return set(conn.execute(select(rejected.c.rejected_id)).scalars())


def test_rows_that_were_taken_go_before_rows_that_wait_however_old_they_are(tmp_path):
    state = State(tmp_path / "state.db")
    fill(state, [("open-old", 1, "open", "{}"), ("taken-new", 9, "replayed", "{}"), ("taken-old", 5, "replayed", "{}"),
                 ("aside", 2, "dropped", "{}"), ("open-new", 8, "open", "{}")])  # fmt: skip
    assert trim(state, Kept(4, 1_000)) == 2
    assert left(state) == {"open-old", "open-new", "aside"}
    assert trim(state, Kept(2, 1_000)) == 2
    assert left(state) == {"open-new"}
    state.close()


def test_few_rows_of_much_text_are_bounded_by_their_bytes(tmp_path):
    state = State(tmp_path / "state.db")
    fill(state, [(f"r{n:03}", n, "open", "名" * 1_000) for n in range(100)])  # 3,000 bytes each
    with state.read() as conn:
        assert kept(conn) == (100, 300_000)
    assert trim(state, Kept(1_000, 300_000)) == 0
    assert trim(state, Kept(1_000, 200_000)) == 37  # down to 190,000 bytes
    assert left(state) == {f"r{n:03}" for n in range(37, 100)}
    state.close()


def test_events_that_a_stage_could_not_process_stay_and_do_not_count(tmp_path):
    state = State(tmp_path / "state.db")
    fill(state, [("stage:7", 0, "open", "{}"), ("r1", 1, "open", "{}"), ("r2", 2, "open", "{}")])
    with state.write() as conn:
        conn.execute(update(rejected).where(rejected.c.rejected_id == "stage:7").values(code=STAGE_FAILED))
    assert trim(state, Kept(2, 1_000)) == 0
    assert trim(state, Kept(0, 1_000)) == 2
    assert left(state) == {"stage:7"}
    state.close()


@pytest.mark.parametrize("body", ["{}" + "x" * 4_000, "{}"])
def test_a_flood_at_the_door_keeps_the_table_within_its_bounds(tmp_path, body):
    state = State(tmp_path / "state.db")
    keeper = RejectKeeper(state, Kept(2_000, 1_000_000))
    n = 0
    for _ in range(20):
        rows = [
            Reject(NOW + n + k, "web", "item 0", "shape", "x", body, rejected_id=f"r{n + k:06}") for k in range(250)
        ]
        n += len(rows)
        keeper.put(rows).result(60)
        with state.read() as conn:
            now = kept(conn)
        assert now.rows <= 2_000 + 250
        assert now.bytes <= 1_000_000 + 250 * len(body)
    keeper.close()
    assert keeper.dropped == 0
    newest = {f"r{k:06}" for k in range(n - 200, n)}
    assert newest <= left(state)  # what just came is there to be looked at
    state.close()


_rows = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(sorted(RANK)), st.integers(0, 40)), max_size=25)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    made = State(tmp_path_factory.mktemp("kept") / "state.db")
    yield made
    made.close()


@settings(max_examples=40, deadline=None)
@given(_rows, st.integers(0, 25), st.integers(0, 600))
def test_no_more_goes_than_must_and_always_the_first_in_order(table, drawn, most_rows, most_bytes):
    with table.write() as conn:
        conn.execute(rejected.delete())
    rows = [(f"r{n:02}", at, status, "x" * size) for n, (at, status, size) in enumerate(drawn)]
    fill(table, rows)
    trim(table, Kept(most_rows, most_bytes))
    going = sorted(rows, key=lambda r: (RANK[r[2]], r[1], r[0]))
    size = sum(len(r[3]) for r in rows)
    goal_rows = int(most_rows * 0.95) if len(rows) > most_rows else len(rows)
    goal_bytes = int(most_bytes * 0.95) if size > most_bytes else size
    while len(going) > goal_rows or sum(len(r[3]) for r in going) > goal_bytes:
        going.pop(0)
    assert left(table) == {r[0] for r in going}
