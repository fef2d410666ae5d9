"""By which rules are identifiers joined here? One document a workspace; without one the shipped rules hold.

A rule names a type of identifier and changes what the type ships with: its priority (lower is stronger), how many of
them one customer may have, over which window those are counted, whether it belongs to one person for good, and after
how many people who cannot be one it counts as shared. Values on the list, and those that obviously name nobody, never
join anything. New rules hold from where they are published in the log; what was joined before stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import Connection

from homing.core.document import Document, Duration, Name
from homing.core.event import Id
from homing.core.ids import BLOCKED, ID_TYPES, MAX_ID
from homing.core.registry import definition_kinds
from homing.core.time import duration_us
from homing.storage import definitions

KIND = "identity"
SHARED_AFTER = 5  # people who cannot be one, before what they have in common counts as shared
_EMAIL_NOBODY = re.compile(
    r"^(?:test|tests|testing|none|null|nil|unknown|no-?reply|no-?e?mail|nobody|anonymous|na|n/a|guest|undefined)@"
    r"|@(?:test|none|noemail|nomail|invalid)\.(?:com|org|net)$"
)
_PHONE_NOBODY = re.compile(r"^\+\d{0,3}?(\d)\1{6,}$|^\+\d{0,3}123456789\d?$")
_OTHER_NOBODY = re.compile(r"^(?:0{4,}|f{8,}|x{3,}|(?:0{4,}-?)+)$", re.IGNORECASE)


def _known(kind: str) -> str:
    if kind not in ID_TYPES:
        raise ValueError(f"type is {kind[:40]!r}, wanted one of {', '.join(ID_TYPES)}")
    return kind


IdKind = Annotated[str, AfterValidator(_known)]


class IdRule(Document):
    """What is different here about one type of identifier; what is not said stays as shipped."""

    type: IdKind
    priority: Annotated[int | None, Field(ge=0, le=99, description="lower is stronger")] = None
    limit: Annotated[int | None, Field(ge=1, le=100_000, description="how many one customer may have")] = None
    window: Annotated[Duration | None, Field(description="count those seen within it; without one, all")] = None
    immutable: Annotated[bool | None, Field(description="belongs to one person for good")] = None
    shared_after: Annotated[
        int | None, Field(ge=0, le=1_000, description="people who cannot be one, before it counts as shared; 0: never")
    ] = None

    @model_validator(mode="after")
    def _whole(self) -> IdRule:
        immutable = ID_TYPES[self.type].immutable if self.immutable is None else self.immutable
        if immutable and (self.window is not None or self.limit not in {None, 1}):
            raise ValueError(f"{self.type} belongs to one person for good: wanted no window and no limit but 1")
        return self


class BlockedValue(Document):
    """A value that never joins anything, such as the shop's own phone."""

    type: IdKind
    value: Annotated[str, Field(min_length=1, max_length=MAX_ID, description="as it is stored: +8613…, lower case")]


class IdentityRules(Document):
    """How identifiers are joined in this workspace."""

    kind: Literal["identity"] = "identity"
    id: Literal["identity"] = "identity"
    name: Name
    types: tuple[IdRule, ...] = ()
    blocked: Annotated[tuple[BlockedValue, ...], Field(max_length=10_000)] = ()

    @model_validator(mode="after")
    def _once(self) -> IdentityRules:
        kinds = [rule.type for rule in self.types]
        if len(set(kinds)) < len(kinds):
            raise ValueError("two rules for one type, wanted one for each")
        return self


definition_kinds[KIND] = IdentityRules


@dataclass(frozen=True, slots=True)
class TypeRule:
    """The rule of one type as it holds."""

    priority: int
    limit: int
    immutable: bool
    window_us: int | None = None
    shared_after: int = SHARED_AFTER  # 0: never


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule as it holds."""

    types: Mapping[str, TypeRule]
    blocked: frozenset[Id] = frozenset()

    def priority(self, of: Id) -> tuple[int, str, str]:
        """Sorts the strongest identifier first."""
        return (self.types[of.type].priority, *of)

    def blocks(self, i: Id) -> bool:
        """Whether this value names nobody: it is on the list, or it obviously does."""
        return i in self.blocked or names_nobody(i)


SHIPPED = Rules(
    {
        t.name: TypeRule(t.priority, t.limit, t.immutable, shared_after=0 if t.immutable else SHARED_AFTER)
        for t in ID_TYPES.values()
    }
)


def names_nobody(i: Id) -> bool:
    """Whether a value obviously is nobody's: a placeholder, a test address, a phone of one digit.

    Example:
        >>> names_nobody(Id("email", "test@test.com")), names_nobody(Id("email", "ann@test-drive.example"))
        (True, False)
    """
    pattern = {"email": _EMAIL_NOBODY, "phone": _PHONE_NOBODY}.get(i.type, _OTHER_NOBODY)
    return bool(pattern.search(i.value) or BLOCKED.match(i.value))


def rules_from(document: IdentityRules) -> Rules:
    """The rules of a document, the shipped ones where it says nothing."""
    types = dict(SHIPPED.types)
    for rule in document.types:
        old = types[rule.type]
        immutable = old.immutable if rule.immutable is None else rule.immutable
        types[rule.type] = replace(
            old,
            priority=old.priority if rule.priority is None else rule.priority,
            limit=1 if immutable else (old.limit if rule.limit is None else rule.limit),
            immutable=immutable,
            window_us=None if rule.window is None else duration_us(rule.window),
            shared_after=old.shared_after if rule.shared_after is None else rule.shared_after,
        )
    return Rules(types, frozenset(Id(b.type, b.value) for b in document.blocked))


def rules_of(conn: Connection) -> Rules:
    """The rules in force."""
    found = [d for d in definitions.published(conn, KIND) if d.status == "live"]
    return rules_from(IdentityRules.model_validate(found[0].document)) if found else SHIPPED


def as_document(rules: Rules) -> dict[str, object]:
    """Every rule written out, as the console and `homing identity rules` show it."""
    return {
        "types": [
            {"type": kind, "priority": r.priority, "limit": r.limit, "immutable": r.immutable,
             "window_us": r.window_us, "shared_after": r.shared_after}
            for kind, r in sorted(rules.types.items(), key=lambda one: one[1].priority)
        ],
        "blocked": [{"type": i.type, "value": i.value} for i in sorted(rules.blocked)],
    }  # fmt: skip
