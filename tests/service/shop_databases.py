"""Databases of a shop to read from: SQLite in a file, PostgreSQL and MariaDB on this machine, each with one table."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from pathlib import Path
from typing import Any

import asyncpg
import pymysql

from homing.collect.connectors import connectors
from homing.collect.connectors.tables import TablePuller
from real_parts import missing

COLUMNS = {"postgresql": ("timestamptz", "numeric(12,2)"), "mysql": ("timestamp(6) null", "decimal(12,2)"),
           "sqlite": ("text", "real")}  # fmt: skip
TABLE = (
    "create table {table} (id bigint primary key, order_id varchar(20), at_time {time}, customer_id varchar(20),"
    " product_id varchar(20), price {money}, quantity int)"
)


class ShopDatabase:
    """One table of lines of orders.

    Args:
        kind: postgresql, mysql or sqlite.
        folder: where a file may lie.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.table = f"lines_{secrets.token_hex(4)}"
        self.path = folder / "shop.db"
        time, money = COLUMNS[kind]
        try:
            self.do(TABLE.format(table=self.table, time=time, money=money))
        except (OSError, pymysql.MySQLError, asyncpg.PostgresError) as error:
            missing(f"{kind} on loopback: {type(error).__name__}")

    @property
    def where(self) -> dict[str, Any]:
        """The settings that reach it."""
        if self.kind == "sqlite":
            return {"path": str(self.path)}
        port = {"postgresql": 5432, "mysql": 3306}[self.kind]
        return {"host": "127.0.0.1", "port": port, "database": "test", "user": "root"}

    def connector(self, **settings: Any) -> TablePuller:
        """A connector to the table, unless a query is given."""
        settings = settings if "query" in settings or "table" in settings else {"table": self.table, **settings}
        return connectors.get(self.kind).model_validate(self.where | settings)  # type: ignore[return-value]

    def do(self, *statements: str) -> None:
        """Run statements and commit."""
        if self.kind == "postgresql":
            asyncio.run(self._postgresql(statements))
        elif self.kind == "mysql":
            conn = pymysql.connect(host="127.0.0.1", user="root", database="test", autocommit=True)
            with conn, conn.cursor() as cursor:
                cursor.execute("SET time_zone = '+00:00'")
                for statement in statements:
                    cursor.execute(statement)
        else:
            conn = sqlite3.connect(self.path)
            for statement in statements:
                conn.execute(statement)
            conn.commit()
            conn.close()

    def add(self, *rows: tuple[int, str, str | None, str], price: float = 2.5, quantity: int = 1) -> None:
        """Add (id, order, time, customer) rows."""
        cells = ", ".join(
            f"({n}, '{order}', {repr(at) if at else 'NULL'}, '{who}', 'tea', {price}, {quantity})"
            for n, order, at, who in rows
        )
        self.do(f"insert into {self.table} (id, order_id, at_time, customer_id, product_id, price, quantity)"
                f" values {cells}")  # fmt: skip

    def drop(self) -> None:
        """Remove the table."""
        self.do(f"drop table if exists {self.table}")

    async def _postgresql(self, statements: tuple[str, ...]) -> None:
        conn = await asyncpg.connect(host="127.0.0.1", user="root", database="test")
        try:
            for statement in statements:
                await conn.execute(statement)
        finally:
            await conn.close()


def moment(minute: int, second: int = 0) -> str:
    """A time of 5 January 2026, as all three write and compare it."""
    return f"2026-01-05 {10 + minute // 60:02d}:{minute % 60:02d}:{second:02d}"
