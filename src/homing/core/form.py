"""How does a setting become a form field? One call that holds its default, its limits and its words in both languages.

The words travel in the JSON schema (`title`, `x-title-zh`), so the console draws the form from the class alone.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field
from pydantic_core import PydanticUndefined


def ask(en: str, zh: str, default: Any = PydanticUndefined, **limits: Any) -> Any:
    """A field of a plugin's settings.

    Args:
        en: what is asked, in English.
        zh: the same in Chinese.
        default: the value when nothing is said; without it the field must be given.
        limits: what pydantic's Field takes: ge, le, gt, lt, pattern, max_length …

    Returns:
        The pydantic field; typed Any so that it can stand behind any annotation.
    """
    return Field(default, title=en, json_schema_extra={"x-title-zh": zh}, **limits)
