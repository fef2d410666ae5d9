"""What does a row of reviews say? `Product Reviewed`: what somebody thinks of a product."""

from __future__ import annotations

from homing.collect.files.aliases import LINE, TIME, WHO
from homing.collect.files.kind import Kind, add
from homing.collect.files.track import Track

_FIELDS = {
    "review_id": "reviewid commentid 评价编号 评论编号 评价id 评论id",
    "product_id": LINE["product_id"],
    "product_name": LINE["product_name"],
    "rating": "rating score stars star 评分 星级 打分 分数",
    "review_body": "reviewbody review text comment content body message 评价 评论 评价内容 评论内容 内容",
    "order_id": "orderid orderno 订单号 订单编号",
    "time": TIME + " reviewedat reviewdate 评价时间 评论时间 评价日期",
    **WHO,
}
_REVIEW = Track(
    "Product Reviewed", "product_id", ("review_id", "product_id", "product_name", "review_body", "order_id"),
    ("rating",), needs=(("product_id", "product_name"), ("rating", "review_body")),
)  # fmt: skip

add(Kind(
    "reviews", "a review of a product", "一条商品评价", _FIELDS, _REVIEW.maker,
    needs=(("product_id", "product_name"), ("rating", "review_body"), ("time",)),
))  # fmt: skip
