"""How is this workspace set up? `homing.toml`, overridden by `HOMING_*` variables, with defaults that work.

A workspace without a file is a working workspace: every field has a default.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from homing.core.errors import InvalidInput
from homing.core.time import duration_us, time_of_day, zone_of

ENV_PREFIX = "HOMING_"


def _zone(name: str) -> str:
    zone_of(name)
    return name


def _clock_time(text: str) -> str:
    time_of_day(text)
    return text


def _period(text: str) -> str:
    if text not in {"day", "week", "month"}:
        duration_us(text)
    return text


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuietHours(_Section):
    """No marketing message between `start` and `end`, in the customer's zone."""

    start: Annotated[str, AfterValidator(_clock_time)] = "21:30"
    end: Annotated[str, AfterValidator(_clock_time)] = "08:00"


class Cap(_Section):
    """At most `count` messages a customer within `per`: a calendar day, week, month, or a rolling duration."""

    channel: str = Field("any", description="a channel name, or any")
    count: int = Field(3, ge=1, le=1000)
    per: Annotated[str, AfterValidator(_period)] = "week"


class Smtp(_Section):
    """The mail server messages are handed to."""

    host: str = "127.0.0.1"
    port: int = Field(1025, ge=1, le=65535)
    user: str = ""
    password: str = Field("", repr=False)
    security: Literal["none", "starttls", "tls"] = "none"
    sender: str = "Homing <hello@homing.example>"
    timeout_s: float = Field(10.0, gt=0, le=120)


class Linkage(_Section):
    """Records without a shared key: from which probability are two one person, and who says so?"""

    threshold: float = Field(0.98, ge=0.5, le=1, description="pairs at least this likely are one person")
    review: float = Field(0.8, ge=0.5, le=1, description="from here to the threshold a person decides")
    largest: int = Field(50, ge=2, le=1000, description="customers one person may come to")
    accept: bool = Field(False, description="whether likely pairs are accepted without a person")


class Settings(_Section):
    """The settings of one workspace."""

    name: str = "Homing"
    zone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="IANA zone of the workspace's day")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    language: Literal["en", "zh"] = Field(
        "en", description="language of messages to customers without one of their own"
    )
    region: str = Field("US", pattern=r"^[A-Z]{2}$", description="country of phone numbers written without one")
    base_url: str = Field("http://127.0.0.1:8700", description="where customers reach tracked links")
    consent_default: Literal["opt_in", "opt_out"] = Field(
        "opt_in", description="what silence means: opt_in = no, opt_out = yes"
    )
    site_consent: Literal["required", "implied"] = Field(
        "implied", description="required = the browser library keeps and sends nothing before a visitor agrees"
    )
    quiet_hours: QuietHours | None = QuietHours()
    caps: tuple[Cap, ...] = (Cap(channel="email", count=3, per="week"),)
    smtp: Smtp = Smtp()
    linkage: Linkage = Linkage()


def load_settings(folder: Path, env: dict[str, str]) -> Settings:
    """The settings of the workspace in `folder`.

    Args:
        folder: the workspace; `homing.toml` in it is optional.
        env: the environment; `HOMING_ZONE` overrides `zone`, `HOMING_SMTP__PORT` overrides `smtp.port`.

    Raises:
        InvalidInput: the file is no TOML, or a value is not allowed; the message names the field.
    """
    path = folder / "homing.toml"
    raw: dict[str, Any] = {}
    if path.exists():
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{path.name} is not TOML: {error}", field="homing.toml") from error
    for key, value in env.items():
        where = key.removeprefix(ENV_PREFIX).lower().split("__")
        if key.startswith(ENV_PREFIX) and where[0] in Settings.model_fields and where[0] != "caps":
            _put(raw, where, value)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"setting {field}: {first['msg']}", field=field) from error


def _put(raw: dict[str, Any], where: list[str], value: str) -> None:
    for part in where[:-1]:
        raw = raw.setdefault(part, {})
    raw[where[-1]] = value
