"""What a webhook's connector makes of a request: proven first, then read, in Segment's words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import quote

import pytest

from homing.collect.connectors import Call, connectors
from homing.collect.connectors.shopify import Shopify
from homing.collect.connectors.webhook import Webhook
from homing.collect.connectors.youzan import Youzan
from homing.core.errors import InvalidInput, NotSignedIn

NOW = 1_767_700_800_000_000  # 2026-01-06 12:00 UTC
SECRET = "It's a Secret to Everybody"


def call(body: bytes, **headers: str) -> Call:
    return Call({name.replace("_", "-"): value for name, value in headers.items()}, {}, body)


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


# -- any system --------------------------------------------------------------------------------------------------------
def test_the_signature_github_publishes_for_its_webhooks_is_accepted():
    """GitHub's docs: secret "It's a Secret to Everybody", payload "Hello, World!", this signature."""
    published = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    hook = Webhook(secret=SECRET, header="X-Hub-Signature-256", prefix="sha256=")
    with pytest.raises(InvalidInput, match="not JSON"):  # proven, and then it is no JSON
        hook.read_call(call(b"Hello, World!", x_hub_signature_256=published), now_us=NOW)
    with pytest.raises(NotSignedIn):
        hook.read_call(call(b"Hello, World?", x_hub_signature_256=published), now_us=NOW)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-signature": ""}, {"x-signature": "zz"}, {"x-signature": "0" * 64}, {"x-signature": "é"}],
)
def test_a_request_without_the_right_signature_is_not_read(headers):
    with pytest.raises(NotSignedIn) as refused:
        Webhook(secret=SECRET).read_call(Call(headers, {}, b"{}"), now_us=NOW)
    assert SECRET not in str(refused.value)


def test_items_are_found_inside_and_carry_what_stands_around_them():
    body = json.dumps({
        "shop": {"id": 7}, "data": [{"order": "A", "lines": [{"sku": "p1"}, {"sku": "p2"}]},
                                    {"order": "B", "lines": [{"sku": "p3", "order": "own"}]}],
    }).encode()  # fmt: skip
    hook = Webhook(secret=SECRET, items="data.lines", carry={"order_id": "order", "store_id": "shop.id"},
                   constants={"channel": "till"})  # fmt: skip
    assert hook.read_call(call(body, x_signature=signed(body)), now_us=NOW) == [
        {"sku": "p1", "channel": "till", "order_id": "A", "store_id": 7},
        {"sku": "p2", "channel": "till", "order_id": "A", "store_id": 7},
        {"sku": "p3", "order": "own", "channel": "till", "order_id": "own", "store_id": 7},
    ]


def test_a_signed_time_of_sending_bounds_how_long_a_request_is_good():
    hook = Webhook(secret=SECRET, timestamp="x-sent", signed="v0:{timestamp}:{body}", prefix="v0=", tolerance_s=60)

    def sent(at_s: int, stated: str | None = None) -> Call:
        said = stated or str(at_s)
        return call(b"{}", x_sent=said, x_signature="v0=" + signed(f"v0:{at_s}:{{}}".encode()))

    now_s = NOW // 1_000_000
    assert hook.read_call(sent(now_s - 59), now_us=NOW) == [{}]
    for old in (sent(now_s - 61), sent(now_s + 61), sent(now_s - 3600, stated=str(now_s))):
        with pytest.raises(NotSignedIn):
            hook.read_call(old, now_us=NOW)


def test_a_secret_header_and_a_base64_signature_prove_too():
    bearer = Webhook(secret=SECRET, proof="secret", header="Authorization", prefix="Bearer ")
    assert bearer.read_call(call(b"[]", authorization=f"Bearer {SECRET}"), now_us=NOW) == []
    with pytest.raises(NotSignedIn):
        bearer.read_call(call(b"[]", authorization=f"Bearer {SECRET}x"), now_us=NOW)
    raw = base64.b64encode(hmac.new(SECRET.encode(), b"[{}]", hashlib.sha256).digest()).decode()
    assert Webhook(secret=SECRET, encoding="base64").read_call(call(b"[{}]", x_signature=raw), now_us=NOW) == [{}]


def test_settings_that_prove_nothing_are_refused():
    for wrong in ({"signed": "{timestamp}"}, {"timestamp": "x-sent"}, {"signed": "{timestamp}{body}"}):
        with pytest.raises(ValueError, match="wanted"):
            Webhook(secret=SECRET, **wrong)


# -- Shopify -----------------------------------------------------------------------------------------------------------
ORDER = {
    "id": 820982911946154508, "name": "#9999", "financial_status": "paid", "currency": "USD", "test": False,
    "created_at": "2026-01-06T06:00:00-05:00", "processed_at": "2026-01-06T06:00:01-05:00",
    "subtotal_price": "374.00", "total_price": "404.95", "total_tax": "11.94", "total_discounts": "5.00",
    "total_shipping_price_set": {"shop_money": {"amount": "19.01", "currency_code": "USD"}},
    "discount_codes": [{"code": "SPRING", "amount": "5.00"}], "source_name": "web", "cancelled_at": None,
    "customer": {"id": 115310627314723954, "email": "john@example.com", "first_name": "John", "phone": None,
                 "updated_at": "2026-01-05T00:00:00Z",
                 "email_marketing_consent": {"state": "subscribed", "consent_updated_at": "2026-01-04T00:00:00Z"},
                 "sms_marketing_consent": {"state": "not_subscribed"}},
    "line_items": [{"product_id": 788032119674292922, "sku": "SKU2006-001", "title": "Example T-Shirt", "quantity": 1,
                    "price": "199.00", "vendor": "ACME"}],
}  # fmt: skip


def shopify(body: dict, topic: str, hook: Shopify | None = None, **headers: str) -> list[dict]:
    raw = json.dumps(body).encode()
    proof = base64.b64encode(hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()).decode()
    given = {"x_shopify_hmac_sha256": proof, "x_shopify_topic": topic, "x_shopify_shop_domain": "a.example"} | headers
    return (hook or Shopify(secret=SECRET)).read_call(call(raw, **given), now_us=NOW)


def test_a_paid_order_of_shopify_is_order_completed_with_its_products_and_what_the_customer_allows():
    identify, consent, completed = shopify(ORDER, "orders/paid")
    assert identify["type"] == "identify"
    assert identify["traits"] == {"email": "john@example.com", "first_name": "John"}
    assert (consent["event"], consent["time"]) == ("Consent Updated", "2026-01-04T00:00:00Z")
    assert consent["properties"] == {"purpose": "marketing", "channel": "email", "status": "granted"}
    assert completed["message_id"] == "shopify-a.example-order-820982911946154508"
    assert completed["customer_id"] == "115310627314723954"
    p = completed["properties"]
    assert (p["revenue"], p["total"], p["tax"], p["shipping"], p["discount"]) == (374.0, 404.95, 11.94, 19.01, 5.0)
    assert (p["currency"], p["coupon"], p["order_number"]) == ("USD", "SPRING", "#9999")
    assert p["products"] == [{"product_id": "788032119674292922", "sku": "SKU2006-001", "name": "Example T-Shirt",
                              "brand": "ACME", "quantity": 1, "price": 199.0}]  # fmt: skip


def test_an_order_counts_once_whichever_message_tells_of_it():
    paid = [r["message_id"] for r in shopify(ORDER, "orders/paid") if r["event"] == "Order Completed"]
    created = [r["message_id"] for r in shopify(ORDER, "orders/create") if r["event"] == "Order Completed"]
    assert paid == created
    unpaid = ORDER | {"financial_status": "pending"}
    assert [r["event"] for r in shopify(unpaid, "orders/create")] == [None, "Consent Updated"]
    at_once = Shopify(secret=SECRET, completed="created")
    assert [r["event"] for r in shopify(unpaid, "orders/create", at_once)][-1] == "Order Completed"


def test_cancelled_and_refunded_orders_say_so_with_the_customer_where_the_order_names_one():
    refund = {"id": 5, "order_id": 9, "created_at": "2026-01-06T10:00:00Z",
              "transactions": [{"kind": "refund", "status": "success", "amount": "20.00", "currency": "USD"},
                               {"kind": "refund", "status": "failure", "amount": "7.00", "currency": "USD"}],
              "refund_line_items": [{"quantity": 1, "subtotal": "20.00", "line_item": {"product_id": 3}}]}  # fmt: skip
    (alone,) = shopify(refund, "refunds/create")
    assert (alone["properties"]["total"], alone["anonymous_id"]) == (20.0, "anonymous")
    cancelled = ORDER | {"cancelled_at": "2026-01-06T09:00:00Z", "cancel_reason": "customer", "refunds": [refund]}
    rows = shopify(cancelled, "orders/cancelled")
    assert [r["event"] for r in rows] == [None, "Consent Updated", "Order Completed", "Order Cancelled",
                                          "Order Refunded"]  # fmt: skip
    assert rows[-1]["message_id"] == alone["message_id"]
    assert rows[-1]["customer_id"] == "115310627314723954"


def test_another_shop_a_test_order_and_an_unknown_topic():
    only = Shopify(secret=SECRET, shop="b.example")
    with pytest.raises(NotSignedIn):
        shopify(ORDER, "orders/paid", only)
    assert shopify(ORDER | {"test": True}, "orders/paid") == []
    assert shopify(ORDER, "themes/publish") == []
    with pytest.raises(NotSignedIn):
        shopify(ORDER, "orders/paid", x_shopify_hmac_sha256="AAAA")


# -- Youzan ------------------------------------------------------------------------------------------------------------
WHOLE = {"full_order_info": {
    "order_info": {"tid": "E20260106120000001", "created": "2026-01-06 19:59:00", "pay_time": "2026-01-06 20:00:00"},
    "pay_info": {"total_fee": "60.00", "post_fee": "8.00", "payment": "58.50"},
    "buyer_info": {"yz_open_id": "yz-1", "buyer_phone": "13800138000"},
    "orders": [{"item_id": 11, "outer_sku_id": "S1", "title": "茶 杯", "num": 2, "price": "30.00", "payment": "50.50"}],
}}  # fmt: skip


def youzan(kind: str, msg: object, **more: object) -> list[dict]:
    text = msg if isinstance(msg, str) else quote(json.dumps(msg, ensure_ascii=False))
    raw = json.dumps({"client_id": "c1", "kdt_id": 56232, "type": kind, "msg": text, "msg_id": "m", **more}).encode()
    sign = hashlib.md5(b"c1" + raw + SECRET.encode()).hexdigest()
    hook = Youzan(client_id="c1", secret=SECRET)
    return hook.read_call(call(raw, event_sign=sign, event_type=kind, client_id="c1"), now_us=NOW)


def test_a_paid_order_of_youzan_is_order_completed_in_yuan_and_beijing_time():
    (row,) = youzan("trade_TradePaid", WHOLE)
    assert (row["event"], row["time"]) == ("Order Completed", "2026-01-06T20:00:00+08:00")
    assert (row["customer_id"], row["phone"]) == ("yz-1", "13800138000")
    p = row["properties"]
    assert (p["total"], p["shipping"], p["revenue"], p["currency"]) == (58.5, 8.0, 50.5, "CNY")
    assert p["products"] == [{"product_id": "11", "sku": "S1", "name": "茶 杯", "quantity": 2, "price": 30.0,
                              "revenue": 50.5}]  # fmt: skip
    assert youzan("trade_TradeBuyerPay", WHOLE)[0]["message_id"] == row["message_id"]


def test_closed_and_refunded_orders_of_youzan():
    (closed,) = youzan(
        "trade_TradeClose", {"tid": "E1", "close_reason": "买家取消", "update_time": "2026-01-06 20:00:00"}
    )
    assert (closed["event"], closed["properties"]["order_id"]) == ("Order Cancelled", "E1")
    for kind in ("youzan_trade_RefundSuccess", "trade_refund_RefundSuccess"):
        inner = {"tid": "E1", "refund_id": "R1", "refunded_fee": "12.30", "update_time": "2026-01-06 20:00:00"}
        (row,) = youzan(kind, inner)
        assert (row["message_id"], row["properties"]["total"]) == ("youzan-56232-refund-R1", 12.3)


def test_youzan_signs_the_bytes_with_plain_md5_and_test_messages_are_left_out():
    assert youzan("trade_TradePaid", WHOLE, test=True) == []
    hook = Youzan(client_id="c1", secret=SECRET)
    with pytest.raises(NotSignedIn):
        hook.read_call(call(b"{}", event_sign=hashlib.md5(b"c1{ }" + SECRET.encode()).hexdigest()), now_us=NOW)
    assert dict(Youzan.answer) == {"code": 0, "msg": "success"}  # what Youzan takes for received


def test_every_caller_has_words_in_both_languages_and_hides_its_secret():
    for name in ("webhook", "shopify", "youzan", "mqtt", "store_wifi"):
        schema = connectors.get(name).model_json_schema()
        assert all(p.get("title") and p.get("x-title-zh") for p in schema["properties"].values()), name
    assert SECRET not in repr(Webhook(secret=SECRET)) + repr(Shopify(secret=SECRET))
