"""What does a row of products say? `Product Updated`: the catalogue, of no person."""

from __future__ import annotations

from homing.collect.files.aliases import LINE
from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Kind, Make, add
from homing.collect.files.records import Row, RowProblem, fingerprint
from homing.core.event import Event

_FIELDS: dict[str, str] = {
    "product_id": LINE["product_id"] + " id",
    "name": LINE["product_name"] + " name 名称",
    "category": LINE["category"],
    "brand": LINE["brand"],
    "price": LINE["price"],
    "url": "url link producturl 链接 商品链接",
    "image_url": "imageurl image picture imagelink 图片 图片链接 主图",
    "time": "time timestamp updatedat updated 更新时间",
}


def _products(request: ImportRequest, now_us: int) -> Make:
    def make(row: Row) -> list[Event]:
        product_id = row.text("product_id")
        if product_id is None:
            raise RowProblem("missing_value", "product_id is empty, wanted a value")
        known = {n: row.text(n) for n in ("name", "category", "brand", "url", "image_url")}
        price = row.number("price")
        properties = row.rest() | {n: v for n, v in known.items() if v is not None} | {"product_id": product_id}
        if price is not None:
            properties["price"] = price
        event_id = f"product:{request.source}:{product_id}:{fingerprint(properties)}"
        return [Event(event_id=event_id, kind="track", name="Product Updated", happened_us=row.time(now_us),
                      source_id=request.source, properties=properties)]  # fmt: skip

    return make


add(Kind("products", "a product", "一件商品", _FIELDS, _products, needs=(("product_id",),)))
