"""The inspector says what a direct reading says: of types, bounds and sets the JSON Schema library's reading."""

from __future__ import annotations

from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from homing.collect.definitions.plan import Plan
from homing.collect.quality import Inspector
from homing.core.event import Event

NAMES = st.sampled_from(["price", "sku", "when.day", "颜色", "n"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(-5, 5, allow_nan=False),
    st.sampled_from(["", "a", "bb", "7"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner)), max_leaves=5
)
ALLOWED = st.lists(st.one_of(st.booleans(), st.integers(-2, 2), st.sampled_from(["a", "bb"])), min_size=1, max_size=4)
TYPES = st.sampled_from(["any", "string", "number", "integer", "boolean", "object", "array"])


@st.composite
def wishes(draw: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"type": draw(TYPES), "required": draw(st.booleans())}
    if draw(st.booleans()):
        wanted["values"] = draw(ALLOWED)
    if wanted["type"] in {"number", "integer"} and draw(st.booleans()):
        wanted["min"], wanted["max"] = sorted([draw(st.integers(-4, 4)), draw(st.integers(-4, 4))])
    if wanted["type"] == "string" and draw(st.booleans()):
        wanted["pattern"] = draw(st.sampled_from(["[ab]+", "[0-9]", "a|bb"]))
    return wanted


def as_schema(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The same wishes as JSON Schema."""
    schema: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    for name, wanted in properties.items():
        one: dict[str, Any] = {} if wanted["type"] == "any" else {"type": wanted["type"]}
        for ours, theirs in (("values", "enum"), ("min", "minimum"), ("max", "maximum")):
            if ours in wanted:
                one[theirs] = wanted[ours]
        if "pattern" in wanted:
            one["pattern"] = f"^(?:{wanted['pattern']})$"
        schema["properties"][name] = one
        if wanted["required"]:
            schema["required"].append(name)
    return schema


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(NAMES, wishes(), max_size=4), st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_refused_is_what_json_schema_refuses(properties, payload):
    plan = Plan.model_validate({"id": "p", "name": "P", "mode": "block",
                                "events": [{"event": "E", "properties": properties}]})  # fmt: skip
    event = Event(event_id="e", kind="track", name="E", happened_us=0, source_id="s", properties=payload)
    refused = Inspector([plan]).look(event).refused
    there = {k: v for k, v in payload.items() if v is not None}  # null says nothing
    theirs = list(jsonschema.Draft202012Validator(as_schema(properties)).iter_errors(there))
    assert (refused is None) == (not theirs), (refused, [e.message for e in theirs])


def slow(value: Any, path: str) -> list[Any]:
    """Every value at a path, read directly; None where it misses."""
    head, _, rest = path.partition(".")
    if head.endswith("[]"):
        inner = value.get(head[:-2]) if isinstance(value, dict) else None
        if not isinstance(inner, list):
            return [None]
        return [found for one in inner for found in (slow(one, rest) if rest else [one])]
    inner = value.get(head) if isinstance(value, dict) else None
    if inner is None or not rest:
        return [inner]
    return slow(inner, rest)


LINE = {"id": SCALARS, "of": st.fixed_dictionaries({}, optional={"n": SCALARS})}
LINES = st.lists(st.one_of(st.fixed_dictionaries({}, optional=LINE), st.just("x")), max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries({}, optional={"lines": st.one_of(LINES, SCALARS)}),
    st.sampled_from(["lines[].id", "lines[].of.n", "lines"]),
)
def test_a_path_finds_what_a_direct_reading_finds(payload, path):
    plan = Plan.model_validate({"id": "p", "name": "P", "mode": "block", "events": [
        {"event": "E", "properties": {path: {"required": True}}}]})  # fmt: skip
    event = Event(event_id="e", kind="track", name="E", happened_us=0, source_id="s", properties=payload)
    refused = Inspector([plan]).look(event).refused
    misses = any(v is None for v in slow(payload, path))
    assert (refused is not None) == misses
