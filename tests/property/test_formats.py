"""Whatever a file holds, no format raises over a line, none is lost, and what was read is known the second time."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.collect.files import ImportRequest, run_import
from homing.collect.formats import About, LineFormat, Part, formats
from homing.collect.formats.format import in_parts, lines_of
from homing.collect.formats.lay import format_of
from homing.collect.formats.log_patterns import compiled
from homing.core.errors import HomingError, InvalidInput
from homing.core.time import parse_iso
from homing.storage.log import SqliteLog
from homing.storage.state import State

NOW = parse_iso("2026-01-20T12:00:00Z")
ABOUT = About("web", secret=b"k")
AGENTS = ["-", "curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", 'a \\" b']

_hour = st.builds(
    lambda h, m, s: f"05/Jan/2026:{h:02d}:{m:02d}:{s:02d} +0000",
    st.integers(9, 12),
    st.integers(0, 59),
    st.integers(0, 1),
)
_good = st.builds(
    lambda ip, at, path, status, agent: f'{ip} - - [{at}] "GET {path} HTTP/1.1" {status} 12 "-" "{agent}"',
    st.sampled_from(["192.0.2.1", "192.0.2.9", "2001:db8::1", "a.host"]), _hour,
    st.sampled_from(["/", "/a?utm_source=x", "/b.png", "/c%2"]), st.sampled_from([200, 404]), st.sampled_from(AGENTS),
)  # fmt: skip
_odd = st.text(alphabet='0[]"\\ -/:{}GET\t中\x00x', max_size=80) | st.text(max_size=40)
_lines = st.lists(st.one_of(_good, _good, _odd), max_size=40)

_ITEM_FIELDS = st.sampled_from(["item_id", "price", "quantity"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=6,
)  # fmt: skip
_ga4 = st.fixed_dictionaries(
    {},
    optional={
        "event_name": st.sampled_from(["purchase", "page_view", "add_to_cart", "scroll"]) | _json,
        "event_timestamp": st.sampled_from(["1767607200000000", 1767607200000000, -1, "9" * 30]) | _json,
        "event_params": st.lists(st.fixed_dictionaries({"key": _json, "value": _json}), max_size=3) | _json,
        "items": st.lists(st.dictionaries(_ITEM_FIELDS, _json), max_size=3) | _json,
        "user_pseudo_id": _json, "user_id": _json, "ecommerce": _json, "device": _json, "geo": _json,
        "collected_traffic_source": _json, "traffic_source": _json, "user_properties": _json,
    },
)  # fmt: skip
_cell = st.sampled_from(["", "-", "2026-01-05", "20260105", "5/1/2026", "1,234.5", "x", "总计", "Total", "7%", "1e400"])
_cells = st.lists(_cell | st.text(alphabet='ab,"\n中#', max_size=6), min_size=1, max_size=6)


def whole(parts: list[Part]) -> tuple[list[dict], int, int]:
    return [r for p in parts for _, r in p.rows], sum(len(p.broken) for p in parts), sum(p.left_out for p in parts)


@settings(max_examples=150)
@given(_lines)
def test_every_line_of_a_log_is_a_row_or_refused_or_left_out(lines):
    raw = [f"{one.replace(chr(10), ' ')}\n".encode("utf-8", "replace") for one in lines]
    rows, broken, left_out = whole(list(in_parts(format_of("access_log", {}).reader(ABOUT), enumerate(raw, 1))))
    assert len(rows) + broken + left_out == sum(bool(one.strip()) for one in raw)
    assert len({r["message_id"] for r in rows}) == len(rows)
    assert not any("192.0.2.1 " in json.dumps(r) or "192.0.2.9" in json.dumps(r) for r in rows)


@settings(max_examples=80)
@given(_lines, st.lists(st.integers(0, 40), max_size=4))
def test_a_log_cut_anywhere_gives_the_rows_of_the_whole(lines, cuts):
    raw = [(n, f"{one.replace(chr(10), ' ')}\n".encode("utf-8", "replace")) for n, one in enumerate(lines, 1)]
    log = format_of("access_log", {})
    assert isinstance(log, LineFormat)
    want, *_ = whole(list(in_parts(log.reader(ABOUT), raw)))
    got, memory, at = [], None, 0
    for cut in [*sorted(min(c, len(raw)) for c in cuts), len(raw)]:
        reader = log.reader(ABOUT, json.loads(json.dumps(memory)))
        got += whole(list(in_parts(reader, raw[at:cut])))[0]
        memory, at = reader.memory(), cut
    assert got == want


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_lines(data):
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.log"
        path.write_bytes(data)
        with path.open("rb") as file:
            full = [line for _, line in lines_of(file) if line.strip()]
        for known in ("access_log", "ga4_events", "json_lines"):
            rows, broken, left_out = whole(list(format_of(known, {}).read(path, ABOUT)))
            assert len(rows) + broken + left_out == len(full), known


@settings(max_examples=150)
@given(st.lists(_ga4, max_size=5))
def test_any_export_of_analytics_is_events_or_refused(rows):
    raw = [(n, json.dumps(r).encode() + b"\n") for n, r in enumerate(rows, 1)]
    found, broken, left_out = whole(list(in_parts(format_of("ga4_events", {}).reader(ABOUT), raw)))
    assert (len(found) + broken, left_out) == (len(rows), 0)


@pytest.mark.parametrize(
    ("name", "header"),
    [("ad_costs", "日期,推广计划名称,花费,曝光次数"), ("baidu_index", "日期,关键词,搜索指数"),
     ("wechat_stats", "时间,新关注人数,取消关注人数"), ("ga4_report", "# x\n# Start date: 20260105\nDate,Sessions")],
)  # fmt: skip
@settings(max_examples=60)
@given(st.lists(_cells, max_size=8), st.binary(max_size=20))
def test_any_rows_under_a_header_are_rows_or_refused_or_totals(name, header, rows, tail):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(f"{header}\n{chr(10).join(','.join(r) for r in rows)}\n".encode() + tail)
        try:
            found, broken, left_out = whole(list(format_of(name, {}).read(path, ABOUT)))
        except HomingError:
            return  # the tail made it a file of another encoding
    assert found is not None
    assert broken >= 0
    assert left_out >= 0
    for row in found:
        json.dumps(row)


@settings(max_examples=200)
@given(st.text(alphabet='$%{}>hrtub"[] msgaei_addrstUqulc', max_size=40))
def test_any_pattern_is_understood_or_refused(pattern):
    with suppress(InvalidInput):
        compiled(pattern).match("192.0.2.1 - - [05/Jan/2026:10:00:00 +0000] " * 20)


@settings(max_examples=12)
@given(_lines)
def test_counts_add_up_through_the_import_and_twice_is_once(lines):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, state = SqliteLog(folder / "log", lambda: NOW), State(folder / "state.db")
        path = folder / "access.log"
        path.write_bytes(b"".join(f"{one.replace(chr(10), ' ')}\n".encode("utf-8", "replace") for one in lines))
        try:
            request = ImportRequest(path, "events", source="web", format="access_log")
            first, again = (
                run_import(request, log, state, now_us=NOW, rejected_dir=folder / "rejected") for _ in range(2)
            )
        finally:
            log.close()
            state.close()
    assert first.read == first.accepted + first.duplicate + first.rejected
    assert (again.accepted, again.duplicate, again.rejected) == (0, first.accepted + first.duplicate, first.rejected)
    assert first.duplicate == 0


def test_the_formats_are_known():
    assert [name for name, _ in formats.items()] == [
        "access_log", "ad_costs", "baidu_index", "ga4_events", "ga4_report", "json_lines", "wechat_stats",
    ]  # fmt: skip
