"""Read a table or a query of PostgreSQL, in one read-only transaction with a cursor on the server.

The driver speaks the binary protocol, in which one call is one statement; the statement is a SELECT of ours around the
user's query, and the server refuses to write in its transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar

import asyncpg
import msgspec
from pydantic import SecretStr

from homing.collect.connectors.connector import Row, connectors
from homing.collect.connectors.place import Place
from homing.collect.connectors.tables import Reading, TablePuller, plain_row
from homing.core.errors import HomingError, InvalidInput, Transient
from homing.core.form import ask

T = TypeVar("T")
CONNECT_S = 15.0
CLOSE_S = 5.0
_TELLING = (  # errors whose words name settings and columns, never values
    asyncpg.SyntaxOrAccessError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.ExternalRoutineInvocationError,
)
_WAIT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)


@connectors.register("postgresql")
class PostgreSql(TablePuller, frozen=True):
    """Rows of a PostgreSQL table or query, whole or behind a cursor column; never written to.

    PostgreSQL 的表或查询，可全量或按游标列增量读取，绝不写入。
    """

    mark: ClassVar[str] = "${n}"
    sends_to: ClassVar[tuple[str, ...]] = ("host", "port", "encryption")

    host: str = ask("Server", "服务器", "127.0.0.1", min_length=1, max_length=255)
    port: int = ask("Port", "端口", 5432, ge=1, le=65535)
    database: str = ask("Database", "数据库", min_length=1, max_length=63)
    user: str = ask("User; one that may only read is best", "用户名，建议使用只读账号", min_length=1, max_length=63)
    password: SecretStr = ask("Password", "密码", SecretStr(""))
    encryption: Literal["prefer", "require", "verify-full", "disable"] = ask("Encryption", "加密方式", "prefer")

    @contextmanager
    def open(self) -> Iterator[Reading]:
        """A read-only transaction."""
        loop = asyncio.new_event_loop()
        conn: asyncpg.Connection | None = None
        try:
            conn = loop.run_until_complete(self._connect())
            yield _Reading(loop, conn)
        except (asyncpg.PostgresError, asyncpg.InternalClientError, asyncpg.InterfaceError, OSError) as error:
            raise _meant(error) from None
        except ValueError as error:  # a value that does not fit the cursor column
            raise InvalidInput(f"the cursor does not fit its column: {type(error).__name__}", field="cursor") from None
        finally:
            if conn is not None:
                _let_go(loop, conn)
            loop.close()

    def quote(self, name: str) -> str:
        """A name in double quotation marks."""
        return '"' + name.replace('"', '""') + '"'

    def bound(self, place: Place) -> Any:
        """The place as it is: the server says of which type the column is."""
        return place

    async def _connect(self) -> asyncpg.Connection:
        conn = await asyncpg.connect(
            host=self.host, port=self.port, user=self.user, database=self.database, ssl=self.encryption,
            password=self.password.get_secret_value() or None, timeout=CONNECT_S, command_timeout=self.timeout_s + 5,
            statement_cache_size=0, server_settings={"application_name": "homing"},
        )  # fmt: skip
        await conn.execute("BEGIN TRANSACTION READ ONLY")
        await conn.execute("SET LOCAL TIME ZONE 'UTC'")
        await conn.execute(f"SET LOCAL statement_timeout = {self.timeout_s * 1000}")
        for name in ("json", "jsonb"):
            await conn.set_type_codec(name, schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
        return conn


class _Reading:
    """One transaction."""

    def __init__(self, loop: asyncio.AbstractEventLoop, conn: asyncpg.Connection) -> None:
        self._loop = loop
        self._conn = conn

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[dict[str, Any]]]:
        """The rows of a statement from a cursor on the server."""
        cursor = self._do(self._cursor(sql, values))
        while rows := self._do(cursor.fetch(size)):
            yield [dict(row) for row in rows]

    def plain(self, row: dict[str, Any]) -> Row:
        """A row as JSON."""
        return plain_row(row)

    async def _cursor(self, sql: str, values: Sequence[Place]) -> Any:
        prepared = await self._conn.prepare(sql)
        fit = [_fitting(place, p.name) for place, p in zip(values, prepared.get_parameters(), strict=True)]
        return await prepared.cursor(*fit)

    def _do(self, work: Awaitable[T]) -> T:
        return self._loop.run_until_complete(_awaited(work))


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def _fitting(place: Place, wanted: str) -> Any:
    """The place as a value of the column's type: a date may be asked of a timestamp, a number of a numeric."""
    value = place.value()
    if wanted in {"timestamp", "timestamptz"}:
        if not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day) if isinstance(value, date) else value  # noqa: DTZ001
        if not isinstance(value, datetime):
            raise ValueError(wanted)
        aware = wanted == "timestamptz"
        return value.replace(tzinfo=value.tzinfo or UTC) if aware else value.replace(tzinfo=None)
    if wanted == "date":
        return value.date() if isinstance(value, datetime) else value
    if wanted == "numeric":
        return Decimal(place.text)
    if wanted in {"float4", "float8"}:
        return float(place.text)
    return int(place.text) if wanted in {"int2", "int4", "int8"} else place.text


def _meant(error: Exception) -> HomingError:
    """The error as ours: who can mend it, and no value in it."""
    state = getattr(error, "sqlstate", None) or type(error).__name__
    if isinstance(error, _TELLING):
        return InvalidInput(f"PostgreSQL refuses ({state}): {str(error)[:300]}", field="settings")
    if isinstance(error, _WAIT):
        return Transient(f"PostgreSQL does not answer now ({state})")
    return InvalidInput(f"PostgreSQL cannot read this ({state}, {type(error).__name__})", field="settings")


def _let_go(loop: asyncio.AbstractEventLoop, conn: asyncpg.Connection) -> None:
    try:
        loop.run_until_complete(asyncio.wait_for(conn.close(), CLOSE_S))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        conn.terminate()
