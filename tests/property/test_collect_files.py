"""Any file of order lines: the counts add up, the sums equal a plain model's, a second time changes nothing."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.collect.files import ImportRequest, run_import
from homing.core.time import parse_iso
from homing.storage.log import SqliteLog
from homing.storage.state import State

NOW = parse_iso("2026-01-06T12:00:00Z")
HEAD = ["order_id", "customer_id", "time", "product_id", "product_name", "revenue"]

_good = st.tuples(
    st.sampled_from(["1", "2", "3", "单4"]),
    st.sampled_from(["ann", "bob", "", "-"]),
    st.sampled_from(["2026-01-02 10:00:00", "2026-01-03", "2026-01-04T00:00:00+08:00"]),
    st.sampled_from(["p1", "p2"]),
    st.text(alphabet='ab"，,\n茶\t\\', max_size=6),
    st.decimals(-99, 99, places=3).map(str),
)
_odd = st.tuples(*[st.sampled_from(["", "x", "n/a", "1e400", "nan", "٣", "1,000"]) | st.text(max_size=5)] * 6)
_rows = st.lists(st.one_of(_good, _odd), max_size=12)


def _write(folder: Path, rows: list[tuple[str, ...]]) -> Path:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(HEAD)
    writer.writerows([[c.replace("\r", "").replace("\0", "") for c in row] for row in rows])
    path = folder / "orders.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def _bring(path: Path, folder: Path, state: State) -> tuple[dict[str, int], list]:
    log = SqliteLog(folder / "log", lambda: NOW)
    try:
        request = ImportRequest(path, "orders", encoding="utf-8")
        got = run_import(request, log, state, now_us=NOW, rejected_dir=folder).as_dict()
        return got, [s.event for s in log.read(0, 1000)]
    finally:
        log.close()


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    made = State(tmp_path_factory.mktemp("state") / "state.db")
    yield made
    made.close()


@settings(max_examples=25)
@given(st.lists(_good, max_size=12))
def test_readable_lines_are_grouped_as_a_plain_model_groups_them(state, rows):
    with tempfile.TemporaryDirectory() as name:
        got, events = _bring(_write(Path(name), rows), Path(name), state)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in dict.fromkeys(rows):
        sums[row[0]] += Decimal(row[5])
    assert (got["read"], got["duplicate"], got["rejected"]) == (len(rows), len(rows) - len(set(rows)), 0)
    found = {e.properties["order_id"]: e.properties.get("revenue", -e.properties.get("total", 0)) for e in events}
    assert found == {order: float(total) for order, total in sums.items()}


@settings(max_examples=40)
@given(_rows)
def test_whatever_the_rows_say_the_counts_add_up_and_twice_is_once(state, rows):
    with tempfile.TemporaryDirectory() as name:
        path = _write(Path(name), rows)
        first, events = _bring(path, Path(name), state)
        again, same = _bring(path, Path(name), state)
    assert first["read"] == first["accepted"] + first["duplicate"] + first["rejected"] == len(rows)
    assert (again["accepted"], again["rejected"]) == (0, first["rejected"])
    assert again["duplicate"] == first["accepted"] + first["duplicate"]
    assert same == events
    assert len({e.event_id for e in events}) == len(events)
