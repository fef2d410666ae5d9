"""What does a row of stock say? `Stock Updated`: how many of a product a store has, since when."""

from __future__ import annotations

from homing.collect.files.aliases import LINE, STORE, TIME
from homing.collect.files.kind import Kind, add
from homing.collect.files.track import Track

_FIELDS = {
    "product_id": LINE["product_id"] + " id",
    "store_id": STORE,
    "quantity": "quantity qty stock onhand available inventory stocklevel count 库存 库存数量 数量 可用库存 件数",
    "time": TIME + " snapshotat asof countedat 盘点时间 库存时间 快照时间",
    "product_name": LINE["product_name"],
}
_STOCK = Track(
    "Stock Updated", "product_id", ("product_id", "product_name", "store_id"), ("quantity",),
    needs=(("product_id",), ("quantity",)), about=False,
)  # fmt: skip

add(Kind(
    "stock", "how many of a product there are", "一件商品的库存", _FIELDS, _STOCK.maker,
    needs=(("product_id",), ("quantity",), ("time",)),
))  # fmt: skip
