"""Does a pattern repeat what repeats itself? Such a one can take for ever on a text that was made to hold it up.

The text of a pattern that compiles is read once, group by group. A repeat counts when it can happen more than once; the
inner one only when it also varies, so that `(a{3})+` is taken and `(a+)+` is not. What gives nothing back (`a++`) ends
soon and is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COUNT = re.compile(r"\{(?=[0-9,])([0-9]*)(?:(,)([0-9]*))?\}")
_FLAGS = re.compile(r"\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
_COMMENT = re.compile(r"\(\?#(?:\\.|[^)\\])*\)", re.DOTALL)
_ENDLESS = 2  # any number above 1


@dataclass(slots=True)
class _Group:
    """A group that is open."""

    spaced: bool  # spaces and comments mean nothing in it
    varies: bool = False  # something in it repeats itself, a number of times that varies


def nests_repeats(pattern: str) -> bool:
    """Whether an open-ended repeat stands inside another.

    Args:
        pattern: one that compiles.

    Example:
        >>> [nests_repeats(p) for p in ("a+b+", "(a+b)+", "([ab]+)?", "(?:a{2,3}){4}")]
        [False, True, False, True]
    """
    groups = [_Group(spaced=bool(re.compile(pattern).flags & re.VERBOSE))]
    last = False  # whether the part before holds a repeat that varies
    at = 0
    while at < len(pattern):
        here = groups[-1]
        sign = pattern[at]
        skipped = _nothing(pattern, at, spaced=here.spaced)
        if skipped > at:
            at = skipped
            continue
        repeat = _repeat(pattern, at)
        if repeat is not None:
            least, most, at, gives_back = repeat
            if most > 1 and gives_back:
                if last:
                    return True
                here.varies |= least != most
            continue
        if sign == "(":
            groups.append(_Group(spaced=_spaced(pattern, at, outside=here.spaced)))
            at = _opened(pattern, at)
        elif sign == ")":
            last = groups.pop().varies
            groups[-1].varies |= last
            at += 1
        else:
            last = False
            at = _single(pattern, at)
    return False


def _nothing(pattern: str, at: int, *, spaced: bool) -> int:
    """Where what means nothing ends: a comment, or a space where spaces mean nothing."""
    comment = _COMMENT.match(pattern, at)
    if comment:
        return comment.end()
    if spaced and pattern[at] in " \t\n\r\v\f":
        return at + 1
    if spaced and pattern[at] == "#":
        end = pattern.find("\n", at)
        return len(pattern) if end < 0 else end + 1
    return at


def _repeat(pattern: str, at: int) -> tuple[int, int, int, bool] | None:
    """(least, most, where it ends, whether it gives back what it took) of a repeat that begins here."""
    plain = {"*": (0, _ENDLESS), "+": (1, _ENDLESS), "?": (0, 1)}.get(pattern[at])
    end = at + 1
    if plain is None:
        count = _COUNT.match(pattern, at)
        if count is None:
            return None
        least = int(count[1] or 0)
        plain = (least, least) if count[2] is None else (least, int(count[3]) if count[3] else least + _ENDLESS)
        end = count.end()
    manner = pattern[end : end + 1]
    return *plain, end + (manner in {"?", "+"}), manner != "+"


def _opened(pattern: str, at: int) -> int:
    """Where the inside of a group begins, behind what says of which sort it is."""
    if pattern.startswith("(?(", at):
        return pattern.index(")", at + 3) + 1
    return at + 2 if pattern.startswith("(?", at) else at + 1


def _spaced(pattern: str, at: int, *, outside: bool) -> bool:
    flags = _FLAGS.match(pattern, at + 1)
    if flags is None or flags[3] == ")":
        return outside
    return (outside or "x" in flags[1]) and "x" not in (flags[2] or "")


def _single(pattern: str, at: int) -> int:
    """Where one sign ends: a letter, an escape, or a set in brackets."""
    if pattern[at] == "\\":
        return pattern.index("}", at) + 1 if pattern.startswith("\\N{", at) else at + 2
    if pattern[at] != "[":
        return at + 1
    at += 2 if pattern.startswith("[^", at) else 1
    first = at
    while pattern[at] != "]" or at == first:
        at += 2 if pattern[at] == "\\" else 1
    return at + 1
