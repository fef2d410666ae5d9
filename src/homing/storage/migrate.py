"""Is the state at the newest schema? Alembic steps, run when a workspace opens; each step is one transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate_state(engine: Engine) -> None:
    """Bring the state to the newest schema; does nothing when it is there already."""
    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as conn:
        if MigrationContext.configure(conn).get_current_revision() == head:
            return
        conn.rollback()
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        conn.commit()


def alembic_config() -> Config:
    """Alembic's configuration: the scripts lie beside this file, no .ini needed."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
