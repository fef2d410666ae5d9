"""What do all documents share? Frozen, nothing unknown allowed, names in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from homing.core.errors import InvalidInput
from homing.core.time import duration_us, time_of_day, zone_of

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


def read_by(read: Callable[[str], object]) -> AfterValidator:
    """A text that `read` can read; where it cannot the error says which place of the document it stands at."""

    def check(text: str) -> str:
        try:
            read(text)
        except InvalidInput as error:  # a ValueError is told with the path to it, any other error without
            raise ValueError(error.message) from error
        return text

    return AfterValidator(check)


BothText = Annotated[Text, BeforeValidator(_text)]
Name = Annotated[Text, BeforeValidator(_text), AfterValidator(_filled)]
Duration = Annotated[str, read_by(duration_us), Field(description="30d, 12h, 15m; a day is 24 hours")]
TimeOfDay = Annotated[str, read_by(time_of_day), Field(description="HH:MM, wall time")]
Zone = Annotated[str, read_by(zone_of)]
