"""Why was something not taken? One code a cause, with the words a person reads in English and Chinese.

Codes are stable. The message beside a code says what was met and what was wanted; a value of
a file is repeated in quotation marks, which are hidden from who may not see personal data (`met`).
"""

from __future__ import annotations

import re

REASONS: dict[str, tuple[str, str]] = {
    # -- by HTTP
    "bad_json": ("The body is not JSON of the expected shape", "请求体不是预期结构的 JSON"),
    "encoding": ("The bytes are not valid text in the stated encoding", "字节不符合所声明的编码"),
    "event_too_large": ("The event is over 32 KB", "单个事件超过 32 KB"),
    "body_too_large": ("The request is over its size limit", "请求超过大小限制"),
    "too_many_events": ("A batch holds more than 2,500 events", "一批超过 2,500 个事件"),
    "wrong_key": ("No such write key", "写入密钥不存在"),
    "shape": ("A field has the wrong type", "字段类型不正确"),
    "too_deep": ("The event is nested too deeply", "事件嵌套过深"),
    "number_too_large": ("A whole number does not fit 64 bits", "整数超出 64 位范围"),
    "unknown_type": ("The type of call is not known", "调用类型未知"),
    "missing_identity": ("Neither userId nor anonymousId was given", "缺少 userId 或 anonymousId"),
    "missing_event": ("A track call without an event name", "track 调用缺少事件名"),
    "missing_group": ("A group call without groupId", "group 调用缺少 groupId"),
    "missing_previous": ("An alias call without previousId or userId", "alias 调用缺少 previousId 或 userId"),
    "message_id_too_long": ("messageId is over 100 characters", "messageId 超过 100 个字符"),
    "name_too_long": ("The event name is over 200 characters", "事件名超过 200 个字符"),
    "bad_time": ("The time cannot be read", "时间无法识别"),
    # -- by webhook and under an agreement
    "wrong_signature": ("The signature of the request is absent or wrong", "请求签名缺失或不正确"),
    "bad_call": ("The request of the webhook cannot be read", "Webhook 请求无法识别"),
    "agreement_expired": ("The agreement for this data has expired", "该数据的使用协议已到期"),
    # -- by file
    "broken_row": ("The row has not the columns of the header", "该行的列数与表头不符"),
    "missing_value": ("A value the row cannot do without is missing", "缺少必需的值"),
    "bad_number": ("A number cannot be read", "数字无法识别"),
    "bad_tag": ("Neither a tag's id nor what is to be done with it", "不是标签编号，或操作不明"),
    "bad_consent": ("Neither yes nor no", "无法判断同意或不同意"),
    "unreadable_file": ("The file cannot be read", "文件无法读取"),
    "broken_line": ("The line is not of the pattern of the log", "该行不符合日志格式"),
    "broken_request": ("The line holds no request of HTTP", "该行不含 HTTP 请求"),
    "line_too_long": ("The line is too long", "该行过长"),
    "bad_currency": ("The currency is no code of three letters", "货币不是三位代码"),
    "future_time": ("The time lies in the future", "时间在未来"),
    # -- by the tracking plan
    "plan_unknown_event": ("The tracking plan does not name this event", "埋点方案中没有该事件"),
    "plan_unknown_property": ("The tracking plan does not name this property", "埋点方案中没有该属性"),
    "plan_missing": ("A property the plan requires is missing", "缺少埋点方案要求的属性"),
    "plan_type": ("A property has another type than planned", "属性类型与埋点方案不符"),
    "plan_value": ("A property has a value that is not planned", "属性取值不在埋点方案之内"),
    "plan_pattern": ("A property has not the form planned", "属性格式与埋点方案不符"),
    "plan_range": ("A property lies outside the range planned", "属性超出埋点方案的范围"),
    # -- by the rules of the source
    "rule_required": ("A value the source's rules require is missing", "缺少来源规则要求的值"),
    "rule_range": ("A value lies outside the range of the rules", "数值超出规则的范围"),
    "rule_value": ("A value is not among those the rules allow", "取值不在规则允许之内"),
    "rule_pattern": ("A value has not the form the rules want", "格式不符合规则"),
    "rule_unique": ("Another event has this value already", "该值已被另一个事件使用"),
    "rule_reference": ("It names something that is not known", "所引用的内容不存在"),
    # -- found out over all that came from a source
    "rule_freshness": ("Nothing came for longer than the rules allow", "超过规则允许的时间没有数据到达"),
    "rule_volume": ("A day's volume is unlike the same weekdays before", "当日数据量与以往同一星期几明显不同"),
    # -- when a rejected row is sent again
    "order_known": ("The order is in the log already, without this row", "该订单已在日志中，但不含此行"),
    "not_replayable": ("What was kept of it is not whole, so it cannot be sent again", "留存内容不完整，无法重放"),
}


def words(code: str) -> dict[str, str]:
    """The reason in both languages; an unknown code stands for itself."""
    en, zh = REASONS.get(code, (code, code))
    return {"en": en, "zh": zh}


_FIELDS = {
    "unknown_type": "type",
    "missing_identity": "userId, anonymousId",
    "missing_event": "event",
    "missing_group": "groupId",
    "missing_previous": "previousId, userId",
    "message_id_too_long": "messageId",
    "name_too_long": "event",
    "bad_time": "timestamp",
}
_MET_IN = re.compile("(\\w+) is \u201c")
_PATH = re.compile(r"`?\$\.?([\w.\[\]-]+)`?")
_WISH = re.compile(
    r" (?:is missing,|has type \w+, wanted|is none of|has not the form|lies outside|is not in the plan"
    "|was used by another event|names none of the) ?"
)


def field_of(code: str, message: str) -> str:
    """Where in the item the reason lies; "" when it is the item itself.

    Example:
        >>> field_of("bad_time", "cannot be read"), field_of("shape", "Expected `object`, got `str` - at `$.traits`")
        ('timestamp', 'traits')
    """
    if code.startswith(("plan_", "rule_")) and code != "plan_unknown_event":
        return place_of(message)
    if named := _MET_IN.match(message):
        return named[1]
    found = _PATH.search(message)
    return found[1] if found else _FIELDS.get(code, "")


def place_of(message: str) -> str:
    """The path a message of a plan or rule begins with; one of before ends at the first blank.

    Example:
        >>> place_of("products[].unit price lies outside 0 to 9")
        'products[].unit price'
    """
    found = _WISH.search(message)
    return message[: found.start()] if found else message.partition(" ")[0]
