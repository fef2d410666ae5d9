"""What does a row of tickets say? `Ticket Updated`: where a request to customer service stands."""

from __future__ import annotations

from homing.collect.files.aliases import TIME, WHO
from homing.collect.files.kind import Kind, add
from homing.collect.files.track import Track

_FIELDS = {
    "ticket_id": "ticketid ticket ticketno caseid case issueid id 工单号 工单编号 工单id 工单",
    "subject": "subject title summary topic 主题 标题 问题 工单标题",
    "status": "status state 状态 工单状态 处理状态",
    "priority": "priority severity urgency 优先级 紧急程度",
    "text": "text description body content message details 内容 描述 问题描述 详情",
    "channel": "channel via source 渠道 来源",
    "time": TIME + " openedat closedat 提交时间 受理时间",
    **WHO,
}
_TICKET = Track(
    "Ticket Updated", "ticket_id", ("ticket_id", "subject", "status", "priority", "text", "channel"),
    needs=(("ticket_id",),), timed=False,
)  # fmt: skip

add(Kind("tickets", "a request to customer service", "一张客服工单", _FIELDS, _TICKET.maker, needs=(("ticket_id",),)))
