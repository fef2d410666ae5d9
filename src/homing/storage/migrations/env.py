"""How does Alembic reach the database? By the connection the caller hands over; nothing is read from a file."""

from __future__ import annotations

from alembic import context

from homing.storage.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
