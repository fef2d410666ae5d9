"""Is the state at the newest schema? A new one is made as declared; an older one takes Alembic's steps, one by one.

Both ways must end at the same tables (a test compares them). Alembic is imported only when there is a step to run: a
start should not wait for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect

from homing.storage.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate_state(engine: Engine) -> None:
    """Bring the state to the newest schema; does nothing when it is there already."""
    tables = inspect(engine).get_table_names()
    if not tables:
        _make(engine)
    elif _revision(engine, tables) != newest():
        upgrade(engine)


def upgrade(engine: Engine) -> None:
    """Run every step that was not run yet."""
    from alembic import command  # noqa: PLC0415

    config = alembic_config()
    with engine.connect() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        conn.commit()


def newest() -> str:
    """The revision of the newest step; the files are named `NNNN_what.py` after it."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def alembic_config() -> Config:
    """Alembic's configuration: the scripts lie beside this file, no .ini needed."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _make(engine: Engine) -> None:
    """Every table at once, and the note that no step is left, in one transaction."""
    with engine.connect() as conn:
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        metadata.create_all(conn, checkfirst=False)
        conn.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        conn.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (newest(),))
        conn.exec_driver_sql("COMMIT")


def _revision(engine: Engine, tables: list[str]) -> str | None:
    """The revision the state is at; None when no step was ever run."""
    if "alembic_version" not in tables:
        return None
    with engine.connect() as conn:
        found: str | None = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found
