"""How is a record written so that two of one person look alike? Lower case, bare digits, a date in one form.

Cleaning removes what differs without meaning anything: case, accents of width, punctuation, the country code of a
phone. It never invents a value: what cannot be read is None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homing.core.errors import InvalidInput
from homing.identity.link.roles import Column, Role, look

_SPACE = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^\w\s]+")
_NOT_DIGIT = re.compile(r"\D+")
_NOBODY = re.compile(r"^(null|none|nil|nan|n/?a|unknown|test|[-.?]+|无|空|未知)$")
_HAN = re.compile(r"^[\u4e00-\u9fff·]{2,6}$")
COMPOUND = frozenset(
    {"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "端木"}
)
PHONE_DIGITS = 10  # the last ones; the country code before them may be missing
MIN_PHONE = 7


@dataclass(frozen=True, slots=True)
class Records:
    """Cleaned records, by column.

    Args:
        ids: one a record, each once.
        sources: where each came from.
        columns: what was found of each column that is used.
        values: role-named column to cleaned values.
    """

    ids: tuple[str, ...]
    sources: tuple[str, ...]
    columns: tuple[Column, ...]
    values: Mapping[str, list[str | None]]

    def __len__(self) -> int:
        return len(self.ids)


def records_of(ids: Sequence[str], sources: Sequence[str], raw: Mapping[str, Sequence[Any]]) -> Records:
    """Look at raw columns and clean the ones that help.

    Args:
        ids: one a record.
        sources: where each record came from, one a record.
        raw: column name to values, one a record.

    Returns:
        The records; `values` is named by role (`surname`, `birth_date`), a second column of a role by role and number.

    Raises:
        InvalidInput: a column of another length, an id that comes twice, or no column that tells people apart.
    """
    if len(set(ids)) != len(ids):
        raise InvalidInput("an id of a record comes twice, wanted each once", field="id")
    for name, column in raw.items():
        if len(column) != len(ids):
            raise InvalidInput(f"column {name[:60]!r} has {len(column)} values, wanted {len(ids)}", field=name)
    texts = {name: [_text(v) for v in column] for name, column in raw.items()}
    columns = look(texts)
    values: dict[str, list[str | None]] = {}
    for c in columns:
        clean = CLEAN.get(c.role, plain)
        values[_free(c.role, values)] = [clean(v) if v else None for v in texts[c.name]]
    _names(values)
    if not values:
        raise InvalidInput(
            "no column tells people apart, wanted at least a name, a birth date, a phone, an e-mail or an address",
            field="columns",
        )
    return Records(tuple(ids), tuple(sources), tuple(columns), values)


def plain(text: str) -> str | None:
    """Lower case, one space between words, no punctuation."""
    text = unicodedata.normalize("NFKC", text).lower().strip()
    if _NOBODY.match(text):
        return None
    text = _SPACE.sub(" ", _NOT_WORD.sub(" ", text)).strip()
    return text or None


def birth_date(text: str) -> str | None:
    """`YYYY-MM-DD`; a day that does not exist stays as it was typed, for a slip of the hand is no other person."""
    digits = unicodedata.normalize("NFKC", text).strip()
    parts = [p for p in re.split(r"\D+", digits) if p]
    if len(parts) >= 3 and len(parts[0]) == 4:
        year, month, day = parts[0], parts[1], parts[2][:2]
    else:
        joined = _NOT_DIGIT.sub("", digits)
        if len(joined) != 8:
            return None
        year, month, day = joined[:4], joined[4:6], joined[6:]
    return f"{year}-{month.zfill(2)[-2:]}-{day.zfill(2)[-2:]}"


def phone(text: str) -> str | None:
    """The last digits, without what a country writes before them."""
    digits = _NOT_DIGIT.sub("", unicodedata.normalize("NFKC", text)).lstrip("0")
    return digits[-PHONE_DIGITS:] if len(digits) >= MIN_PHONE else None


def email(text: str) -> str | None:
    """Lower case; None when it is no address."""
    text = text.strip().lower()
    return text if re.match(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", text) else None


def code(text: str) -> str | None:
    """Letters and digits alone: a national id, a postcode."""
    found = re.sub(r"[^0-9a-z]+", "", unicodedata.normalize("NFKC", text).lower())
    return found or None


def split_name(name: str) -> tuple[str | None, str | None]:
    """Given name and surname of a full name; a Chinese name has its surname first.

    Example:
        >>> split_name("欧阳小红"), split_name("mary ann smith"), split_name("cher")
        (('小红', '欧阳'), ('mary ann', 'smith'), ('cher', None))
    """
    if _HAN.match(name):
        at = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
        return name[at:], name[:at]
    first, _, last = name.rpartition(" ")
    return (first, last) if first else (last, None)


CLEAN: dict[Role, Callable[[str], str | None]] = {
    "birth_date": birth_date, "phone": phone, "email": email, "national_id": code, "postcode": code,
}  # fmt: skip


def _names(values: dict[str, list[str | None]]) -> None:
    """Bring names into one form: given name and surname, whichever way the records have them."""
    full = values.pop("full_name", None)
    if full is None:
        return
    given = values.setdefault("given_name", [None] * len(full))
    surname = values.setdefault("surname", [None] * len(full))
    for place, name in enumerate(full):
        if name and not given[place] and not surname[place]:
            given[place], surname[place] = split_name(name)


def _free(role: str, taken: Mapping[str, object]) -> str:
    name, n = role, 1
    while name in taken:
        n += 1
        name = f"{role}_{n}"
    return name


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text or None
