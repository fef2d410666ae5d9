"""How is a text written in both languages, and where are the words of a reason? Codes travel, words are for eyes."""

from __future__ import annotations

from homing.core.words import words

Words = dict[str, str]


def both(en: str, zh: str) -> Words:
    """One text in both languages."""
    return {"en": en, "zh": zh}


def reason_text(code: str | None) -> Words | None:
    """Why a message was not sent or a journey was left, in both languages; None when there is no reason.

    Example:
        >>> reason_text("suppressed")["en"]
        'The address is on the suppression list'
    """
    return None if code is None else words("reason", code)
