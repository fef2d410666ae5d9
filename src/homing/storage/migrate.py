"""Is the state at the newest schema? Alembic steps, run when a workspace opens; each step is one transaction.

Alembic is imported only when there is a step to run: a start should not wait for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate_state(engine: Engine) -> None:
    """Bring the state to the newest schema; does nothing when it is there already."""
    if _revision(engine) == newest():
        return
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


def _revision(engine: Engine) -> str | None:
    """The revision the state is at; None when it is new."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as conn:
        found: str | None = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found
