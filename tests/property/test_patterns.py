"""Frequent sets are those that counting every set finds, and that an FP-growth finds; rules are tested by Fisher."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from homing.core.errors import InvalidInput
from homing.predict.association import rules_of
from homing.predict.patterns import frequent_sets

baskets = st.lists(st.lists(st.integers(0, 7), max_size=6), min_size=1, max_size=70)


def lines(found: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(n, thing) for n, basket in enumerate(found) for thing in basket]
    return np.array([p[0] for p in pairs], dtype=np.int64), np.array([p[1] for p in pairs], dtype=np.int64)


def brute(found: list[list[int]], least: int, most: int) -> dict[tuple[int, ...], int]:
    counts: Counter[tuple[int, ...]] = Counter()
    for basket in found:
        for size in range(1, most + 1):
            counts.update(combinations(sorted(set(basket)), size))
    return {s: n for s, n in counts.items() if n >= least}


def fp_growth(paths: Counter[tuple[int, ...]], least: int, most: int, suffix: tuple[int, ...] = ()) -> dict:
    """A plain FP-growth over weighted paths, things ordered by number."""
    counts: Counter[int] = Counter()
    for path, n in paths.items():
        for thing in path:
            counts[thing] += n
    found = {}
    for thing, n in counts.items():
        if n < least:
            continue
        found[tuple(sorted((thing, *suffix)))] = n
        if len(suffix) + 1 < most:
            before: Counter[tuple[int, ...]] = Counter()
            for path, weight in paths.items():
                if thing in path:
                    before[path[: path.index(thing)]] += weight
            found |= fp_growth(before, least, most, (thing, *suffix))
    return found


@settings(max_examples=200, deadline=None)
@given(baskets, st.integers(1, 6), st.integers(1, 4))
def test_every_frequent_set_is_found_with_its_count_and_no_other(found, least, most):
    got = frequent_sets(*lines(found), baskets=len(found), min_count=least, max_items=most)
    assert got.counts == brute(found, least, most)
    paths = Counter(tuple(sorted(set(basket))) for basket in found)
    assert got.counts == fp_growth(paths, least, most)


@settings(max_examples=25, deadline=None)
@given(baskets)
def test_a_rule_says_what_the_baskets_say_and_its_p_is_fishers(found):
    sets = frequent_sets(*lines(found), baskets=len(found), min_count=2, max_items=3)
    rules = rules_of(sets)
    assert len({(r.left, r.right) for r in rules}) == len(rules)
    for r in rules:
        whole = [set(b) for b in found]
        a, both = [b for b in whole if set(r.left) <= b], [b for b in whole if {*r.left, r.right} <= b]
        right = sum(r.right in b for b in whole)
        assert (r.together, r.with_left, r.with_right) == (len(both), len(a), right)
        assert r.lift == pytest.approx(len(both) * len(found) / (len(a) * right))
        table = [[len(both), len(a) - len(both)], [right - len(both), len(found) - len(a) - right + len(both)]]
        assert r.p == pytest.approx(fisher_exact(table, alternative="greater").pvalue, rel=1e-6, abs=1e-12)
        assert r.q >= r.p - 1e-12
        shorter = [
            s for s in rules if s.right == r.right and set(s.left) < set(r.left) and len(s.left) == len(r.left) - 1
        ]
        assert r.redundant == any(s.confidence >= r.confidence for s in shorter)


def test_things_that_have_nothing_to_do_with_each_other_make_no_rule():
    draw = np.random.default_rng(11)
    basket, thing = np.nonzero(draw.random((4_000, 30)) < 0.2)
    rules = rules_of(frequent_sets(basket, thing, baskets=4_000, min_count=20, max_items=3))
    assert len(rules) > 5_000
    assert sum(r.q <= 0.05 for r in rules) <= 0.002 * len(rules)


def test_a_support_that_nobody_can_read_is_refused(monkeypatch):
    monkeypatch.setattr("homing.predict.patterns.MOST", 1_000)
    basket, thing = np.nonzero(np.ones((5, 40), dtype=bool))
    with pytest.raises(InvalidInput, match="higher support"):
        frequent_sets(basket, thing, baskets=5, min_count=1, max_items=4)
