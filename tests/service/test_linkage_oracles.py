"""Linkage against sets whose truth is known: nine hundred and ninety of a thousand joined pairs are right, at least.

The whole historical set is measured by `homing bench linkage`; here every third person of it.
"""

from __future__ import annotations

import zlib

import pytest

pytest.importorskip("splink", reason="MISSING: the extra `identity`")

from homing.demo.linked import Known, febrl, historical
from homing.identity.link.clusters import THRESHOLD, cluster
from homing.identity.link.model import score
from homing.identity.link.propose import propose
from homing.identity.link.quality import curve
from homing.identity.link.records import records_of

WANTED = 0.99


def _linked(known):
    records = records_of(known.ids, known.sources, known.columns)
    return records, score(records, propose(records))


@pytest.mark.parametrize(
    ("names", "recall"),
    [(("dataset1",), 0.99), (("dataset3",), 0.98), (("dataset4a", "dataset4b"), 0.99)],
)
def test_febrls_persons_are_found_and_hardly_anybody_is_joined_wrongly(test_data, names, recall):
    known = febrl(test_data, *names)
    _, scored = _linked(known)
    (point,) = curve(known.truth, scored, [THRESHOLD])
    assert point.precision >= WANTED
    assert point.person_precision >= WANTED
    assert point.recall >= recall


def test_historical_persons_with_injected_errors_are_joined_rightly(test_data):
    whole = historical(test_data)
    at = [i for i, who in enumerate(whole.truth) if zlib.crc32(who.encode()) % 3 == 0]
    known = Known(
        [whole.ids[i] for i in at], [whole.sources[i] for i in at], [whole.truth[i] for i in at],
        {name: [values[i] for i in at] for name, values in whole.columns.items()},
    )  # fmt: skip
    assert len(at) > 15_000
    records, scored = _linked(known)
    (point,) = curve(known.truth, scored, [THRESHOLD])
    assert point.precision >= WANTED
    assert point.person_precision >= WANTED
    assert point.person_recall >= 0.7
    made = cluster(len(records), scored)
    places = set(made.accepted.tolist()) | set(made.cut.tolist()) | set(made.grey.tolist())
    assert len(places) == len(made.accepted) + len(made.cut) + len(made.grey)  # each pair has one fate


def test_the_same_records_give_the_same_scores(test_data):
    known = febrl(test_data, "dataset1")
    _, one = _linked(known)
    _, two = _linked(known)
    assert one.probability.round(6).tolist() == two.probability.round(6).tolist()
    assert one.left.tolist() == two.left.tolist()
    evidence = sum(one.weights.values()) + one.prior  # bits: what each comparison weighs adds up to the probability
    assert (1 / (1 + 2.0**-evidence)).round(6).tolist() == one.probability.round(6).tolist()
