"""Shapes of households and accounts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from homing.api.shapes.basics import Out

GroupKind = Literal["household", "account"]


class GroupMemberOut(Out):
    """Somebody of a group."""

    customer_id: str
    name: str
    since: str
    last_at: str


class GroupOut(Out):
    """A household or an account."""

    kind: GroupKind
    group_id: str
    why: str = Field(description="the rule that found a household; `group` for an account")
    size: int = Field(description="customers in it")
    traits: dict[str, Any]
    since: str
    changed_at: str
    members: list[GroupMemberOut] = Field(description="at most 50, the first ones first; none in a list")


class CustomerGroupsOut(Out):
    """Where a customer belongs."""

    items: list[GroupOut]
    as_of: str
