"""How long is an answer waited for? A question to SQLite ends when its time is up; rows that came until then stay."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

FOREVER = float("inf")
TICK = 10_000  # steps of the engine between two looks at the clock


@dataclass(slots=True)
class Patience:
    """Whether what was asked was answered in time."""

    in_time: bool = True


@contextmanager
def for_so_long(conn: sqlite3.Connection | Connection, seconds: float) -> Iterator[Patience]:
    """Stop what is asked inside when its time is up, and say so; nothing but reading belongs here."""
    driver: Any = conn.connection.dbapi_connection if isinstance(conn, Connection) else conn
    ends, asked = time.monotonic() + seconds, Patience()
    driver.set_progress_handler(lambda: time.monotonic() > ends, TICK)
    try:
        yield asked
    except (sqlite3.OperationalError, OperationalError) as error:
        cause = error.orig if isinstance(error, OperationalError) else error
        if getattr(cause, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        asked.in_time = False
    finally:
        driver.set_progress_handler(None, 0)
