"""What does a row of customers say? It is an identify call; its consent columns become `Consent Updated` beside it.

`email_consent` …: yes grants, no withdraws, empty says nothing.
"""

from __future__ import annotations

from homing.collect.files.aliases import WHO
from homing.collect.files.feed import ImportRequest
from homing.collect.files.kind import Kind, Make, add
from homing.collect.files.records import Row, RowProblem, fingerprint
from homing.collect.met import unlike
from homing.collect.normalise import yes_or_no
from homing.core.errors import InvalidInput
from homing.core.event import Event

CONSENTS = {f"{channel}_consent": channel for channel in ("email", "sms", "push", "wechat")}
_FIELDS: dict[str, str] = {
    "time": (
        "time timestamp updatedat updated modifiedat createdat registeredat signupdate 时间 更新时间 注册时间 创建时间"
    ),
    "name": "name fullname customername 姓名 客户姓名 名字 客户名称",
    "email_consent": "emailconsent emailoptin acceptsmarketing newsletter 邮件同意 邮件订阅 接收邮件",
    "sms_consent": "smsconsent smsoptin 短信同意 短信订阅 接收短信",
    "push_consent": "pushconsent pushoptin 推送同意 接收推送",
    "wechat_consent": "wechatconsent 微信同意",
}


def _customers(request: ImportRequest, now_us: int) -> Make:
    def make(row: Row) -> list[Event]:
        ids = row.ids()
        if not ids:
            raise RowProblem("missing_value", "no identifier names anybody, wanted at least one")
        traits = row.rest() | {n: v for n in ("email", "phone") if (v := row.text(n)) is not None}
        consents = {channel: _consent(row, name) for name, channel in CONSENTS.items() if row.raw(name) is not None}
        print_of = fingerprint(ids, traits, row.text("time"))
        at = row.time(now_us)
        out = [Event(event_id=f"customer:{request.source}:{print_of}", kind="identify", happened_us=at,
                     source_id=request.source, ids=ids, traits=traits)]  # fmt: skip
        for channel, status in consents.items():
            out.append(
                Event(
                    event_id=f"consent:{request.source}:{fingerprint(ids, channel, status, row.text('time'))}",
                    kind="track",
                    name="Consent Updated",
                    happened_us=at,
                    source_id=request.source,
                    ids=ids,
                    properties={"purpose": "marketing", "channel": channel, "status": status},
                )
            )
        return out

    return make


def _consent(row: Row, name: str) -> str:
    try:
        return "granted" if yes_or_no(row.raw(name)) else "withdrawn"
    except InvalidInput:
        raise RowProblem("bad_consent", unlike(name, row.raw(name), "yes or no", column=row.column(name))) from None


add(Kind(
    "customers", "a customer", "一位客户", {**_FIELDS, **WHO, "customer_id": WHO["customer_id"] + " id"}, _customers,
    who=True, plain=("name",),
))  # fmt: skip
