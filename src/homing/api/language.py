"""Which language does the caller read? The one `Accept-Language` asks for, English or Chinese; English for any other.

A sentence for eyes passes through `said` on its way out, an error's and one that was kept (why a run failed, why a
row was refused), so a reader meets one language. Codes, names and values are what they are in every language.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Annotated, Literal, get_args

from pydantic import PlainSerializer
from starlette.types import ASGIApp, Receive, Scope, Send

from homing.core.chinese import in_chinese
from homing.core.errors import HomingError

Language = Literal["en", "zh"]
_spoken: ContextVar[Language] = ContextVar("language", default="en")


class Spoken:
    """ASGI middleware: remembers the caller's language while the request is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on. Never taken back: each request has a context of its own, and its last words come late."""
        if scope["type"] == "http":
            speak(wanted(next((v.decode("latin-1") for k, v in scope["headers"] if k == b"accept-language"), "")))
        await self._app(scope, receive, send)


def wanted(accept: str) -> Language:
    """The language of an `Accept-Language` header.

    Example:
        >>> wanted("zh-CN,zh;q=0.9,en;q=0.8"), wanted("fr, zh;q=0.4, en;q=0.7"), wanted(""), wanted("zh;q=0")
        ('zh', 'en', 'en', 'en')
    """
    best: tuple[float, Language] = (0.0, "en")
    for one in accept.split(","):
        tag, _, weight = one.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        for language in get_args(Language):
            if primary == language and _weight(weight) > best[0]:
                best = (_weight(weight), language)
    return best[1]


def speak(language: Language) -> None:
    """Answer this request in a language."""
    _spoken.set(language)


def said(message: str) -> str:
    """A message of ours in the caller's language."""
    return in_chinese(message) if _spoken.get() == "zh" else message


def told(error: HomingError) -> dict[str, object]:
    """An error in the caller's language."""
    out = error.as_dict()
    out["message"] = error.zh if error.zh and _spoken.get() == "zh" else said(error.message)
    return out


def _weight(text: str) -> float:
    """`q=0.8` as a number; 1 without one, 0 when it cannot be read."""
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


Said = Annotated[str, PlainSerializer(said, return_type=str)]
