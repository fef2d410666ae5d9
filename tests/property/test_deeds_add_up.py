"""What a customer's page counts by arrays is what anybody would count by hand, event by event."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.core.event import OWN_SOURCE
from homing.core.time import DAY
from homing.profile.book import OWN_ACTIVITY
from homing.profile.view import Life, deeds, said_by
from homing.profile.view.deeds import WEIGHTS
from homing.storage.warehouse import Warehouse

AT = 1_760_000_000_000_000
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
TEXT = pa.string()
DID = pa.schema({
    "kind": TEXT, "name": TEXT, "happened_us": pa.int64(), "log_offset": pa.int64(), "source_id": TEXT, "channel": TEXT,
    "device": TEXT, "session_id": TEXT, "category": TEXT, "product_id": TEXT, "revenue": pa.float64(), "currency": TEXT,
    "coupon": TEXT, "properties": TEXT, "traits": TEXT,
})  # fmt: skip
SAID = pa.schema({"happened_us": pa.int64(), "log_offset": pa.int64(), "source_id": TEXT, "traits": TEXT})


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *values])


did = st.fixed_dictionaries({
    "name": st.sampled_from(["", "Order Completed", "Product Reviewed", "Message Opened", *WEIGHTS, *OWN_ACTIVITY]),
    "happened_us": st.integers(AT - 500 * DAY, AT) | st.integers(AT - 40 * 366 * DAY, AT),
    "source_id": st.sampled_from(["shop", "till", OWN_SOURCE]),
    "channel": maybe("web", "app"), "device": maybe("mobile"), "session_id": maybe("s1", "s2", "s3"),
    "category": maybe("Tea", "Cups"), "product_id": maybe("oolong", "pot"),
})  # fmt: skip
TRAITS = ['{"city": "Oslo"}', '{"city": null}', '{"city": "Rome", "age": 3}', "{}", None]
said = st.tuples(st.integers(AT - 3, AT), st.sampled_from(["shop", "crm"]), st.sampled_from(TRAITS))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    made = Warehouse(tmp_path_factory.mktemp("deeds") / "warehouse.duckdb")
    yield made
    made.close()


def life(events: list[dict[str, Any]], words: list[tuple[int, str, str | None]] = []) -> Life:  # noqa: B006
    rows = [{"kind": "track", "log_offset": n, "properties": f'{{"n": {n}}}'} | event for n, event in enumerate(events)]
    told = [{"happened_us": us, "log_offset": n, "source_id": source, "traits": traits}
            for n, (us, source, traits) in enumerate(words)]  # fmt: skip
    return Life(AT, pa.Table.from_pylist(told, SAID), pa.Table.from_pylist(rows, DID))


@given(st.lists(did, max_size=30), st.sampled_from(["UTC", "America/New_York", "Asia/Shanghai"]))
def test_what_is_counted_is_what_happened(warehouse: Warehouse, events: list[dict[str, Any]], zone: str):
    done = deeds(warehouse, life(events), zone)
    own = [e for e in events if e["source_id"] != OWN_SOURCE or e["name"] in OWN_ACTIVITY]
    for counts, column in ((done.sources, "source_id"), (done.channels, "channel"), (done.devices, "device")):
        by_hand = Counter(e[column] for e in own if e[column] is not None)
        assert {c.name: c.n for c in counts} == by_hand
        assert [c.n for c in counts] == sorted(by_hand.values(), reverse=True)
        for c in counts:
            assert c.last_us == max(e["happened_us"] for e in own if e[column] == c.name)
    assert done.sessions == len({e["session_id"] for e in own} - {None})
    hours: Counter[tuple[int, int]] = Counter()
    for event in own:
        clock = (BEGIN + timedelta(microseconds=event["happened_us"])).astimezone(ZoneInfo(zone))
        hours[clock.weekday(), clock.hour] += 1
    assert {(d, h): n for d, day in enumerate(done.strip) for h, n in enumerate(day) if n} == hours
    for interests, column in ((done.categories, "category"), (done.products, "product_id")):
        weights: defaultdict[str, list[float]] = defaultdict(list)
        for event in events:
            if event["name"] in WEIGHTS and event[column]:
                weights[event[column]].append(
                    WEIGHTS[event["name"]] * 0.5 ** ((AT - event["happened_us"]) / (30 * DAY))
                )
        assert {name: one.n for name, one in interests.items()} == {
            name: len(all_of) for name, all_of in weights.items()
        }
        for name, one in interests.items():
            assert one.weight == pytest.approx(sum(weights[name]))
    wanted = [
        (e["happened_us"], n) for n, e in enumerate(events) if e["name"] in {"Order Completed", "Product Reviewed"}
    ]
    assert [(t.at_us, t.properties["n"]) for t in done.told] == sorted(wanted, reverse=True)


@given(st.lists(said, max_size=12))
def test_the_newest_word_of_each_source_stands_and_null_takes_it_away(words: list[tuple[int, str, str | None]]):
    newest: dict[str, dict[str, tuple[int, int, Any]]] = {}
    times: Counter[tuple[str, str]] = Counter()
    for n, (us, source, traits) in enumerate(words):
        for name, value in ({} if traits is None else json.loads(traits)).items():
            times[name, source] += 1
            newest.setdefault(name, {})
            newest[name][source] = max(newest[name].get(source, (0, 0, None)), (us, n, value), key=lambda x: x[:2])
    expected = {}
    for name, by_source in newest.items():
        ranked = sorted(((us, n, source, value) for source, (us, n, value) in by_source.items()), reverse=True)
        if ranked[0][3] is not None:
            expected[name] = [(source, value, us, times[name, source]) for us, _, source, value in ranked]
    found = {one.name: [(w.source, w.value, w.at_us, w.times) for w in one.words] for one in said_by(life([], words))}
    assert found == expected
