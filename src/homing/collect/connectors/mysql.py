"""Read a table or a query of MySQL or MariaDB, in a read-only session, row by row as the server sends them.

A TIMESTAMP is an instant and comes with its zone; a DATETIME is a wall time and comes without.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import msgspec
import pymysql
from pydantic import SecretStr
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from homing.collect.connectors.connector import Row, connectors
from homing.collect.connectors.tables import Reading, TablePuller, plain_row
from homing.core.errors import HomingError, InvalidInput, Transient
from homing.core.form import ask

CONNECT_S = 15
STALL_S = 3600  # how long the server waits for us while rows are being taken in
_TELLING = frozenset({1044, 1045, 1049, 1698, 1054, 1060, 1064, 1142, 1143, 1146, 1227, 1290, 1792})  # name no values
_WAIT = frozenset({1040, 1042, 1043, 1053, 1158, 1159, 1160, 1161, 1205, 1213, 2002, 2003, 2006, 2013, 2055})


@connectors.register("mysql")
class MySql(TablePuller, frozen=True):
    """Rows of a MySQL or MariaDB table or query, whole or behind a cursor column; never written to.

    MySQL 或 MariaDB 的表或查询，可全量或按游标列增量读取，绝不写入。
    """

    mark: ClassVar[str] = "%s"
    sends_to: ClassVar[tuple[str, ...]] = ("host", "port", "encryption")

    host: str = ask("Server", "服务器", "127.0.0.1", min_length=1, max_length=255)
    port: int = ask("Port", "端口", 3306, ge=1, le=65535)
    database: str = ask("Database", "数据库", min_length=1, max_length=64)
    user: str = ask("User; one that may only read is best", "用户名，建议使用只读账号", min_length=1, max_length=80)
    password: SecretStr = ask("Password", "密码", SecretStr(""))
    encryption: Literal["none", "require", "verify-full"] = ask("Encryption", "加密方式", "none")

    @contextmanager
    def open(self) -> Iterator[Reading]:
        """A read-only session."""
        conn = None
        try:
            conn = pymysql.connect(
                host=self.host, port=self.port, user=self.user, database=self.database, charset="utf8mb4",
                password=self.password.get_secret_value(), connect_timeout=CONNECT_S, read_timeout=self.timeout_s,
                cursorclass=SSCursor, local_infile=False, ssl=self._tls(), autocommit=False,
            )  # fmt: skip
            with conn.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
                cursor.execute("SET SESSION time_zone = '+00:00'")
                cursor.execute(f"SET SESSION net_write_timeout = {STALL_S}")
                cursor.execute("START TRANSACTION READ ONLY")
            yield _Reading(conn)
        except (pymysql.MySQLError, OSError) as error:
            raise _meant(error) from None
        finally:
            if conn is not None:
                conn._force_close()

    def quote(self, name: str) -> str:
        """A name in backticks."""
        return "`" + name.replace("`", "``") + "`"

    def text(self, query: str) -> str:
        """The query with its percent signs doubled, as the driver wants it of a statement with values."""
        return query.replace("%", "%%")

    def _tls(self) -> ssl.SSLContext | None:
        if self.encryption == "none":
            return None
        context = ssl.create_default_context()
        if self.encryption == "require":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class _Reading:
    """One session."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self._instants: set[str] = set()
        self._bits: set[str] = set()
        self._objects: set[str] = set()

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[dict[str, Any]]]:
        """The rows of a statement as the server sends them."""
        cursor = self._conn.cursor()
        try:
            cursor.execute(sql, tuple(values))
            names = [d[0] for d in cursor.description]
            for kind, kept in (
                (FIELD_TYPE.TIMESTAMP, self._instants), (FIELD_TYPE.BIT, self._bits), (FIELD_TYPE.JSON, self._objects),
            ):  # fmt: skip
                kept |= {d[0] for d in cursor.description if d[1] == kind}
            while rows := cursor.fetchmany(size):
                yield [dict(zip(names, row, strict=True)) for row in rows]
        finally:
            _forget(cursor)

    def plain(self, row: dict[str, Any]) -> Row:
        """A row as JSON."""
        for name in self._instants & row.keys():
            if isinstance(row[name], datetime):
                row[name] = row[name].replace(tzinfo=UTC)
        for name in self._bits & row.keys():
            if isinstance(row[name], bytes):
                row[name] = int.from_bytes(row[name], "big")
        for name in self._objects & row.keys():
            if isinstance(row[name], str):
                row[name] = msgspec.json.decode(row[name])
        return plain_row(row)


def _forget(cursor: Any) -> None:
    """Let a cursor go without reading the rows that are left, as its own `close` would."""
    result = cursor._result
    if result is not None and result.unbuffered_active:
        result.unbuffered_active = False
        result.connection = None
    cursor.connection = None


def _meant(error: Exception) -> HomingError:
    """The error as ours: who can mend it, and no value in it."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if code in _TELLING:
        return InvalidInput(f"the server refuses ({code}): {str(error.args[-1])[:300]}", field="settings")
    if code in _WAIT or isinstance(error, OSError | pymysql.InterfaceError):
        return Transient(f"the server does not answer now ({code or type(error).__name__})")
    return InvalidInput(f"the server cannot read this ({code}, {type(error).__name__})", field="settings")
