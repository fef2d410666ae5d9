"""Which field might a column be, and why? Told by its name, else by what stands in it; each guess says how sure it is.

Names are the importer's own. Values tell e-mails, phone numbers, times, currencies, addresses of pages and lists apart
whatever the header says; amounts and counts are guessed only for a field that has no column yet. A guess is shown to a
person and is never more than that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import phonenumbers

from homing.collect.files.fields import clean_name, kind_of, missing
from homing.collect.files.kind import Kind, kinds
from homing.collect.normalise import TimeReader, blank, number
from homing.core.errors import InvalidInput

SHARE = 0.8  # of a column's values that have to look alike
ANY = 0.3  # that rows are any table at all
CERTAIN = 0.5  # a guess below this is not chosen by itself
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$")
_URL = re.compile(r"^https?://\S+$")
_DATE_LIKE = re.compile(r"[-/.:年月T]")
_CODES = (
    "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY "
    "KRW KWD MOP MXN MYR NOK NZD PEN PHP PKR PLN QAR RMB RON RUB SAR SEK SGD THB TRY "
    "TWD UAH USD VND ZAR "
)
_CURRENCIES = frozenset(_CODES.split())
_REASONS: dict[str, tuple[str, str]] = {
    "name": ("its name says so", "列名如此"),
    "like": ("its name holds {}", "列名含有“{}”"),
    "email": ("{} of {} values are e-mail addresses", "{1} 个值中有 {0} 个是邮箱地址"),
    "phone": ("{} of {} values are phone numbers", "{1} 个值中有 {0} 个是电话号码"),
    "time": ("{} of {} values are times", "{1} 个值中有 {0} 个是时间"),
    "currency": ("{} of {} values are currency codes", "{1} 个值中有 {0} 个是货币代码"),
    "url": ("{} of {} values are web addresses", "{1} 个值中有 {0} 个是网址"),
    "list": ("{} of {} values are JSON lists", "{1} 个值中有 {0} 个是 JSON 列表"),
    "amount": ("{} of {} values are amounts of money", "{1} 个值中有 {0} 个是金额"),
    "count": ("{} of {} values are small whole numbers", "{1} 个值中有 {0} 个是较小的整数"),
}
_SORT_OF: dict[str, tuple[str, ...]] = {
    "email": ("email",), "phone": ("phone",), "time": ("time",), "currency": ("currency", "per"),
    "url": ("url", "image_url"), "list": ("products",), "amount": ("revenue", "price", "cost", "rate"),
    "count": ("quantity", "rating", "delta"),
}  # fmt: skip
_SURE = {"email": 0.95, "phone": 0.85, "time": 0.9, "currency": 0.9, "url": 0.6, "list": 0.8, "amount": 0.5,
         "count": 0.4}  # fmt: skip
_ONE_OF = 0.35  # an amount that might be any of several


class Reason(NamedTuple):
    """Why a guess is made, in both languages."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One column's likeliest field; None where there is no guess."""

    column: str
    field: str | None
    confidence: float
    reason: Reason | None
    sort: str = ""  # what its values look like


def suggest(kind_name: str, columns: Sequence[str], values: Sequence[Sequence[str]], region: str) -> list[Suggestion]:
    """A guess for every column; no field is guessed twice.

    Args:
        kind_name: what the rows are.
        columns: as the file names them.
        values: some values of each column.
        region: ISO country of phone numbers without one.
    """
    kind = kind_of(kind_name)
    sorts = [sort_of(column, region) for column in values]
    found: dict[int, Suggestion] = {}
    taken: set[str] = set()
    offers = sorted(_offers(kind, columns, sorts), key=lambda o: -o[2])
    for at, field, confidence, reason in offers:
        if at not in found and field not in taken:
            found[at] = Suggestion(columns[at], field, round(confidence, 2), reason, sorts[at].sort)
            taken.add(field)
    return [found.get(at, Suggestion(name, None, 0.0, None, sorts[at].sort)) for at, name in enumerate(columns)]


def guess_kinds(
    columns: Sequence[str], values: Sequence[Sequence[str]], name: str, region: str
) -> list[tuple[str, float]]:
    """The kinds the rows may be, likeliest first, each with how sure that is (0 .. 1)."""
    scores = {}
    for kind in kinds.values():
        guesses = suggest(kind.name, columns, values, region)
        at = {g.field: n for n, g in enumerate(guesses) if g.field and g.confidence >= CERTAIN}
        who = any(f in at for f in ("customer_id", "member_card", "email", "phone", "openid", "unionid", "device_id"))
        fit = sum(g.confidence for g in guesses if g.field in at) / max(len(columns), 1)
        lacking = len(missing(kind, at, who))
        asked = len(kind.needs) + kind.who
        named = 0.15 if clean_name(kind.name).rstrip("s") in clean_name(name) else 0.0
        met = (asked - lacking) / asked if asked else 0.0
        score = (0.5 * met + 0.5 * fit + named) * (0.5 if lacking else 1)
        scores[kind.name] = round(min(1.0, max(score, 0.0 if asked else ANY)), 2)
    return sorted(scores.items(), key=lambda s: -s[1])


class Sorted(NamedTuple):
    """What the values of a column look like, and how many of them."""

    sort: str
    hits: int
    n: int


def sort_of(values: Sequence[str], region: str) -> Sorted:
    """What stands in a column; an empty sort where nothing is told."""
    said = [v.strip() for v in values if not blank(v)]
    for sort, test in _TESTS.items():
        hits = sum(1 for v in said if test(v, region))
        if said and hits >= SHARE * len(said):
            return Sorted(sort, hits, len(said))
    return Sorted("", 0, len(said))


def _offers(
    kind: Kind, columns: Sequence[str], sorts: Sequence[Sorted]
) -> list[tuple[int, str, float, Reason]]:  # fmt: skip
    out: list[tuple[int, str, float, Reason]] = []
    for at, column in enumerate(columns):
        clean, found = clean_name(column), sorts[at]
        for field, aliases in kind.fields.items():
            known = [clean_name(field), *aliases.split()]
            fits = not found.sort or found.n < 2 or _may_be(field, found.sort)
            if clean in known:
                place = known.index(clean)
                out.append((at, field, (1.0 - place / 1000) * (1 if fits else 0.6), _reason("name")))
                continue
            part = max(
                (a for a in known if len(a) >= (2 if not a.isascii() else 4) and a in clean), key=len, default=""
            )
            if part and fits:
                out.append((at, field, 0.55 + 0.2 * len(part) / len(clean), _reason("like", part)))
        fields = [f for f in _SORT_OF.get(found.sort, ()) if f in kind.fields]
        for field in fields:
            sure = _SURE[found.sort] * found.hits / found.n
            alone = sure if len(fields) == 1 or found.sort not in {"amount", "count"} else _ONE_OF
            out.append((at, field, alone * 0.9, _reason(found.sort, found.hits, found.n)))
    return out


def _may_be(field: str, sort: str) -> bool:
    """Whether values of this sort can stand in the field: an e-mail address is no price."""
    owners = {f: s for s, fields in _SORT_OF.items() if s in {"email", "time", "url", "list"} for f in fields}
    if field in owners:
        return owners[field] == sort or (field == "time" and sort in {"count", "amount"})
    return sort not in {"email", "url", "list"} or not any(field in f for s, f in _SORT_OF.items() if s != sort)


def _reason(code: str, *said: object) -> Reason:
    en, zh = _REASONS[code]
    return Reason(code, en.format(*said), zh.format(*said))


# -- what a value looks like -------------------------------------------------------------------------------------------
_reader = TimeReader("UTC", day_first=False)
_other = TimeReader("UTC", day_first=True)


def _is_time(text: str, _region: str) -> bool:
    if not _DATE_LIKE.search(text):
        return bool(re.fullmatch(r"(19|20)\d{6}(\d{6})?|1\d{9}|1\d{12}", text))
    for reader in (_reader, _other):
        try:
            reader.parts(text)
        except InvalidInput:
            continue
        return True
    return False


def _is_phone(text: str, region: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    if not 7 <= digits <= 15 or any(c.isalpha() for c in text) or (digits == len(text) and digits < 10):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def _is_amount(text: str, _region: str) -> bool:
    try:
        value = number(text)
    except InvalidInput:
        return False
    return value != value.to_integral_value() or any(c in text for c in "¥$€£￥")


def _is_count(text: str, _region: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,4}", text))


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "email": lambda text, _: bool(_EMAIL.match(text)),
    "url": lambda text, _: bool(_URL.match(text)),
    "list": lambda text, _: text.startswith("[") and text.endswith("]"),
    "currency": lambda text, _: text.upper() in _CURRENCIES,
    "amount": _is_amount,
    "time": _is_time,
    "phone": _is_phone,
    "count": _is_count,
}
