"""Why was something not taken? One code a cause, with the words a person reads in English and Chinese.

Codes are stable. The message beside a code says what was met and what was wanted, without personal data.
"""

from __future__ import annotations

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
    # -- by file
    "broken_row": ("The row has not the columns of the header", "该行的列数与表头不符"),
    "missing_value": ("A value the row cannot do without is missing", "缺少必需的值"),
    "bad_number": ("A number cannot be read", "数字无法识别"),
    "bad_consent": ("Neither yes nor no", "无法判断同意或不同意"),
    "future_time": ("The time lies in the future", "时间在未来"),
}


def words(code: str) -> dict[str, str]:
    """The reason in both languages; an unknown code stands for itself."""
    en, zh = REASONS.get(code, (code, code))
    return {"en": en, "zh": zh}
