"""What does a column of people's records hold? Its name says so in English or Chinese, else its values do.

A name is believed first: a column called `dob` is a date of birth though half of it is dirt. A column that nothing is
known of still helps when many share its values (an occupation, a size), and does not when every row has its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "given_name", "surname", "full_name", "birth_date", "postcode", "city", "region", "address", "number", "phone",
    "email", "national_id", "gender", "other",
]  # fmt: skip
ROLES: tuple[Role, ...] = (
    "given_name", "surname", "full_name", "birth_date", "postcode", "city", "region", "address", "number", "phone",
    "email", "national_id", "gender", "other",
)  # fmt: skip

SAMPLE = 2_000  # values looked at
SURE = 0.8  # share of them that must look alike
FILLED = 0.05  # a column emptier than this says nothing of most people
SHORTEST_PHONE = 7
DECADE = 10  # different years: birth dates span it, sign-ups do not
OWN_EACH = 0.9  # more distinct values than this share: every row has its own
_SKIP = re.compile(r"(^|_)(id|uuid|guid|cluster|created|updated|timestamp|row|rec|index|source)(_|$)|时间|编号|序号")
_TOLD: tuple[tuple[Role, str], ...] = (
    ("national_id", r"ssn|soc_?sec|national_?id|id_?card|passport|identity_?(no|number|card)|身份证|证件号|护照"),
    ("email", r"e?_?mail(?!ing)|邮箱|邮件"),
    ("phone", r"phone|mobile|(^|_)(tel|cell|msisdn)|手机|电话"),
    ("birth_date", r"(^|_)dob($|_)|birth_?(date|day)|date_?of_?birth|born|生日|出生(日期|年月)?$"),
    ("full_name", r"first_?(and|_)_?(sur|last)_?name|full_?name|^(customer_?|contact_?|person_?)?name$"
                  r"|姓名|名字|收货人|联系人"),
    ("given_name", r"given_?name|fore_?name|first_?name|christian_?name|^名$"),
    ("surname", r"sur_?name|last_?name|family_?name|^姓$|姓氏"),
    ("postcode", r"post_?code|postal|zip|邮编|邮政编码"),
    ("number", r"(street|house)_?(number|no|nr)|building_?(no|number)|门牌"),
    ("gender", r"gender|(^|_)sex($|_)|性别"),
    ("region", r"(^|_)(state|province|region|county)($|_)|省"),
    ("city", r"city|suburb|town|(birth_?)?place|municipality|城市|籍贯|出生地"),
    ("address", r"address|street|(^|_)addr|地址|街道|住址"),
)  # fmt: skip
_NAMES = tuple((role, re.compile(pattern)) for role, pattern in _TOLD)
_DATE = re.compile(r"^\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_CHINESE_ID = re.compile(r"^\d{17}[\dXx]$")
_PHONE = re.compile(r"^\+?[\d\s().-]{7,20}$")


@dataclass(frozen=True, slots=True)
class Column:
    """What was found of one column.

    Args:
        name: as the records call it.
        role: what it holds.
        filled: share of rows with a value, 0 .. 1.
        distinct: different values among the rows looked at.
        by: what told: its name or its values.
    """

    name: str
    role: Role
    filled: float
    distinct: int
    by: Literal["name", "values"]


def look(columns: Mapping[str, Sequence[str | None]]) -> list[Column]:
    """The columns that help to tell people apart, each with its role; the others are left out.

    Args:
        columns: name to values, one a record, None where a record has none.

    Returns:
        Columns in their order; of several full names, birth dates, e-mails … only the fullest.
    """
    found = [c for name, values in columns.items() if (c := _look_at(name, values)) is not None]
    single = {"given_name", "surname", "full_name", "birth_date", "postcode", "phone", "email", "national_id", "gender"}
    best: dict[str, Column] = {}
    for c in found:
        if c.role in single and (c.role not in best or c.filled > best[c.role].filled + 0.01):
            best[c.role] = c
    return [c for c in found if c.role not in single or best[c.role] is c]


def _look_at(name: str, values: Sequence[str | None]) -> Column | None:
    told = [v for v in values if v]
    filled = len(told) / len(values) if values else 0.0
    if filled < FILLED:
        return None
    step = max(1, len(told) // SAMPLE)
    sample = told[::step][:SAMPLE]
    distinct = len(set(told))
    role = role_of_name(name)
    if role is not None:
        return Column(name, role, filled, distinct, "name")
    role = _role_of_values(sample)
    if role is None and not _SKIP.search(_plain(name)) and _shared(told, distinct):
        role = "other"
    return Column(name, role, filled, distinct, "values") if role else None


def role_of_name(name: str) -> Role | None:
    """The role a column's name tells; None when it tells none.

    Example:
        >>> role_of_name("出生日期"), role_of_name("Last Name"), role_of_name("colour")
        ('birth_date', 'surname', None)
    """
    plain = _plain(name)
    return next((role for role, pattern in _NAMES if pattern.search(plain)), None)


def _plain(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s.\-/]+", "_", snake).lower()


def _role_of_values(sample: Sequence[str]) -> Role | None:
    def share(pattern: re.Pattern[str]) -> float:
        return sum(bool(pattern.match(v.strip())) for v in sample) / len(sample)

    if share(_EMAIL) >= SURE:
        return "email"
    if share(_CHINESE_ID) >= SURE:
        return "national_id"
    if share(_DATE) >= SURE and _years(sample) >= DECADE:
        return "birth_date"
    if share(_PHONE) >= SURE > share(_DATE) and min(len(re.sub(r"\D", "", v)) for v in sample) >= SHORTEST_PHONE:
        return "phone"
    return None


def _years(sample: Sequence[str]) -> int:
    return len({v.strip()[:4] for v in sample})


def _shared(told: Sequence[str], distinct: int) -> bool:
    """Whether values are shared by some and not by nearly all."""
    top = Counter(told).most_common(1)[0][1]
    return 1 < distinct < OWN_EACH * len(told) and top < OWN_EACH * len(told)


def parts_of(columns: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """For each comparison the columns it looks at: names are compared together, each other column by itself.

    Args:
        columns: (name, role) in the order they were found.

    Example:
        >>> parts_of([("first_name", "given_name"), ("surname", "surname"), ("street", "address"), ("addr", "address")])
        {'name': ['first_name', 'surname'], 'address': ['street'], 'address_2': ['addr']}
    """
    found: dict[str, list[str]] = {}
    seen: Counter[str] = Counter()
    for name, role in columns:
        if role in {"given_name", "surname", "full_name"}:
            found.setdefault("name", []).append(name)
            continue
        seen[role] += 1
        found[role if seen[role] == 1 else f"{role}_{seen[role]}"] = [name]
    return found
