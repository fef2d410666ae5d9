"""Which unmodified clients are held to which behaviours? One table: the tests run it, the docs print it.

A behaviour that a client does not have is named with the reason; everything else must pass.
"""

from __future__ import annotations

CLIENTS = ("segment-analytics-python", "@segment/analytics-node", "@segment/analytics-next", "rudder-sdk-python")
BROWSER = "@segment/analytics-next"

BEHAVIOURS: dict[str, tuple[str, str]] = {
    "calls": ("track, identify, page, screen, group, alias", "track、identify、page、screen、group、alias 六种调用"),
    "text": ("Chinese, emoji and control characters arrive as sent", "中文、表情与控制字符原样到达"),
    "batching": ("many calls in few requests, each event once", "多次调用合并为少量请求，每个事件恰好一次"),
    "large": ("more than a request may hold is sent in several", "超过单次请求上限时分多次发送"),
    "gzip": ("a packed body", "压缩的请求体"),
    "server_error": ("a 503 is tried again, nothing lost", "遇到 503 会重试，不丢数据"),
    "dropped": ("a connection that breaks is tried again, nothing lost", "连接中断会重试，不丢数据"),
    "lost_answer": ("an answer that is lost leads to a second request and one event", "应答丢失会重发，事件只有一个"),
    "offline": ("what happens offline arrives afterwards", "离线期间的事件在恢复后到达"),
    "rate_limit": ("429 is honoured: it comes back, not before `Retry-After`", "遵守 429：在 `Retry-After` 之后重来"),
    "clock": ("a clock that is hours off is corrected", "客户端时钟偏差数小时会被修正"),
    "late": ("a late event keeps its time, one from the future is now", "迟到的事件保留原时间，来自未来的记为当前"),
    "resend": ("the same message twice is one event", "同一消息发送两次只算一个事件"),
    "v1_names": ("e-commerce v1 names become v2", "第一版电商事件名转换为第二版"),
    "verdicts": ("one bad item harms no other and is kept with its reason", "一条坏数据不影响其余，并连同原因保留"),
    "wrong_key": ("a wrong key is said, and nothing goes in", "密钥错误会告知，且不写入任何数据"),
    "settings": ("set up from the settings we serve; nothing goes anywhere else", "按我们提供的设置启动，不向别处发送"),
    "preflight": ("CORS from another origin, with its preflight", "跨域请求及其预检"),
    "reload": ("what was not sent survives closing the page", "未发出的数据在关闭页面后仍保留"),
}  # fmt: skip

_NO_ALL = ("a server's client has no page", "服务器端客户端没有页面")
_NOT_PACKED = ("it does not pack", "该客户端不压缩")
_OWN_PACE = ("it backs off at a pace of its own", "该客户端按自己的节奏退避")

NOT_OFFERED: dict[tuple[str, str], tuple[str, str]] = {
    ("gzip", "@segment/analytics-node"): _NOT_PACKED,
    ("gzip", BROWSER): _NOT_PACKED,
    ("rate_limit", "rudder-sdk-python"): _OWN_PACE,
    ("large", "rudder-sdk-python"): (
        "it packs up to 4 MB: set `upload_size` so that a batch stays under 500 KB",
        "单批最多 4 MB：请设置 `upload_size` 使一批小于 500 KB",
    ),
    **{(what, who): _NO_ALL for what in ("settings", "preflight", "reload") for who in CLIENTS if who != BROWSER},
}


def offered(behaviour: str) -> list[str]:
    """The clients that are held to a behaviour."""
    return [client for client in CLIENTS if (behaviour, client) not in NOT_OFFERED]


def as_table(done: dict[tuple[str, str], str]) -> list[str]:
    """The report: one line a behaviour, one column a client."""
    width = max(len(name) for name in BEHAVIOURS)
    lines = [" " * width + "  " + "  ".join(CLIENTS)]
    for behaviour in BEHAVIOURS:
        cells = []
        for client in CLIENTS:
            said = "-" if (behaviour, client) in NOT_OFFERED else done.get((behaviour, client), "not run")
            cells.append(said.ljust(len(client)))
        lines.append(f"{behaviour.ljust(width)}  " + "  ".join(cells).rstrip())
    return lines


def as_markdown(language: str) -> str:
    """The table of the reference page."""
    word = 0 if language == "en" else 1
    notes: list[str] = []
    rows = [f"| {('behaviour', '行为')[word]} | " + " | ".join(f"`{c}`" for c in CLIENTS) + " |",
            "|---|" + "---|" * len(CLIENTS)]  # fmt: skip
    for behaviour, words in BEHAVIOURS.items():
        cells = []
        for client in CLIENTS:
            note = NOT_OFFERED.get((behaviour, client))
            if note is None:
                cells.append("✓")
                continue
            if note[word] not in notes:
                notes.append(note[word])
            cells.append(f"– ({notes.index(note[word]) + 1})")
        rows.append(f"| {words[word]} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n\n" + "\n".join(f"{n}. {note}" for n, note in enumerate(notes, start=1)) + "\n"
