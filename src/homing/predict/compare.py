"""What sets the members of a segment apart? Each feature of theirs beside everybody else's, as of an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from homing.core.time import DAY, iso
from homing.predict.apart import Apart, set_apart
from homing.predict.definitions import FeatureSpec
from homing.predict.features import choose, matrix
from homing.predict.ground import Ground, bases

LEVEL_OF_Q = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """The members beside the others."""

    members: int
    others: int
    tested: int
    found: tuple[Apart, ...]
    as_of_us: int
    lookback_us: int

    def as_dict(self, *, top: int = 200) -> dict[str, Any]:
        """As JSON values, the largest effects first."""
        return {
            "members": self.members, "others": self.others, "tested": self.tested, "as_of": iso(self.as_of_us),
            "lookback_days": self.lookback_us / DAY,
            "significant": sum(a.q <= LEVEL_OF_Q and not a.defining for a in self.found), "level": LEVEL_OF_Q,
            "features": [a.as_dict() for a in self.found[:top]],
        }  # fmt: skip


def compare(segment: str, ground: Ground, spec: FeatureSpec | None = None) -> Comparison:
    """Compare the members of a segment with everybody else.

    Features that the segment is itself made of are marked: they differ by definition.

    Raises:
        InvalidInput: fewer than two members, or fewer than two others.
    """
    wanted = spec or FeatureSpec(top=20)
    tree = ground.tree(segment)
    table = matrix(
        ground.warehouse, choose(ground.warehouse, wanted, ground.as_of_us, currency=ground.currency), ground.as_of_us
    )
    inside = table.among(ground.members(tree, ground.as_of_us))
    found = set_apart(table, inside, defined_by=bases(tree))
    n = int(inside.sum())
    return Comparison(n, len(inside) - n, len(found), tuple(found), ground.as_of_us, wanted.lookback_us)
