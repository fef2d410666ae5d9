"""What likely pairs come to: groups that agree, never more than the guard allows; the extra is named where it lacks."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.core.errors import InvalidInput
from homing.identity.link.clusters import AGREED, cluster
from homing.identity.link.model import Scored, check_installed
from homing.identity.link.quality import curve


def scored(pairs):
    """Pairs (a, b, probability), as the model gives them."""
    pairs = sorted(((min(a, b), max(a, b), p) for a, b, p in pairs), key=lambda x: (-x[2], x[0], x[1]))
    left, right, probability = (np.array([x[n] for x in pairs]) for n in range(3))
    return Scored(left.astype(int), right.astype(int), probability.astype(float), {}, 0.0, len(pairs))


def test_a_chain_of_likely_pairs_does_not_join_strangers():
    chain = scored([(n, n + 1, 0.999) for n in range(9)])
    found = cluster(10, chain, threshold=0.98)
    assert np.bincount(found.labels).max() == 3  # a third agrees with one of two; a fourth would with one of three
    assert len(found.cut) == 9 - len(found.accepted)


def test_records_that_are_all_alike_are_one_person_up_to_the_guard():
    alike = scored([(a, b, 0.999 - a / 1e6) for a, b in combinations(range(10), 2)])
    assert len(set(cluster(10, alike).labels.tolist())) == 1
    guarded = cluster(10, alike, largest=4)
    assert np.bincount(guarded.labels).max() == 4
    assert len(guarded.cut) > 0


def test_a_pair_in_the_grey_zone_waits_for_a_person():
    found = cluster(4, scored([(0, 1, 0.99), (2, 3, 0.9), (1, 2, 0.6)]), threshold=0.98, review=0.8)
    assert found.labels.tolist() == [0, 0, 2, 3]
    assert (found.accepted.tolist(), found.grey.tolist(), found.cut.tolist()) == ([0], [1], [])


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda x: x[0] < x[1]), st.floats(0.5, 1.0)
    )
)
def test_every_group_agreed_when_it_was_made_and_fits(pairs):
    if not pairs:
        return
    given_pairs = scored([(a, b, p) for (a, b), p in pairs.items()])
    found = cluster(12, given_pairs, threshold=0.9, review=0.7, largest=5)
    sizes = np.bincount(found.labels, minlength=12)
    assert sizes.max() <= 5
    for label in np.flatnonzero(sizes > 1):
        group = np.flatnonzero(found.labels == label)
        known = sum((a, b) in pairs for a, b in combinations(group.tolist(), 2))
        assert group.min() == label
        assert known >= AGREED * len(group) * (len(group) - 1) / 2
    for place in found.accepted:
        assert given_pairs.probability[place] >= 0.9
        assert found.labels[given_pairs.left[place]] == found.labels[given_pairs.right[place]]


def test_the_curve_counts_pairs_and_persons():
    truth = ["a", "a", "a", "b", "b"]
    (point,) = curve(truth, scored([(0, 1, 0.99), (1, 3, 0.95), (3, 4, 0.7)]), [0.9])
    assert (point.pairs, point.precision, point.recall) == (2, 0.5, 0.25)
    (nothing,) = curve(truth, scored([(0, 1, 0.6)]), [0.9])
    assert (nothing.precision, nothing.recall) == (None, 0.0)


def test_without_splink_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(InvalidInput, match=r"pip install 'homing\[identity\]'"):
        check_installed()
