"""What does a tag's document say? How customers come to have it, its values, when it ends, who answers for it.

A rule tag is a condition judged live, or cases of which the first that holds gives the value. A model tag is the same
over one number, such as a score. A manual tag is given by people, an import tag by files and sources.
"""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from homing.core.condition import All, Condition, Trait, parse
from homing.core.condition_values import text_of_number
from homing.core.document import BothText, Document, Duration, Name, Text
from homing.core.errors import HomingError, InvalidInput
from homing.core.time import duration_us, end_of

KIND = "tag"
PREFIX = "tag."  # what its trait's name begins with
How = Literal["rule", "model", "manual", "import"]
JUDGED = frozenset({"rule", "model"})
Value = str | bool | int | float
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,62}$", description="small letters, digits and _")]
Tree = Annotated[Condition, BeforeValidator(parse)]
_TRUTH = dict.fromkeys(("1", "true", "yes", "y", "是"), True) | dict.fromkeys(("0", "false", "no", "n", "否"), False)


class Values(Document):
    """What the tag says beside being there; without it, it only is there or not."""

    type: Literal["text", "number", "bool"]
    options: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] | None = Field(
        None, description="the texts there are; none: any text", max_length=200
    )

    @model_validator(mode="after")
    def _fits(self) -> Values:
        if self.options is not None and self.type != "text":
            raise ValueError(f"options for values of type {self.type}, wanted them for text alone")
        return self


class Case(Document):
    """A value and who gets it."""

    value: Value
    condition: Tree


class Band(Document):
    """A part of the number's range: from `at_least`, below `below`."""

    value: Value | None = None
    at_least: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Band:
        if self.at_least is None and self.below is None:
            raise ValueError("neither at_least nor below, wanted one of them at least")
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            raise ValueError(f"at_least {self.at_least:g} is not below {self.below:g}")
        return self


class Model(Document):
    """A number that is known of customers, and its thresholds; the first that fits counts."""

    trait: Annotated[str, Field(min_length=1, max_length=200, description="churn_risk, a score, or any number")]
    cases: Annotated[tuple[Band, ...], Field(min_length=1, max_length=50)]


class Expiry(Document):
    """When the tag ends: so long after it was given, or on a day that still counts whole."""

    after: Duration | None = None
    on: str | None = Field(None, description="a day such as 2026-12-31, or an instant")

    @model_validator(mode="after")
    def _one(self) -> Expiry:
        if (self.after is None) == (self.on is None):
            raise ValueError("wanted one of after and on")
        if self.after is not None and duration_us(self.after) <= 0:
            raise ValueError("a time of no length, wanted one above zero")
        try:
            self.until_us(0, "UTC")
        except HomingError:
            raise ValueError(f"on is {str(self.on)[:40]!r}, wanted a day such as 2026-12-31") from None
        return self

    def until_us(self, given_us: int, zone: str) -> int:
        """When a tag given at an instant ends."""
        if self.after is not None:
            return given_us + duration_us(self.after)
        return end_of(str(self.on), zone)


class Tag(Document):
    """Something said of customers by a rule, a model, a person or a file."""

    kind: Literal["tag"] = "tag"
    id: Id
    name: Name
    how: How
    description: BothText = Field(default_factory=Text)
    category: str = Field("", max_length=100)
    owner: str = Field("", max_length=200, description="who answers for it")
    value: Values | None = None
    expires: Expiry | None = None
    condition: Tree | None = Field(None, description="rule: who has it")
    cases: Annotated[tuple[Case, ...], Field(max_length=50)] = Field((), description="rule: the first that holds")
    model: Model | None = None

    @model_validator(mode="after")
    def _whole(self) -> Tag:
        given = {"condition": self.condition is not None, "cases": bool(self.cases), "model": self.model is not None}
        wanted = {"rule": "cases" if self.value else "condition", "model": "model"}.get(self.how)
        for name, there in given.items():
            if there != (name == wanted):
                kind = f"a {self.how} tag {'with' if self.value else 'without'} values"
                raise ValueError(f"{kind}: {name} is {'there' if there else 'missing'}, wanted {wanted or 'no rule'}")
        for value in self._said():
            if (value is None) != (self.value is None):
                raise ValueError("a case's value and the tag's values do not go together, wanted both or neither")
            if value is not None:
                self.checked(value)
        return self

    def checked(self, value: Any) -> Any:
        """A value this tag may have; a plain tag's is always true.

        Raises:
            InvalidInput: it may not have that one; the message says what was wanted.
        """
        if self.value is None:
            if value not in (None, True):
                raise InvalidInput(f"the tag {self.id} has no values, met one", field="value")
            return True
        if value is None:
            raise InvalidInput(f"the tag {self.id} has values, met none", field="value")
        kinds: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float), "bool": (bool,)}
        fits = kinds[self.value.type]
        if not isinstance(value, fits) or (self.value.type == "number" and isinstance(value, bool)):
            raise InvalidInput(f"the value is {str(value)[:40]!r}, wanted a {self.value.type}", field="value")
        if self.value.options is not None and value not in self.value.options:
            raise InvalidInput(
                f"the value is {str(value)[:40]!r}, wanted one of {', '.join(self.value.options)}", field="value"
            )
        return value

    def read(self, value: Any) -> Any:
        """A value as a file writes it: numbers and truth may be texts.

        Raises:
            InvalidInput: it cannot be one of this tag's.
        """
        kind = self.value.type if self.value else None
        if kind is None:
            return True
        if kind == "text" and isinstance(value, int | float) and not isinstance(value, bool):
            value = text_of_number(value)
        elif kind == "number" and isinstance(value, str):
            try:
                value = _finite(value.replace(",", ""))
            except ValueError:
                raise InvalidInput(f"the value is {value[:40]!r}, wanted a number", field="value") from None
            value = int(value) if value.is_integer() else value
        elif kind == "bool" and isinstance(value, str | int):
            value = _TRUTH.get(str(value).strip().lower(), value)
        return self.checked(value)

    def rules(self) -> tuple[tuple[Any, Condition], ...]:
        """(value, who gets it) of a judged tag, in their order."""
        if self.condition is not None:
            return ((True, self.condition),)
        if self.model is not None:
            return tuple((True if b.value is None else b.value, _within(self.model.trait, b)) for b in self.model.cases)
        return tuple((case.value, case.condition) for case in self.cases)

    def until_us(self, given_us: int, zone: str) -> int | None:
        """When it ends if given at an instant; None: never."""
        return None if self.expires is None else self.expires.until_us(given_us, zone)

    def _said(self) -> list[Any]:
        if self.model is not None:
            return [band.value for band in self.model.cases]
        return [case.value for case in self.cases]


def _finite(text: str) -> float:
    """The number of a text; `nan` and `inf` are words, not numbers."""
    found = float(text)
    if not isfinite(found):
        raise ValueError(text)
    return found


def _within(trait: str, band: Band) -> Condition:
    parts: list[Condition] = []
    if band.at_least is not None:
        parts.append(Trait(name=trait, op="gte", value=band.at_least))
    if band.below is not None:
        parts.append(Trait(name=trait, op="lt", value=band.below))
    return parts[0] if len(parts) == 1 else All(of=tuple(parts))
