"""Who makes up a household? A document with rules: what customers share, and how many may share it.

What is shared is a surname, an address, a landline, a device, or any trait by its name. Where more share it than the
document allows it tells nothing: an address of a thousand is a dormitory or a slip, not a family.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from homing.core.document import Document, Name, Slug

KIND = "household"
DEVICE = "device"
MOST = 8


class SharedRule(Document):
    """What the customers of one household share: all of it together."""

    id: Slug
    share: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
        Field(min_length=1, max_length=5, description="surname, address, landline, device, or the name of a trait"),
    ]


class HouseholdRules(Document):
    """How households are found in this workspace; the first rule that fits names a customer's own."""

    kind: Literal["household"] = "household"
    id: Literal["household"] = "household"
    name: Name
    rules: Annotated[tuple[SharedRule, ...], Field(min_length=1, max_length=10)]
    most: Annotated[int, Field(ge=2, le=1_000, description="customers a household may have")] = MOST

    @model_validator(mode="after")
    def _whole(self) -> HouseholdRules:
        names = [rule.id for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("two rules of one id, wanted each once")
        for rule in self.rules:
            if DEVICE in rule.share and len(rule.share) > 1:
                raise ValueError(f"rule {rule.id}: a device is shared by itself, wanted nothing beside it")
        return self


SHIPPED: dict[str, Any] = {
    "kind": KIND, "id": KIND, "name": {"en": "Households", "zh": "家庭"},
    "rules": [{"id": "address", "share": ["surname", "address"]}, {"id": "landline", "share": ["landline"]}],
}  # fmt: skip
