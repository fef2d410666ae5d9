"""How is a value that could not be read told in a reason? On one line, bounded, in quotation marks.

What stands in the quotation marks came from outside and may be anything, a phone number in a column of times too. Who
may not see personal data is shown the reason without it (`unmet`).
"""

from __future__ import annotations

import re

MOST = 60  # characters of a value, and of a column's name
DAY = "2026-01-31"
TIME = f"{DAY} or {DAY}T09:30:00"
_MET = re.compile("\u201c[^\u201d]*(?:\u201d|$)")
_PLAIN = str.maketrans({"\u201c": "'", "\u201d": "'"})


def met(value: object) -> str:
    """A value that was met, as a reason repeats it.

    Example:
        >>> met("31.13.2017 at  noon")
        '“31.13.2017 at noon”'
    """
    text = " ".join(str(value).translate(_PLAIN).split())
    text = "".join(c if c.isprintable() else "\ufffd" for c in text[: MOST + 1])
    return f"\u201c{text[:MOST]}{'…' if len(text) > MOST else ''}\u201d"


def unlike(field: str, value: object, wanted: str, *, column: str = "") -> str:
    """What was met, what was wanted, and where.

    Example:
        >>> unlike("time", "soon", "a time such as 2026-01-31", column="When")
        'time is “soon”, wanted a time such as 2026-01-31 (column When)'
    """
    where = f" (column {' '.join(column.translate(_PLAIN).split())[:MOST]})" if column and column != field else ""
    return f"{field} is {met(value)}, wanted {wanted}{where}"


def unmet(message: str) -> str:
    """The reason for somebody who may not see what was met.

    Example:
        >>> unmet(unlike("time", "+15550001", "a time"))
        'time is “***”, wanted a time'
    """
    return _MET.sub("\u201c***\u201d", message)
