"""Another party's data is used as agreed and not a moment longer: at the door, in warehouse, profile and segments."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from homing.api.server import Server
from homing.core.settings import Settings
from homing.core.time import DAY, HOUR, iso
from homing.runtime import VirtualClock
from homing.runtime.rebuild import projections, replay

NOW = 1_767_700_800_000_000  # 2026-01-06 12:00 UTC
SECRET = "only known to both"
ENDS = NOW + 2 * DAY


def agreement(expires_us: int = ENDS, **more: Any) -> dict[str, Any]:
    return {"kind": "agreement", "id": "credit", "name": "Credit scores", "party": "Bureau", "relation": "third_party",
            "purpose": ["marketing"], "expires": iso(expires_us), "sources": ["bureau"],
            "fields": ["income", "email", "amount"], **more}  # fmt: skip


def source(name: str) -> dict[str, Any]:
    return {"kind": "source", "id": name, "name": name, "connector": "webhook", "as": "events"}


def segment(name: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "segment", "id": name, "name": name, "condition": condition}


SEGMENTS = [
    segment("rich", {"type": "trait", "name": "income", "op": "gte", "value": 100}),
    segment("scored", {"type": "did", "event": "Score Bought", "op": "gte", "value": 1}),
]


class Shop:
    """A real server whose clock the test moves."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(NOW)
        self.server = Server.open(folder, port=0, clock=self.clock, settings=Settings(zone="UTC")).start()
        self.http = httpx.Client(base_url=self.server.url, timeout=30, trust_env=False,
                                 headers={"authorization": f"Bearer {self.server.token}"})  # fmt: skip

    def apply(self, *documents: dict[str, Any]) -> None:
        answer = self.http.post("/api/apply", json={"documents": list(documents)})
        assert answer.status_code == 200, answer.text

    def push(self, name: str, *items: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(items).encode()
        sign = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        answer = httpx.post(f"{self.server.url}/v1/hooks/{name}", content=body, headers={"x-signature": sign})
        assert answer.status_code == 200, answer.text
        self.server.runtime.settle(30)
        return dict(answer.json())

    def until(self, us: int) -> None:
        self.clock.advance_to(us)
        self.server.runtime.settle(30)

    def query(self, sql: str) -> list[list[Any]]:
        answer = self.http.post("/api/query", json={"sql": sql})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])

    def customer(self, name: str) -> dict[str, Any]:
        (row,) = self.http.get("/api/customers", params={"q": name}).json()["items"]
        return dict(self.http.get(f"/api/customers/{row['customer_id']}").json())

    def segments(self, name: str) -> set[str]:
        return {s["id"] for s in self.customer(name)["segments"]}

    def traits(self, name: str) -> dict[str, Any]:
        return {t["name"]: t["value"] for t in self.customer(name)["traits"]}

    def close(self) -> None:
        self.http.close()
        self.server.stop()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "ws")
    made.apply(source("bureau"), source("till"))
    for name in ("bureau", "till"):
        answer = made.http.put(f"/api/sources/{name}/secrets/secret", json={"value": SECRET})
        assert answer.status_code < 300, answer.text
    made.apply(agreement(), *SEGMENTS)
    made.push(
        "till",
        {"type": "identify", "userId": "ann", "time": iso(NOW - 9 * HOUR), "traits": {"income": 50, "city": "Oslo"}},
        {"type": "track", "event": "Order Completed", "userId": "ann", "time": iso(NOW - 9 * HOUR),
         "properties": {"order_id": "o1", "revenue": 10}},
    )  # fmt: skip
    lent = made.push(
        "bureau",
        {"type": "identify", "userId": "ann", "time": iso(NOW - HOUR), "traits": {"income": 250, "religion": "x"}},
        {"type": "identify", "userId": "bob", "email": "bob@bureau.example", "time": iso(NOW - HOUR),
         "traits": {"income": 120}},
        {"type": "track", "event": "Score Bought", "userId": "ann", "time": iso(NOW - HOUR), "message_id": "s1",
         "properties": {"amount": 9, "secret_field": 1}, "context": {"ip": "10.1.1.1", "agreement": {"id": "forged"}}},
    )  # fmt: skip
    assert lent["accepted"] == 3, lent
    yield made
    made.close()


def test_only_what_was_agreed_on_is_kept_with_its_provenance(shop):
    (row,) = shop.query(
        "SELECT CAST(properties AS JSON), CAST(context AS JSON) FROM events WHERE name = 'Score Bought'"
    )
    assert json.loads(row[0]) == {"amount": 9}
    assert json.loads(row[1]) == {"agreement": {"id": "credit", "relation": "third_party", "purpose": ["marketing"]}}
    said = shop.traits("ann")
    assert (said["income"], said["city"]) == (250, "Oslo")
    assert "religion" not in said
    events = {e["name"]: e for e in shop.http.get("/api/events").json()["items"] if e["source"] != "homing"}
    assert (events["Score Bought"]["party"], events["Score Bought"]["agreement"]) == ("third_party", "credit")
    assert (events["Order Completed"]["party"], events["Order Completed"]["agreement"]) == ("first_party", None)


def test_at_the_instant_of_expiry_the_data_cannot_be_read_and_extending_makes_it_readable_again(shop):
    assert shop.segments("ann") >= {"rich", "scored"}
    assert "rich" in shop.segments("bob")
    shop.until(ENDS - 1)
    assert shop.query("SELECT count(*) FROM events WHERE source_id = 'bureau'") == [[3]]
    assert shop.segments("ann") >= {"rich", "scored"}

    shop.until(ENDS)
    assert shop.query("SELECT count(*) FROM events WHERE source_id = 'bureau'") == [[0]]
    assert shop.query("SELECT count(*) FROM events WHERE source_id = 'till'") == [[2]]
    assert shop.traits("ann")["income"] == 50  # what the till said stands again
    assert "income" not in shop.traits("bob")
    assert shop.segments("ann").isdisjoint({"rich", "scored"})
    assert "rich" not in shop.segments("bob")
    assert "bureau" not in {e["source"] for e in shop.http.get("/api/events").json()["items"]}
    ann = shop.customer("ann")["customer_id"]
    timeline = shop.http.get(f"/api/customers/{ann}/timeline").json()["items"]
    assert {e["source"] for e in timeline} <= {"till", "homing"}
    left = shop.query("SELECT count(*) FROM events WHERE name = 'Segment Left'")
    assert left == [[3]]

    refused = shop.push("bureau", {"type": "identify", "userId": "cleo", "traits": {"income": 1}})
    assert (refused["accepted"], refused["rejected"]) == (0, 1)
    kept = shop.http.get("/api/rejected").json()["items"]
    assert [(r["reason"]["code"], r["body"]) for r in kept] == [("agreement_expired", None)]

    shop.apply(agreement(ENDS + 9 * DAY))
    shop.server.runtime.settle(30)
    assert shop.query("SELECT count(*) FROM events WHERE source_id = 'bureau'") == [[3]]
    assert shop.traits("ann")["income"] == 250
    assert shop.segments("ann") >= {"rich", "scored"}
    assert "rich" in shop.segments("bob")
    shop.until(ENDS + 9 * DAY)
    assert shop.segments("ann").isdisjoint({"rich", "scored"})


def test_a_statement_of_a_person_does_not_reach_around_the_views(shop):
    shop.until(ENDS)
    for sql in ("SELECT * FROM event_row", "SELECT * FROM query_table('event_' || 'row')",
                "SELECT * FROM query('SELECT * FROM event_' || 'row')"):  # fmt: skip
        assert shop.http.post("/api/query", json={"sql": sql}).status_code == 422


def test_a_replay_of_the_log_gives_the_same(shop, tmp_path):
    shop.until(ENDS)
    shop.apply(agreement(ENDS + 3 * DAY))
    shop.push("till", {"type": "track", "event": "Order Completed", "userId": "bob", "time": iso(ENDS),
                       "properties": {"order_id": "o2", "revenue": 4}})  # fmt: skip
    shop.until(ENDS + 4 * DAY)
    w = shop.server.runtime.workspace
    fresh = tmp_path / "fresh"
    replay(w.log, w.state, fresh, w.settings)
    from homing.storage.state import State

    again = State(fresh / "state.db")
    assert projections(again) == projections(w.state)
    again.close()


def test_a_server_that_was_down_at_the_instant_shows_nothing_when_it_comes_back(shop, tmp_path):
    folder = shop.server.runtime.workspace.folder
    shop.server.stop()
    late = Server.open(folder, port=0, clock=VirtualClock(ENDS + HOUR), settings=Settings(zone="UTC"))
    found = late.runtime.workspace.warehouse.ask_user("SELECT count(*) FROM events WHERE source_id = 'bureau'")
    assert found[1] == [(0,)]  # before any thread has begun
    late.start()
    late.runtime.settle(30)
    with late.runtime.workspace.state.read() as conn:
        inside = conn.exec_driver_sql("SELECT count(*) FROM segment_member WHERE segment_id = 'rich'").scalar()
    assert inside == 0
    late.stop()
    shop.server = Server.open(tmp_path / "other", port=0).start()


def test_an_agreement_says_when_it_ends_and_for_what():
    from homing.collect.definitions import Agreement

    def ends(expires: str, zone: str = "UTC") -> str:
        return iso(Agreement.model_validate(agreement() | {"expires": expires, "zone": zone}).expires_us())

    assert ends("2026-12-31") == "2027-01-01T00:00:00.000Z"  # the day still counts whole
    assert ends("2026-12-31", "Asia/Shanghai") == "2026-12-31T16:00:00.000Z"
    assert ends("2026-12-31T18:00:00+08:00") == "2026-12-31T10:00:00.000Z"
    for zone in ("UTC", "America/New_York", "Asia/Shanghai"):  # as people write "for good"
        assert ends("9999-12-31", zone) == "9999-12-31T23:59:59.999Z"
    assert ends("9999-12-31T23:00:00-08:00") == "9999-12-31T23:59:59.999Z"
    assert ends("0001-01-01T00:00:00+08:00") == "0001-01-01T00:00:00.000Z"
    for wrong in ({"expires": "soon"}, {"purpose": []}, {"sources": []}, {"relation": "first_party"}, {"zone": "X"}):
        with pytest.raises(ValueError, match=r"wanted|least|Input"):
            Agreement.model_validate(agreement() | wrong)


def test_agreements_are_listed_with_the_days_that_are_left(shop):
    shop.apply(agreement(NOW + 5 * DAY, id="later", sources=["partner"], relation="second_party", fields=None))
    shown = shop.http.get("/api/agreements").json()["items"]
    assert [(a["id"], a["state"], a["days_left"]) for a in shown] == [("credit", "active", 2), ("later", "active", 5)]
    shop.until(ENDS)
    shown = shop.http.get("/api/agreements").json()["items"]
    assert [(a["id"], a["state"], a["days_left"]) for a in shown] == [("credit", "expired", 0), ("later", "active", 3)]
    rows = {s["id"]: s for s in shop.http.get("/api/sources").json()["items"]}
    assert (rows["bureau"]["party"], rows["till"]["party"]) == ("third_party", "first_party")
    assert rows["till"]["hook_url"] == f"{shop.server.url}/v1/hooks/till"
