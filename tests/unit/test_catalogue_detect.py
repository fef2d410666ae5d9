"""A field's sensitivity is detected from what its values prove, and invoice numbers are not identity cards."""

from __future__ import annotations

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.collect.catalogue import detect
from homing.core.checksums import id_card_check, is_bank_card, is_id_card, luhn

provinces = st.sampled_from([11, 31, 44, 54, 65, 82])
births = st.dates(date(1900, 1, 1), date(2026, 1, 1))
cards = st.builds(
    lambda p, county, born, n: (head := f"{p}{county:04d}{born:%Y%m%d}{n:03d}") + id_card_check(head),
    provinces, st.integers(101, 9999), births, st.integers(0, 999),
)  # fmt: skip


def by_polynomial(card: str) -> bool:
    """ISO 7064 MOD 11-2 as the standard puts it: the characters as a polynomial in 2 leave 1 modulo 11."""
    value = 0
    for character in card:
        value = value * 2 + (10 if character in "Xx" else int(character))
    return value % 11 == 1


def luhn_by_hand(digits: str) -> bool:
    """From the right every second digit is doubled, nine taken off above nine; the sum ends in 0."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@given(cards)
def test_the_check_character_agrees_with_the_standard_s_own_definition(card):
    assert is_id_card(card)
    assert is_id_card(card.lower())
    assert by_polynomial(card)


@given(cards, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(card, place, more):
    old = 10 if card[place] == "X" else int(card[place])
    new = "0123456789X"[(old + more) % 11] if place == 17 else str((old + more) % 10)
    assert not is_id_card(card[:place] + new + card[place + 1 :])


@given(st.text("0123456789", min_size=17, max_size=17), st.sampled_from("0123456789X"))
def test_a_number_is_a_card_only_with_province_birthday_and_check(first, last):
    text = first + last
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    try:
        born = date(year, month, day) if 1850 <= year <= 2100 else None
    except ValueError:
        born = None
    if is_id_card(text):
        assert born is not None
        assert by_polynomial(text)


@given(st.text("0123456789", min_size=2, max_size=24))
def test_luhn_is_what_its_definition_says(digits):
    assert luhn(digits) == luhn_by_hand(digits)


@given(st.text("0123456789", min_size=15, max_size=15))
def test_every_body_has_one_check_digit_that_makes_a_card(body):
    made = [f"4{body[:14]}{last}" for last in range(10)]
    assert sum(is_bank_card(one) for one in made) == 1


@given(st.lists(cards, min_size=1, max_size=30))
def test_cards_are_found_in_a_field_of_any_name_and_inside_a_text(numbers):
    found = detect("note", [f"证件 {n}，请核对" for n in numbers])
    assert found is not None
    assert (found.kind, found.level, found.by) == ("id_card", "sensitive", "values")
    assert found.hits == found.n == len(numbers)


@given(st.integers(10**17, 9 * 10**17), st.integers(1, 10**6))
def test_running_numbers_of_18_digits_are_no_cards(start, step):
    found = detect("order_id", [str(start + step * i) for i in range(400)])
    assert found is None or found.kind != "id_card"


def test_invoice_numbers_that_begin_like_cards_are_neither_cards_nor_persons():
    day = date(2026, 1, 1)
    invoices = [f"31011520{(day + timedelta(days=i)):%y%m%d}{i:04d}" for i in range(300)]  # 18 digits, a real province
    assert detect("invoice_no", invoices) is None
    assert detect("order_id", [f"4{i:015d}" for i in range(1000, 1400)]) is None  # begins as a bank card's does
    assert detect("imei", ["490154203237518", "356938035643809"] * 20) is None  # passes Luhn, is no card
    assert detect("at_ms", [str(1_760_000_000_000 + i) for i in range(400)]) is None


CASES = [
    ("buyer", ["13800138000", "13912345678", "15000000001", "18612345678", "19987654321"], "phone", "personal"),
    ("contact", ["ann@shop.example", "no", "bob@shop.example"], "email", "personal"),
    ("cardNo", ["6222021234567890127"], "bank_card", "sensitive"),
    ("pay", ["4111 1111 1111 1111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000"],
     "bank_card", "sensitive"),
    ("客户姓名", ["王芳", "李伟"], "person_name", "personal"),
    ("shipping.address_line1", ["12 Harbour Street", "1 Mill Lane"], "address", "personal"),
    ("收货地址", ["上海市徐汇区漕溪北路595号"], "address", "personal"),
    ("text", ["浙江省杭州市西湖区文三路90号"] * 5, "address", "personal"),
    ("ip", ["203.0.113.7", "2001:db8::1", "198.51.100.4", "198.51.100.5", "198.51.100.6"], "ip", "personal"),
    ("api_key", ["k1", "k2"], "secret", "sensitive"),
    ("dateOfBirth", ["1990-01-31"], "birthday", "personal"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "kind", "level"), CASES, ids=[c[0] for c in CASES])
def test_what_is_about_a_person_is_seen(name, values, kind, level):
    found = detect(name, values)
    assert found is not None
    assert (found.kind, found.level) == (kind, level)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("name", ["Oat milk", "Rye bread"]),  # a product's
        ("email_address_valid", [True, False]),
        ("address", [12, 13]),
        ("phone", ["yes", "no"]),  # has one or not
        ("ip", ["203.0.113.0"] * 10),  # the network alone
        ("quantity", list(range(400))),
        ("score", [0.25, 0.5]),
        ("city", ["Springfield"]),
        ("page", ["/a@b", "see @home"]),
    ],
)
def test_what_is_about_nobody_is_left_alone(name, values):
    assert detect(name, values) is None


def test_a_customer_s_name_is_a_person_s_and_a_product_s_is_not():
    assert detect("name", ["Oat milk"]) is None
    assert detect("name", ["Ann"], of_person=True).kind == "person_name"


def columns(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    return {name: [r[name] for r in rows] for name in rows[0]}


def looked_at(path: Path) -> dict[str, object]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    every = columns(rows[:: max(1, len(rows) // 20_000)])
    return {column: detect(column, values) for column, values in every.items()}


def test_no_column_of_a_real_wholesaler_is_taken_for_a_person_s(test_data):
    found = looked_at(test_data / "online_retail/online_retail.csv.gz")
    assert len(found) == 8
    assert {column: d for column, d in found.items() if d is not None} == {}


def test_no_column_of_a_real_telephone_company_is_taken_for_a_person_s(test_data):
    found = looked_at(test_data / "telco_churn/Telco-Customer-Churn.csv")
    assert len(found) == 21
    assert {column: d for column, d in found.items() if d is not None} == {}
