"""What does an agreement about somebody else's data say? Whose it is, what for, which fields, and until when.

After that instant the data cannot be read any more; extending the agreement makes it readable again. A source stands
under one agreement at most; where documents name it twice it is readable while one of them holds.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from homing.core.document import Document, Name, Slug, Zone, read_by
from homing.core.time import end_of

KIND = "agreement"
Relation = Literal["second_party", "third_party"]
FIRST_PARTY = "first_party"


class Agreement(Document):
    """On what terms another party's data may be used."""

    kind: Literal["agreement"] = "agreement"
    id: Slug
    name: Name
    party: str = Field(min_length=1, max_length=200, description="who gives the data")
    relation: Relation = Field(description="second_party: a partner's own data; third_party: bought or collected")
    purpose: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(min_length=1)
    expires: Annotated[str, read_by(lambda text: end_of(text, "UTC"))] = Field(
        description="a day, which still counts whole, or an instant such as 2026-12-31T18:00+08:00"
    )
    zone: Zone = Field("UTC", description="IANA zone in which the day ends")
    fields: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] | None = Field(
        None, description="traits, properties and identifiers that may be kept; without it all may"
    )
    sources: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(min_length=1)

    def expires_us(self) -> int:
        """The instant from which the data is not readable: of a day, the midnight that ends it."""
        return end_of(self.expires, self.zone)
