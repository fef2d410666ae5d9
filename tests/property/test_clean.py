"""Cleaning never guesses: exact where it understands, untouched with a warning where not, and once is enough."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.collect.definitions.rules import Clean
from homing.collect.quality.clean import Cleaner
from homing.collect.rates import MAX_AGE_DAYS, Rate, RateTable, keep_rates, read_rates
from homing.collect.units import UNITS, Measure, convert, measure
from homing.core.errors import InvalidInput
from homing.core.event import Event
from homing.core.time import DAY
from homing.storage.state import State

AT = 20_454 * DAY  # 2026-01-01
RATES = RateTable([
    Rate(date(2025, 12, 31), "USD", "CNY", Decimal("7.00")), Rate(date(2025, 12, 31), "EUR", "USD", Decimal("1.10")),
])  # fmt: skip


def event(kind="track", **payload) -> Event:
    said: dict[str, Any] = {"traits": payload} if kind == "identify" else {"properties": payload}
    return Event(event_id="e", kind=kind, name="E", happened_us=AT, source_id="s", **said)


def clean(one: Event, rates=RATES, **wanted) -> tuple[dict[str, Any], tuple[str, ...]]:
    cleaner = Cleaner(Clean.model_validate(wanted), rates=rates, region="CN", zone="Asia/Shanghai")
    kept, warnings = cleaner.clean(one)
    again, _ = cleaner.clean(kept)
    assert again == kept  # clean is clean
    return kept.traits or kept.properties, warnings


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [("1.5kg", "1.5", "kg"), ("1,500 G", "1500", "g"), ("３斤", "3", "jin"), ("2 公斤", "2", "kg"),
     ("750毫升", "750", "ml"), ("12件", "12", "pcs"), ("-4 mm", "-4", "mm")],
)  # fmt: skip
def test_amounts_as_people_write_them(text, value, unit):
    assert measure(text) == Measure(Decimal(value), unit)


@pytest.mark.parametrize("text", ["kg", "1.5 stone", "about 3kg", "", "1.5kg/m2", "12"])
def test_what_is_no_amount_is_an_error_and_no_guess(text):
    with pytest.raises(InvalidInput):
        measure(text)


@given(st.decimals(-(10**6), 10**6, places=3), st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)))
def test_there_and_back_is_the_same_amount(value, one, other):
    if UNITS[one].dimension != UNITS[other].dimension:
        with pytest.raises(InvalidInput):
            convert(Measure(value, one), other)
        return
    back = convert(Measure(convert(Measure(value, one), other), other), one)
    assert abs(back - value) <= abs(value) * Decimal("1e-20")


def test_values_become_uniform_and_what_cannot_be_read_stays_with_a_warning():
    traits, warnings = clean(
        event("identify", phone="138 0013 8000", email=" Ann@Example.COM", city="暂无", note="无", born="2001年3月4日",
              second="call me"),
        empty=True, phone=["phone", "second"], email=["email"], time=["born"],
    )  # fmt: skip
    assert traits == {"phone": "+8613800138000", "email": "ann@example.com", "born": "2001-03-03T16:00:00.000Z",
                      "second": "call me"}  # fmt: skip
    assert warnings == ("clean_phone: second cannot be read as phone; it is kept as it is",)


def test_units_are_converted_with_the_original_beside():
    found, warnings = clean(event(weight="3斤", products=[{"size": "0.5L"}, {"size": "big"}]),
                            units={"weight": "g", "products[].size": "ml"})  # fmt: skip
    assert found == {
        "weight": 1500.0, "weight_unit": "g", "original_weight": "3斤",
        "products": [{"size": 500.0, "size_unit": "ml", "original_size": "0.5L"}, {"size": "big"}],
    }  # fmt: skip
    assert len(warnings) == 1


def test_money_is_converted_by_the_day_with_the_original_beside_and_never_without_a_rate():
    said = {"revenue": 10, "currency": "EUR", "products": [{"price": "5"}]}
    found, warnings = clean(event(**said), currency="CNY")
    assert (found["revenue"], found["original_revenue"], found["currency"], found["original_currency"]) == (
        77.0, 10, "CNY", "EUR")  # fmt: skip
    assert (found["products"], warnings) == ([{"price": 38.5, "original_price": "5"}], ())
    for odd in (said | {"currency": "JPY"}, said | {"revenue": "ten"}, {"revenue": 10}):
        kept, told = clean(event(**odd), currency="CNY")
        assert kept == odd
        assert bool(told) == ("currency" in odd)
    assert clean(event(**said), rates=None, currency="CNY")[0] == said


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["USD", "EUR", "JPY"]), st.sampled_from(["CNY", "USD"]),
                          st.decimals("0.01", 100, places=2)), max_size=8), st.integers(0, 90))  # fmt: skip
def test_a_rate_is_the_newest_one_that_is_not_too_old(said, ahead):
    start = date(2026, 1, 1)
    rates = [Rate(start + timedelta(days=d), c, p, r) for d, c, p, r in said if c != p]
    day = start + timedelta(days=ahead)
    straight: dict[date, Decimal] = {
        r.day: r.rate for r in rates if (r.currency, r.per) == ("EUR", "CNY") and r.day <= day
    }
    found = RateTable(rates).rate("EUR", "CNY", day)
    if straight and (day - max(straight)).days <= MAX_AGE_DAYS:
        assert found == straight[max(straight)]
    elif not any(0 <= (day - r.day).days <= MAX_AGE_DAYS for r in rates):
        assert found is None


def test_rates_are_kept_and_read(tmp_path):
    state = State(tmp_path / "state.db")
    rates = [Rate(date(2026, 1, 1), "USD", "CNY", Decimal("7.0123")), Rate(date(2026, 1, 1), "XXX", "CNY", Decimal(0))]
    assert keep_rates(state, rates, "bank") == 1  # no currency is worth nothing
    keep_rates(state, [rates[0]._replace(rate=Decimal("7.1"))], "bank")
    assert read_rates(state).rate("USD", "CNY", date(2026, 1, 2)) == Decimal("7.1")
    state.close()


@pytest.mark.parametrize("amount", [1e25, -1e25, "1e30", 10**40, "9" * 400])
def test_money_too_large_to_convert_stays_as_it_came(amount):
    kept, warnings = clean(event(revenue=amount, price=5, currency="USD"), currency="CNY")
    assert kept == {"revenue": amount, "price": 5, "currency": "USD"}
    assert warnings == ("clean_currency: an amount is no number, or too large for one; amounts are kept as they are",)


@pytest.mark.parametrize("amount", ["9" * 400, "9" * 400 + "kg"])
def test_a_weight_too_large_for_a_number_stays_as_it_came(amount):
    kept, warnings = clean(event(weight=amount), units={"weight": "kg"})
    assert kept == {"weight": amount}
    assert len(warnings) == 1


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.text(max_size=30)))
def test_whatever_stands_for_an_amount_cleaning_goes_on(amount):
    clean(event(revenue=amount, weight=amount, currency="EUR"), currency="CNY", units={"weight": "g"})
