"""Every kind of definition says which data it reads."""

import pytest

from homing.runtime.documents import ORDER
from homing.runtime.lineage import _WALKERS, Place, read_by

CASES = [
    ({"kind": "agreement", "id": "a", "sources": ["partner"]}, {Place("source:partner")}),
    ({"kind": "source", "id": "shop"}, {Place("source:shop")}),
    (
        {"kind": "rules", "source": "shop",
         "rules": [{"rule": "range", "event": "Order Completed", "field": "revenue"}]},
        {Place("source:shop"), Place("event:Order Completed"), Place("event:Order Completed", "revenue")},
    ),
    (
        {"kind": "plan", "events": [{"event": "A", "properties": {"x": {}}},
                                    {"type": "identify", "properties": {"age": {}}}]},
        {Place("event:A"), Place("event:A", "x"), Place("customers"), Place("customers", "age")},
    ),
    (
        {"kind": "content", "subject": {"en": "{{ customer.name }}", "zh": "{{ oops"},
         "body": {"en": "{{ coupon.code }}"}},
        {Place("customers", "name")},
    ),
    (
        {"kind": "classification", "id": "c", "among": "buyers", "label": {"trait": "tier", "op": "eq", "value": 3}},
        {Place("segment:buyers"), Place("customers", "tier")},
    ),
    ({"kind": "lookalike", "id": "l", "seed_segment": "loyal"}, {Place("segment:loyal")}),
    ({"kind": "association", "id": "a"}, {Place("event:Order Completed"), Place("event:Order Completed", "products")}),
    (
        {
            "kind": "journey",
            "entry": {"type": "event", "event": "Cart", "where": [{"property": "value"}]},
            "exit_on": [{"event": "Order Completed"}],
            "nodes": [
                {"type": "delay_until", "trait": "active_hour"},
                {"type": "wait_for", "events": [{"event": "Seen"}]},
                {"type": "branch", "condition": {"type": "in_segment", "segment": "buyers"}},
            ],
        },
        {Place("event:Cart"), Place("event:Cart", "value"), Place("event:Order Completed"), Place("event:Seen"),
         Place("customers", "active_hour"), Place("segment:buyers")},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("document", "places"), CASES, ids=[c[0]["kind"] for c in CASES])
def test_a_definition_reads_what_it_names(document, places):
    assert read_by(document) == places


def test_no_kind_is_forgotten():
    # a mapping names columns of a file, identity rules name types of identifiers: no data that is here
    assert set(ORDER) - _WALKERS.keys() == {"mapping", "identity"}
