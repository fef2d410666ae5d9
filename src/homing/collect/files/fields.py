"""Which column of a file is which field of ours? Suggested from its name in English or Chinese, overruled by the user.

`customer_id` stands for the identifier `user_id`; a file whose customers are known by a card says `member_card=…`. One
column feeds one field; a column that feeds none is a trait or property where the kind has room for it, else ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from homing.core.errors import InvalidInput
from homing.core.ids import ID_TYPES
from homing.core.query import Query
from homing.storage.files import Scratch

_WHO: dict[str, str] = {
    "customer_id": (
        "customerid customer userid user uid clientid 客户编号 客户id 客户号 客户代码 用户编号 用户id 顾客编号 会员id"
    ),
    "member_card": "membercard memberno cardno cardnumber loyaltycard 会员卡 会员卡号 会员号 会员编号 卡号",
    "email": "email emailaddress mail 邮箱 电子邮箱 邮件 邮箱地址",
    "phone": (
        "phone phonenumber mobile mobilephone mobilenumber tel telephone 手机 手机号 手机号码 电话 联系电话 联系方式"
    ),
    "device_id": "deviceid 设备号 设备id 设备编号",
    "anonymous_id": "anonymousid cookieid 匿名id 访客id",
    "openid": "openid wechatopenid 微信openid",
    "unionid": "unionid wechatunionid 微信unionid",
}
_LINE: dict[str, str] = {
    "product_id": (
        "productid sku skuid stockcode itemid itemcode productcode upc 商品编号 商品id 产品编号 产品id "
        "货号 商品编码 条码"
    ),
    "product_name": "productname product itemname description title 商品名称 商品 产品名称 产品 品名 商品名 商品标题",
    "category": "category productcategory department 类目 品类 分类 商品分类 类别 商品类目",
    "brand": "brand 品牌",
    "quantity": "quantity qty units count 数量 件数 购买数量",
    "price": "price unitprice 单价 价格 售价 商品单价",
}
_ORDER: dict[str, str] = {
    "order_id": (
        "orderid order orderno ordernumber invoiceno invoice invoiceid basketid transactionid id 订单号 "
        "订单编号 订单id 单号 交易号"
    ),
    "time": "time timestamp datetime date orderdate ordertime orderedat createdat paidat invoicedate"
    " transactiontimestamp 时间 日期 下单时间 订单时间 支付时间 付款时间 成交时间 交易时间 订单日期",
    "revenue": (
        "revenue amount total sales salesvalue linetotal subtotal paid 金额 实付金额 订单金额 销售额 "
        "支付金额 成交金额 总价 实付"
    ),
    "currency": "currency 币种 货币",
    "channel": "channel saleschannel 渠道 销售渠道 下单渠道",
    "store_id": "storeid store shop shopid 门店 门店编号 门店id 店铺 店铺id",
    "coupon": "coupon couponcode vouchercode promocode 优惠券 优惠码 券码 优惠券码",
    "products": "products items lines 商品明细",
}
_CUSTOMER: dict[str, str] = {
    "time": (
        "time timestamp updatedat updated modifiedat createdat registeredat signupdate 时间 更新时间 注册时间 创建时间"
    ),
    "name": "name fullname customername 姓名 客户姓名 名字 客户名称",
    "email_consent": "emailconsent emailoptin acceptsmarketing newsletter 邮件同意 邮件订阅 接收邮件",
    "sms_consent": "smsconsent smsoptin 短信同意 短信订阅 接收短信",
    "push_consent": "pushconsent pushoptin 推送同意 接收推送",
    "wechat_consent": "wechatconsent 微信同意",
}
_PRODUCT: dict[str, str] = {
    "product_id": _LINE["product_id"] + " id",
    "name": _LINE["product_name"] + " name 名称",
    "category": _LINE["category"],
    "brand": _LINE["brand"],
    "price": _LINE["price"],
    "url": "url link producturl 链接 商品链接",
    "image_url": "imageurl image picture imagelink 图片 图片链接 主图",
    "time": "time timestamp updatedat updated 更新时间",
}
_EVENT: dict[str, str] = {
    "event": "event eventname action 事件 事件名 事件名称 行为",
    "type": "type kind 类型 调用类型",
    "time": "time timestamp datetime date occurredat happenedat originaltimestamp 时间 日期 发生时间 事件时间",
    "message_id": "messageid eventid 消息id 事件id",
    "properties": "properties 属性",
    "context": "context 上下文",
    "traits": "traits",
    "group_id": "groupid 群组id",
    "previous_id": "previousid",
}
FIELDS: dict[str, dict[str, str]] = {
    "orders": {**_ORDER, **_WHO, **_LINE},
    "customers": {**_CUSTOMER, **_WHO, "customer_id": _WHO["customer_id"] + " id"},
    "products": _PRODUCT,
    "events": {**_EVENT, **_WHO},
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "orders": ("order_id", "time"),
    "customers": (),
    "products": ("product_id",),
    "events": ("time",),
}
_CLEAN = re.compile(r"[\s_\-.#()（）:：/]+")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column (by its place) feeds which field; `rest` are the columns that feed none."""

    kind: str
    fields: dict[str, int]
    rest: tuple[int, ...]
    columns: tuple[str, ...] = field(repr=False)

    def identifiers(self) -> dict[str, int]:
        """Identifier type to column, strongest first."""
        named = {("user_id" if f == "customer_id" else f): at for f, at in self.fields.items()}
        return {t: named[t] for t in ID_TYPES if t in named}


def map_columns(kind: str, columns: Sequence[str], wanted: Mapping[str, str]) -> ColumnMap:
    """The columns of a file as fields of a kind.

    Args:
        kind: orders, customers, products or events.
        columns: as the file names them.
        wanted: field to column, from the user; an empty column leaves the field out.

    Raises:
        InvalidInput: an unknown kind, field or column, or a field the kind cannot do without.
    """
    if kind not in FIELDS:
        raise InvalidInput(f"kind is {kind[:40]!r}, wanted one of {', '.join(FIELDS)}", field="kind")
    chosen = {f: _find(c, columns) for f, c in _checked(kind, wanted).items() if c}
    left = [n for n in range(len(columns)) if n not in chosen.values()]
    for name, aliases in FIELDS[kind].items():
        if name in chosen or name in wanted or (name == "customer_id" and "user_id" in wanted):
            continue
        known = [_clean(name), *aliases.split()]
        found = [n for n in left if _clean(columns[n]) in known]
        if found:
            best = min(found, key=lambda n: known.index(_clean(columns[n])))
            chosen[name] = best
            left.remove(best)
    mapping = ColumnMap(kind, chosen, tuple(left), tuple(columns))
    _require(mapping)
    return mapping


def whole_columns(scratch: Scratch, places: Sequence[int]) -> set[int]:
    """Of these columns of text, those whose every value is a whole number written with `.0`, as 17850.0."""
    texts = [at for at in places if scratch.types[at] == "VARCHAR"]
    if not texts or scratch.json_lines is not None:
        return set()
    tests = ", ".join(
        f"count(*) FILTER (trim(c{at}) <> ''), count(*) FILTER (regexp_matches(trim(c{at}), $plain))" for at in texts
    )
    (found,) = scratch.ask(Query(f"SELECT {tests} FROM raw", {"plain": r"^[0-9]{1,15}\.0$"}))
    return {at for n, at in enumerate(texts) if 0 < found[2 * n] == found[2 * n + 1]}


def _checked(kind: str, wanted: Mapping[str, str]) -> dict[str, str]:
    for name in wanted:
        own = name in FIELDS[kind] or (name == "user_id" and kind != "products")
        free = kind != "orders" and re.fullmatch(r"[A-Za-z_][\w ]{0,63}", name)
        if not own and not free:
            raise InvalidInput(f"field is {name[:40]!r}, wanted one of {', '.join(FIELDS[kind])}", field="map")
    return dict(wanted)


def _find(column: str, columns: Sequence[str]) -> int:
    if column in columns:
        return list(columns).index(column)
    same = [n for n, c in enumerate(columns) if _clean(c) == _clean(column)]
    if len(same) != 1:
        raise InvalidInput(f"no column {column[:60]!r}, the file has {', '.join(columns[:40])}", field="map")
    return same[0]


def _require(mapping: ColumnMap) -> None:
    kind, has = mapping.kind, mapping.fields
    missing = [f for f in REQUIRED[kind] if f not in has]
    if kind == "orders" and not {"revenue", "price"} & has.keys():
        missing.append("revenue or price")
    if kind == "customers" and not mapping.identifiers():
        missing.append("customer_id or another identifier")
    if kind == "events" and not {"event", "type"} & has.keys():
        missing.append("event")
    if missing:
        raise InvalidInput(
            f"no column for {', '.join(missing)}; wanted one, say it with --map {missing[0].split()[0]}=COLUMN",
            field="map",
            details={"missing": missing, "columns": list(mapping.columns)},
        )


def _clean(name: str) -> str:
    return _CLEAN.sub("", name).lower()
