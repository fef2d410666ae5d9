"""What does a message of ours say in Chinese? `chinese.json` holds each sentence; a test finds any that is missing.

Messages are written once, in English, where they arise, and kept so (a run's error, a row's reason); they are put into
Chinese for the eyes of who asked in Chinese, when they are read. A message is known by its sentence, and what was
filled into it, quoted names and numbers, is carried over. What another system said, and any sentence not known here,
stays as it is.

* `said` - the sentences that stand in the source, with a number for what is filled in
* `composed` - those put together of parts, and those of the libraries that read what comes in
* `words` - what stands for one word within a sentence
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

LONGEST = 4_000  # characters of a message that is looked at
_DEEPEST = 4  # messages within messages
MOST_TRIED = 500  # sentences that fit, of a message and what is filled into it
_HOLE = re.compile(r"\{(\d)\}")
_HOLE_AND_GAPS = re.compile(r"( ?)\{(\d)\}( ?)")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
_QUOTED = re.compile(r"'([^']*)'")
_ALL_QUOTED = re.compile(r"'[^']*'(?:(?:, | or | and )'[^']*')*")


class Sentence(NamedTuple):
    """One message: the text between what is filled in, and what it is in Chinese."""

    parts: tuple[str, ...]
    holes: tuple[int, ...]
    chinese: str

    def read(self, text: str) -> dict[int, str] | None:
        """What was filled in; None when the text is another message."""
        first, last = self.parts[0], self.parts[-1]
        if not self.holes:
            return {} if text == first else None
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return None
        at, end, filled = len(first), len(text) - len(last), []
        for part in self.parts[1:-1]:
            found = text.find(part, at, end)
            if found < 0:
                return None
            filled.append(text[at:found])
            at = found + len(part)
        return dict(zip(self.holes, (*filled, text[at:end]), strict=True))


def in_chinese(message: str) -> str:
    """The message in Chinese; as it is where its sentence is not known.

    Example:
        >>> in_chinese("there is no segment 'vip' in force")
        '没有已生效的人群 “vip”'
        >>> in_chinese("mode: Input should be 'observe', 'warn' or 'block'")
        'mode：应为 “observe”、“warn” 或 “block”'
    """
    return _Reading().read(message, 0).text


class _Read(NamedTuple):
    """A text as it will be shown, and how much of it could not be put into Chinese."""

    text: str
    left: int = 0


class _Reading:
    """Reads one message. Of the sentences that fit the one is taken that leaves the least in English."""

    def __init__(self) -> None:
        self._tried = 0

    def read(self, message: str, deep: int) -> _Read:
        """The message, or what was filled into one, `deep` messages down."""
        best = as_it_is = _Read(message, len(message))
        if deep > _DEEPEST or len(message) > LONGEST:
            return as_it_is
        for sentence in _sentences():
            filled = sentence.read(message)
            if filled is None or self._tried > MOST_TRIED:
                continue
            self._tried += 1
            found = self._with(sentence, filled, deep)
            if found.left < best.left:
                best = found
            if not best.left:
                break
        return best

    def _with(self, sentence: Sentence, filled: dict[int, str], deep: int) -> _Read:
        shown = {n: self._filled(text, deep) for n, text in filled.items()}
        wordless = not any(c.isalpha() for part in sentence.parts for c in part)
        if wordless and all(shown[n].text == text for n, text in filled.items()):
            return _Read(sentence.chinese, LONGEST)  # nothing but other punctuation
        left = sum(one.left for one in shown.values())
        return _Read(_HOLE_AND_GAPS.sub(lambda hole: _joined(hole, shown[int(hole[2])].text), sentence.chinese), left)

    def _filled(self, text: str, deep: int) -> _Read:
        if _ALL_QUOTED.fullmatch(text):
            text = _QUOTED.sub("\u201c\\1\u201d", text).replace("\u201d, \u201c", "\u201d、\u201c")
            return _Read(text.replace("\u201d or \u201c", "\u201d 或 \u201c"))
        if (word := _catalogue()["words"].get(text)) is not None:
            return _Read(word)
        return self.read(text, deep + 1) if " " in text else _Read(text)


def _joined(hole: re.Match[str], text: str) -> str:
    """What is filled in, with a gap on either side where the sentence has one and no ideograph is met."""
    before = "" if _IDEOGRAPH.match(text[:1]) else hole[1]
    after = "" if _IDEOGRAPH.match(text[-1:]) else hole[3]
    return before + text + after


@cache
def _sentences() -> tuple[Sentence, ...]:
    """Every sentence; the more of it is text of ours, the earlier it is tried."""
    known = _catalogue()
    made = [_made(en, zh) for en, zh in (known["said"] | known["composed"]).items()]
    return tuple(sorted(made, key=lambda one: -sum(map(len, one.parts))))


def _made(english: str, chinese: str) -> Sentence:
    pieces = _HOLE.split(english)
    return Sentence(tuple(pieces[::2]), tuple(int(n) for n in pieces[1::2]), chinese)


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = files("homing.core").joinpath("chinese.json").read_text(encoding="utf-8")
    known: dict[str, dict[str, str]] = json.loads(text)
    return known
