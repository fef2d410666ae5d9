"""Bulk resolution: any order of the links gives the same partition, and it is the one a plain search finds."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.core.errors import InvalidInput
from homing.identity import bulk

NODES = 30
links = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=60)


def _ends(pairs):
    both = np.array(pairs, np.int32).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _search(pairs, nodes=NODES):
    """The oracle: from each node walk wherever links lead, and take the smallest that was met."""
    near = defaultdict(set)
    for a, b in pairs:
        near[a].add(b)
        near[b].add(a)
    labels = []
    for start in range(nodes):
        met, todo = {start}, [start]
        while todo:
            fresh = near[todo.pop()] - met
            met |= fresh
            todo += fresh
        labels.append(min(met))
    return labels


@given(links, st.randoms(use_true_random=False))
def test_the_partition_is_the_plain_searchs_in_any_order_with_and_without_numba(pairs, random):
    wanted = _search(pairs)
    mixed = [(b, a) if random.random() < 0.5 else (a, b) for a, b in pairs]
    random.shuffle(mixed)
    for given_pairs in (pairs, mixed):
        a, b = _ends(given_pairs)
        assert bulk.components(NODES, a, b).tolist() == wanted
        assert bulk.propagate(NODES, a, b).tolist() == wanted


@given(links, st.integers(1, 4), st.integers(2, 6), st.randoms(use_true_random=False))
def test_no_component_passes_the_guard_and_order_does_not_matter(pairs, hub, largest, random):
    found = bulk.resolve(NODES, *_ends(pairs), hub=hub, largest=largest)
    mixed = list(pairs)
    random.shuffle(mixed)
    again = bulk.resolve(NODES, *_ends(mixed), hub=hub, largest=largest)
    assert found.labels.tolist() == again.labels.tolist()
    assert found.sizes.max() <= largest
    neighbours = defaultdict(set)
    for a, b in pairs:
        if a != b:
            neighbours[a].add(b)
            neighbours[b].add(a)
    assert found.hubs.tolist() == sorted(n for n, others in neighbours.items() if len(others) > hub)
    kept = [(a, b) for a, b in pairs if a not in set(found.hubs.tolist()) and b not in set(found.hubs.tolist())]
    free = _search(kept)
    sizes = defaultdict(int)
    for label in free:
        sizes[label] += 1
    wanted = [label if sizes[label] <= largest else node for node, label in enumerate(free)]
    assert found.labels.tolist() == wanted
    assert found.oversize == {label: n for label, n in sizes.items() if n > largest}


def test_a_family_tablet_does_not_make_one_person_of_a_town():
    people, phones = 1_000, np.arange(1_000, dtype=np.int32)
    tablet = np.full(people, 2_000, np.int32)
    emails = phones + 1_000
    a, b = np.concatenate((phones, phones)), np.concatenate((emails, tablet)).astype(np.int32)
    free = bulk.resolve(2_001, a, b)
    guarded = bulk.resolve(2_001, a, b, hub=20)
    assert free.sizes[0] == 2_001
    assert (guarded.sizes[0], guarded.hubs.tolist()) == (2, [2_000])


def test_typed_identifiers_are_numbered_by_what_they_say():
    ids = pa.chunked_array([["phone:+1", "email:a@b"], ["phone:+1", "device_id:+1"]])
    numbers, different = bulk.numbered(ids)
    assert (numbers.tolist(), different) == ([0, 1, 0, 2], 3)


@pytest.mark.parametrize(("a", "b"), [([0], []), ([0], [5]), ([-1], [0])])
def test_links_to_nowhere_are_refused(a, b):
    with pytest.raises(InvalidInput, match=r"wanted|outside"):
        bulk.components(5, np.array(a, np.int32), np.array(b, np.int32))
