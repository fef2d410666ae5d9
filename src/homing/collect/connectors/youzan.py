"""What do Youzan's pushed messages say in Segment's words? Orders paid, closed and refunded, each once.

`Event-Sign` is the plain MD5 of client id, the body's bytes and client secret: Youzan's scheme, which holds no time.
Amounts are text in yuan, times are Beijing's. Youzan takes an answer for success only when it holds that word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar, Literal
from urllib.parse import unquote, unquote_plus

import msgspec
from pydantic import SecretStr

from homing.collect.connectors.connector import Call, Caller, Row, connectors
from homing.collect.connectors.proof import require, same
from homing.collect.connectors.webhook import read_json
from homing.collect.files.kinds import NOBODY
from homing.core.errors import InvalidInput
from homing.core.form import ask

OFFSET = "+08:00"
PAID = {
    "paid": {"trade_TradePaid", "trade_TradeBuyerPay", "trade_TradeSuccess"},
    "to_ship": {"trade_TradeBuyerPay", "trade_TradeSuccess"},
    "received": {"trade_TradeSuccess"},
}
REFUNDED = {"youzan_trade_RefundSuccess", "trade_refund_RefundSuccess"}


@connectors.register("youzan")
class Youzan(Caller, frozen=True):
    """Orders of a Youzan shop, from its pushed messages; the signature is checked.

    来自有赞店铺消息推送的订单数据，校验签名。
    """

    answer: ClassVar[Mapping[str, Any]] = {"code": 0, "msg": "success"}

    client_id: str = ask("client_id of the app", "应用的 client_id", min_length=1)
    secret: SecretStr = ask("client_secret of the app", "应用的 client_secret")
    shop: str = ask("kdt_id of the shop; empty for every shop of the app", "店铺 kdt_id；应用下全部店铺则留空", "")
    completed: Literal["paid", "to_ship", "received"] = ask("An order counts once it is", "订单何时计为成交", "paid")
    product_key: Literal["item_id", "outer_item_id", "outer_sku_id", "sku_id"] = ask(
        "What names a product", "商品编号取自", "item_id"
    )
    test_messages: bool = ask("Take test messages too", "也接收测试消息", False)

    def read_call(self, call: Call, *, now_us: int) -> list[Row]:  # noqa: ARG002 - the signature has no time
        """The events of one message; none for a type that says nothing here."""
        secret = self.secret.get_secret_value()
        digest = hashlib.md5(self.client_id.encode() + call.body + secret.encode(), usedforsecurity=False).hexdigest()
        require(same(call.headers.get("event-sign", "").strip().lower(), digest))
        said = read_json(call.body)
        if not isinstance(said, dict):
            raise InvalidInput("the body is not a JSON object", field="body")
        kind = str(call.headers.get("event-type") or said.get("type") or "")
        shop = str(said.get("kdt_id") or "")
        if (said.get("test") is True and not self.test_messages) or (self.shop and shop != self.shop):
            return []
        if kind in PAID[self.completed]:
            return self._paid(_inner(said), shop)
        if kind == "trade_TradeClose":
            return [_closed(_inner(said), said, shop)]
        if kind in REFUNDED:
            return [_refunded(_inner(said), shop)]
        return []

    def _paid(self, inner: dict[str, Any], shop: str) -> list[Row]:
        """A message without the whole order says only that its state moved on: nothing new."""
        whole = _part(inner, "full_order_info")
        order, pay = _part(whole, "order_info"), _part(whole, "pay_info")
        if not order.get("tid"):
            return []
        who = _who(_part(whole, "buyer_info"))
        lines = [self._line(line) for line in whole.get("orders") or () if isinstance(line, dict)]
        shipping = _yuan(pay.get("post_fee"))
        paid = _yuan(pay.get("payment"))
        properties = {
            "order_id": str(order["tid"]), "total": paid, "shipping": shipping,
            "revenue": None if paid is None else round(paid - (shipping or 0.0), 2),
            "currency": "CNY", "channel": "youzan", "store_id": shop, "products": lines,
        }  # fmt: skip
        at = _time(order.get("pay_time") or order.get("update_time") or order.get("created"))
        return [_event("Order Completed", f"youzan-{shop}-order-{order['tid']}", at, who, properties)]

    def _line(self, line: dict[str, Any]) -> dict[str, Any]:
        known = {
            "product_id": _text(line.get(self.product_key)) or _text(line.get("item_id")),
            "sku": _text(line.get("outer_sku_id") or line.get("sku_id")), "name": line.get("title"),
            "quantity": line.get("num"), "price": _yuan(line.get("price")), "revenue": _yuan(line.get("payment")),
        }  # fmt: skip
        return _filled(known)


def _closed(inner: dict[str, Any], said: dict[str, Any], shop: str) -> Row:
    order = _text(inner.get("tid")) or _text(said.get("id"))
    properties = {"order_id": order, "reason": inner.get("close_reason"), "close_type": _text(inner.get("close_type"))}
    at = _time(inner.get("update_time")) or said.get("version")
    return _event("Order Cancelled", f"youzan-{shop}-closed-{order}", at, {}, properties)


def _refunded(inner: dict[str, Any], shop: str) -> Row:
    refund = _text(inner.get("refund_id"))
    properties = {"order_id": _text(inner.get("tid")), "refund_id": refund, "reason": inner.get("refund_reason"),
                  "total": _yuan(inner.get("refunded_fee")), "currency": "CNY"}  # fmt: skip
    at = _time(inner.get("update_time")) or inner.get("version")
    return _event("Order Refunded", f"youzan-{shop}-refund-{refund}", at, {}, properties)


def _inner(said: dict[str, Any]) -> dict[str, Any]:
    """The message proper: an object in newer messages, url-encoded JSON in the others."""
    message = said.get("msg")
    if isinstance(message, dict):
        return message
    for decode in (unquote, unquote_plus):
        try:
            found = msgspec.json.decode(decode(str(message or "{}")))
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise InvalidInput("msg is neither a JSON object nor url-encoded JSON", field="msg")


def _who(buyer: dict[str, Any]) -> dict[str, Any]:
    return _filled(
        {"customer_id": _text(buyer.get("yz_open_id")), "phone": _text(buyer.get("buyer_phone")),
         "openid": _text(buyer.get("outer_user_id"))}
    )  # fmt: skip


def _event(name: str, message_id: str, at: Any, who: dict[str, Any], properties: dict[str, Any]) -> Row:
    return {"type": "track", "event": name, "time": at, "message_id": message_id,
            **(who or {"anonymous_id": NOBODY}), "properties": _filled(properties)}  # fmt: skip


def _part(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _text(value: Any) -> str | None:
    return None if value in (None, "", 0) else str(value)


def _time(value: Any) -> str | None:
    """Youzan writes Beijing's wall time without saying so."""
    return f"{value}{OFFSET}".replace(" ", "T") if isinstance(value, str) and value else None


def _yuan(value: Any) -> float | None:
    try:
        return None if value in (None, "") else float(value)
    except (TypeError, ValueError):
        return None
