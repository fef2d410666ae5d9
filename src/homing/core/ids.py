"""Which kinds of identifier are there, and which of them may say who a person is?

An *immutable* identifier belongs to one person for good: two different ones of the same type are never joined. The
priority decides which identifier gives way when a limit is broken; a lower number is stronger.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from dataclasses import dataclass

import phonenumbers

from homing.core.errors import InvalidInput
from homing.core.event import Id


@dataclass(frozen=True, slots=True)
class IdType:
    """The rules of one identifier type."""

    name: str
    priority: int
    limit: int  # how many of them one customer may have
    immutable: bool = False
    personal: bool = True


ID_TYPES: dict[str, IdType] = {
    t.name: t
    for t in (
        IdType("user_id", 0, 1, immutable=True),
        IdType("member_card", 1, 5),
        IdType("unionid", 2, 1, immutable=True),
        IdType("openid", 3, 10),
        IdType("email", 4, 5),
        IdType("phone", 5, 5),
        IdType("device_id", 6, 20),
        IdType("anonymous_id", 7, 500),
    )
}

BLOCKED = re.compile(
    r"^(?:[0-]*|-1|null|none|nil|undefined|nan|n/a|anonymous|unknown|test|guest|无|空|未知)$", re.IGNORECASE
)
LONGEST_BLOCKED = 9  # characters, of those that are words
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
MAX_ID = 255


def normalise(kind: str, value: object, *, region: str = "US") -> Id:
    """The typed, normalised identifier: lower-case e-mail, E.164 phone, trimmed text.

    Args:
        kind: one of ID_TYPES.
        value: as it came in; numbers are taken as their digits.
        region: ISO country for phone numbers written without one.

    Returns:
        The identifier, its value 1 .. 255 characters.

    Raises:
        InvalidInput: an unknown type, an empty or blocked value, or a malformed e-mail or phone.

    Example:
        >>> normalise("email", " Ann@Example.COM ")
        Id(type='email', value='ann@example.com')
    """
    if kind not in ID_TYPES:
        raise InvalidInput(f"identifier type is {kind[:40]!r}, wanted one of {', '.join(ID_TYPES)}", field="ids")
    text = str(value).strip()
    if not text or len(text) > MAX_ID or _names_nobody(text):
        raise InvalidInput(f"a {kind} that names nobody or is over {MAX_ID} characters", field=kind)
    if kind == "email":
        text = text.lower()
        if not _EMAIL.match(text):
            raise InvalidInput("an email without the form name@domain", field=kind)
    elif kind == "phone":
        text = _e164(text, region)
    return Id(kind, text)


def is_plain(text: str) -> bool:
    """Whether an identifier that is neither an e-mail nor a phone is normal as it stands, told in few steps.

    Example:
        >>> is_plain("user-123456"), is_plain(" user-123456"), is_plain("anonymous")
        (True, False, False)
    """
    return LONGEST_BLOCKED < len(text) <= MAX_ID and text[0] not in "0-" and text.strip() == text


def _names_nobody(text: str) -> bool:
    return (len(text) <= LONGEST_BLOCKED or text[0] in "0-") and BLOCKED.match(text) is not None


def _e164(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput("a phone that cannot be read as a number", field="phone") from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("a phone of impossible length", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def stable_id(prefix: str, *parts: object, size: int = 10) -> str:
    """A short id that the same parts always give: replaying the log gives the same ids."""
    digest = hashlib.blake2b("\x1f".join(str(p) for p in parts).encode(), digest_size=size).digest()
    return prefix + b32encode(digest).decode().rstrip("=").lower()
