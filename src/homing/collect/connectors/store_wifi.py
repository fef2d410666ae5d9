"""Who came into a shop and how long did they stay? What its Wi-Fi reports of devices, their addresses hashed.

A MAC address is personal and there are few enough to try them all, so it is hashed with a secret before anything else
sees it. The same phone is the same `device_id` in every shop as long as it keeps its address; phones that change theirs
at will are other devices. How long a stay was comes from the report itself, or from the arrival seen before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import PrivateAttr, SecretStr

from homing.collect.connectors.connector import Row, connectors
from homing.collect.connectors.mqtt import Came, Mqtt, Template
from homing.collect.connectors.places import value_at
from homing.collect.connectors.proof import hmac_sha256
from homing.collect.normalise import TimeReader
from homing.core.errors import InvalidInput
from homing.core.form import ask
from homing.core.time import DAY, SECOND

ENTERED, LEFT = "Store Entered", "Store Left"
REMEMBERED = 100_000  # devices in shops whose arrival is held; of the others a stay has no length
_HEX = re.compile(r"[^0-9a-fA-F]")


@connectors.register("store_wifi")
class StoreWifi(Mqtt, frozen=True):
    """Arrivals and departures in shops, from the messages of their Wi-Fi; device addresses are hashed.

    门店 Wi-Fi 上报的顾客到店与离店，设备地址经加密哈希处理。
    """

    topics: tuple[Template, ...] = ask(
        "Topics; {store_id} and {mac} become columns",
        "主题；{store_id} 与 {mac} 成为列",
        ("store/{store_id}/wifi/{mac}",),
    )
    salt: SecretStr = ask("The secret that device addresses are hashed with", "哈希设备地址所用的密钥", min_length=16)
    mac: str = ask(
        "Where the device's address stands, in the topic or the payload", "设备地址的位置（主题或消息体）", "mac"
    )
    state: str = ask("Where the payload says what happened", "消息体中状态的位置", "state")
    arrives: tuple[str, ...] = ask(
        "Words for arriving", "表示到店的取值", ("arrive", "arrived", "enter", "connected", "join")
    )
    leaves: tuple[str, ...] = ask(
        "Words for leaving", "表示离店的取值", ("leave", "left", "exit", "disconnected", "gone")
    )
    dwell: str = ask(
        "Where the payload has the seconds of the stay; empty for none", "停留秒数的位置；无则留空", "dwell_seconds"
    )
    since: str = ask(
        "Where the payload says when the stay began; empty for none", "到店时间的位置；无则留空", "arrived_at"
    )
    event: str = ask("The name of other reports; empty to leave them out", "其他上报的事件名；留空则忽略", "")

    _inside: dict[tuple[str, str], int] = PrivateAttr(default_factory=dict)  # (shop, device) -> when it came

    def rows_of(self, came: Came) -> list[Row]:
        """One event a report."""
        return [made for row in super().rows_of(came) if (made := self._visit(row)) is not None]

    def _visit(self, row: Row) -> Row | None:
        if "payload" in row and row["event"] is None:
            return row | {"topic": self.topics[0], "payload": ""}  # unreadable: kept without the address in it
        word = str(value_at(row, self.state) or "").strip().lower()
        name = ENTERED if word in self.arrives else LEFT if word in self.leaves else self.event
        if not name:
            return None
        address = _HEX.sub("", str(value_at(row, self.mac) or "")).lower()
        hidden = {self.mac, self.dwell, self.since, self.state, "value"}
        kept = {n: v for n, v in row.items() if n not in hidden}
        device = self._device(address)
        stay = self._stay(row, (str(row.get("store_id")), device or ""), name)
        known = self._hashed(str(row["message_id"]))  # without the secret it could be tried out like the address
        made = {**kept, "event": name, "device_id": device, "message_id": f"visit-{known}"}
        return made if stay is None else {**made, "dwell_seconds": stay}

    def _device(self, address: str) -> str | None:
        if len(address) != 12:
            return None
        return f"wifi-{self._hashed(address)}"

    def _hashed(self, text: str) -> str:
        return hmac_sha256(self.salt.get_secret_value(), text.encode()).hex()[:32]

    def _stay(self, row: Mapping[str, Any], visit: tuple[str, str], name: str) -> float | None:
        """Seconds of the stay; None where nothing says them."""
        at = _instant(row.get("time"))
        if name == ENTERED:
            if at is not None:
                self._inside.pop(visit, None)
                self._inside[visit] = at
                if len(self._inside) > REMEMBERED:
                    del self._inside[next(iter(self._inside))]
            return None
        if name != LEFT:
            return None
        seen = self._inside.pop(visit, None)
        stated = value_at(row, self.dwell) if self.dwell else None
        if isinstance(stated, int | float) and not isinstance(stated, bool) and stated >= 0:
            return float(stated)
        began = _instant(value_at(row, self.since)) if self.since else None
        began = seen if began is None else began
        if at is None or began is None or not 0 <= at - began <= DAY:
            return None
        return round((at - began) / SECOND, 3)


_reader = TimeReader("UTC", day_first=False)


def _instant(value: Any) -> int | None:
    if value in (None, "") or isinstance(value, bool | dict | list):
        return None
    try:
        return _reader.instant(value)
    except InvalidInput:
        return None
