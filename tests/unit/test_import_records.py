"""Rows that stand for themselves: customers, products and events."""

from __future__ import annotations

import json

from homing.core.event import Id
from homing.core.time import parse_iso
from import_desk import counts


def test_customers_become_identify_calls_with_typed_traits_and_consents(desk):
    path = desk.file("c.csv", """customer_id,email,phone,age,zip,income,email_consent,sms_consent
1,Ann@X.com,(212) 555-0142,31,01234,35-49K,yes,0
2,broken,12,45,99999,,,
3,,,,,,maybe,
-,,,,,,,
""")  # fmt: skip
    got = desk.bring(path, "customers")
    assert (counts(got), got["unit"]) == ((4, 2, 0, 2), "rows")
    ann, mail, text, bob = desk.events()
    assert ann.ids == (Id("user_id", "1"), Id("email", "ann@x.com"), Id("phone", "+12125550142"))
    assert ann.traits == {
        "age": 31,
        "zip": "01234",
        "income": "35-49K",
        "email": "Ann@X.com",
        "phone": "(212) 555-0142",
    }
    assert (mail.name, mail.properties) == (
        "Consent Updated", {"purpose": "marketing", "channel": "email", "status": "granted"})  # fmt: skip
    assert (text.properties["channel"], text.properties["status"]) == ("sms", "withdrawn")
    assert (bob.ids, bob.traits["email"]) == ((Id("user_id", "2"),), "broken")
    assert counts(desk.bring(path, "customers")) == (4, 0, 2, 2)
    news = desk.file("c2.csv", path.read_text().replace("35-49K", "50-74K"))
    assert counts(desk.bring(news, "customers")) == (4, 1, 1, 2)


def test_products_become_the_catalogue_and_are_of_no_person(desk):
    path = desk.file("p.csv", 'sku,名称,品类,price,size\np1,龙井,茶,"$1,200",L\n,x,,,\np2,Cup,,free,\n')
    assert counts(desk.bring(path, "products")) == (3, 1, 0, 2)
    (event,) = desk.events()
    assert (event.name, event.ids) == ("Product Updated", ())
    assert event.properties == {"product_id": "p1", "name": "龙井", "category": "茶", "price": 1200.0, "size": "L"}
    assert event.event_id.startswith("product:file:p1:")


def test_events_from_json_lines_keep_their_types_and_broken_lines_are_named(desk):
    lines = [
        {"type": "track", "event": "Product Viewed", "userId": "ann", "messageId": "m1",
         "timestamp": "2026-01-02T00:00:00Z",
         "properties": {"price": 12.5, "tags": ["a"]}, "context": {"page": {"path": "/"}}},
        {"event": "Seen", "email": "Bob@x.com", "timestamp": "2026-01-02 08:00", "score": 7},
        {"event": "Seen", "timestamp": "2026-01-02"},
    ]  # fmt: skip
    path = desk.file("e.jsonl", "\n".join(json.dumps(line) for line in lines) + "\n{broken\n[1]\n")
    assert counts(desk.bring(path, "events", zone="Asia/Shanghai")) == (5, 2, 0, 3)
    ann, bob = desk.events()
    assert (ann.event_id, ann.properties, ann.context) == (
        "m1", {"price": 12.5, "tags": ["a"]}, {"page": {"path": "/"}})  # fmt: skip
    assert (bob.ids, bob.properties) == ((Id("email", "bob@x.com"),), {"score": 7})
    assert bob.happened_us == parse_iso("2026-01-02T00:00:00Z")
    assert counts(desk.bring(path, "events", zone="Asia/Shanghai")) == (5, 0, 2, 3)
