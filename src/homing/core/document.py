"""What do all documents share? Frozen, nothing unknown allowed, names in both languages."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from homing.core.time import duration_us, time_of_day

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class Document(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Text(Document):
    """One text in both languages; where one is empty the other is shown."""

    en: str = ""
    zh: str = ""

    def in_language(self, language: str) -> str:
        """The text in `language`, else the other one."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


def _text(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


def _filled(text: Text) -> Text:
    if not text.en.strip() and not text.zh.strip():
        raise ValueError("a name that is empty in both languages, wanted one in English or Chinese")
    return text


def _duration(text: str) -> str:
    duration_us(text)
    return text


def _time(text: str) -> str:
    time_of_day(text)
    return text


BothText = Annotated[Text, BeforeValidator(_text)]
Name = Annotated[Text, BeforeValidator(_text), AfterValidator(_filled)]
Duration = Annotated[str, AfterValidator(_duration), Field(description="30d, 12h, 15m; a day is 24 hours")]
TimeOfDay = Annotated[str, AfterValidator(_time), Field(description="HH:MM, wall time")]
