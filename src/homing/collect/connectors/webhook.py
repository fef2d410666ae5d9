"""Which rows does a webhook of any system bring? The items of its JSON, once its secret or signature proves it.

A signature that covers a time of sending bounds how long a request that was overheard can be sent again; within that
window a repeated row is a duplicate, because its id follows from what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from pydantic import SecretStr, model_validator

from homing.collect.connectors.connector import Call, Caller, Row, connectors
from homing.collect.connectors.places import items_at, sought
from homing.collect.connectors.proof import from_base64, from_hex, hmac_sha256, require, same
from homing.core.errors import InvalidInput
from homing.core.form import ask
from homing.core.time import SECOND, parse_iso

MAX_ITEMS = 2_500
OLD = "the request was signed too long ago or ahead of now, wanted one sent just now"


@connectors.register("webhook")
class Webhook(Caller, frozen=True):
    """JSON that another system posts, proven by a secret header or an HMAC-SHA256 signature of the body.

    其他系统以 JSON 推送的数据，用密钥请求头或对请求体的 HMAC-SHA256 签名验证来源。
    """

    secret: SecretStr = ask("The secret both sides know", "双方共有的密钥", min_length=8)
    proof: Literal["hmac_sha256", "secret"] = ask(
        "What the header holds: a signature of the body, or the secret itself",
        "请求头的内容：对请求体的签名，或密钥本身",
        "hmac_sha256",
    )
    header: str = ask("The header that holds it", "存放签名或密钥的请求头", "x-signature", min_length=1)
    prefix: str = ask(
        "What stands before it in the header, such as sha256= or Bearer", "请求头中的前缀，如 sha256=", ""
    )
    encoding: Literal["hex", "base64"] = ask("How the signature is written", "签名的编码", "hex")
    timestamp: str = ask("The header with the time of sending; empty for none", "发送时间所在的请求头；无则留空", "")
    signed: str = ask(
        "What is signed; {body}, or {timestamp} and {body} with what stands between",
        "被签名的内容：{body}，或 {timestamp} 与 {body} 及其分隔符",
        "{body}",
    )
    tolerance_s: int = ask("Seconds a signed request stays good", "签名请求的有效秒数", 300, ge=1, le=86_400)
    items: str = ask(
        "Where the items stand, such as data.orders; empty for the whole body",
        "条目的位置，如 data.orders；整个请求体则留空",
        "",
    )
    carry: Mapping[str, str] = ask(
        "Columns taken from around the items: column to place", "从条目外层带入的列：列名到位置", {}
    )
    constants: Mapping[str, str] = ask("Columns that are always the same, such as event", "取固定值的列，如 event", {})

    @model_validator(mode="after")
    def _covers(self) -> Webhook:
        if "{body}" not in self.signed:
            raise ValueError("signed does not hold {body}, wanted the body to be signed")
        if ("{timestamp}" in self.signed) != bool(self.timestamp):
            raise ValueError(
                "a time of sending counts only when it is signed: wanted timestamp and {timestamp} together"
            )
        return self

    def read_call(self, call: Call, *, now_us: int) -> list[Row]:
        """The items of the body as rows."""
        self._prove(call, now_us)
        chains = items_at(read_json(call.body), self.items)
        if len(chains) > MAX_ITEMS:
            raise InvalidInput(f"the body holds {len(chains)} items, at most {MAX_ITEMS}", field="body")
        if any(not isinstance(chain[-1], dict) for chain in chains):
            raise InvalidInput(f"what stands at {self.items or 'the top'!r} is not a JSON object", field="items")
        carried = self.carry.items()
        return [{**c[-1], **self.constants, **{name: sought(c, place) for name, place in carried}} for c in chains]

    def _prove(self, call: Call, now_us: int) -> None:
        secret = self.secret.get_secret_value()
        given = call.headers.get(self.header.lower(), "").strip()
        require(bool(given) and given.startswith(self.prefix))
        given = given[len(self.prefix) :].strip()
        if self.proof == "secret":
            require(same(given, secret))
            return
        sent = call.headers.get(self.timestamp.lower(), "").strip() if self.timestamp else ""
        before, _, after = self.signed.replace("{timestamp}", sent).partition("{body}")
        digest = hmac_sha256(secret, before.encode() + call.body + after.encode())
        require(same(from_hex(given) if self.encoding == "hex" else from_base64(given), digest))
        if self.timestamp:
            require(abs(now_us - _instant(sent)) <= self.tolerance_s * SECOND, OLD)


def read_json(body: bytes) -> Any:
    """The body as JSON.

    Raises:
        InvalidInput: it is none.
    """
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the body is not JSON: {str(error)[:120]}", field="body") from None


def _instant(text: str) -> int:
    """Microseconds of seconds, milliseconds or ISO 8601; the beginning of time when it is none of them."""
    if text.isdigit() and len(text) <= 14:
        return int(text) * (SECOND if len(text) <= 11 else 1000)
    try:
        return parse_iso(text)
    except (InvalidInput, OverflowError):
        return 0
