"""How is a table declared? Once, each column marked personal or not; a derived table can be rebuilt from the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.types import TypeEngine

metadata = MetaData()


def c(
    name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], *, key: bool = False, personal: bool = False,
    null: bool = False,
) -> Column[Any]:  # fmt: skip
    """A column; `personal` says that it is about a person."""
    return Column(name, kind, primary_key=key, nullable=null and not key, info={"personal": personal})


def table(name: str, *parts: Any, derived: bool = False) -> Table:
    """A table; `derived` says that a replay of the log rebuilds it."""
    return Table(name, metadata, *parts, info={"derived": derived})


def personal_tables() -> dict[str, tuple[str, ...]]:
    """Table name to its personal columns, for every table that has some."""
    found = {
        t.name: tuple(c.name for c in t.columns if c.info["personal"]) for t in metadata.sorted_tables
    }  # fmt: skip
    return {name: columns for name, columns in found.items() if columns}


def derived_tables() -> tuple[Table, ...]:
    """The tables that a replay of the log rebuilds."""
    return tuple(t for t in metadata.sorted_tables if t.info["derived"])
