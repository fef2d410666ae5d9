"""A database is read whole or behind its cursor: nothing lost, nothing doubled, nothing written to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop_databases import ShopDatabase, moment

from homing.collect.connectors.place import Place, place_of, read_place
from homing.core.errors import InvalidInput, Transient
from homing.core.time import parse_iso

pytestmark = pytest.mark.service
NOW = parse_iso("2026-01-06T12:00:00Z")


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def shop(request, tmp_path: Path):
    made = ShopDatabase(request.param, tmp_path)
    yield made
    made.drop()


def ids(portions):
    return [[row["id"] for row in p.rows] for p in portions]


def every(portions):
    return [row["id"] for p in portions for row in p.rows]


def test_everything_is_read_in_portions_of_bounded_size_whichever_way(shop):
    for start in range(0, 1000, 500):
        shop.add(*[(n, f"o{n}", moment(n % 60), "ann") for n in range(start, start + 500)])
    whole = list(shop.connector(batch=100).read(None, now_us=NOW))
    assert sorted(every(whole)) == list(range(1000))
    assert {len(p.rows) for p in whole} == {100}
    assert {p.cursor for p in whole} == {""}  # without a cursor column there is no place to go on from
    behind = list(shop.connector(batch=100, cursor="id").read(None, now_us=NOW))
    assert every(behind) == list(range(1000))
    assert read_place(behind[4].cursor).value() == 499


def test_values_come_as_json_knows_them(shop):
    shop.add((1, "o1", moment(3), "ann"), price=19.9)
    (row,) = shop.connector().peek(5, now_us=NOW)
    assert (row["id"], row["order_id"], row["price"], row["quantity"]) == (1, "o1", 19.9, 1)
    assert row["at_time"].replace("T", " ") == moment(3) + ("" if shop.kind == "sqlite" else "+00:00")


def test_behind_the_cursor_come_the_new_rows_and_those_with_an_equal_value(shop):
    shop.add((1, "o1", moment(1), "ann"), (2, "o2", moment(2), "bob"))
    connector = shop.connector(cursor="at_time", overlap=0)
    (first,) = connector.read(None, now_us=NOW)
    assert [r["id"] for r in first.rows] == [1, 2]
    shop.add((3, "o3", moment(2), "cleo"), (4, "o4", moment(5), "dan"))  # the third has the cursor's very value
    again = list(connector.read(first.cursor, now_us=NOW))
    assert sorted(every(again)) == [2, 3, 4]  # the second comes again: its order is known by its id
    assert every(connector.read(again[-1].cursor, now_us=NOW)) == [4]


def test_what_committed_late_is_stepped_back_for(shop):
    shop.add((1, "o1", moment(10), "ann"))
    (first,) = shop.connector(cursor="at_time").read(None, now_us=NOW)
    shop.add((2, "o2", moment(9, 30), "bob"))  # begun before the first, committed after it was read
    assert every(shop.connector(cursor="at_time", overlap=0).read(first.cursor, now_us=NOW)) == [1]
    assert sorted(every(shop.connector(cursor="at_time", overlap=60).read(first.cursor, now_us=NOW))) == [1, 2]
    (numbered,) = shop.connector(cursor="id").read(None, now_us=NOW)
    assert every(shop.connector(cursor="id", overlap=1).read(numbered.cursor, now_us=NOW)) == [1, 2]


def test_a_row_without_a_cursor_value_is_read_every_time(shop):
    shop.add((1, "o1", moment(1), "ann"), (2, "o2", None, "bob"))
    connector = shop.connector(cursor="at_time", overlap=0)
    (first,) = connector.read(None, now_us=NOW)
    assert sorted(r["id"] for r in first.rows) == [1, 2]
    assert sorted(every(connector.read(first.cursor, now_us=NOW))) == [1, 2]


def test_a_time_far_ahead_hides_nothing_that_comes_after_it(shop):
    shop.add((1, "o1", "2037-01-01 00:00:00", "ann"))
    (first,) = shop.connector(cursor="at_time", overlap=0).read(None, now_us=NOW)
    shop.add((2, "o2", "2026-01-08 09:00:00", "bob"))
    later = parse_iso("2026-01-08T10:00:00Z")
    assert sorted(every(shop.connector(cursor="at_time").read(first.cursor, now_us=later))) == [1, 2]


@pytest.mark.parametrize(
    ("ahead", "held_at"),
    [
        ("2099-01-01 00:00:00", "2026-01-07 12:00:00"), ("2099-01-01T00:00:00Z", "2026-01-07T12:00:00Z"),
        ("2099-01-01T00:00:00.000+08:00", "2026-01-07T20:00:00.000+08:00"), ("2099-01-01", "2026-01-07"),
        ("2099-01-01 00:00", "2026-01-07 12:00"), ("2026-01-07 11:59:59", "2026-01-07 11:59:59"),
        ("20990101", "20990101"), ("zebra", "zebra"),
    ],
)  # fmt: skip
def test_a_time_written_as_text_is_held_at_a_day_ahead_in_the_form_it_has(ahead: str, held_at: str):
    assert place_of(ahead).not_after(NOW) == Place("text", held_at)


@pytest.mark.parametrize("first", ["0001-01-01 00:00:00", "0001-01-01", "0001-01-01T00:00:00Z"])
def test_there_is_nothing_to_step_back_to_before_the_first_day(first: str):
    for place in (place_of(first), read_place(first)):
        assert place.back(3_600).value() == place.value()


def test_the_lines_of_an_order_come_together_in_one_portion_and_a_late_line_brings_them_all(shop):
    lines = [(n, f"o{n // 7}", moment(n // 7), "ann") for n in range(700)]  # a hundred orders of seven lines
    shop.add(*lines)
    connector = shop.connector(cursor="at_time", together="order_id", batch=100, overlap=0)
    portions = list(connector.read(None, now_us=NOW))
    orders = [{r["order_id"] for r in p.rows} for p in portions]
    assert sum(len(o) for o in orders) == 100  # none stands in two portions
    assert len(portions) >= 7
    assert sorted(every(portions)) == list(range(700))
    shop.add((999, "o3", moment(120), "ann"))  # an old order gets another line
    last = list(connector.read(portions[-1].cursor, now_us=NOW))
    assert sorted(every(last)) == [21, 22, 23, 24, 25, 26, 27, *range(693, 700), 999]


def test_a_query_is_read_as_a_table_is_and_may_end_in_a_comment(shop):
    shop.add((1, "o1", moment(1), "ann"), (2, "50%", moment(2), "bob"))
    query = f"select id, at_time from {shop.table} where order_id like '50%' -- of interest;"
    connector = shop.connector(query=query, cursor="id")
    connector.check()
    (got,) = connector.read(None, now_us=NOW)
    assert [list(r) for r in got.rows] == [["id", "at_time"]]
    assert every(connector.read(got.cursor, now_us=NOW)) == [2]


def test_a_new_column_comes_along_and_a_dropped_cursor_column_is_said(shop):
    shop.add((1, "o1", moment(1), "ann"))
    connector = shop.connector(cursor="at_time")
    (first,) = connector.read(None, now_us=NOW)
    shop.do(f"alter table {shop.table} add column note varchar(10) default 'new'")
    (again,) = connector.read(first.cursor, now_us=NOW)
    assert (set(first.rows[0]) ^ set(again.rows[0]), again.rows[0]["note"]) == ({"note"}, "new")
    shop.do(f"alter table {shop.table} drop column at_time")
    with pytest.raises(InvalidInput, match="at_time"):
        list(connector.read(again.cursor, now_us=NOW))
    with pytest.raises(InvalidInput, match="at_time"):
        connector.check()


@pytest.mark.parametrize(
    "query",
    [
        "delete from {t}",
        "update {t} set price = 0",
        "select 1; delete from {t}",
        "select 1) q; delete from {t}; select * from (select 1",
        "insert into {t} (id) values (77)",
        "with gone as (delete from {t} returning *) select * from gone",
        "drop table {t}",
    ],
)
def test_a_query_that_writes_is_refused_and_writes_nothing(shop, query: str):
    shop.add((1, "o1", moment(1), "ann"))
    with pytest.raises(InvalidInput, match=r"refuse|cannot read"):
        shop.connector(query=query.format(t=shop.table)).peek(5, now_us=NOW)
    assert shop.connector().peek(5, now_us=NOW)[0]["price"] == 2.5


@pytest.mark.parametrize("shop", ["postgresql"], indirect=True)
def test_a_function_that_writes_is_refused_by_the_server_itself(shop):
    shop.add((1, "o1", moment(1), "ann"))
    name = f"spoil_{shop.table}"
    shop.do(f"create function {name}() returns int language sql as 'update {shop.table} set price = 0; select 1'")
    try:
        with pytest.raises(InvalidInput, match="read-only transaction"):
            shop.connector(query=f"select {name}() as n").peek(5, now_us=NOW)
        with pytest.raises(InvalidInput):
            shop.connector(query="select set_config('transaction_read_only', 'off', false)").peek(5, now_us=NOW)
    finally:
        shop.do(f"drop function {name}()")
    assert shop.connector().peek(5, now_us=NOW)[0]["price"] == 2.5


@pytest.mark.parametrize("shop", ["mysql"], indirect=True)
def test_a_function_that_writes_is_refused_by_mariadb_itself(shop):
    shop.add((1, "o1", moment(1), "ann"))
    name = f"spoil_{shop.table}"
    shop.do(f"create function {name}() returns int deterministic modifies sql data"
            f" begin update {shop.table} set price = 0; return 1; end")  # fmt: skip
    try:
        with pytest.raises(InvalidInput, match="READ ONLY"):
            shop.connector(query=f"select {name}() as n").peek(5, now_us=NOW)
    finally:
        shop.do(f"drop function {name}")
    assert shop.connector().peek(5, now_us=NOW)[0]["price"] == 2.5


def test_what_is_wrong_is_said_by_whose_fault_it_is(shop):
    with pytest.raises(InvalidInput, match="no_such_table"):
        shop.connector(table="no_such_table").check()
    with pytest.raises(InvalidInput, match="no_such_column"):
        shop.connector(cursor="no_such_column").check()
    if shop.kind == "sqlite":
        return
    away = shop.connector().model_copy(update={"port": 1})
    with pytest.raises(Transient, match="does not answer"):
        away.check()
    with pytest.raises(InvalidInput, match="refuses"):
        shop.connector().model_copy(update={"user": "nobody_of_that_name"}).check()


def test_a_reader_that_goes_away_early_leaves_no_conversation_behind(shop):
    shop.add(*[(n, f"o{n}", moment(n % 60), "ann") for n in range(500)])
    portions = shop.connector(batch=100, cursor="id").read(None, now_us=NOW)
    assert len(next(portions).rows) == 100
    portions.close()  # type: ignore[attr-defined]
    shop.do(f"drop table {shop.table}")  # would wait for ever for a transaction left open
    shop.do(f"create table {shop.table} (id int)")
