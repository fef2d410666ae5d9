"""What does a customer see who wants fewer messages? One small page in her language that works without scripts.

Looking changes nothing: mail scanners open every link. Only a button does.
"""

from __future__ import annotations

import hashlib
import html
from base64 import b64encode
from collections.abc import Mapping

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:0;background:#f4f6f8;color:#1d2733}"
    "main{max-width:30rem;margin:8vh auto;background:#fff;padding:2rem;border-radius:12px}"
    "h1{font-size:1.25rem;margin:0 0 .5rem}label{display:block;padding:.75rem 0;border-bottom:1px solid #dfe5ea}"
    "input{width:1.1rem;height:1.1rem;margin-right:.6rem;vertical-align:-.15rem}"
    "button{font:inherit;padding:.6rem 1.2rem;margin:1.25rem .5rem 0 0;border-radius:8px;border:1px solid #0b6b5d;"
    "background:#0b6b5d;color:#fff;cursor:pointer}button.quiet{background:#fff;color:#0b6b5d}"
    "button:focus-visible,input:focus-visible{outline:3px solid #7cc7bb}"
)
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "What may we send you?",
        "lead": "Messages from {shop}. What concerns your orders comes in any case.",
        "email": "Offers and news by e-mail",
        "sms": "Offers and news by text message",
        "other": "Offers and news by {channel}",
        "save": "Save",
        "all": "Unsubscribe from everything",
        "saved": "Saved. It holds from the next message on.",
        "gone": "You are unsubscribed. It holds from the next message on.",
        "unknown": "This link does not work. It may have been cut off; use the one in your newest message.",
        "busy": "It could not be saved. Please try again in a moment.",
    },
    "zh": {
        "title": "您希望收到哪些消息？",
        "lead": "来自 {shop} 的消息。与您订单有关的通知不受影响。",
        "email": "通过邮件接收优惠和资讯",
        "sms": "通过短信接收优惠和资讯",
        "other": "通过 {channel} 接收优惠和资讯",
        "save": "保存",
        "all": "全部退订",
        "saved": "已保存，从下一条消息起生效。",
        "gone": "您已退订，从下一条消息起生效。",
        "unknown": "链接无效，可能不完整。请使用最近一条消息中的链接。",
        "busy": "暂时无法保存，请稍后再试。",
    },
}


def preferences(shop: str, language: str, token: str, choices: Mapping[str, bool]) -> str:
    """The page with one tick for each channel.

    Args:
        shop: the name the customer knows.
        language: en or zh.
        token: says whose page it is; goes back with the form.
        choices: channel to whether it is allowed now.
    """
    w = _WORDS[language]
    ticks = "".join(
        f'<label><input type="checkbox" name="channel.{html.escape(name)}"{" checked" if on else ""}>'
        f"{html.escape(w.get(name) or w['other'].format(channel=name))}</label>"
        for name, on in choices.items()
    )
    form = (
        f'<p>{html.escape(w["lead"].format(shop=shop))}</p><form method="post" action="/prefs">'
        f'<input type="hidden" name="token" value="{html.escape(token)}">{ticks}'
        f'<button type="submit">{w["save"]}</button>'
        f'<button type="submit" name="all" value="1" class="quiet">{w["all"]}</button></form>'
    )
    return _page(language, w["title"], form)


def notice(language: str, what: str) -> str:
    """A page with one sentence: saved, gone, unknown, busy."""
    w = _WORDS[language]
    return _page(language, w["title"], f'<p role="status">{w[what]}</p>')


def _page(language: str, title: str, inside: str) -> str:
    tag = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>{inside}</main></body></html>"
    )
