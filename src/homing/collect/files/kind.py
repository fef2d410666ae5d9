"""What must be known of a kind of rows? Its fields with their names, what it cannot do without, what a row becomes.

A kind is one file in `collect/files/kinds/`; nothing else names them one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from homing.collect.files.feed import ImportRequest
from homing.core.event import Event
from homing.storage.state import State

if TYPE_CHECKING:
    from homing.collect.files.records import Row

Make = Callable[["Row"], list[Event]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rows.

    Args:
        name: as a request calls it.
        en: what one row is, in English.
        zh: the same in Chinese.
        fields: field to the names people give its column, likeliest first.
        maker: what makes events of a row, for a request and the instant; None for orders, which are put together.
        needs: groups of fields; a column must feed one of each.
        who: whether a column must name a person.
        free: whether columns that feed no field are kept by their own names.
        plain: fields that are kept as any column is, by the field's name.
        keep: what else is done with events that are durable; it may be done twice.
    """

    name: str
    en: str
    zh: str
    fields: Mapping[str, str]
    maker: Callable[[ImportRequest, int], Make] | None
    needs: tuple[tuple[str, ...], ...] = ()
    who: bool = False
    free: bool = True
    plain: tuple[str, ...] = ()
    keep: Callable[[State, Sequence[Event], str], None] | None = field(default=None)


kinds: dict[str, Kind] = {}


def add(kind: Kind) -> Kind:
    """Make a kind known.

    Raises:
        TypeError: its name is taken.
    """
    if kind.name in kinds:
        raise TypeError(f"the kind {kind.name} is there already")
    kinds[kind.name] = kind
    return kind
