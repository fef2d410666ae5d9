"""What does a row of orders hold? An order, or one line of one; `collect.files.orders` puts them together."""

from __future__ import annotations

from homing.collect.files.aliases import LINE, WHO
from homing.collect.files.kind import Kind, add

_ORDER: dict[str, str] = {
    "order_id": (
        "orderid order orderno ordernumber invoiceno invoice invoiceid basketid transactionid id 订单号 "
        "订单编号 订单id 单号 交易号 小票号 流水号"
    ),
    "time": "time timestamp datetime date orderdate ordertime orderedat createdat paidat invoicedate"
    " transactiontimestamp 时间 日期 下单时间 订单时间 支付时间 付款时间 成交时间 交易时间 结账时间 订单日期",
    "revenue": (
        "revenue amount total sales salesvalue linetotal subtotal paid 金额 实付金额 订单金额 销售额 "
        "支付金额 成交金额 总价 实付 实收 实收金额"
    ),
    "currency": "currency 币种 货币",
    "channel": "channel saleschannel 渠道 销售渠道 下单渠道",
    "store_id": "storeid store shop shopid 门店 门店编号 门店id 店铺 店铺id",
    "coupon": "coupon couponcode vouchercode promocode 优惠券 优惠码 券码 优惠券码",
    "products": "products items lines 商品明细",
}

add(Kind(
    "orders", "an order, or one line of an order", "一张订单，或订单的一行", {**_ORDER, **WHO, **LINE}, None,
    needs=(("order_id",), ("time",), ("revenue", "price")), free=False,
))  # fmt: skip
