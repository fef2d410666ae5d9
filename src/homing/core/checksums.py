"""Could this number be a real one? Check digits of Chinese identity cards and of bank cards.

A check digit proves nothing about a person; it tells a number of that kind from an invoice number that looks like one.
"""

from __future__ import annotations

from calendar import monthrange

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83]
)
_CARDS = (  # first digits (from, to) and lengths of the card schemes there are
    (4, 4, (13, 16, 19)), (51, 55, (16,)), (2221, 2720, (16,)), (34, 34, (15,)), (37, 37, (15,)),
    (62, 62, (16, 17, 18, 19)), (3528, 3589, (16,)), (300, 305, (14,)), (36, 36, (14,)), (38, 39, (14,)),
    (6011, 6011, (16,)), (65, 65, (16,)), (2200, 2204, (16,)),
)  # fmt: skip


def id_card_check(first17: str) -> str:
    """The check character of a citizen identity number.

    Args:
        first17: its first 17 digits.

    Source:
        GB 11643-1999, ISO 7064 MOD 11-2.

    Example:
        >>> id_card_check("11010519491231002")
        'X'
    """
    return _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


def is_id_card(text: str) -> bool:
    """Whether this is a citizen identity number of 18 characters: province, birthday and check character agree.

    Example:
        >>> [is_id_card(t) for t in ("11010519491231002X", "110105194912310021", "11010519490231002X")]
        [True, False, False]
    """
    if len(text) != 18 or not text.isascii() or not text[:17].isdigit() or int(text[:2]) not in _PROVINCES:
        return False
    year, month, day = int(text[6:10]), int(text[10:12]), int(text[12:14])
    if not (1850 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return False
    return id_card_check(text[:17]) == text[17].upper()


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it.

    Source:
        ISO/IEC 7812-1, annex B.

    Example:
        >>> luhn("4111111111111111"), luhn("4111111111111112")
        (True, False)
    """
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(d // 10 + d % 10 for d in doubled) + sum(map(int, digits[::-2]))) % 10 == 0


def is_bank_card(text: str) -> bool:
    """Whether this is a bank card's number: a scheme's first digits and length, and the check digit.

    Example:
        >>> [is_bank_card(t) for t in ("4111111111111111", "6222021234567890127", "490154203237518")]
        [True, False, False]
    """
    digits = text.replace(" ", "").replace("-", "")
    if not (13 <= len(digits) <= 19 and digits.isascii() and digits.isdigit()):
        return False
    known = (len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high for low, high, lengths in _CARDS)
    return any(known) and luhn(digits)
