"""A Mosquitto of our own that may be killed, and somebody who publishes to it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from real_parts import missing


class Broker:
    """A Mosquitto on a free port, keeping sessions and messages in a folder."""

    def __init__(self, folder: Path, lines: Iterable[str] = ("allow_anonymous true",)) -> None:
        self.binary = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        if self.binary is None:
            missing("mosquitto, the MQTT broker")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        kept = folder / "broker"
        kept.mkdir()
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text(
            "\n".join([f"listener {self.port} 127.0.0.1", "persistence true", f"persistence_location {kept}/",
                       "autosave_interval 1", "max_queued_messages 0", "user root", *lines]) + "\n"
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(self.binary), "-c", str(self._conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the broker did not come up")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


class Publisher:
    """A device: publishes with QoS 1 and waits until the broker has it."""

    def __init__(self, port: int, name: str) -> None:
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name)
        self._client.max_inflight_messages_set(1_000)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def send(self, messages: Iterable[tuple[str, str | bytes]], *, retain: bool = False) -> None:
        sent = [self._client.publish(topic, payload, qos=1, retain=retain) for topic, payload in messages]
        for one in sent:
            one.wait_for_publish(30)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
