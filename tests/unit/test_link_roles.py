"""What a column of records holds, how its values are cleaned, and which pairs are worth comparing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.core.errors import InvalidInput
from homing.identity.link import records as cleaning
from homing.identity.link.propose import Block, propose
from homing.identity.link.records import records_of
from homing.identity.link.roles import look, role_of_name


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("given_name", "given_name"), ("firstName", "given_name"), ("名", "given_name"), ("Surname", "surname"),
        ("last name", "surname"), ("姓氏", "surname"), ("姓名", "full_name"), ("收货人", "full_name"),
        ("first_and_surname", "full_name"), ("name", "full_name"), ("dob", "birth_date"), ("出生日期", "birth_date"),
        ("date_of_birth", "birth_date"), ("postcode_fake", "postcode"), ("邮编", "postcode"), ("suburb", "city"),
        ("城市", "city"), ("birth_place", "city"), ("state", "region"), ("address_1", "address"), ("地址", "address"),
        ("street_number", "number"), ("mobile", "phone"), ("手机号", "phone"), ("E-Mail", "email"), ("邮箱", "email"),
        ("soc_sec_id", "national_id"), ("身份证号", "national_id"), ("性别", "gender"), ("colour", None),
        ("statement", None),
    ],
)  # fmt: skip
def test_a_columns_name_tells_its_role_in_both_languages(name, role):
    assert role_of_name(name) == role


def test_values_tell_the_role_where_the_name_does_not():
    columns = {
        "a": [f"u{n}@shop.example" for n in range(50)],
        "b": [f"{1950 + n}-0{n % 9 + 1}-11" for n in range(50)],
        "c": [f"+4477009{n:05d}" for n in range(50)],
        "d": [["baker", "smith", "miller"][n % 3] for n in range(50)],
        "row_id": [str(n // 2) for n in range(50)],
        "e": [str(n) for n in range(50)],
        "empty": [None] * 50,
    }
    assert {c.name: c.role for c in look(columns)} == {"a": "email", "b": "birth_date", "c": "phone", "d": "other"}


def test_of_several_columns_of_one_role_the_fullest_is_used():
    columns = {"mobile": ["+44123456", None, None, None], "phone": ["+44123456", "+44123457", None, "+4411111"]}
    assert [c.name for c in look(columns)] == ["phone"]


def test_cleaning_takes_away_what_differs_without_meaning():
    assert cleaning.birth_date("1956/4/9") == cleaning.birth_date("19560409") == "1956-04-09"
    assert cleaning.birth_date("1956年4月9日") == "1956-04-09"
    assert cleaning.birth_date("1956-13-45") == "1956-13-45"  # a slip of the hand, not nobody
    assert cleaning.birth_date("soon") is None
    assert cleaning.phone("+86 138-0013-8000") == cleaning.phone("013800138000")
    assert cleaning.plain("  O'Neil,  JOHN ") == "o neil john"
    assert cleaning.plain("N/A") is None
    assert cleaning.code("TQ13 8DF") == "tq138df"


def test_a_full_name_becomes_given_name_and_surname():
    got = records_of(["1", "2"], ["x", "y"], {"姓名": ["王小红", "欧阳娜娜"], "city": ["上海", "北京"]})
    assert (got.values["surname"], got.values["given_name"]) == (["王", "欧阳"], ["小红", "娜娜"])


def test_whoever_has_a_full_name_alone_gets_its_parts_beside_those_who_have_them():
    raw = {
        "first_name": ["Ann", None, "Cid"],
        "last_name": ["Lee", None, None],
        "name": ["Ann Lee", "Bo Moss", "Cid Poe"],
    }
    got = records_of(["1", "2", "3"], ["x"] * 3, raw)
    assert got.values["given_name"] == ["ann", "bo", "cid"]
    assert got.values["surname"] == ["lee", "moss", None]  # what a source said in parts stays as it was said


def test_a_rule_asks_for_what_is_shared_by_few():
    n = 400
    raw = {
        "given_name": [f"name{i % 200}" for i in range(n)], "surname": [f"family{i % 190}" for i in range(n)],
        "email": [f"u{i % 395}@shop.example" for i in range(n)], "gender": ["f", "m"] * (n // 2),
    }  # fmt: skip
    records = records_of([str(i) for i in range(n)], ["x"] * n, raw)
    plan = propose(records)
    asked = {b.columns for b in plan.blocks}
    assert ("email",) in asked
    assert all("gender" not in b.names() for b in plan.blocks)
    assert Block(("email",), 5, 1.0) in plan.blocks  # 400 records, 395 addresses: five are shared by two
    assert not any(set(a) < set(b) for a in asked for b in asked)


@given(st.lists(st.sampled_from(["ann", "bob", "cid", None]), min_size=2, max_size=40))
def test_the_pairs_of_a_rule_are_counted_as_they_are(names):
    raw = {"surname": names}
    records = records_of([str(i) for i in range(len(names))], ["x"] * len(names), raw) if any(names) else None
    if records is None or "surname" not in records.values:
        return
    wanted = sum(a == b and a is not None for i, a in enumerate(names) for b in names[:i])
    if wanted:
        assert propose(records, [["surname"]]).blocks[0].pairs == wanted


def test_records_that_tell_nobody_apart_are_refused():
    with pytest.raises(InvalidInput, match="no column tells people apart"):
        records_of(["1", "2"], ["x", "x"], {"row_id": ["1", "2"]})
    with pytest.raises(InvalidInput, match="twice"):
        records_of(["1", "1"], ["x", "x"], {"name": ["a", "b"]})
    same = records_of(["1", "2", "3"], ["x"] * 3, {"gender": ["f", "f", "m"]})
    with pytest.raises(InvalidInput, match="agree rarely enough"):
        propose(same)
