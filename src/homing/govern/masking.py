"""What does somebody see who may not see personal data? The shape of a value, not the value.

E-mail addresses and phone numbers are masked wherever they stand in a text, so that a property nobody thought of does
not leak one. A signed link inside a message would act for its reader, so its token goes too. What the catalogue holds
to be sensitive is hidden whole: that is the veil.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_EMAIL = re.compile(r"([^\s@<>\"'(),;:/=]{1,64})@((?:[\w-]+\.)+[\w-]{2,})")
_PHONE = re.compile(r"\+?[\d\s().,/-]{7,40}(?:\s*(?:ext|x|转|分机)\D{0,3}\d{1,6})?", re.IGNORECASE)
_E164 = re.compile(r"\+\d{7,15}")
_SIGNED = re.compile(r"(/(?:u|t/c|t/o|prefs)/)[\w.~=%-]{8,}")
_PHONE_NAMES = frozenset({"phone", "mobile", "telephone", "tel", "phone_number"})
SHORTEST = 7  # digits of a phone number


def mask_email(address: str) -> str:
    """Keep the first letter and the domain.

    Example:
        >>> mask_email("ann.lee@example.com")
        'a***@example.com'
    """
    return _EMAIL.sub(lambda m: f"{m[1][0]}***@{m[2]}", address)


def mask_phone(number: str) -> str:
    """Keep the last two digits.

    Example:
        >>> mask_phone("+8613800138000")
        '***00'
    """
    digits = re.sub(r"\D", "", number)
    return f"***{digits[-2:]}" if len(digits) > 4 else "***"


def mask_text(text: str) -> str:
    """Mask every e-mail address, international phone number and signed link in a text."""
    text = _SIGNED.sub(r"\1***", text)
    text = mask_email(text)
    return _E164.sub(lambda m: mask_phone(m[0]), text)


def mask_id(kind: str, value: str) -> str:
    """Mask an identifier by its type."""
    if kind == "phone":
        return mask_phone(value)
    return mask_text(value)


def mask(value: Any, *, name: str = "") -> Any:
    """Mask a JSON value all the way down; `name` is the property it stands under."""
    if isinstance(value, dict):
        phone = value.get("type") == "phone" and isinstance(value.get("value"), str)
        return {
            key: mask_phone(one) if phone and key == "value" else mask(one, name=str(key)) for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask(one, name=name) for one in value]
    if name.lower() in _PHONE_NAMES and (number := _as_phone(value)):
        return mask_phone(number)
    return mask_text(value) if isinstance(value, str) else value


def _as_phone(value: Any) -> str | None:
    """What stands under a phone's name, if it is a number, however that is written."""
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return text if _PHONE.fullmatch(text) and sum(c.isdigit() for c in text) >= SHORTEST else None


HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Veil:
    """Which fields of which datasets are hidden: dataset to paths such as `shipping.phone` or `products[].note`."""

    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def cover(self, dataset: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """A row of that dataset as somebody sees it who may not see personal data."""
        paths = self.hidden.get(dataset, frozenset())
        return {key: mask(one, name=key) for key, one in (_covered(value, paths, "") if paths else value).items()}

    def hides(self, dataset: str, path: str) -> bool:
        """Whether this field is hidden whole, itself or what it stands in."""
        paths = self.hidden.get(dataset, frozenset())
        return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in paths)


def _covered(value: Any, paths: frozenset[str], path: str) -> Any:
    if path in paths:
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _covered(one, paths, f"{path}.{key}" if path else str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_covered(one, paths, f"{path}[]") for one in value]
    return value
