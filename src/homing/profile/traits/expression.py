"""What does a formula say? A small language of its own: numbers, texts and other traits; nothing else can be reached.

`+ - * /`, comparisons `= != < <= > >=`, `and or not`, and the functions min, max, coalesce, if, round, floor, cut,
choose, days_since. What is missing stays missing: an operation on nothing gives nothing, so does a division by zero;
`coalesce` fills in, `if` takes the other branch. `days_since(t)` counts whole days since then.

The text is read once into a tree; the stream evaluates the tree and the warehouse compiles the same tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from homing.core.errors import InvalidInput

MAX_LENGTH = 2_000  # characters of a formula
MAX_DEPTH = 40
MAX_TERMS = 400  # tokens: a formula is read by people
Type = Literal["number", "text", "boolean", "time", "any"]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,15}(?:\.\d{1,15})?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"]{0,200}\"|'[^']{0,200}')|(?P<sign><=|>=|!=|==|[-+*/()=<>,]))"
)
# function: fewest and most arguments
FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (2, 20), "max": (2, 20), "coalesce": (2, 20), "if": (3, 3), "round": (1, 2), "floor": (1, 1),
    "cut": (2, 20), "choose": (2, 60), "days_since": (1, 1),
}  # fmt: skip
_COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_WORDS = frozenset({"and", "or", "not", "true", "false"})


@dataclass(frozen=True, slots=True)
class Literal_:  # noqa: N801 - `Literal` is typing's
    """A number, a text, true or false."""

    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Name:
    """Another trait."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operation or a function, on its arguments."""

    op: str
    args: tuple[Expression, ...]


Expression = Literal_ | Name | Call


def parse(text: str) -> Expression:
    """The tree of a formula.

    Raises:
        InvalidInput: it cannot be read; the message says where and what was wanted.

    Example:
        >>> parse("1 + 2 * x")
        Call(op='+', args=(Literal_(value=1.0), Call(op='*', args=(Literal_(value=2.0), Name(name='x')))))
    """
    if len(text) > MAX_LENGTH:
        raise InvalidInput(f"a formula of {len(text)} characters, wanted at most {MAX_LENGTH}", field="formula")
    return _Parser(text).whole()


def names(tree: Expression) -> frozenset[str]:
    """The traits a formula reads."""
    return frozenset(part.name for part in walk(tree) if isinstance(part, Name))


def walk(tree: Expression) -> Iterator[Expression]:
    """Every part of a formula, from the top."""
    yield tree
    if isinstance(tree, Call):
        for one in tree.args:
            yield from walk(one)


class _Parser:
    """Reads a text by precedence: or, and, not, comparison, sum, product, sign, atom."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split())
        if len(self._tokens) > MAX_TERMS:
            raise InvalidInput(f"a formula of {len(self._tokens)} words, wanted at most {MAX_TERMS}", field="formula")
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        made = self._or()
        if self._at < len(self._tokens):
            self._fail("an operator or the end")
        return made

    def _split(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        end = len(self._text.rstrip())
        while at < end:
            found = _TOKEN.match(self._text, at)
            if not found or found.lastgroup is None:
                raise InvalidInput(
                    f"the formula cannot be read at place {at + 1}: {self._text[at : at + 20].strip()!r}",
                    field="formula",
                )
            yield found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)
            at = found.end()

    def _or(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidInput(f"a formula nested deeper than {MAX_DEPTH}, wanted a flatter one", field="formula")
        made = self._and()
        while self._take("or"):
            made = Call("or", (made, self._and()))
        self._depth -= 1
        return made

    def _and(self) -> Expression:
        made = self._not()
        while self._take("and"):
            made = Call("and", (made, self._not()))
        return made

    def _not(self) -> Expression:
        n = 0
        while self._take("not"):
            n += 1
        made = self._comparison()
        for _ in range(n):
            made = Call("not", (made,))
        return made

    def _comparison(self) -> Expression:
        made = self._sum()
        sign = self._peek()
        if sign in _COMPARISONS:
            self._at += 1
            made = Call(_COMPARISONS[sign], (made, self._sum()))
        return made

    def _sum(self) -> Expression:
        made = self._product()
        while (sign := self._peek()) in ("+", "-"):
            self._at += 1
            made = Call(sign, (made, self._product()))
        return made

    def _product(self) -> Expression:
        made = self._signed()
        while (sign := self._peek()) in ("*", "/"):
            self._at += 1
            made = Call(sign, (made, self._signed()))
        return made

    def _signed(self) -> Expression:
        if not self._take("-"):
            return self._atom()
        inner = self._atom()
        if isinstance(inner, Literal_) and isinstance(inner.value, float):
            return Literal_(-inner.value)
        return Call("-", (Literal_(0.0), inner))

    def _atom(self) -> Expression:
        if self._at >= len(self._tokens):
            self._fail("a number, a text or a trait")
        kind, word, _ = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return Literal_(float(word))
        if kind == "text":
            return Literal_(word[1:-1])
        if word == "(":
            made = self._or()
            self._want(")")
            return made
        if kind == "name" and word in ("true", "false"):
            return Literal_(word == "true")
        if kind == "name" and word not in _WORDS:
            return self._call(word) if self._peek() == "(" else Name(word)
        self._at -= 1
        return self._fail("a number, a text or a trait")

    def _call(self, name: str) -> Expression:
        if name not in FUNCTIONS:
            self._fail(f"one of {', '.join(sorted(FUNCTIONS))}", back=1)
        self._want("(")
        args = [self._or()]
        while self._take(","):
            args.append(self._or())
        self._want(")")
        low, high = FUNCTIONS[name]
        if not low <= len(args) <= high:
            raise InvalidInput(f"{name} with {len(args)} arguments, wanted {low} .. {high}", field="formula")
        return Call(name, tuple(args))

    def _peek(self) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] == "text":
            return ""
        return self._tokens[self._at][1]

    def _take(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._at += 1
        return True

    def _want(self, word: str) -> None:
        if not self._take(word):
            self._fail(repr(word))

    def _fail(self, wanted: str, *, back: int = 0) -> NoReturn:
        at = self._at - back
        met = repr(self._tokens[at][1]) if at < len(self._tokens) else "the end"
        place = self._tokens[at][2] + 1 if at < len(self._tokens) else len(self._text) + 1
        raise InvalidInput(f"the formula has {met} at place {place}, wanted {wanted}", field="formula")
