"""How is a state looked at without opening it? Read-only: nothing is made, nothing is migrated, no writer waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from homing.core.errors import Transient


@contextmanager
def peek(path: Path) -> Iterator[Connection]:
    """One picture of the state in this file, also while another process writes it.

    Raises:
        Transient: the file cannot be read, or its tables are of another version.
    """
    url = f"sqlite+pysqlite:///file:{quote(str(path.resolve()))}?mode=ro&uri=true"
    engine = create_engine(url, poolclass=NullPool, json_deserializer=msgspec.json.decode)
    try:
        with engine.connect() as conn, conn.begin():
            yield conn
    except DBAPIError as error:
        raise Transient(f"the state cannot be read: {error.orig}") from error
    finally:
        engine.dispose()
