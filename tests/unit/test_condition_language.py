"""Sequences, calendars, clocks, circles, places, tags and the first by a number: read, refused and said aloud."""

from __future__ import annotations

import itertools
import math
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from homing.core.calendar import Hours, bounds, next_change, shift_at, shifts_between
from homing.core.condition import dump, events_read, fingerprint, inline, parse, parse_text, traits_read
from homing.core.condition_words import sentences
from homing.core.errors import InvalidInput
from homing.core.geo import Disc, kilometres
from homing.core.time import DAY, HOUR, to_us
from homing.segments.kept import latest_start
from homing.segments.ranks import Ranking

VIEW, ORDER = {"event": "Product Viewed"}, {"event": "Order Completed"}
POINT = {"lat": 31.23, "lng": 121.47, "km": 5}
SAID = [
    (
        {"type": "sequence", "steps": [VIEW, ORDER | {"gap": "1h"}], "within": "7d", "span": "2h"},
        "Did “Product viewed”, then “Order completed” within 1 hour, all within 2 hours, in the last 7 days",
        "最近 7 天内先「浏览商品」，再在 1 小时内「完成订单」，首尾相隔不超过 2 小时",
    ),
    (
        {"type": "did", **ORDER, "during": "last_7_days", "clock": {"start": "18:00", "end": "22:00",
                                                                    "weekdays": ["sun", "sat"]}},
        "Did “Order completed” (at weekends between 18:00 and 22:00 local time) in the last 7 calendar days"
        " (today counted)",
        "最近 7 个自然日内（含今天）发生过「完成订单」（当地时间周末 18:00–22:00）",
    ),
    ({"type": "absent", **ORDER, "during": "yesterday"}, "Has not done “Order completed” yesterday",
     "昨天未发生「完成订单」"),
    ({"type": "did", "event": "Stayed", "near": POINT, "within": "1w"},
     "Did “Stayed” (within 5 km of (31.23, 121.47)) in the last week",
     "最近 1 周内发生过「Stayed」（距 (31.23, 121.47) 不超过 5 公里）"),
    ({"type": "near", **POINT}, "Is within 5 km of (31.23, 121.47)", "位置距 (31.23, 121.47) 不超过 5 公里"),
    ({"type": "place", "level": "city", "places": ["Oslo", "上海"]}, "Lives in one of the cities “Oslo”, “上海”",
     "所在城市为以下之一：“Oslo”、“上海”"),
    ({"type": "tag", "tag": "vip"}, "Has the tag “vip”", "有标签「vip」"),
    ({"type": "tag", "tag": "size", "op": "gte", "value": 42}, "The value of the tag “size” is at least 42",
     "标签「size」的值大于等于 42"),
    ({"type": "top", "trait": "revenue", "n": 100}, "Is among the 100 highest by Revenue",
     "消费金额最高的 100 位客户之一"),
    ({"type": "top", "trait": "revenue", "percent": 2.5, "order": "lowest"}, "Is in the bottom 2.5 % by Revenue",
     "属于消费金额最低的 2.5% 客户"),
]  # fmt: skip
WRONG = [
    ({"type": "sequence", "steps": [VIEW, ORDER]}, "condition", "a sequence without a window"),
    ({"type": "sequence", "steps": [VIEW], "within": "7d"}, "condition.steps", "at least 2 items"),
    (
        {"type": "sequence", "steps": [VIEW | {"gap": "1d"}, ORDER], "within": "7d"},
        "condition",
        "first step with a gap",
    ),
    (
        {"type": "sequence", "steps": [VIEW, ORDER | {"gap": "0d"}], "within": "7d"},
        "condition.steps.1.gap",
        "no length",
    ),
    ({"type": "did", **ORDER, "during": "this_year"}, "condition.during", "wanted today, yesterday"),
    ({"type": "did", **ORDER, "during": "last_0_days"}, "condition.during", "last_N_days"),
    ({"type": "did", **ORDER, "during": "today", "within": "1d"}, "condition", "within and during at once"),
    ({"type": "did", **ORDER, "clock": {"start": "9:00", "end": "10:00"}}, "condition", "a clock without a window"),
    (
        {"type": "absent", **ORDER, "within": "1d", "clock": {"start": "25:00", "end": "10:00"}},
        "condition.clock",
        "HH:MM",
    ),
    ({"type": "absent", **ORDER, "within": "1d", "clock": {"start": "09:00"}}, "condition.clock", "wanted both"),
    ({"type": "absent", **ORDER, "within": "1d", "clock": {}}, "condition.clock", "says nothing"),
    ({"type": "near", "lat": 91, "lng": 0, "km": 1}, "condition.lat", "less than or equal to 90"),
    ({"type": "did", **ORDER, "near": {"lat": 0, "lng": 0, "km": 0}}, "condition.near.km", "greater than 0"),
    ({"type": "place", "level": "street", "places": ["x"]}, "condition.level", "'country', 'region' or 'city'"),
    ({"type": "place", "level": "city", "places": []}, "condition.places", "at least 1 item"),
    ({"type": "top", "trait": "revenue"}, "condition", "n and percent both or neither"),
    ({"type": "top", "trait": "revenue", "percent": 0.123}, "condition", "two decimals"),
    ({"type": "tag", "tag": "vip", "op": "exists", "value": 1}, "condition", "wanted none"),
]


@pytest.mark.parametrize(("document", "en", "zh"), SAID)
def test_it_is_said_in_both_languages(document, en, zh):
    assert sentences(parse(document)) == {"en": en, "zh": zh}


@pytest.mark.parametrize("document", [document for document, _, _ in SAID])
def test_it_comes_back_the_same_through_yaml(document):
    tree = parse(document)
    assert fingerprint(parse_text(yaml.safe_dump(dump(tree), allow_unicode=True))) == fingerprint(tree)


@pytest.mark.parametrize(("document", "field", "words"), WRONG)
def test_what_makes_no_sense_is_refused_with_the_place(document, field, words):
    with pytest.raises(InvalidInput) as refused:
        parse(document)
    assert refused.value.field == field
    assert words in refused.value.message


def test_tags_and_places_are_written_out_as_traits_and_say_what_they_read():
    tree = parse({"type": "any", "of": [{"type": "tag", "tag": "vip"}, {"type": "place", "level": "city",
                                                                       "places": ["Oslo"]}]})  # fmt: skip
    written = inline(tree, lambda _name: None)
    assert [dump(part) for part in written.of] == [
        {"type": "trait", "name": "tag.vip", "op": "exists"},
        {"type": "trait", "name": "city", "op": "in", "value": ["Oslo"]},
    ]
    assert [traits_read(part) for part in tree.of] == [("tag.vip",), ("city",)]
    stayed = parse({"type": "did", "event": "Stayed", "near": POINT, "during": "today"})
    assert list(events_read(stayed)) == [("Stayed", ("lat", "lng"))]
    assert traits_read(stayed) == ("timezone",)


@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "UTC"])
def test_a_calendar_is_what_the_wall_says_at_any_instant(zone):
    rng, tz = random.Random(zone), ZoneInfo(zone)
    for _ in range(300):
        now = rng.randrange(to_us(datetime(2010, 1, 1, tzinfo=UTC)), to_us(datetime(2026, 1, 1, tzinfo=UTC)))
        wall = datetime.fromtimestamp(now / 1e6, tz)
        assert shift_at(now, zone) == wall.utcoffset() / timedelta(microseconds=1)
        begin, end = bounds("today", now, zone)
        assert begin <= now < end
        assert datetime.fromtimestamp(begin / 1e6, tz).date() == wall.date()
        assert datetime.fromtimestamp(begin / 1e6 - 1, tz).date() < wall.date() <= wall.date()
        assert bounds("yesterday", now, zone)[1] == begin
        week, _ = bounds("this_week", now, zone)
        assert datetime.fromtimestamp(week / 1e6, tz).weekday() == 0
        assert next_change("today", [now], now, zone) == end
        evening = Hours((18 * 60, 22 * 60), frozenset({5, 6}))
        assert evening.hold(now, zone) == (18 <= wall.hour < 22 and wall.weekday() > 4)
        shifts = shifts_between(now - 400 * DAY, now, zone)
        assert [s for a, b, s in shifts if a <= now < b] == [shift_at(now, zone)]
        assert shifts[0][0] <= now - 400 * DAY
        assert all(a[1] == b[0] for a, b in itertools.pairwise(shifts))


def test_distances_agree_with_the_law_of_cosines_and_the_edge_counts():
    assert round(kilometres(59.9139, 10.7522, 60.3913, 5.3221), 1) == 305.1  # Oslo, Bergen
    rng = random.Random(5)
    for _ in range(500):
        lat, lng, km = rng.uniform(-89, 89), rng.uniform(-179, 179), rng.uniform(1, 20_000)
        y, x = rng.uniform(-90, 90), rng.uniform(-180, 180)
        a, b, c = math.radians(lat), math.radians(y), math.radians(x - lng)
        distance = 6371.0088 * math.acos(math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(c))
        assert abs(kilometres(lat, lng, y, x) - distance) < 1e-3
        if abs(distance - km) > 1e-3:
            assert Disc(lat, lng, km).holds()(y, str(round(x, 12))) == (distance < km)


def test_of_all_chains_the_one_that_began_last_is_found():
    both = 0b11
    items = [[0, 1, 1], [5 * HOUR, 2, both], [6 * HOUR, 3, 2], [6 * HOUR, 4, 1], [9 * HOUR, 5, 2]]
    assert latest_start(items, (None, None), None) == 6 * HOUR  # the same instant, in the log's order
    assert latest_start(items, (None, HOUR), None) == 5 * HOUR
    assert latest_start(items, (None, HOUR - 1), None) is None
    assert latest_start(items, (None, None), 2 * HOUR) == 5 * HOUR
    assert latest_start([[1, 1, both]], (None, None), None) is None  # one event is no two steps


@pytest.mark.parametrize("size", [{"n": 3}, {"percent": 33.33}, {"percent": 100}])
def test_an_order_is_exact_after_every_change_and_names_whom_it_displaced(size, monkeypatch):
    monkeypatch.setattr("homing.segments.ranks.BLOCK", 3)
    rng, top = random.Random(repr(size)), parse({"type": "top", "trait": "x", **size})
    ranking, values = Ranking(top), {f"c{n}": float(rng.randrange(4)) for n in range(7)}
    ranking.fill(values.items())

    def first() -> set[str]:
        order = sorted(values, key=lambda c: (-values[c], c))
        return set(order[: top.places(len(order))])

    for _ in range(800):
        before, customer = first(), f"c{rng.randrange(15)}"
        value = rng.choice([None, 0.0, 1.0, 2.0, 2.0, 7.5])
        displaced = ranking.put(customer, value)
        values.pop(customer, None)
        if value is not None:
            values[customer] = value
        assert {c for c in (f"c{n}" for n in range(15)) if ranking.stands(c)} == first()
        assert (before ^ first()) - {customer} <= displaced
