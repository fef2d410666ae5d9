"""How is one row read by its key, many thousand times? The statement is put together once, the driver does the rest.

SQLAlchemy takes a few hundred microseconds for a row with JSON in it; who is met again after a restart is read so.
A statement by itself needs no transaction, and no connection of its own.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, LargeBinary, Table, bindparam, select

from homing.storage.state.store import State


def looked_up(state: State, table: Table, **by: object) -> list[Any]:
    """The rows of a table whose columns have these values.

    Args:
        state: where the table is.
        table: whose rows.
        by: values by column.

    Returns:
        Tuples with the columns' names, values as SQLAlchemy would give them.
    """
    sql, made, readers = _statement(table, tuple(by), state.engine.dialect)
    found = []
    for row in state.ask(sql, tuple(by.values())):
        values = list(row)
        for place, read in readers:
            values[place] = read(values[place])
        found.append(made(*values))
    return found


@lru_cache(maxsize=64)
def _statement(table: Table, by: tuple[str, ...], dialect: Dialect) -> tuple[str, Any, Sequence[tuple[int, Any]]]:
    """The statement, what a row is made into, and which of its values are to be read out of the driver's."""
    compiled = select(table).where(*(table.c[name] == bindparam(name) for name in by)).compile(dialect=dialect)
    names = [column.name for column in table.columns]
    readers = [(place, _reader(column.type, dialect)) for place, column in enumerate(table.columns)]
    return str(compiled), namedtuple(table.name, names), [(p, read) for p, read in readers if read is not None]


def _reader(type_: Any, dialect: Dialect) -> Any:
    kind = type_.dialect_impl(dialect)
    return None if isinstance(kind, LargeBinary) else kind.result_processor(dialect, None)
