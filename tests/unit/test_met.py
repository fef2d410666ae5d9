"""A reason repeats what was met, says what was wanted and where, and is bounded, whatever the file holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.collect.formats.access_log import instant_of
from homing.collect.formats.format import Unreadable
from homing.collect.met import MOST, met, unlike, unmet
from homing.collect.reasons import field_of

CUSTOMERS = "Mail,Seen,plus\nann@a.example,31.13.2017,1\nbob@a.example,+1 555 0001 999,1\n"
ORDERS = "Bon,Datum,Kunde,Betrag\n1,2026-01-02,ann,5\n2,25.99.2017,bob,5\n3,2026-01-02,bob,fünf\n4,2031-01-02,bob,5\n"


def _told(desk) -> list[tuple[str, str]]:
    with desk.state.read() as conn:
        return [tuple(r) for r in conn.exec_driver_sql("SELECT code, message FROM rejected ORDER BY place").all()]


def test_an_order_says_what_was_met_what_was_wanted_and_in_which_column(desk):
    columns = {"order_id": "Bon", "time": "Datum", "customer_id": "Kunde", "revenue": "Betrag"}
    desk.bring(desk.file("o.csv", ORDERS), "orders", mapping=columns)
    assert _told(desk) == [
        ("bad_time", "time is “25.99.2017”, wanted a time such as 2026-01-31 or 2026-01-31T09:30:00 (column Datum)"),
        ("bad_number", "revenue is “fünf”, wanted a number (column Betrag)"),
        ("future_time", "time is “2031-01-02”, wanted a time that has been (column Datum)"),
    ]


def test_any_other_kind_of_row_says_it_too(desk):
    desk.bring(desk.file("c.csv", CUSTOMERS), "customers", mapping={"email": "Mail", "time": "Seen"})
    assert [message.partition(",")[0] for _, message in _told(desk)] == [
        "time is “31.13.2017”",
        "time is “+1 555 0001 999”",
    ]


def test_a_line_of_a_log_is_told_without_an_address_whole():
    with pytest.raises(Unreadable) as told:
        instant_of("203.0.113.77 soon", "UTC")
    assert told.value.message.startswith("time is “203.0.113.0 soon”, wanted a time of a log")


@given(st.text(), st.text(min_size=1), st.text())
def test_what_was_met_is_one_short_line_and_nothing_of_it_is_left_for_who_may_not_see_it(value, other, column):
    told = unlike("time", value, "a time", column=column)
    assert len(told.splitlines()) == 1
    assert len(told) <= 2 * MOST + 60
    assert unmet(told) == unmet(unlike("time", other, "a time", column=column))
    assert unmet(told[: len("time is ") + 1 + len(met(value)) // 2]).startswith("time is “***”")  # cut off, too
    assert field_of("bad_time", told) == "time"


@pytest.mark.parametrize("value", ["13900001111", "ann@a.example", "+8613900001111", "”+8613900001111“"])
def test_no_personal_data_stays(value):
    assert value.strip("“”") not in unmet(unlike("time", value, "a time"))
