"""The sums of a customer do not depend on the order of events, nor on how often two halves were merged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homing.profile.stats import DAYS_KEPT, Stats, hour_of, restored, stats_of, top, values_of

_day = st.integers(0, 400)
_orders = st.lists(
    st.tuples(_day, st.integers(-50, 10_000_000), st.sampled_from(["USD", "EUR"]), st.lists(st.sampled_from("abcd"))),
    max_size=90,
)


def total(orders: list[tuple[int, int, str, list[str]]]) -> Stats:
    stats = Stats()
    for day, units, currency, categories in orders:
        stats.order(day * 86_400_000_000, day, units, currency)
        stats.lines(categories)
        stats.act(day % 24, "web" if day % 3 else None)
    return stats


@given(_orders, st.randoms(), st.integers(0, 90))
def test_any_order_and_any_split_gives_the_same_sums(orders, random, cut):
    whole = total(orders)
    shuffled = list(orders)
    random.shuffle(shuffled)
    halves = total(shuffled[:cut])
    halves.add(total(shuffled[cut:]))
    assert halves == whole == total(shuffled)
    assert whole.order_days == sorted({o[0] for o in orders})[-DAYS_KEPT:]
    assert whole.favourite == top(whole.categories)
    assert whole.favourite_channel == top(whole.channels)
    assert whole.active_hour == hour_of(whole.hours)
    assert stats_of(whole.as_dict(), whole.orders, whole.last_order_us) == whole
    assert restored(values_of(whole)) == whole


@given(st.lists(st.integers(0, 30), min_size=24, max_size=24))
def test_the_active_hour_is_the_busiest_with_its_neighbours(hours):
    got = hour_of(hours)
    weights = [2 * hours[h] + hours[(h - 1) % 24] + hours[(h + 1) % 24] for h in range(24)]
    assert got == (weights.index(max(weights)) if sum(hours) >= 3 else None)
