"""A condition is one tree: read, checked, written back the same, and compared in one defined way."""

from __future__ import annotations

import pytest
import yaml

from homing.core.condition import MAX_DEPTH, dump, fingerprint, inline, parse, parse_text
from homing.core.condition_values import matcher, units_of
from homing.core.errors import InvalidInput

DORMANT = {
    "type": "all",
    "of": [
        {
            "type": "did",
            "event": "Order Completed",
            "measure": "sum",
            "property": "revenue",
            "op": "gte",
            "value": 1200.5,
        },
        {"type": "absent", "event": "Order Completed", "within": "60d"},
        {"type": "not", "of": {"type": "in_segment", "segment": "staff"}},
        {
            "type": "any",
            "of": [
                {"type": "trait", "name": "city", "op": "in", "value": ["上海", 1, True]},
                {"type": "share", "percent": 12.5, "salt": "spring"},
            ],
        },
        {"type": "did", "event": "Product Viewed", "where": [{"property": "price", "op": "gt", "value": 10}]},
    ],
}


def test_a_tree_comes_back_the_same_through_json_and_yaml():
    tree = parse(DORMANT)
    assert fingerprint(parse(dump(tree))) == fingerprint(tree)
    assert fingerprint(parse_text(yaml.safe_dump(dump(tree), allow_unicode=True))) == fingerprint(tree)
    assert dump(tree)["of"][4] | {"where": 0} == {
        "type": "did",
        "event": "Product Viewed",
        "measure": "count",
        "op": "gte",
        "value": 1,
        "where": 0,
    }


def test_one_and_true_are_different_conditions():
    one, true = (parse({"type": "trait", "name": "vip", "op": "eq", "value": v}) for v in (1, True))
    assert one == true
    assert fingerprint(one) != fingerprint(true)


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"type": "did", "event": "A", "within": "30x"}, "condition.within", "duration is '30x'"),
        ({"type": "did", "event": "A", "within": "0d"}, "condition.within", "no length"),
        ({"type": "all", "of": []}, "condition.of", "at least 1 item"),
        (
            {"type": "all", "of": [{"type": "trait", "name": "x", "op": "gt", "value": True}]},
            "condition.of.0",
            "gt with true",
        ),
        (
            {"type": "not", "of": {"type": "trait", "name": "x", "op": "in", "value": "a"}},
            "condition.of",
            "without a list",
        ),
        ({"type": "trait", "name": "x", "op": "exists", "value": 1}, "condition", "exists with a value"),
        ({"type": "trait", "name": "x", "op": "contains", "value": 1}, "condition", "wanted a text"),
        ({"type": "trait", "name": "x"}, "condition", "no value"),
        ({"type": "trait", "name": "", "op": "exists"}, "condition.name", "at least 1 character"),
        ({"type": "did", "event": "A", "measure": "sum", "value": 1}, "condition", "without a property"),
        ({"type": "did", "event": "A", "property": "x", "value": 1}, "condition", "with a property"),
        ({"type": "did", "event": "A", "op": "gte", "value": 1.5}, "condition", "whole number"),
        (
            {"type": "did", "event": "A", "measure": "sum", "property": "x", "op": "in", "value": [1]},
            "condition",
            "operator in",
        ),
        (
            {"type": "did", "event": "A", "measure": "sum", "property": "x", "op": "gt", "value": 1e11},
            "condition",
            "beyond",
        ),
        (
            {"type": "absent", "event": "A", "where": [{"property": "x", "op": "eq", "value": [1]}]},
            "condition.where.0",
            "a list",
        ),
        ({"type": "share", "percent": 101, "salt": "s"}, "condition.percent", "less than or equal to 100"),
        ({"type": "nobody"}, "condition", "does not match any"),
        ({"type": "trait", "name": "x", "op": "exists", "extra": 1}, "condition.extra", "not permitted"),
        ("all of them", "condition", "dictionary"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(document, field, words):
    with pytest.raises(InvalidInput) as met:
        parse(document)
    assert met.value.field == field
    assert words in met.value.message


def test_a_tree_has_a_largest_depth_and_size():
    deep: dict = {"type": "trait", "name": "x", "op": "exists"}
    for _ in range(MAX_DEPTH - 1):
        deep = {"type": "not", "of": deep}
    parse(deep)
    with pytest.raises(InvalidInput, match="deeper than"):
        parse({"type": "not", "of": deep})
    for _ in range(5_000):
        deep = {"type": "not", "of": deep}
    with pytest.raises(InvalidInput, match="deeper than"):
        parse(deep)
    wide = {"type": "any", "of": [{"type": "all", "of": [{"type": "trait", "name": "x", "op": "exists"}] * 50}] * 5}
    with pytest.raises(InvalidInput, match="more than"):
        parse(wide)


def test_segments_are_written_out_and_circles_are_found():
    known = {
        "staff": parse({"type": "trait", "name": "staff", "op": "eq", "value": True}),
        "a": parse({"type": "not", "of": {"type": "in_segment", "segment": "b"}}),
        "b": parse({"type": "in_segment", "segment": "a"}),
    }
    whole = inline(parse(DORMANT), known.get)
    assert dump(whole)["of"][2] == {"type": "not", "of": dump(known["staff"])}
    with pytest.raises(InvalidInput, match="a → b → a leads back"):
        inline(known["a"], known.get, path=("a",))
    with pytest.raises(InvalidInput, match="'nobody' does not exist"):
        inline(parse({"type": "in_segment", "segment": "nobody"}), known.get)


YES, NO = True, False


@pytest.mark.parametrize(
    ("op", "wanted", "value", "holds"),
    [
        # missing satisfies nothing but not_exists
        ("eq", 1, None, NO),
        ("ne", 1, None, NO),
        ("not_in", [1], None, NO),
        ("exists", None, None, NO),
        ("not_exists", None, None, YES),
        ("exists", None, "", YES),
        ("exists", None, [], YES),
        # numbers take numbers and plain numbers in text
        ("eq", 1, 1.0, YES),
        ("eq", 1, "1.0", YES),
        ("gte", 2.5, "2.50", YES),
        ("gt", 1, "1e3", NO),
        ("gt", 1, " 2", NO),
        ("gt", 0, True, NO),
        ("eq", 1, True, NO),
        ("ne", 1, True, YES),
        ("lt", 5, "four", NO),
        ("ne", 5, "four", YES),
        # texts take texts, case counts; whole numbers arrive as both
        ("eq", "a", "A", NO),
        ("eq", "42", 42, YES),
        ("eq", "42", 42.0, YES),
        ("eq", "042", 42, NO),
        ("eq", "4.2", 4.2, NO),
        ("ne", "42", 42, NO),
        ("gt", "2026-01-01", "2026-02-01", YES),
        ("gt", "1", 2, NO),
        ("in", ["a", 3], "3", YES),
        # true and false
        ("eq", True, True, YES),
        ("eq", True, "true", YES),
        ("eq", True, 1, NO),
        ("ne", True, False, YES),
        ("in", [False], "false", YES),
        # contains: part of a text, element of a list
        ("contains", "bc", "abcd", YES),
        ("contains", "b", ["a", "b"], YES),
        ("contains", "b", ["abc"], NO),
        ("contains", "1", [1], NO),
        ("contains", "1", 1, NO),
    ],
)
def test_a_value_is_compared_in_one_defined_way(op, wanted, value, holds):
    assert matcher(op, tuple(wanted) if isinstance(wanted, list) else wanted)(value) is holds


def test_amounts_are_rounded_to_four_decimals_half_away_from_zero():
    assert [units_of(v) for v in (0.00005, -0.00005, 0.00004, "1.23456", 1e10, 1e11, True, "x", 10**400)] == [
        1, -1, 0, 12346, 10**14, None, None, None, None
    ]  # fmt: skip
