"""Devices over a real Mosquitto: every message once, whether the broker or Homing dies meanwhile."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from homing.collect.connectors import Row
from homing.collect.connectors.mqtt import Mqtt
from homing.collect.connectors.store_wifi import StoreWifi
from homing.collect.intake import RowsRequest, take_rows
from homing.core.errors import InvalidInput, Transient
from homing.core.event import Event
from homing.storage.log import SqliteLog
from homing.storage.state import State
from mqtt_broker import Broker, Publisher
from real_parts import ROOT, missing

pytestmark = pytest.mark.service
DATA = Path(os.environ.get("HOMING_TEST_DATA", ROOT.parent / "shared" / "data"))
SALT = "a salt of this test only"


def clock() -> int:
    return time.time_ns() // 1000


class Listening:
    """A listener in a thread, its rows in a real log."""

    def __init__(self, folder: Path, connector: Mqtt) -> None:
        folder.mkdir(exist_ok=True)
        self.log, self.state = SqliteLog(folder / "log", clock), State(folder / "state.db")
        self._request = RowsRequest("events", source="devices", live=True)
        self._stop = threading.Event()
        self.batches: list[int] = []
        self._thread = threading.Thread(target=connector.listen, args=(self.take, self._stop.is_set), daemon=True)
        self._thread.start()

    def take(self, rows: list[Row]) -> None:
        take_rows(rows, self._request, self.log, self.state, now_us=clock())
        self.batches.append(len(rows))

    def events(self) -> list[Event]:
        return [s.event for s in self.log.read(0, 1_000_000)]

    def wait(self, n: int, seconds: float = 30) -> list[Event]:
        ends = time.monotonic() + seconds
        while self.log.tail() < n and time.monotonic() < ends:
            time.sleep(0.02)
        return self.events()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self.log.close()
        self.state.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.stop()


def known_at(broker: Broker, connector: Mqtt, folder: Path) -> None:
    """The broker knows the session: from here on it keeps what is published."""
    first = Listening(folder, connector)
    time.sleep(0.5)
    first.close()


def readings(limit: int) -> list[tuple[str, str]]:
    path = DATA / "occupancy" / "datatraining.txt"
    if not path.exists():
        missing("the occupancy data (HOMING_TEST_DATA)")
    with path.open(encoding="utf-8") as file:
        lines = csv.reader(file)
        names = ["row", *next(lines)]
        return [
            (f"site/s1/room/{n % 7}", json.dumps(dict(zip(names, line, strict=True))))
            for n, line in zip(range(limit), lines, strict=False)
        ]


def test_an_iot_series_arrives_with_its_own_times_and_the_fields_of_its_topic(broker, tmp_path):
    messages = readings(8_143)
    connector = Mqtt(host="127.0.0.1", port=broker.port, topics=["site/{store_id}/room/{room}"], time="date",
                     event="Room Measured", constants={"unit": "C"})  # fmt: skip
    listening = Listening(tmp_path / "homing", connector)
    time.sleep(0.5)
    device = Publisher(broker.port, "sensor")

    device.send(messages)
    events = listening.wait(len(messages))

    listening.close()
    device.send(messages[:100])  # the sensor sends again what it sent before
    again = Listening(tmp_path / "homing", connector)
    time.sleep(1.5)
    assert len(again.events()) == len(messages) == len({e.event_id for e in events})
    again.close()
    device.close()
    first = min(events, key=lambda e: (e.happened_us, e.event_id))
    assert (first.name, first.happened_us) == ("Room Measured", 1_423_072_260_000_000)  # 2015-02-04 17:51 UTC
    assert {"store_id": "s1", "room": "0", "unit": "C", "CO2": "721.25"}.items() <= first.properties.items()
    assert sum(e.properties["Occupancy"] == "1" for e in events) == 1_729
    assert max(listening.batches) > 1


def test_what_is_published_while_homing_is_away_comes_later(broker, tmp_path):
    for protocol in ("5", "3.1.1"):
        connector = Mqtt(host="127.0.0.1", port=broker.port, topics=[f"away{protocol[0]}/{{device_id}}"],
                         protocol=protocol)  # fmt: skip
        folder = tmp_path / protocol
        known_at(broker, connector, folder)
        device = Publisher(broker.port, "button")
        device.send([(f"away{protocol[0]}/d{n}", "true") for n in range(40)])  # neither time nor id
        device.close()
        listening = Listening(folder, connector)
        events = listening.wait(40)
        listening.close()
        assert sorted(e.ids[0].value for e in events) == sorted(f"d{n}" for n in range(40))
        assert {e.properties["value"] for e in events} == {True}


def test_equal_messages_without_a_time_are_not_one(broker, tmp_path):
    connector = Mqtt(host="127.0.0.1", port=broker.port, topics=["press/#"])
    listening = Listening(tmp_path / "homing", connector)
    time.sleep(0.5)
    device = Publisher(broker.port, "button")
    device.send([("press/a", "1")] * 25)
    assert len(listening.wait(25)) == 25
    listening.close()
    device.close()


def test_a_broker_that_restarts_is_found_again_and_nothing_is_lost_or_doubled(broker, tmp_path):
    connector = Mqtt(host="127.0.0.1", port=broker.port, topics=["r/{device_id}"], batch=50)
    listening = Listening(tmp_path / "homing", connector)
    time.sleep(0.5)
    sent = 0
    for _ in range(3):
        device = Publisher(broker.port, "sensor")
        device.send([("r/d", json.dumps({"time": 1_700_000_000 + n, "n": n})) for n in range(sent, sent + 300)])
        device.close()
        sent += 300
        broker.stop()
        time.sleep(0.3)
        broker.start()
    events = listening.wait(sent)
    listening.close()
    assert sorted(e.properties["n"] for e in events) == list(range(sent))


def test_a_message_is_acknowledged_only_when_it_is_kept(broker, tmp_path):
    connector = Mqtt(host="127.0.0.1", port=broker.port, topics=["once/#"])
    known_at(broker, connector, tmp_path / "homing")
    device = Publisher(broker.port, "sensor")
    device.send([("once/a", json.dumps({"time": 1_700_000_000 + n})) for n in range(5)])
    device.close()
    came: list[Row] = []

    def full(rows: list[Row]) -> None:
        came.extend(rows)
        raise Transient("the disk is full")

    stop = time.monotonic() + 1.2
    connector.listen(full, lambda: time.monotonic() > stop)
    assert len(came) >= 5
    listening = Listening(tmp_path / "homing", connector)
    assert len(listening.wait(5)) == 5
    listening.close()


@pytest.mark.slow
def test_killed_in_the_middle_of_the_flow_nothing_is_lost_or_doubled(broker, tmp_path):
    settings = {"host": "127.0.0.1", "port": broker.port, "topics": ["flow/{device_id}"], "batch": 40, "batch_ms": 5}
    folder = tmp_path / "homing"
    known_at(broker, Mqtt(**settings), folder)
    total, kills = 6_000, 0
    device = Publisher(broker.port, "sensor")

    def publish() -> None:
        for start in range(0, total, 100):
            device.send([(f"flow/d{n % 50}", json.dumps({"time": 1_700_000_000 + n, "n": n}))
                         for n in range(start, start + 100)])  # fmt: skip
            time.sleep(0.05)

    flow = threading.Thread(target=publish)
    flow.start()
    while flow.is_alive():
        command = [sys.executable, str(ROOT / "tests" / "mqtt_listener.py"), str(folder), json.dumps(settings)]
        homing = subprocess.Popen(command, cwd=ROOT)
        time.sleep(1.1 + 0.13 * (kills % 5))
        homing.send_signal(signal.SIGKILL)
        homing.wait(10)
        kills += 1
    flow.join()
    device.close()
    listening = Listening(folder, Mqtt(**settings))
    events = listening.wait(total, 60)
    listening.close()
    assert kills >= 2
    assert sorted(e.properties["n"] for e in events) == list(range(total))


def test_what_cannot_be_read_is_refused_and_kept_and_does_not_stop_the_rest(broker, tmp_path):
    listening = Listening(tmp_path / "homing", Mqtt(host="127.0.0.1", port=broker.port, topics=["x/{device_id}"]))
    time.sleep(0.5)
    device = Publisher(broker.port, "sensor")
    device.send([("x/d1", "{broken"), ("x/d1", b"\xff\xfe"), ("x/d1", '{"time": 1700000000, "t": 1}')])
    assert [e.properties for e in listening.wait(1)] == [{"t": 1}]
    time.sleep(0.3)
    with listening.state.read() as conn:
        kept = conn.exec_driver_sql("SELECT code, body FROM rejected").all()
    listening.close()
    device.close()
    assert [code for code, _ in kept] == ["missing_event", "missing_event"]
    assert any("{broken" in body for _, body in kept)


def test_retained_messages_are_old_news_unless_they_are_wanted(broker, tmp_path):
    device = Publisher(broker.port, "sensor")
    device.send([("kept/d1", '{"time": 1700000000}')], retain=True)
    for n, wanted in enumerate((False, True)):
        connector = Mqtt(host="127.0.0.1", port=broker.port, topics=["kept/{device_id}"], retained=wanted,
                         client_id=f"keeper{n}")  # fmt: skip
        listening = Listening(tmp_path / f"h{n}", connector)
        assert len(listening.wait(1, 1.0)) == n
        listening.close()
    device.close()


def test_csv_and_text_payloads(broker, tmp_path):
    lines = Mqtt(host="127.0.0.1", port=broker.port, topics=["csv/{room}"], payload="csv", columns=["time", "co2"])
    text = Mqtt(host="127.0.0.1", port=broker.port, topics=["text/{device_id}"], payload="text")
    listening = [Listening(tmp_path / "a", lines), Listening(tmp_path / "b", text)]
    time.sleep(0.5)
    device = Publisher(broker.port, "sensor")
    device.send([("csv/r1", "2026-01-06T12:00:00Z,412\n2026-01-06T12:01:00Z,415"), ("text/d1", "door open")])
    assert sorted(e.properties["co2"] for e in listening[0].wait(2)) == ["412", "415"]
    assert [e.properties["value"] for e in listening[1].wait(1)] == ["door open"]
    for one in listening:
        one.close()
    device.close()


def test_store_wifi_is_visits_of_hashed_devices_with_the_length_of_the_stay(broker, tmp_path):
    connector = StoreWifi(host="127.0.0.1", port=broker.port, salt=SALT)
    listening = Listening(tmp_path / "homing", connector)
    time.sleep(0.5)
    device = Publisher(broker.port, "ap")
    at = 1_700_000_000

    def said(state: str, after: int, **more: object) -> str:
        return json.dumps({"state": state, "time": at + after, "rssi": -60, **more})

    device.send([
        ("store/s1/wifi/AA:BB:CC:DD:EE:01", said("arrive", 0)),
        ("store/s1/wifi/AA:BB:CC:DD:EE:01", said("probe", 60)),
        ("store/s1/wifi/aa-bb-cc-dd-ee-01", said("leave", 754)),
        ("store/s2/wifi/AA:BB:CC:DD:EE:02", said("leave", 900, arrived_at=at + 300)),
        ("store/s2/wifi/AA:BB:CC:DD:EE:03", said("leave", 900, dwell_seconds=42)),
        ("store/s2/wifi/AA:BB:CC:DD:EE:04", said("leave", 900)),
    ])  # fmt: skip
    events = listening.wait(5)
    time.sleep(0.3)
    assert len(listening.events()) == 5
    listening.close()
    device.close()
    hashed = "wifi-" + hmac.new(SALT.encode(), b"aabbccddee01", hashlib.sha256).hexdigest()[:32]
    visit = [e for e in events if e.ids[0].value == hashed]
    assert [(e.name, e.properties.get("dwell_seconds")) for e in visit] == [
        ("Store Entered", None),
        ("Store Left", 754.0),
    ]
    others = [e.properties.get("dwell_seconds") for e in events if e.properties["store_id"] == "s2"]
    assert others == [600.0, 42.0, None]
    text = " ".join(str(e) for e in events).lower()
    assert "aa:bb" not in text
    assert "aabbccdd" not in text


def test_a_broker_that_refuses_or_is_not_there_is_said_so(tmp_path):
    closed = Broker(tmp_path, ["allow_anonymous false"])
    with pytest.raises(InvalidInput, match="refuses this client"):
        Mqtt(host="127.0.0.1", port=closed.port, topics=["a/#"]).check()
    closed.stop()
    with pytest.raises(Transient, match="does not answer"):
        Mqtt(host="127.0.0.1", port=closed.port, topics=["a/#"]).check()
    for wrong in ("a/{b", "a/{b}c/d", " "):
        with pytest.raises(ValueError, match="topic"):
            Mqtt(host="h", topics=[wrong])
