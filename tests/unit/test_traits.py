"""Parts of traits: formulas, price elasticity told with its interval, hours across a change of the clock."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats

from homing.core.errors import InvalidInput
from homing.core.event import Event, Stored
from homing.core.time import DAY, parse_iso, zone_of
from homing.core.turn import Turn
from homing.profile.traits import Moment, Trait, TraitStage, as_of, check, presets, trait_sentences
from homing.profile.traits.expression import parse
from homing.profile.traits.formula import function
from homing.profile.traits.paths import local_part, offsets
from homing.profile.traits.read import read
from homing.runtime.lineage import read_by
from homing.storage import definitions
from homing.storage.state import State
from homing.storage.warehouse import BatchBuilder, Warehouse

ELASTIC = {"kind": "trait", "id": "elasticity", "name": "Elasticity", "of": {"type": "elasticity", "min_lines": 8}}


@pytest.mark.parametrize(("text", "value"), [
    ("1 + 2 * 3 - 4 / 2", 5.0), ("-(2 + 3) * 2", -10.0), ("if(2 > 1 and not 1 > 2, 7, 8)", 7.0),
    ("cut(20, 10, 20, 30)", 3.0), ('choose(2, "a", "b")', "b"), ("choose(9, 1, 2)", None), ("1 / 0", None),
    ("coalesce(1 / 0, 4)", 4.0), ("round(2.345, 2)", 2.35), ("round(-2.5, 0)", -3.0), ("min(1 / 0, 3)", 3.0),
    ("1 / 0 > 2 or 1 < 2", True), ("floor(-1.5)", -2.0), ("'a' = \"a\"", True),
])  # fmt: skip
def test_a_formula_means_what_it_says(text: str, value: object):
    assert function(parse(text))(lambda _name: None, 0) == value


@pytest.mark.parametrize(("text", "words"), [
    ("", "the end"), ("1 +", "the end"), ("(1", "wanted"), ("eval(1)", "wanted one of"), ("a.b", "cannot be read"),
    ("__import__('os')", "wanted one of"), ("if(1, 2)", "3 .. 3"), ("1 2", "an operator"), ("(" * 60 + "1", "nested"),
    ("1+" * 900 + "1", "wanted at most"), ("x" * 3000, "characters"),
])  # fmt: skip
def test_what_is_no_formula_is_refused_with_its_place(text: str, words: str):
    with pytest.raises(InvalidInput, match=words.replace("(", r"\(")):
        parse(text)


def lines(rng: random.Random, elasticity: float, n: int) -> list[dict]:
    """Order lines of three products whose quantity follows the price."""
    made = []
    for k in range(n):
        price = rng.uniform(1, 3) * (k % 3 + 1)
        made.append({"product_id": f"p{k % 3}", "price": round(price, 4),
                     "quantity": 10 * (k % 3 + 1) * price**elasticity * math.exp(rng.gauss(0, 0.1))})  # fmt: skip
    return made


def test_price_elasticity_is_least_squares_within_products_with_its_interval_in_both_engines(tmp_path: Path):
    rng = random.Random(3)
    items = [*lines(rng, -1.4, 30), {"product_id": "alone", "price": 2, "quantity": 1}, {"product_id": "p0"}]
    at = parse_iso("2024-05-01T00:00:00Z")
    state, warehouse = State(tmp_path / "state.db"), Warehouse(tmp_path / "w.duckdb")
    stage, builder = TraitStage(state, warehouse), BatchBuilder()
    trait = Trait.model_validate(ELASTIC)
    stage.run([(trait, 1)])
    for n in range(4):
        bought = {"products": items[n * 8 : n * 8 + 8]}
        event = Event(event_id=f"e{n}", kind="track", name="Order Completed", happened_us=at + n * DAY,
                      source_id="shop", properties=bought)  # fmt: skip
        stored = Stored(n + 1, at + n * DAY, event)
        stage.apply(stored, "ann", Turn(at + n * DAY, n + 1))
        builder.add(stored, "ann")
    warehouse.load(builder.build())
    now = at + 4 * DAY
    x, y, dummies = [], [], []
    for one in items[:30]:
        x.append(math.log(one["price"]))
        y.append(math.log(one["quantity"]))
        dummies.append([one["product_id"] == f"p{k}" for k in range(3)])
    design = np.column_stack([x, np.array(dummies, float)])
    fit, sse, *_ = np.linalg.lstsq(design, np.array(y), rcond=None)
    se = math.sqrt(sse[0] / 26 * np.linalg.inv(design.T @ design)[0, 0])
    half = stats.t.ppf(0.975, 26) * se
    person = stage.held.find("ann")
    (told,) = read(stage.program, person.memories if person else {}, now)
    assert told.value == pytest.approx(fit[0], rel=1e-9)
    assert (told.n, told.low, told.high) == (30, pytest.approx(fit[0] - half), pytest.approx(fit[0] + half))
    assert told.low < -1.4 < told.high
    (row,) = as_of(warehouse, [trait], ["elasticity"], [Moment("ann", now)], zone="UTC")
    assert row.values["elasticity"] == pytest.approx(fit[0], rel=1e-9)
    (early,) = as_of(warehouse, [trait], ["elasticity"], [Moment("ann", at - 1)], zone="UTC")
    assert early.values["elasticity"] is None  # nothing was bought yet
    warehouse.close()
    state.close()


def test_hours_follow_a_change_of_the_clock():
    zone, begin = zone_of("America/New_York"), parse_iso("2023-01-01T00:00:00Z")
    found = offsets(zone, begin, begin + 400 * DAY)
    assert [offset // 3_600_000_000 for _, offset in found] == [-5, -4, -5]
    spring = parse_iso("2023-03-12T07:00:00Z")  # 02:00 there becomes 03:00
    assert found[1][0] == spring
    assert (local_part(spring - 1, zone, "hour"), local_part(spring, zone, "hour")) == (1, 3)


def test_every_trait_that_ships_is_acceptable_and_reads_aloud_in_both_languages():
    documents = [Trait.model_validate(one) for preset in presets() for one in preset.documents]
    assert len({one.id for one in documents}) == len(documents)
    for one in documents:
        assert check(documents, one.id) in {"number", "text", "boolean", "time", "any"}
        said = trait_sentences(one.of)
        assert said["en"]
        assert any("一" <= letter <= "鿿" for letter in said["zh"])
        assert one.name.en
        assert one.name.zh


def test_the_catalogue_knows_what_a_trait_reads():
    where = [{"property": "paid", "op": "exists"}]
    signal = {"event": "Order Completed", "key": "products[].category", "where": where}
    of = {"type": "decayed", "half_life": "30d", "signals": [signal]}
    leaning = {"kind": "trait", "id": "x", "name": "x", "of": of}
    assert {(one.dataset, one.field) for one in read_by(leaning)} == {
        ("event:Order Completed", ""), ("event:Order Completed", "paid"), ("event:Order Completed", "products"),
    }  # fmt: skip
    mean = {"kind": "trait", "id": "y", "name": "y", "of": {"type": "formula", "formula": "x / 2"}}
    assert {(one.dataset, one.field) for one in read_by(mean)} == {("customers", "x")}


def test_the_documents_of_the_reference_are_acceptable():
    page = Path(__file__).parents[2] / "docs" / "en" / "reference" / "traits.md"
    (text,) = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    documents = [Trait.model_validate(one) for one in yaml.safe_load_all(text)]
    assert [check(documents, one.id) for one in documents] == ["number", "number", "number", "any", "text"]


def test_what_may_not_be_read_any_more_counts_in_no_trait_and_again_when_it_may(tmp_path: Path):
    state, warehouse = State(tmp_path / "state.db"), Warehouse(tmp_path / "w.duckdb")
    stage, builder = TraitStage(state, warehouse), BatchBuilder()
    at = parse_iso("2024-05-01T00:00:00Z")
    of = {"type": "aggregate", "measure": "sum", "event": "Order Completed", "property": "revenue"}
    document = {"kind": "trait", "id": "spent", "name": "Spent", "of": of}
    with state.write() as conn:
        definitions.save(conn, "trait", "spent", document, now_us=at, by="test")
        stage.publish(definitions.set_status(conn, "trait", "spent", "live", now_us=at), Turn(at, 1), conn)
    for n, source in enumerate(("shop", "partner"), start=2):
        event = Event(event_id=f"e{n}", kind="track", name="Order Completed", happened_us=at, source_id=source,
                      properties={"revenue": n})  # fmt: skip
        stage.apply(Stored(n, at, event), "ann", Turn(at, n))
        builder.add(Stored(n, at, event), "ann")
    warehouse.load(builder.build())
    told = [stage.value_of("ann", "spent")]
    for offset, closed in ((4, frozenset({"partner"})), (5, frozenset())):
        warehouse.close_sources(closed)
        with state.write() as conn:
            stage.again(closed, Turn(at, offset), conn)
        told.append(stage.value_of("ann", "spent"))
    assert told == [5, 2, 5]
    warehouse.close()
    state.close()
