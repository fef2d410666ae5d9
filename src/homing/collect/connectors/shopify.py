"""What do Shopify's webhooks say in Segment's words? Orders, refunds and customers, each once however often it comes.

The id of an order's event follows from the shop and the order, so `orders/create` and `orders/paid` of the same order
are one fact, and so is a refund that comes in its own message and again inside its order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import SecretStr

from homing.collect.connectors.connector import Call, Caller, Row, connectors
from homing.collect.connectors.proof import from_base64, hmac_sha256, require, same
from homing.collect.connectors.webhook import read_json
from homing.collect.files.kinds import NOBODY
from homing.core.errors import InvalidInput
from homing.core.form import ask

PAID = frozenset({"paid", "partially_refunded", "refunded"})
CONSENTS = {"email_marketing_consent": "email", "sms_marketing_consent": "sms"}
STATES = {"subscribed": "granted", "unsubscribed": "withdrawn", "redacted": "withdrawn"}


@connectors.register("shopify")
class Shopify(Caller, frozen=True):
    """Orders, refunds and customers of a Shopify shop, from its webhooks; the signature is checked.

    来自 Shopify 店铺 Webhook 的订单、退款与客户数据，校验签名。
    """

    secret: SecretStr = ask(
        "The app's client secret, or the key of the shop's webhooks", "应用的 client secret，或店铺 Webhook 的密钥"
    )
    shop: str = ask(
        "The shop's domain, such as example.myshopify.com; empty for any",
        "店铺域名，如 example.myshopify.com；不限则留空",
        "",
    )
    completed: Literal["paid", "created"] = ask("An order counts once it is", "订单何时计为成交", "paid")
    product_key: Literal["product_id", "variant_id", "sku"] = ask("What names a product", "商品编号取自", "product_id")
    test_orders: bool = ask("Take test orders too", "也接收测试订单", False)

    def read_call(self, call: Call, *, now_us: int) -> list[Row]:  # noqa: ARG002 - the signature has no time
        """The events of one message; none for a topic that says nothing here."""
        given = call.headers.get("x-shopify-hmac-sha256", "")
        require(same(from_base64(given), hmac_sha256(self.secret.get_secret_value(), call.body)))
        shop = call.headers.get("x-shopify-shop-domain", "").lower()
        require(not self.shop or shop == self.shop.lower(), "the request is of another shop")
        said = read_json(call.body)
        if not isinstance(said, dict):
            raise InvalidInput("the body is not a JSON object", field="body")
        topic, _, what = call.headers.get("x-shopify-topic", "").lower().partition("/")
        if said.get("test") is True and not self.test_orders:
            return []
        if topic == "orders":
            return list(self._order(said, shop, what))
        if topic == "refunds" and what == "create":
            return [_refund(said, shop, {})]
        if topic == "customers" and what in {"create", "update", "enable"}:
            return list(_customer(said, shop))
        return []

    # -- orders --------------------------------------------------------------------------------------------------------
    def _order(self, said: dict[str, Any], shop: str, what: str) -> Iterator[Row]:
        who = _who(said)
        customer = said.get("customer")
        if isinstance(customer, dict) and customer.get("id"):
            yield from _customer(customer, shop, said.get("updated_at") or said.get("created_at"))
        counts = self.completed == "created" or what == "paid" or said.get("financial_status") in PAID
        if counts and what != "delete":
            at = said.get("processed_at") or said.get("created_at")
            yield _event("Order Completed", f"shopify-{shop}-order-{said.get('id')}", at, who, self._properties(said))
        if said.get("cancelled_at"):
            properties = {"order_id": str(said.get("id")), "reason": said.get("cancel_reason"),
                          "total": _money(said.get("total_price")), "currency": said.get("currency")}  # fmt: skip
            message = f"shopify-{shop}-cancelled-{said.get('id')}"
            yield _event("Order Cancelled", message, said["cancelled_at"], who, properties)
        for refund in said.get("refunds") or ():
            if isinstance(refund, dict):
                yield _refund(refund, shop, who)

    def _properties(self, said: dict[str, Any]) -> dict[str, Any]:
        codes = [c.get("code") for c in said.get("discount_codes") or () if isinstance(c, dict)]
        shipping = (said.get("total_shipping_price_set") or {}).get("shop_money") or {}
        return {
            "order_id": str(said.get("id")), "order_number": said.get("name"),
            "revenue": _money(said.get("subtotal_price")), "total": _money(said.get("total_price")),
            "tax": _money(said.get("total_tax")), "shipping": _money(shipping.get("amount")),
            "discount": _money(said.get("total_discounts")), "currency": said.get("currency"),
            "coupon": codes[0] if codes else None, "channel": said.get("source_name"),
            "store_id": _text(said.get("location_id")),
            "products": [self._line(line) for line in said.get("line_items") or () if isinstance(line, dict)],
        }  # fmt: skip

    def _line(self, line: dict[str, Any]) -> dict[str, Any]:
        known = {
            "product_id": _text(line.get(self.product_key)) or _text(line.get("product_id")), "sku": line.get("sku"),
            "name": line.get("title"), "variant": line.get("variant_title"), "brand": line.get("vendor"),
            "quantity": line.get("quantity"), "price": _money(line.get("price")),
        }  # fmt: skip
        return _filled(known)


def _refund(said: dict[str, Any], shop: str, who: dict[str, Any]) -> Row:
    """Without the order nobody is named: the message of a refund does not say whose it is."""
    paid = [t for t in said.get("transactions") or () if isinstance(t, dict) and t.get("kind") == "refund"]
    done = [t for t in paid if t.get("status", "success") == "success"]
    lines = [
        _filled({"product_id": _text((r.get("line_item") or {}).get("product_id")), "quantity": r.get("quantity"),
                 "name": (r.get("line_item") or {}).get("title"), "revenue": _money(r.get("subtotal"))})
        for r in said.get("refund_line_items") or () if isinstance(r, dict)
    ]  # fmt: skip
    properties = {
        "order_id": _text(said.get("order_id")), "refund_id": _text(said.get("id")),
        "total": round(sum(_money(t.get("amount")) or 0.0 for t in done), 4) if done else None,
        "currency": next((t.get("currency") for t in done), None), "reason": said.get("note") or None,
        "products": lines,
    }  # fmt: skip
    at = said.get("processed_at") or said.get("created_at")
    return _event("Order Refunded", f"shopify-{shop}-refund-{said.get('id')}", at, who, properties)


# -- customers ---------------------------------------------------------------------------------------------------------
def _customer(said: dict[str, Any], shop: str, at: Any = None) -> Iterator[Row]:
    """Who it is, and what they allow; a person who never answered allows and forbids nothing."""
    who = _who({"customer": said})
    address = said.get("default_address") or {}
    traits = _filled(
        {
            "email": said.get("email"), "phone": said.get("phone") or address.get("phone"),
            "first_name": said.get("first_name"), "last_name": said.get("last_name"), "tags": said.get("tags") or None,
            "city": address.get("city"), "country": address.get("country_code"),
        }
    )  # fmt: skip
    changed = said.get("updated_at") or said.get("created_at") or at
    yield {"type": "identify", "event": None, "time": changed, "message_id": None, **who, "traits": traits}
    for name, channel in CONSENTS.items():
        stated = said.get(name)
        status = STATES.get(str(stated.get("state")).lower()) if isinstance(stated, dict) else None
        if status and isinstance(stated, dict):
            when = stated.get("consent_updated_at") or changed
            properties = {"purpose": "marketing", "channel": channel, "status": status}
            message = f"shopify-{shop}-consent-{said.get('id')}-{channel}-{status}-{when}"
            yield _event("Consent Updated", message[:100], when, who, properties)


def _who(said: dict[str, Any]) -> dict[str, Any]:
    customer = said.get("customer") if isinstance(said.get("customer"), dict) else {}
    found = _filled(
        {
            "customer_id": _text((customer or {}).get("id")),
            "email": (customer or {}).get("email") or said.get("email") or said.get("contact_email"),
            "phone": (customer or {}).get("phone") or said.get("phone"),
        }
    )
    return found or {"anonymous_id": NOBODY}


def _event(name: str, message_id: str, at: Any, who: dict[str, Any], properties: dict[str, Any]) -> Row:
    return {"type": "track", "event": name, "time": at, "message_id": message_id,
            **(who or {"anonymous_id": NOBODY}), "properties": _filled(properties)}  # fmt: skip


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _money(value: Any) -> float | None:
    """Shopify writes amounts as text in the shop's currency, in whole units: "199.00"."""
    try:
        return None if value in (None, "") else float(value)
    except (TypeError, ValueError):
        return None
