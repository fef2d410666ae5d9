"""Orders whose lines lie side by side need no database: what becomes of them is the same, byte for byte."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from homing.collect.files import ImportRequest
from homing.collect.files.fields import map_columns
from homing.collect.files.kinds import feed_of
from homing.collect.files.sidebyside import proof_in
from homing.collect.formats.lay import open_rows
from homing.core.time import parse_iso

NOW = parse_iso("2026-01-06T12:00:00Z")
FIELDS = ["order_id", "customer_id", "email", "phone", "time", "product_id", "product_name", "coupon", "currency",
          "quantity", "price", "revenue"]  # fmt: skip
WHO = ["1", "17", "a", "guest", "NULL", "0", "cust-00000017", "无", "", "é", "test", "x" * 256, "9" * 255]
EMAIL = ["", "Ann@Example.com", "bob@example.org", "no mail", "-", "x@y"]
PHONE = ["", "+8613800138000", "2025550123", "12", "n/a"]
WHEN = ["2026-01-02 10:00:00", "2026-01-03", "2025-03-30T02:30:00", "2025-10-26T02:30:00", "2024-02-29T23:59:59"]
TEXT = ["Tea", "茶", "N", "Napkin", 'a "b" c', "back\\slash", "x,y", "-", "n/a", "", " led", "trailed ", "1.0", "É"]
NUMBER = [
    "0",
    "1",
    "2",
    "1.5",
    "12.30",
    "47.27",
    "47.0",
    "007",
    "-3",
    "-0.5",
    "0.0001",
    "99999999",
    "1000",
    "1e2",
    ".5",
]
ODD = [
    "",
    "x",
    "n/a",
    "1,000",
    "2026-01-02T10:00:00Z",
    "2025-02-29 00:00:00",
    "1969-01-01",
    "2027-01-01",
    "0.12345",
    "nan",
]


def _mostly(values: list[str]) -> st.SearchStrategy[str]:
    return st.one_of(*[st.sampled_from(values)] * 9, st.sampled_from(ODD))


def _line() -> st.SearchStrategy[tuple[str, ...]]:
    plain = st.sampled_from(WHEN[:1] * 6 + WHEN)
    return st.tuples(st.sampled_from(WHO), st.sampled_from(EMAIL), st.sampled_from(PHONE),
                     st.one_of(plain, plain, plain, _mostly(WHEN)),
                     st.sampled_from(TEXT),
                     st.sampled_from(TEXT), st.sampled_from(TEXT), st.sampled_from(["EUR", "", "usd"]),
                     *[_mostly(NUMBER)] * 3)  # fmt: skip


_orders = st.lists(st.lists(_line(), min_size=1, max_size=4), max_size=12)
_plain_orders = st.lists(
    st.lists(
        st.tuples(st.sampled_from(WHO), st.sampled_from(EMAIL), st.sampled_from(PHONE), st.sampled_from(WHEN),
                  st.sampled_from(["p1", "p2"]), st.sampled_from(TEXT[:4]),
                  st.sampled_from(["", "SPRING"]), st.just("EUR"), *[st.sampled_from(NUMBER[:10])] * 3),
        min_size=1, max_size=3,
    ), min_size=1, max_size=12,
)  # fmt: skip
_names = st.sampled_from([lambda n: str(n + 8), lambda n: f"SO-{n:04}", lambda n: str(99 - n), lambda n: f"{n % 3}x{n}",
                          lambda n: f"o{n // 5 % 2}"])  # fmt: skip


def _write(folder: Path, orders: list, name, columns: list[str], quoting: int, end: str) -> Path:
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    writer.writerow(columns)
    for n, lines in enumerate(orders):
        writer.writerows([v for f, v in zip(FIELDS, (name(n), *line), strict=True) if f in columns] for line in lines)
    path = folder / "orders.csv"
    path.write_bytes(text.getvalue().encode())
    return path


def _read(path: Path, request: ImportRequest, *, pieces: bool):
    """Events, refused rows, rows that stand twice; and whether the database was needed for all of it."""
    with open_rows(request, pieces=pieces) as scratch:
        mapping = map_columns("orders", scratch.columns, {})
        proof = proof_in(scratch, mapping, request, NOW, piece=256) if pieces else None
        feed = feed_of(scratch, mapping, request, NOW, proof)
        events, rejects, twice = {}, [], 0
        for batch in feed.batches():
            joined = [body for part in batch.parts for body in [part.bodies]]
            one = batch.one_by_one
            assert b",".join(joined) == b",".join(body for _, body in one.encoded)
            assert [i for part in batch.parts for i in part.ids] == [i for i, _ in one.encoded]
            for (event_id, body), share in zip(one.encoded, one.shares, strict=True):
                assert event_id not in events
                events[event_id] = (body, share, tuple(feed.rows_of(share.row)))
            assert batch.rows == one.rows
            rejects += batch.rejects
            twice += batch.duplicates
        return events, rejects, twice, feed.counts(), proof


def _same(orders, name, columns, quoting, end, zone):
    with tempfile.TemporaryDirectory() as folder:
        path = _write(Path(folder), orders, name, columns, quoting, end)
        request = ImportRequest(path, "orders", source='s"1', zone=zone, encoding="utf-8")
        laid, plain = (_read(path, request, pieces=pieces) for pieces in (False, True))
    assert plain[:4] == laid[:4]
    if plain[4] is not None and not plain[4].odd:
        assert list(plain[0]) == list(laid[0])  # in the same order too
    return plain[4]


_columns = st.sampled_from([FIELDS, [f for f in FIELDS if f != "revenue"], [*FIELDS[:7], "revenue"],
                            ["order_id", "time", "product_id", "price"],
                            ["order_id", "customer_id", "email", "phone", "time", "coupon", "revenue"]])  # fmt: skip
_ways = (_columns, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(["\n", "\r\n"]),
         st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai"]))  # fmt: skip


@settings(max_examples=20)
@given(_orders, _names, *_ways)
def test_lines_as_people_write_them_become_the_same_by_either_way(orders, name, columns, quoting, end, zone):
    _same(orders, name, columns, quoting, end, zone)


@settings(max_examples=20)
@given(_plain_orders, *_ways)
def test_plain_lines_need_no_database_and_become_the_same(orders, columns, quoting, end, zone):
    proof = _same(orders, lambda n: f"A{n}", columns, quoting, end, zone)
    assert proof is not None
    assert proof.rows == sum(map(len, orders))
