"""What does a row of points say? `Points Changed`: what somebody earned or spent, and what is left."""

from __future__ import annotations

from homing.collect.files.aliases import TIME, WHO
from homing.collect.files.kind import Kind, add
from homing.collect.files.track import Track

_FIELDS = {
    "delta": "delta change points amount pointschange 变动 积分 积分变动 变动积分 变化 增减",
    "balance": "balance pointsbalance total remaining 余额 积分余额 剩余积分 当前积分 总积分",
    "reason": "reason type description source note 原因 变动原因 类型 说明 备注 来源",
    "order_id": "orderid orderno 订单号 订单编号",
    "time": TIME + " changedat 变动时间 变动日期",
    **WHO,
}
_POINTS = Track(
    "Points Changed", "", ("reason", "order_id"), ("delta", "balance"), needs=(("delta", "balance"),), who=True
)

add(Kind(
    "points", "a change of somebody's points", "一次积分变动", _FIELDS, _POINTS.maker,
    needs=(("delta", "balance"), ("time",)), who=True,
))  # fmt: skip
