"""Which pairs are worth comparing, and by what? Proposed from the data: how full a column is and how its values repeat.

Comparing everybody with everybody is out of reach, so a *blocking rule* names columns that must agree for a pair to be
looked at. A rule is good when many records have its columns and few share its values. Several are needed: a typing
error in one column is caught by a rule over others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from homing.core.errors import InvalidInput
from homing.identity.link.records import Records

PAIRS_A_RECORD = 60  # a rule may propose so many pairs for each record
ALL_PAIRS_A_RECORD = 200  # and all of them together
PAIRS_MIN = 100_000  # small tables may compare more
MAX_RULES = 12
ENOUGH = 0.02  # a rule whose columns are filled together in fewer records is left out

# Columns whose agreement together may point to one person; `x:3` is the beginning of x.
CANDIDATES: tuple[tuple[str, ...], ...] = (
    ("national_id",), ("email",), ("phone",), ("birth_date",), ("surname",), ("given_name",), ("postcode",),
    ("address",), ("given_name", "surname"), ("surname", "given_name:1"), ("given_name:3", "surname:3"),
    ("surname", "birth_date:4"), ("given_name", "birth_date:4"), ("surname:3", "birth_date:4"),
    ("surname", "birth_date"), ("given_name", "birth_date"), ("given_name", "surname", "birth_date"),
    ("birth_date", "postcode"), ("birth_date:4", "postcode:3"), ("surname", "postcode"), ("surname:3", "postcode"),
    ("given_name", "postcode"), ("given_name:3", "postcode", "number"), ("postcode", "address"), ("surname", "address"),
    ("given_name", "address"), ("address", "number"), ("surname", "city"), ("given_name", "city"),
    ("given_name:3", "surname:3", "city"), ("birth_date:4", "city"), ("given_name", "city", "other"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Columns that must agree for a pair to be compared.

    Args:
        columns: their names; `x:3` means the first three letters of x.
        pairs: how many pairs that proposes.
        filled: share of records that have all of them.
    """

    columns: tuple[str, ...]
    pairs: int
    filled: float

    def names(self) -> frozenset[str]:
        """The columns it looks at."""
        return frozenset(c.partition(":")[0] for c in self.columns)


@dataclass(frozen=True, slots=True)
class Plan:
    """How records are to be compared."""

    blocks: tuple[Block, ...]
    compared: tuple[str, ...]


def propose(records: Records, wanted: Sequence[Sequence[str]] | None = None) -> Plan:
    """Blocking rules and the columns to compare.

    Args:
        records: cleaned.
        wanted: blocking rules to use instead of the proposed ones.

    Returns:
        At most MAX_RULES rules, the fewest pairs first.

    Raises:
        InvalidInput: a wanted column does not exist, or no rule is selective enough.
    """
    compared = tuple(records.values)
    if wanted is not None:
        blocks = [_measure(records, tuple(columns)) for columns in wanted]
    else:
        measured = [_measure(records, c) for c in CANDIDATES if all(_known(records, part) for part in c)]
        blocks = _within_budget([b for b in measured if b.pairs and b.filled >= ENOUGH], len(records))
    if not blocks:
        raise InvalidInput(
            f"no columns agree rarely enough to propose pairs among {len(records)} records, wanted a name, a birth"
            " date, a postcode, a phone, an e-mail or an address that is filled and not the same for nearly all",
            field="columns",
        )
    return Plan(tuple(sorted(blocks, key=lambda b: (b.pairs, b.columns))), compared)


def _within_budget(blocks: Sequence[Block], records: int) -> list[Block]:
    """The rules that fit, widest first among those that propose the same; the costliest are left out at the end."""
    limit = max(PAIRS_MIN, PAIRS_A_RECORD * records)
    left = max(PAIRS_MIN * 2, ALL_PAIRS_A_RECORD * records)
    taken: list[Block] = []
    for block in sorted(_widest([b for b in blocks if b.pairs <= limit]), key=lambda b: (b.pairs, b.columns)):
        if block.pairs <= left and len(taken) < MAX_RULES:
            taken.append(block)
            left -= block.pairs
    return taken


def _widest(blocks: Sequence[Block]) -> list[Block]:
    """A rule that asks for more than another that fits proposes nothing new."""
    return [b for b in blocks if not any(o is not b and _covers(o.columns, b.columns) for o in blocks)]


def _covers(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    """Whether all that `narrow` asks for implies all that `wide` asks for."""
    asked = dict(c.partition(":")[::2] for c in narrow)
    for column in wide:
        name, _, start = column.partition(":")
        if name not in asked or (not start and asked[name]) or (asked[name] and int(asked[name]) < int(start)):
            return False
    return True


def _known(records: Records, part: str) -> bool:
    return part.partition(":")[0] in records.values


def _measure(records: Records, columns: tuple[str, ...]) -> Block:
    parts: list[list[str | None]] = []
    for column in columns:
        name, _, start = column.partition(":")
        if name not in records.values:
            raise InvalidInput(f"there is no column {name[:40]!r} to block on, wanted one of "
                               f"{', '.join(records.values)}", field="blocks")  # fmt: skip
        values = records.values[name]
        parts.append([v[: int(start)] if v else None for v in values] if start else values)
    keys = [key for key in zip(*parts, strict=True) if all(key)]
    groups = Counter(keys)
    pairs = sum(n * (n - 1) // 2 for n in groups.values())
    return Block(columns, pairs, len(keys) / len(records) if len(records) else 0.0)
