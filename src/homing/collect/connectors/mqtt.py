"""How do a broker's messages become rows, none lost and none twice? Acknowledged only once the row is durable.

The session stays with the broker under a fixed client id, so what is published while Homing is away comes later. The
broker sends again what it was not told of; such a message has the id it had before, because the id follows from its
own id, or from topic and payload when the payload says when it happened. A payload with neither is told apart by its
place among the unacknowledged, which a killed process forgets: give such messages a time or an id.
"""

from __future__ import annotations

import csv
import io
import re
import ssl
import threading
import time as waiting
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import AfterValidator, PrivateAttr, SecretStr, model_validator

from homing.collect.connectors.connector import Listener, Row, Take, connectors
from homing.collect.connectors.places import value_at
from homing.collect.files.kinds import NOBODY
from homing.core.errors import InvalidInput, Transient
from homing.core.form import ask
from homing.core.ids import stable_id

KEEPALIVE_S = 60
CONNECT_S = 10
TURN_S = 0.1  # the longest the loop sleeps, and so what stopping takes
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 15.0
PATIENCE_S = 60.0  # without a connection for so long, the source is shown as failing
REFUSED = {"Bad user name or password", "Not authorized", "Client identifier not valid", "Banned",
           "Unsupported protocol version"}  # fmt: skip
_properties: Callable[[int], Properties] = Properties  # which says nothing of its types
_FIELD = re.compile(r"^\{([A-Za-z_][A-Za-z0-9_]{0,63})\}$")


def _template(text: str) -> str:
    for part in text.split("/"):
        if ("{" in part or "}" in part) and not _FIELD.match(part):
            raise ValueError(f"{part[:60]!r} is not one level of a topic, wanted {{name}} or plain text")
    if not text.strip() or len(text) > 1_000:
        raise ValueError("an empty or overlong topic, wanted one such as store/{store_id}/wifi/{device_id}")
    return text


Template = Annotated[str, AfterValidator(_template)]


class Came(NamedTuple):
    """A message as it came."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    again: bool  # the broker sent it before


@connectors.register("mqtt")
class Mqtt(Listener, frozen=True):
    """Messages of devices from an MQTT broker: QoS 1, acknowledged once they are durable.

    来自 MQTT 消息服务器的设备消息：QoS 1，数据落盘后才确认。
    """

    sends_to: ClassVar[tuple[str, ...]] = ("host", "port", "tls")

    host: str = ask("Where the broker is", "消息服务器地址", min_length=1)
    port: int = ask("Its port; 8883 is usual with TLS", "端口；启用 TLS 时通常为 8883", 1883, ge=1, le=65_535)
    topics: tuple[Template, ...] = ask(
        "Topics; {name} stands for one level and becomes a column, # at the end for all below",
        "主题；{名称} 代表一级并成为一列，末尾的 # 代表其下所有级",
        min_length=1,
    )
    username: str = ask("User name", "用户名", "")
    password: SecretStr | None = ask("Password", "密码", None)
    client_id: str = ask(
        "The fixed name of this client at the broker; empty for one made of these settings",
        "在消息服务器上的固定客户端名；留空则由设置生成",
        "",
        max_length=64,
    )
    protocol: Literal["5", "3.1.1"] = ask("MQTT version", "MQTT 版本", "5")
    session_s: int = ask(
        "Seconds the broker keeps messages while Homing is away (MQTT 5; else the broker decides)",
        "归航离线时消息服务器保留消息的秒数（MQTT 5；否则由服务器决定）",
        604_800,
        ge=60,
        le=4_294_967_294,
    )
    tls: bool = ask("Encrypted with TLS", "使用 TLS 加密", False)
    ca_file: Path | None = ask("Certificates to trust instead of the system's", "代替系统证书的受信任证书文件", None)
    payload: Literal["json", "csv", "text"] = ask(
        "What a payload is: JSON (an object, a list of them or one value), a line of CSV, or text",
        "消息体：JSON（对象、对象数组或单个值）、CSV 行或文本",
        "json",
    )
    columns: tuple[str, ...] = ask("The names of the values of a CSV line", "CSV 各值的列名", ())
    event: str = ask("The event's name, where the payload has none", "事件名；消息体中没有时使用", "Device Reported")
    time: str = ask(
        "Where the payload says when; without one it is when it came", "时间在消息体中的位置；没有则取到达时间", "time"
    )
    id: str = ask("Where the payload has an id of its own; empty for none", "消息自身编号的位置；无则留空", "")
    constants: Mapping[str, str] = ask("Columns that are always the same", "取固定值的列", {})
    retained: bool = ask(
        "Take the last message a topic retains too, on connecting", "连接时也接收主题的保留消息", False
    )
    batch: int = ask("Messages taken together at most", "每批最多消息数", 500, ge=1, le=5_000)
    batch_ms: int = ask("Milliseconds to wait for more", "等待更多消息的毫秒数", 50, ge=1, le=5_000)

    _pending: dict[int, tuple[str, str]] = PrivateAttr(default_factory=dict)  # mid -> (what came, the id it was given)

    @model_validator(mode="after")
    def _whole(self) -> Mqtt:
        if self.payload == "csv" and not self.columns:
            raise ValueError("columns is empty, wanted the names of a CSV line's values")
        return self

    def check(self) -> None:
        """See whether the broker lets this client in; the session is not touched."""
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"{self.name()}-check", protocol=self._version())
        _Connection(self, client, clean=True).open()
        client.disconnect()

    def listen(self, take: Take, stop: Callable[[], bool]) -> None:
        """Take messages until `stop()`; a lost connection is made again, with growing pauses."""
        pause, lost_at = FIRST_WAIT_S, waiting.monotonic()
        while not stop():
            client = Client(CallbackAPIVersion.VERSION2, client_id=self.name(), manual_ack=True,
                            protocol=self._version(), clean_session=self._clean_session(),
                            reconnect_on_failure=False)  # fmt: skip
            connection = _Connection(self, client, clean=False)
            try:
                connection.open()
                pause = FIRST_WAIT_S
                connection.run(take, stop)
                lost_at = waiting.monotonic()
            except Transient:
                if waiting.monotonic() - lost_at > PATIENCE_S:
                    raise
            finally:
                client.disconnect()
            _sleep(pause, stop)
            pause = min(LONGEST_WAIT_S, pause * 2)

    def rows_of(self, came: Came) -> list[Row]:
        """The rows of one message; one that cannot be read is a row without a name, and so is refused and kept."""
        levels = self._levels(came.topic)
        try:
            said = self._said(came.payload)
        except (ValueError, RecursionError, csv.Error):
            broken = {
                "event": None,
                "anonymous_id": NOBODY,
                "topic": came.topic,
                "payload": came.payload[:2_000].decode("utf-8", "replace"),
            }
            return [{"time": None, **broken, "message_id": self._id(came, {}, None, 0)}]
        rows = []
        for n, one in enumerate(said):
            at = value_at(one, self.time) if self.time else None
            row: Row = {"event": self.event, "anonymous_id": NOBODY, **levels, **one, **self.constants}
            row["time"] = at
            row["message_id"] = self._id(came, one, at, n)
            rows.append(row)
        return rows

    def name(self) -> str:
        """The client id: the broker keeps the session under it."""
        return self.client_id or stable_id("homing-", self.host, self.port, self.username, *self.topics)

    def subscriptions(self) -> list[str]:
        """The topics as the broker knows them."""
        return ["/".join("+" if _FIELD.match(part) else part for part in t.split("/")) for t in self.topics]

    def settled(self, came: Came) -> None:
        """The broker will be told of it: its place among the unacknowledged is free."""
        self._pending.pop(came.mid, None)

    # -- one message ---------------------------------------------------------------------------------------------------
    def _levels(self, topic: str) -> dict[str, Any]:
        parts = topic.split("/")
        for template in self.topics:
            wanted = template.split("/")
            if wanted[-1] == "#":
                wanted = wanted[:-1] + parts[len(wanted) - 1 :]
            if len(wanted) != len(parts):
                continue
            named = [(_FIELD.match(w), p) for w, p in zip(wanted, parts, strict=True)]
            if all(found or w in {p, "+"} for (found, p), w in zip(named, wanted, strict=True)):
                return {found[1]: p for found, p in named if found}
        return {}

    def _said(self, payload: bytes) -> Iterator[dict[str, Any]] | list[dict[str, Any]]:
        if self.payload == "text":
            return [{"value": payload.decode()}]
        if self.payload == "csv":
            lines = csv.reader(io.StringIO(payload.decode(), newline=""))
            return [dict(zip(self.columns, line, strict=True)) for line in lines if line]
        said = msgspec.json.decode(payload)
        listed = said if isinstance(said, list) else [said]
        return [one if isinstance(one, dict) else {"value": one} for one in listed]

    def _id(self, came: Came, one: Mapping[str, Any], at: Any, n: int) -> str:
        own = value_at(one, self.id) if self.id else None
        if own not in (None, ""):
            return stable_id("mqtt-", self.host, self.port, self.id, own)
        if at not in (None, ""):
            return stable_id("mqtt-", self.host, self.port, came.topic, came.payload.hex(), n)
        return f"{self._place(came)}-{n}"

    def _place(self, came: Came) -> str:
        """The id of a message that says neither when nor which: the one it was given when it came first."""
        what = stable_id("", came.topic, came.payload.hex())
        known = self._pending.get(came.mid)
        if known is None or known[0] != what or not came.again:
            known = self._pending[came.mid] = (what, stable_id("mqtt-", what, came.mid, waiting.monotonic_ns()))
        return known[1]

    # -- the protocol's version ----------------------------------------------------------------------------------------
    def _version(self) -> MQTTProtocolVersion:
        return MQTTProtocolVersion.MQTTv5 if self.protocol == "5" else MQTTProtocolVersion.MQTTv311

    def _clean_session(self) -> bool | None:
        return None if self.protocol == "5" else False


class _Connection:
    """One connection to the broker, with what came over it and was not taken yet."""

    def __init__(self, settings: Mqtt, client: Client, *, clean: bool) -> None:
        self._settings, self._client, self._clean = settings, client, clean
        self._came: list[Came] = []
        self._answer: str | None = None
        self._failed: bool | None = None
        self._subscribed = 0
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe

    def open(self) -> None:
        """Connect, and subscribe unless this is only a look.

        Raises:
            InvalidInput: the broker refuses the settings.
            Transient: it does not answer now.
        """
        s, client = self._settings, self._client
        if s.username:
            client.username_pw_set(s.username, s.password.get_secret_value() if s.password else None)
        if s.tls:
            client.tls_set_context(ssl.create_default_context(cafile=s.ca_file))
        client.connect_timeout = CONNECT_S
        five = s.protocol == "5"
        properties = None
        if five and not self._clean:
            properties = _properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = s.session_s
            properties.ReceiveMaximum = min(65_535, 2 * s.batch)
        try:
            if five:
                client.connect(s.host, s.port, KEEPALIVE_S, clean_start=self._clean, properties=properties)
            else:
                client.connect(s.host, s.port, KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise Transient(f"the broker {s.host}:{s.port} does not answer: {type(error).__name__}") from error
        self._wait(lambda: self._answer is not None)
        if self._failed:
            refusal = f"the broker {s.host}:{s.port} refuses this client: {self._answer}"
            raise InvalidInput(refusal, field="settings") if self._answer in REFUSED else Transient(refusal)
        if not self._clean:
            for topic in s.subscriptions():
                client.subscribe(topic, 1)
            self._wait(lambda: self._subscribed >= len(s.topics))

    def run(self, take: Take, stop: Callable[[], bool]) -> None:
        """Take what comes until `stop()` or the connection ends."""
        first_at = 0.0
        while not stop():
            before = len(self._came)
            sleep = self._settings.batch_ms / 1000 if before else TURN_S
            alive = self._client.loop(min(TURN_S, sleep)) == MQTTErrorCode.MQTT_ERR_SUCCESS
            if self._came and not before:
                first_at = waiting.monotonic()
            late = waiting.monotonic() - first_at >= self._settings.batch_ms / 1000
            if self._came and alive and (late or len(self._came) >= self._settings.batch):
                self._take(take)
            if not alive:
                return  # what was not taken comes again
        if self._came:
            self._take(take)

    def _take(self, take: Take) -> None:
        came, self._came = self._came, []
        rows = [row for one in came for row in self._settings.rows_of(one)]
        if rows:
            take(rows)
        for one in came:
            if one.qos:
                self._client.ack(one.mid, one.qos)
            self._settings.settled(one)

    def _wait(self, done: Callable[[], bool]) -> None:
        ends = waiting.monotonic() + CONNECT_S
        while not done():
            failed = self._client.loop(TURN_S) != MQTTErrorCode.MQTT_ERR_SUCCESS
            if (failed and not done()) or waiting.monotonic() > ends:
                raise Transient(f"the broker {self._settings.host}:{self._settings.port} closed the connection")

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._answer, self._failed = str(reason), reason.is_failure

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        self._subscribed += 0 if any(reason.is_failure for reason in reasons) else 1

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.retain and not self._settings.retained:
            if message.qos:
                client.ack(message.mid, message.qos)
            return
        self._came.append(Came(message.topic, bytes(message.payload), message.mid, message.qos, message.dup))


def _sleep(seconds: float, stop: Callable[[], bool]) -> None:
    ends = waiting.monotonic() + seconds
    pause = threading.Event()
    while not stop() and (left := ends - waiting.monotonic()) > 0:
        pause.wait(min(TURN_S, left))
