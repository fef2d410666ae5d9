"""Is this field about a person? Its values are looked at first, its name second; what was found says how sure it is.

A number counts as an identity card or a bank card only when its check digit agrees, because invoice numbers look alike.
A name such as `address` is believed only where the values are words. What is found is a proposal: a person confirms it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from homing.core.checksums import is_bank_card, is_id_card

Level = Literal["public", "internal", "personal", "sensitive"]
LEVELS: tuple[Level, ...] = get_args(Level)
RARE = 0.01  # of the values, when the pattern proves itself
MOSTLY = 0.8  # of the values, when the pattern alone proves little
FEW = 5  # values a weak pattern wants to be seen in
PROVEN = 3  # values in which a pattern with a check digit is no accident however rare

_EMAIL = re.compile(r"[^\s@<>\"'(),;:/=]{1,64}@(?:[\w-]+\.)+[A-Za-z\u4e00-\u9fff]{2,24}(?![\w@])")
_ID_CARD = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"\d{13,19}|\d{4}([ -]\d{4}){2,3}([ -]\d{1,4})?")
_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_E164 = re.compile(r"\+[1-9]\d{7,14}")
_ANY_PHONE = re.compile(r"\+?\(?\d[\d ()./-]{5,18}\d")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_CHINESE_ADDRESS = re.compile(r"(省|市|自治区).{1,12}(区|县|市|镇|路|街|道|村).*\d|(路|街|巷|弄)\d+(号|弄)")


def _named(*words: str) -> re.Pattern[str]:
    return re.compile(r"(^|[_.\[\] -])(" + "|".join(words) + r")_?\d?$")


_NAMES: dict[str, re.Pattern[str]] = {
    "secret": _named("password", "passwd", "pwd", "secret", "token", "api_?key", "密码", "口令"),
    "id_card": _named("id_?card(_?(no|number))?", "identity_?(no|number|card)", "id_?no", "cert_?no", "national_?id",
                      "passport(_?(no|number))?", "ssn", "身份证号?码?", "证件号?码?", "护照号?码?"),
    "bank_card": _named("bank_?card(_?(no|number))?", "card_?(no|number)", "bank_?account(_?(no|number))?", "iban",
                        "银行卡号?", "卡号", "银行账号"),
    "phone": _named("phone(_?(no|number))?", "mobile(_?(phone|no|number))?", "tel(ephone)?", "cell_?phone",
                    "手机号?码?", "电话号?码?", "联系电话"),
    "person_name": _named("(first|last|full|real|given|family|customer|receiver|consignee|contact|holder)_?name",
                          "surname", "姓名", "收货人", "联系人", "客户姓名"),
    "address": _named("address(_?line)?", "street(_?(name|address))?", "(shipping|billing|home)_?address",
                      "详细地址", "收货地址", "地址", "住址"),
    "birthday": _named("birth_?(day|date)", "date_?of_?birth", "dob", "生日", "出生日期", "出生年月"),
}  # fmt: skip
_PERSON_ONLY = re.compile(r"^name$|^nick_?name$|^昵称$")  # of a customer; of a product it is the product's

LEVEL_OF: dict[str, Level] = {
    "secret": "sensitive",
    "id_card": "sensitive",
    "bank_card": "sensitive",
    "email": "personal",
    "phone": "personal",
    "person_name": "personal",
    "address": "personal",
    "birthday": "personal",
    "ip": "personal",
    "identifier": "personal",
}


@dataclass(frozen=True, slots=True)
class Detected:
    """What a field holds by the look of it."""

    kind: str
    level: Level
    by: Literal["values", "name"]
    hits: int
    n: int  # values that were looked at


def detect(name: str, values: Sequence[object], *, of_person: bool = False) -> Detected | None:
    """What a field seems to hold; None when nothing speaks for a person.

    Args:
        name: the field, `shipping.phone` or `收货人`.
        values: some of its values, as they came.
        of_person: whether the dataset is about persons, so that `name` is a person's.
    """
    texts = [_text(v) for v in values if isinstance(v, str | int) and not isinstance(v, bool)]
    texts = [t for t in texts if t]
    if values and not texts:
        return None  # yes and no, shares: nothing of a person's stands in those
    hinted = _hint(name, of_person=of_person)
    for kind, look in _LOOKS:
        hits = sum(1 for t in texts if look(t))
        if kind == "id_card" and hits * 2 < sum(1 for t in texts if _ID_CARD.search(t)):
            continue  # of running numbers with a date in them every eleventh has a right check character
        if hits and _believed(kind, hits, len(texts), hinted=hinted == kind):
            return Detected(kind, LEVEL_OF[kind], "values", hits, len(texts))
    if hinted and _fits_name(hinted, texts):
        return Detected(hinted, LEVEL_OF[hinted], "name", 0, len(texts))
    return None


def _text(value: str | int) -> str:
    return str(value).strip()[:500]


def _hint(name: str, *, of_person: bool) -> str | None:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    last = snake.rpartition(".")[2]
    if of_person and _PERSON_ONLY.search(last):
        return "person_name"
    return next((kind for kind, pattern in _NAMES.items() if pattern.search(last)), None)


def _believed(kind: str, hits: int, n: int, *, hinted: bool) -> bool:
    share = hits / n
    if hinted:
        return share >= 0.2
    if kind in {"email", "id_card"}:  # the pattern proves itself
        return share >= RARE or hits >= PROVEN
    return share >= MOSTLY and hits >= FEW


def _fits_name(kind: str, texts: Sequence[str]) -> bool:
    """Whether the values allow what the name says; a field of which nothing was seen is believed."""
    if not texts or kind == "secret":
        return True
    if kind in {"person_name", "address"}:
        return sum(1 for t in texts if _WORDS.search(t)) >= len(texts) / 2
    if kind == "birthday":
        return sum(1 for t in texts if re.match(r"\d{4}[-/.年]?\d{1,2}|\d{1,2}[-/.]\d{1,2}", t)) >= len(texts) / 2
    if kind == "phone":
        return sum(1 for t in texts if _ANY_PHONE.fullmatch(t)) >= len(texts) / 2
    return sum(1 for t in texts if sum(c.isdigit() for c in t) >= 6) >= len(texts) / 2


def _id_card(text: str) -> bool:
    return any(is_id_card(m[0]) for m in _ID_CARD.finditer(text))


def _is_ip(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not text.endswith((".0", "::")) and not address.is_unspecified  # the network alone names nobody


_LOOKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("id_card", _id_card),
    ("email", lambda t: "@" in t and _EMAIL.search(t) is not None),
    ("bank_card", lambda t: _CARD.fullmatch(t) is not None and is_bank_card(t)),
    ("phone", lambda t: _MOBILE.fullmatch(t) is not None or _E164.fullmatch(t) is not None),
    ("address", lambda t: _CHINESE_ADDRESS.search(t) is not None),
    ("ip", _is_ip),
)
